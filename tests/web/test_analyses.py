"""The analyses as pages and as data, over the bundled store."""

import csv
import io
import json

import pytest
from starlette.testclient import TestClient

PAGES = (
    "/targets",
    "/network",
    "/network?around=GB-T-28220-2023&distance=2",
    "/network?impact=GB-T-28220-2023&distance=2",
    "/overlap",
    "/equality",
    "/equality?measure=living-subsidy",
    "/editions",
    "/editions/diff",
    "/editions/diff?from=140500/2021&to=530127/2020",
)


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_is_there_in_both_languages(web: TestClient, path: str, language: str) -> None:
    answer = web.get(path, params={"lang": language}, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-language"] == {"zh": "zh-Hans", "en": "en"}[language]
    assert "<h1>" in answer.text
    assert "<table>" in answer.text


def test_the_ledger_is_restricted_by_plan_attribute_and_status(web: TestClient) -> None:
    whole = rows(web.get("/targets.csv").text)
    binding = rows(web.get("/targets.csv?plan=public-services-plan-14th&attribute=binding").text)
    assert len(whole) == 34
    assert {row["kind"] for row in binding} == {"binding"}
    assert 0 < len(binding) < len(whole)
    not_numeric = rows(web.get("/targets.csv?status=not-numeric").text)
    assert {row["status_en"] for row in not_numeric} == {"not numeric"}


def test_the_ledger_is_judged_on_the_day_asked_for(web: TestClient) -> None:
    page = web.get("/targets?as_of=2020-01-01&lang=en").text
    assert "As of 2020-01-01" in page
    # The base year had not ended.
    assert "no figure" in page


@pytest.mark.parametrize(
    "address",
    [
        "/targets?as_of=2021-02-30",
        "/targets?status=splendid",
        "/targets?format=docx",
        "/targets.csv?table=other",
        "/network?distance=9&around=GB-T-28220-2023",
        "/network?distance=²&around=GB-T-28220-2023",
        "/network?rank=fame",
        "/network?kind=Unicorn",
        "/overlap?kind=unlike",
        "/equality?measure=no-such-measure",
        "/equality?measure=living-subsidy&level=village",
        "/equality?measure=living-subsidy&lowest=-1&highest=2",
        "/equality?measure=living-subsidy&lowest=1e999999999&highest=2",
        "/equality.csv",
        "/editions/diff?from=/etc/passwd",
        "/editions/diff?from=draft.ttl",
        "/editions/diff?from=2021&to=2023-02-30",
        "/editions/diff?from=140500/2021&to=530127/2020&impact=true",
    ],
)
def test_what_cannot_be_answered_is_explained(web: TestClient, address: str) -> None:
    answer = web.get(address)
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["code"] == "bad-parameter"


@pytest.mark.parametrize(
    "address",
    [
        "/targets.exe",
        "/network?around=no-such-thing",
        "/editions/diff?to=1999",
        "/editions/diff?to=140500/1066",
    ],
)
def test_what_is_not_there_is_not_found(web: TestClient, address: str) -> None:
    assert web.get(address).status_code == 404


@pytest.mark.parametrize("page", ["/targets", "/network", "/overlap", "/editions", "/equality"])
def test_a_page_is_data_too(web: TestClient, page: str) -> None:
    asked = "?measure=living-subsidy" if page == "/equality" else ""
    by_suffix = web.get(f"{page}.json{asked}")
    by_header = web.get(f"{page}{asked}", headers={"accept": "application/sparql-results+json"})
    assert by_suffix.json() == by_header.json()
    table = rows(web.get(f"{page}.csv{asked}").text)
    assert len(by_suffix.json()["results"]["bindings"]) == len(table) > 0
    assert web.get(page + asked, headers={"accept": "image/jpeg"}).status_code == 406


def test_a_page_is_a_workbook_too(web: TestClient) -> None:
    answer = web.get("/overlap.xlsx")
    assert answer.content.startswith(b"PK")
    assert answer.headers["content-disposition"] == 'attachment; filename="overlap.xlsx"'


def test_a_table_and_a_chart_of_several_are_had_by_name_and_number(web: TestClient) -> None:
    ranking = rows(web.get("/network.csv?table=network/rank&kind=Standard").text)
    assert ranking[0]["kind_en"] == "standard"
    picture = web.get("/network.svg?table=network/rank&chart=1")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.text.lstrip().startswith("<svg")
    assert web.get("/network.svg?table=network/rank&chart=7").status_code == 400


def test_the_drawing_of_a_network_says_what_its_list_says(web: TestClient) -> None:
    page = web.get("/network?around=GB-T-28220-2023&lang=en").text
    start = page.index('<script type="application/json">', page.index("data-network")) + 31 + 1
    drawn = json.loads(page[start : page.index("</script>", start)])
    nodes = {node["id"] for node in drawn["nodes"]}
    assert "standard/GB-T-28220-2011" in nodes
    assert all(f'data-node="{node}"' in page for node in nodes)
    assert {end for edge in drawn["edges"] for end in (edge["source"], edge["target"])} <= nodes
    assert [node["id"] for node in drawn["nodes"] if node["centre"]] == ["standard/GB-T-28220-2023"]
    # The one that was replaced is marked in words.
    assert "replaced or withdrawn" in page


def test_recalled_cells_are_listed_and_never_compared(web: TestClient) -> None:
    left = rows(web.get("/editions/diff.csv?table=diff/not-compared").text)
    changed = rows(web.get("/editions/diff.csv").text)
    recalled = [row for row in left if row["reason"] == "recalled"]
    assert recalled
    assert not any("recalled" in (row["before_verification"], row["after_verification"]) for row in changed)


def test_the_impact_is_told_on_demand(web: TestClient) -> None:
    without = web.get("/editions/diff?lang=en").text
    answer = rows(web.get("/editions/diff.csv?impact=true&table=diff/catalogues").text)
    assert "impact-1" not in without
    assert any(row["catalogue"].endswith("140500/2021") for row in answer)


def test_the_spread_is_measured_on_the_lowest_level_that_says_anything(web: TestClient) -> None:
    figures = rows(web.get("/equality.csv?measure=operating-funds&table=equality/figures").text)
    asked = rows(
        web.get("/equality.csv?measure=operating-funds&level=prefecture&table=equality/figures").text
    )
    assert figures == asked != []
    # No county says anything, and who asks for counties is told so.
    assert web.get("/equality?measure=operating-funds&level=county").status_code == 400
