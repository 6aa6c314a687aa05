"""The pages about rules, errors and the data itself."""

import csv
import io
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from bpsgraph.sources import find_sources
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.web.pages.problems import NAMES, codes

PAGE = {"accept": "text/html", "accept-language": "zh"}
ENGLISH = PAGE | {"accept-language": "en"}


def test_every_rule_is_listed_and_has_its_page(web: TestClient) -> None:
    rules = rules_of(ShapesGraph.read(find_sources().shapes())).values()
    page = web.get("/rules", headers=PAGE).text
    told = {one["id"]: one for one in web.get("/rules.json").json()}
    rows = {
        row["id"]: row for row in csv.DictReader(io.StringIO(web.get("/rules.csv").text.lstrip("\ufeff")))
    }
    assert set(told) == set(rows) == {rule.id for rule in rules}
    for rule in rules:
        assert f'href="/rules/{rule.id}"' in page
        assert told[rule.id]["message"]["en"] == rule.message.en
        assert rows[rule.id]["severity"] == rule.severity.label


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_rule_says_what_it_rests_on_and_shows_both_examples(web: TestClient, language: str) -> None:
    page = web.get("/rules/baseline-below", params={"lang": language}, headers=PAGE).text
    examples = find_sources().examples("baseline-below")
    assert page.count("<pre") == 2
    for file in examples.values():
        line = next(line for line in file.read_text("utf-8").splitlines() if "bps:value" in line)
        assert line.strip() in page
    assert 'href="/doc/document/public-services-plan-14th/3-1' in page
    assert 'href="/shapes' in page
    assert ("低于下限" if language == "zh" else "Below the floor") in page
    assert web.get("/rules/baseline-below.json").json()["id"] == "baseline-below"
    for wrong in ("/rules/baseline-belwo", "/rules/baseline-belwo.json"):
        answer = web.get(wrong)
        assert answer.status_code == 404
        assert "baseline-below" in answer.json()["detail"]


def test_every_error_has_its_page_in_both_languages(web: TestClient) -> None:
    listed = web.get("/problems", headers=PAGE).text
    assert codes() <= set(NAMES)
    assert sorted(NAMES) == sorted(re.findall(r'href="/problems/([a-z-]+)"', listed))
    for code in ("too-large", "bad-parameter", "busy"):
        page = web.get(f"/problems/{code}", headers=PAGE).text
        english = web.get(f"/problems/{code}", headers=ENGLISH).text
        assert NAMES[code] in page
        assert "怎么办" in page
        assert "Cure" in english
        assert "**" not in page
        assert "](" not in page
    assert web.get("/problems/nothing", headers=PAGE).status_code == 404


def test_a_problem_leads_to_its_page(web: TestClient) -> None:
    told = web.get("/queries/nothing/here").json()
    assert web.get(told["type"]).status_code == 200


def test_the_page_of_errors_is_in_the_wheel() -> None:
    root = Path(__file__).resolve().parents[2]
    assert '"docs/errors.md"' in (root / "hatch_build.py").read_text("utf-8")
    assert find_sources().page_of_errors().is_file()


def test_the_page_about_the_data_says_what_the_questions_say(web: TestClient) -> None:
    page = web.get("/about", headers=PAGE)
    assert page.status_code == 200
    unsure = web.get(
        "/queries/provenance/recalled-cells.json?verification=recalled&verification=inferred"
    ).json()
    count = len(unsure["results"]["bindings"])
    assert f"全部 {count} 处" in page.text
    for query in ("values-by-degree", "values-by-catalogue", "values-by-domain", "documents-not-held"):
        assert f"/queries/provenance/{query}" in page.text
    for text in ("CC BY 4.0", "Cookie", "请这样引用", "/feedback?about=%2Fabout"):
        assert text in page.text
    cells = web.get("/about/cells", headers=PAGE).text
    assert cells.count("<tr") == count + 1
    assert "/queries/provenance/recalled-cells.csv?verification=recalled&amp;verification=inferred" in cells


def test_the_cells_that_are_unsure_are_filtered(web: TestClient) -> None:
    item = "item/compulsory-education-tuition-waiver"
    page = web.get(f"/about/cells?verification=inferred&item={item.partition('/')[2]}", headers=PAGE)
    rows = web.get(f"/queries/provenance/recalled-cells.csv?verification=inferred&item={item}").text
    whole = web.get("/about/cells", headers=PAGE).text
    assert page.text.count("<tr") == (len(rows.splitlines()) if rows.count("\n") > 1 else 0)
    assert page.text.count("<tr") < whole.count("<tr")
    assert web.get("/about/cells?verification=sure").status_code == 400
    assert web.get("/about/cells?item=nix").status_code == 400
