"""Search as people and programs ask for it."""

import re
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

PAGE = {"accept": "text/html"}
MEALS = "/doc/item/rural-student-nutrition-subsidy"


@pytest.mark.parametrize("typed", ["营养餐", "營養餐", "school meals"])
def test_the_page_leads_to_what_was_meant(web: TestClient, typed: str) -> None:
    page = web.get("/search", params={"q": typed, "lang": "zh"}, headers=PAGE)
    assert page.status_code == 200
    hits = re.findall(r'<p class="hit-name"><a href="([^"]*)"', page.text)
    assert hits[0] == MEALS + "?lang=zh"
    assert f'value="{typed}"' in page.text


def test_a_program_gets_the_same(web: TestClient) -> None:
    answer = web.get("/search", params={"q": "中办发[2018]55号"}, headers={"accept": "application/json"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == web.get("/search", params={"q": "中办发[2018]55号", "format": "json"}).json()
    hit = answer.json()["hits"][0]
    assert hit["href"] == "/doc/document/zhongbanfa-2018-55"
    assert hit["matched"] == "中办发〔2018〕55号"
    assert (hit["role"], hit["match"]) == ("code", "exact")
    assert answer.json()["kinds"][0]["kind"] == "document"


def test_pages_are_linked(web: TestClient) -> None:
    first = web.get("/search", params={"q": "市", "format": "json"})
    assert first.json()["pages"] > 3
    links = first.links
    assert set(links) == {"first", "next", "last"}
    second = web.get(links["next"]["url"], headers=PAGE)
    assert {"first", "prev", "next", "last"} <= set(second.links)
    assert second.links["first"]["url"] == second.links["prev"]["url"]
    last = web.get(second.links["last"]["url"], headers=PAGE)
    assert "next" not in last.links
    assert 'class="hit"' in last.text


def test_what_was_asked_stays_in_the_links(web: TestClient) -> None:
    answer = web.get("/search?q=市&kind=agency&lang=en", headers=PAGE)
    following = answer.links["next"]["url"]
    assert "kind=agency" in following
    assert "lang=en" in following
    assert 'name="kind" value="agency"' in answer.text
    assert {hit["kind"] for hit in web.get("/search?q=市&kind=agency&format=json").json()["hits"]} == {
        "agency"
    }


def test_nothing_typed_and_nothing_found_say_what_to_do(web: TestClient) -> None:
    for address in ("/search", "/search?q=", "/search?q=+"):
        page = web.get(address, headers={**PAGE, "accept-language": "zh"})
        assert "例如" in page.text
        assert "没有找到" not in page.text
    page = web.get("/search?q=zzzzzz", headers={**PAGE, "accept-language": "zh"})
    assert page.status_code == 200
    assert "没有找到" in page.text
    assert "例如" in page.text
    near = web.get("/search?q=義務教育寄宿生活跃分子", headers={**PAGE, "accept-language": "zh"})
    assert "相近的有" in near.text


@pytest.mark.parametrize(
    "asked",
    ["page=0", "page=x", "page=2", "page=9999999999", "page=²", "kind=thing", "format=pdf", "lang=fr"],
)
def test_what_cannot_be_is_refused(web: TestClient, asked: str) -> None:
    answer = web.get(f"/search?q=法律援助&{asked}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-parameter")


def test_what_is_typed_is_shown_as_text(web: TestClient) -> None:
    page = web.get("/search", params={"q": '"><script>alert(1)</script>'}, headers=PAGE)
    assert "<script>alert" not in page.text
    assert web.get("/search?q=%00%ff%ED%A0%80", headers=PAGE).status_code == 200
    assert web.get("/search", params={"q": "x" * 20_000}, headers=PAGE).status_code == 200


def test_places_of_one_name_are_told_apart(web: TestClient) -> None:
    hits = web.get("/search?q=市中区&format=json&lang=zh").json()["hits"]
    assert {hit["key"]: hit["within"] for hit in hits}["370103"] == ["山东省", "济南市"]
    assert web.get("/search?q=山东省&format=json").json()["hits"][0]["within"] == []


def test_suggestions_are_those_of_opensearch(web: TestClient) -> None:
    answer = web.get("/suggest?q=legal&lang=en")
    assert answer.headers["content-type"] == "application/x-suggestions+json"
    typed, names, words, addresses = answer.json()
    assert typed == "legal"
    assert names[0] == "Legal aid"
    assert len(names) == len(words) == len(addresses) <= 8
    assert addresses[0] == "/doc/item/legal-aid?lang=en"
    assert web.get("/suggest").json() == ["", [], [], []]
    assert web.get("/suggest?q=gaps/missing-items").json()[3][0] == "/queries/gaps/missing-items"


def test_a_browser_is_told_how_to_search(web: TestClient) -> None:
    assert 'rel="search" href="/opensearch.xml"' in web.get("/", headers=PAGE).text
    answer = web.get("/opensearch.xml")
    assert answer.headers["content-type"].startswith("application/opensearchdescription+xml")
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    root = ElementTree.fromstring(answer.content)
    name = root.findtext(space + "ShortName")
    assert name is not None
    assert len(name) <= 16
    templates = {url.get("type"): url.get("template") for url in root.iter(space + "Url")}
    for media_type, template in templates.items():
        assert template is not None
        asked = web.get(template.replace("{searchTerms}", "legal aid"), headers=PAGE)
        assert asked.status_code == 200
        assert asked.headers["content-type"].startswith(str(media_type))
