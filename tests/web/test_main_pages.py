"""The pages of the main journey: what they show is what the saved questions answer."""

import re
from collections import Counter

import pytest
from starlette.testclient import TestClient

from bpsgraph.web.pages.catalogue import catalogue
from bpsgraph.web.pages.catalogues import catalogues
from bpsgraph.web.pages.home import home
from bpsgraph.web.site import Site
from bpsgraph.web.view import View

TODAY = {"edition": "current"}


def asked(site: Site, path: str = "/", **parameters: str) -> View:
    """A look at the site in English."""
    with site.snapshot() as snapshot:
        return View(snapshot, "en", parameters, path)


def links(page: str) -> list[str]:
    """The addresses that a page links to."""
    return [address.replace("&amp;", "&") for address in re.findall(r'href="([^"]+)"', page)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_below_in_jincheng_is_found_from_home_in_one_step(web: TestClient, language: str) -> None:
    front = web.get("/", params={"lang": language}).text
    below = [one for one in links(front) if "/catalogues/140500/2021" in one and "verdict=below" in one]
    page = web.get(below[0].partition("#")[0])
    assert page.status_code == 200
    assert page.text.count('class="badge below"') == 9
    for sum in ("4 &lt; 5", "6000 &lt; 7000", "650 &lt; 720"):
        assert sum in page.text


def test_the_numbers_of_the_front_page_are_those_of_the_questions(site: Site) -> None:
    view = asked(site)
    model = home(view)
    figures = {number.label: number.figure for number in model.numbers}
    assert figures["domains"] == 9
    assert figures["categories"] == len(view.answered("items/by-category").rows.rows) == 22
    assert figures["national items"] == 81
    assert figures["local catalogues"] == len(view.answered("catalogues/standing").rows.rows)
    below = len(view.answered("floors/below-floor").rows.rows)
    assert figures["local values below today’s floors"] == below
    assert sum(int(row.below.text) for row in model.short) == below
    assert model.recalled.figure == len(view.answered("provenance/recalled-cells").rows.rows)
    rows = view.answered("provenance/values-by-catalogue").rows
    degrees = Counter[str]()
    for row in rows:
        degrees[str(row["verification"].value)] += int(row["of_degree"].value)  # type: ignore[union-attr]
    assert sum(of_state + local for _, of_state, local in model.confidence) == degrees.total()


@pytest.mark.parametrize(
    ("asked_for", "below"),
    [
        ({}, 0),
        ({"as-of": "2021-11-02"}, 1),
        ({"edition": "2023"}, 4),
        ({"as-of": "2024-06-01"}, 6),
        (TODAY, 9),
    ],
    ids=["its own edition", "2021-11-02", "2023", "2024-06-01", "today"],
)
def test_the_verdicts_are_those_of_the_moment(site: Site, asked_for: dict[str, str], below: int) -> None:
    judged = catalogue(asked(site, **asked_for), "140500/2021").judged
    assert judged is not None
    assert sum(line.verdict.mark == "below" for line in judged.lines) == below
    assert [one.count for one in judged.verdicts if one.mark == "below"] == ([str(below)] if below else [])


def test_the_verdicts_of_today_are_those_of_the_question(site: Site) -> None:
    view = asked(site, edition="current", verdict="below")
    judged = catalogue(view, "140500/2021").judged
    rows = view.answered("floors/below-floor", jurisdiction="140500").rows.rows
    assert judged is not None
    assert len(judged.lines) == len(rows) == 9
    assert all(line.clause.href and line.verification.mark for line in judged.lines)


def test_the_verdicts_can_be_filtered_by_domain(site: Site) -> None:
    judged = catalogue(asked(site, domain="5"), "140500/2021").judged
    assert judged is not None
    assert judged.lines
    assert {line.domain for line in judged.lines} == {"5"}
    assert len(judged.lines) < judged.total


def test_what_a_moment_cannot_be_is_said(web: TestClient) -> None:
    for asked_for, status in (
        ("as-of=yesterday", 400),
        ("as-of=2024-06-01&edition=2023", 400),
        ("edition=1999", 404),
    ):
        assert web.get(f"/catalogues/140500/2021?{asked_for}").status_code == status
    near = web.get("/catalogues/140500/2022")
    assert (near.status_code, near.json()["code"]) == (404, "unknown-catalogue")


def test_the_list_of_catalogues_is_that_of_the_question(site: Site) -> None:
    everything = catalogues(asked(site))
    assert len(everything.local) == everything.everything == 26
    counties = catalogues(asked(site, level="county"))
    assert {row.level for row in counties.local} == {"county"}
    assert catalogues(asked(site, province="140000")).local[0].below.text == "9"


@pytest.mark.parametrize("path", ["/catalogues", "/catalogues/100000/2023", "/catalogues/140500/2021/system"])
def test_the_pages_are_there_in_both_languages(web: TestClient, path: str) -> None:
    for language in ("zh", "en"):
        assert web.get(path, params={"lang": language}).status_code == 200
