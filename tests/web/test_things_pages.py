"""The pages of standards, agencies, documents, pilots, measures and targets, over the bundled store."""

import csv
import io
import re

import pytest
from starlette.testclient import TestClient

PERSON = {"accept": "text/html"}


def page(web: TestClient, path: str, language: str = "en") -> str:
    answer = web.get(path, params={"lang": language}, headers=PERSON)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/standards?level=gb-t", "GB/T 28220-2023"),
        ("/agencies?jurisdiction=140500", "Civil Affairs Bureau of Jincheng"),
        ("/documents?jurisdiction=140500", "晋市政办函〔2021〕45号"),
        ("/pilots?type=specialised", "Specialised pilot"),
        ("/measures", "living subsidy"),
    ],
)
def test_a_list_is_restricted_and_is_data_too(web: TestClient, path: str, words: str) -> None:
    asked = f"{path}{'&' if '?' in path else '?'}lang=en"
    assert words in web.get(asked, headers=PERSON).text
    where, _, asked = path.partition("?")
    rows = list(csv.DictReader(io.StringIO(web.get(f"{where}.csv?{asked}").text)))
    whole = list(csv.DictReader(io.StringIO(web.get(f"{where}.csv").text)))
    assert 0 < len(rows) <= len(whole)
    assert (len(rows) < len(whole)) is bool(asked)


def test_a_standard_that_was_replaced_says_so_and_by_what(web: TestClient) -> None:
    old = page(web, "/doc/standard/GB-T-28220-2011")
    assert "This standard was replaced or withdrawn." in old
    assert "replaced by" in old
    assert 'href="/doc/standard/GB-T-28220-2023?lang=en"' in old
    new = page(web, "/doc/standard/GB-T-28220-2023")
    assert "This standard was replaced or withdrawn." not in new


def test_the_impact_of_a_standard_is_told_with_the_way_to_it(web: TestClient) -> None:
    text = page(web, "/doc/standard/GB-T-28220-2023")
    assert "What a revision of GB/T 28220-2023" in text
    assert "—applies to→" in text


def test_every_clause_has_an_anchor_and_an_address_of_its_own(web: TestClient) -> None:
    text = page(web, "/doc/document/jincheng-2021-45", "zh")
    anchors = re.findall(r'<li id="(clause-[^"]+)"', text)
    assert len(anchors) == len(set(anchors)) == 46
    # Ten comes after nine.
    assert anchors.index("clause-5-2-2-10") == anchors.index("clause-5-2-2-9") + 1
    clause = page(web, "/doc/document/jincheng-2021-45/5-2-1-1", "zh")
    assert "五（二）1（1）" in clause
    assert "每生每年1000元" in clause
    assert "（提要，不是原文）" in clause
    # What rests on it, with how sure it is.
    assert "/doc/guarantee/140500/2021/" in clause
    assert 'class="badge verbatim"' in clause


def test_a_clause_of_a_standard_has_its_page(web: TestClient) -> None:
    text = page(web, "/doc/standard/GB-T-43507-2023/3", "zh")
    assert 'href="/doc/standard/GB-T-43507-2023?lang=zh"' in text
    assert 'id="clause-3-1"' in text


def test_an_agency_shows_its_duties_and_its_counterpart(web: TestClient) -> None:
    text = page(web, "/doc/agency/140500/civil-affairs-bureau")
    assert 'href="/doc/agency/100000/mca?lang=en"' in text
    assert "Welfare subsidies for older people" in text
    assert "4 / 4" in text


def test_a_pilot_has_its_phases_tasks_and_targets(web: TestClient) -> None:
    text = page(web, "/doc/pilot/140500/specialised")
    assert "2022-07-01" in text
    assert 'href="/doc/agency/140500/market-regulation-bureau?lang=en"' in text
    assert "Standard coverage of both domains 100 percent" in text
    unknown = page(web, "/doc/pilot/430700/comprehensive")
    assert "The plan of this pilot is not held" in unknown


def test_a_target_shows_its_figures_beside_the_way_to_it(web: TestClient) -> None:
    text = page(web, "/doc/target/public-services-plan-14th/nursing-bed-share")
    assert "base to target" in text
    assert "observed" in text
    assert 'type="application/json"' in text


def test_a_measure_leads_to_how_unequal_places_are(web: TestClient) -> None:
    assert 'href="/equality?measure=living-subsidy&amp;lang=en"' in page(web, "/doc/measure/living-subsidy")


@pytest.mark.parametrize(
    "key",
    ["standard/GB-T-0", "agency/140500/nobody", "document/none", "document/jincheng-2021-45/9-9", "pilot/0/x",
     "measure/none", "target/none/x"],
)  # fmt: skip
def test_what_is_not_there_is_not_found_with_near_names(web: TestClient, key: str) -> None:
    answer = web.get(f"/doc/{key}", headers={"accept": "application/json"})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "path", ["/standards?level=royal", "/pilots?type=secret", "/documents?jurisdiction=<x>"]
)
def test_an_unknown_value_is_explained(web: TestClient, path: str) -> None:
    answer = web.get(path)
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad-parameter"
