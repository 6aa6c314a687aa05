"""The pages of the main journey: what they show is what the saved questions answer."""

import re
from collections import Counter

import pytest
from starlette.testclient import TestClient

from bpsgraph.web.pages.catalogue import catalogue
from bpsgraph.web.pages.catalogues import catalogues
from bpsgraph.web.pages.compare import compare
from bpsgraph.web.pages.home import home
from bpsgraph.web.pages.items import item, items
from bpsgraph.web.pages.jurisdictions import jurisdiction, jurisdictions
from bpsgraph.web.pages.sheet import sheet
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


def article(page: str) -> str:
    """What a page says in its article."""
    return page.partition("<article")[2].partition("</article>")[0]


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
    label = next(label for label in figures if label.startswith("local values below today’s floors, "))
    doubtful = sum(standing.unsure for standing in model.short)
    assert f" {doubtful} of them" in label
    assert 0 < doubtful < figures[label] == below
    assert sum(int(row.below.text) for row in model.short) == below
    assert model.falling == len(model.short)
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


def test_the_list_of_items_is_that_of_the_questions(site: Site) -> None:
    model = items(asked(site))
    listed = [one for _, categories in model.groups for _, of in categories for one in of]
    assert len(listed) == model.shown == 81
    below = asked(site).answered("floors/below-floor").rows
    pairs = {(str(row["item"]), str(row["jurisdiction"])) for row in below}
    assert sum(int(one.below.text) for one in listed) == len(pairs)
    education = items(asked(site, domain="2"))
    assert education.shown == 9
    assert len(education.groups) == 1


def test_an_item_shows_all_editions_with_how_sure_each_cell_is(site: Site) -> None:
    model = item(asked(site), "compulsory-education-living-subsidy")
    assert [edition.catalogue.text for edition in model.editions] == ["2021", "2023", "2024-02-01"]
    cells = [cell for line in model.lines for of in line.cells for cell in of]
    rows = asked(site).answered(
        "items/cells", item="compulsory-education-living-subsidy", jurisdiction="100000"
    )
    assert len(cells) == len(rows.rows.rows)
    assert all(cell.verification.mark for cell in cells)
    payers = next(line for line in model.lines if "pay" in line.name or "xpenditure" in line.name)
    # The text of 2021 is not known there, and that of 2023 is not copied back.
    assert [len(of) for of in payers.cells] == [0, 1, 0]
    assert payers.cells[1][0].verification.mark == "recalled"


def test_an_item_shows_who_is_below(site: Site) -> None:
    model = item(asked(site), "compulsory-education-living-subsidy")
    below = asked(site).answered("floors/below-floor", item="compulsory-education-living-subsidy")
    assert sum(place.verdict.mark == "below" for place in model.places) == len(below.rows.rows) == 8
    assert model.picture is not None
    assert model.picture.address.startswith("/queries/items/floors.svg?item=compulsory")


def test_the_page_for_the_public_says_what_is_not_sure(site: Site) -> None:
    model = sheet(asked(site), "compulsory-education-tuition-waiver")
    assert model.unsure
    assert model.payers[0].verification.mark == "recalled"
    assert {agency.verification.mark for agency in model.agencies} == {"recalled"}
    floors = (
        asked(site).answered("items/floors", item="compulsory-education-tuition-waiver", owner="100000").rows
    )
    assert len(model.entitlements) == sum(row["until"] is None and row["words"] is not None for row in floors)


def test_every_item_has_both_pages(web: TestClient, site: Site) -> None:
    keys = [str(row["item"].value).rpartition("/")[2] for row in asked(site).answered("items/all").rows]  # type: ignore[union-attr]
    for key in keys[::9]:
        assert web.get(f"/items/{key}?lang=en").status_code == 200
        printed = web.get(f"/items/{key}", params={"print": "1"})
        assert '<article class="sheet">' in printed.text
        same = web.get(f"/items/{key}/sheet").text
        assert article(printed.text) == article(same)
    missing = web.get("/items/legal-aids")
    assert (missing.status_code, missing.json()["code"]) == (404, "not-found")
    assert "item/legal-aid" in missing.json()["detail"]


def test_a_place_shows_what_is_around_it(site: Site) -> None:
    model = jurisdiction(asked(site), "140500")
    assert [one.href.rpartition("/")[2] for one in model.above] == ["100000", "140000"]
    assert (len(model.below), len(model.beside)) == (6, 10)
    assert [row.below.text for row in model.catalogues] == ["9"]
    required = {one.owner.href.rpartition("/")[2]: one.floors for one in model.required}
    assert required["100000"] == len(asked(site).answered("floors/in-force", owner="100000").rows.rows)
    assert {name for name, _ in model.tables} == {"pilots", "tiers", "agencies"}


def test_a_place_without_a_catalogue_says_so_and_how_to_hand_one_in(web: TestClient) -> None:
    page = web.get("/jurisdictions/140522?lang=en").text
    assert "No catalogue of 阳城县 is held here" in page
    assert 'href="/validate?lang=en"' in page


@pytest.mark.parametrize(
    ("typed", "first"),
    [("晋城", "140500"), ("140500", "140500"), ("shanghai", "310000")],
    ids=["name", "code", "en"],
)
def test_a_place_is_found_by_name_or_code(site: Site, typed: str, first: str) -> None:
    model = jurisdictions(asked(site, q=typed))
    assert model.found[0].code == first
    assert model.found[0].catalogues


def test_all_kinds_of_places_have_a_page(web: TestClient) -> None:
    for key in ("100000", "140000", "310000", "jing-jin-ji"):
        assert web.get(f"/jurisdictions/{key}").status_code == 200
    assert web.get("/jurisdictions/999999").status_code == 404
    assert "没有这样的地方" in web.get("/jurisdictions?q=nowhere").text


def test_catalogues_are_compared_promise_by_promise(site: Site) -> None:
    model = compare(asked(site), ["140500/2021", "530127/2020"])
    rows = {(item.text, row.measure, row.segment): row.promises for item, of in model.items for row in of}
    assert len(rows) == model.total
    first, other = next(
        promises for (_, _, segment), promises in rows.items() if segment.startswith("boarding junior")
    )
    assert (first.amount, other.amount, other.difference) == (
        "1250 yuan per person per year",
        "1250 yuan per person per year",
        "equal",
    )
    differing = compare(asked(site, only="different"), ["140500/2021", "530127/2020"])
    assert differing.shown == sum(
        any(one.difference not in ("first", "equal") for one in promises[1:]) for promises in rows.values()
    )


def test_two_editions_differ_by_what_was_raised(site: Site) -> None:
    model = compare(asked(site), ["100000/2021", "100000/2023"])
    raised = [
        (row.promises[0].amount, row.promises[1].amount)
        for _, rows in model.items
        for row in rows
        if row.promises[1].difference == "higher"
    ]
    assert ("650 yuan per person per year", "720 yuan per person per year") in raised


def test_a_comparison_can_be_had_as_a_table(web: TestClient, site: Site) -> None:
    asked_for = "catalogue=140500/2021&catalogue=530127/2020"
    table = web.get(f"/compare.csv?{asked_for}")
    assert table.headers["content-type"].startswith("text/csv")
    lines = table.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 1 + compare(asked(site), ["140500/2021", "530127/2020"]).total
    assert web.get(f"/compare.xlsx?{asked_for}").status_code == 200


def test_what_cannot_be_compared_is_said(web: TestClient) -> None:
    assert web.get("/compare").status_code == 200
    assert web.get("/compare?catalogue=140500/2021").status_code == 200
    assert web.get("/compare?catalogue=140500/2021&catalogue=999999/2021").status_code == 404
    assert web.get("/compare.csv").status_code == 400
    many = "&".join(f"catalogue=1/{number}" for number in range(7))
    assert web.get(f"/compare?{many}").json()["code"] == "bad-parameter"


def test_a_catalogue_leads_to_the_others_of_its_place(site: Site) -> None:
    others = catalogue(asked(site), "310000/2021").others
    rows = asked(site).answered("catalogues/all", jurisdiction="310000").rows.rows
    assert len(others) == len(rows) - 1 == 6


def test_what_is_below_an_unverified_floor_is_counted_apart(web: TestClient) -> None:
    """Of the nine values of 晋城 that are below today's floors one is below a floor that is inferred."""
    for path in ("/", "/catalogues", "/jurisdictions/140500"):
        assert "其中1项下限未核实" in web.get(path, headers={"accept": "text/html"}).text
