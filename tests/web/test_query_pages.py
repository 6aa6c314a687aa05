"""The saved questions on the site: their list, the form, the answer in every format, slips, pages."""

import io
import json
from html.parser import HTMLParser

import pytest
from openpyxl import load_workbook
from pyarrow import parquet
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

from bpsgraph.answers.writers import WRITERS
from bpsgraph.formats import FORMATS
from bpsgraph.library import bundled
from bpsgraph.web.routes.queries import TABLES
from bpsgraph.web.site import Site

PAGE = {"accept": "text/html", "accept-language": "zh"}
BELOW = "/queries/floors/below-floor"


class Controls(HTMLParser):
    """The names of the controls of a form, and the value that each holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.held: dict[str, list[str]] = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "select":
            self._select = said.get("name") or ""
            self.held.setdefault(self._select, [])
        elif tag == "option" and self._select and "selected" in said and said.get("value"):
            self.held[self._select].append(said["value"] or "")
        elif tag == "input" and said.get("name"):
            self.held.setdefault(said["name"] or "", []).append(said.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def test_every_question_and_check_is_listed_in_three_ways(web: TestClient) -> None:
    library = bundled()
    names = {name for name in library if library[name].kind != "derive"}
    listed = web.get("/queries.json")
    assert listed.headers["content-type"] == "application/json"
    assert {one["name"] for one in listed.json()} == names
    page = web.get("/queries", headers=PAGE).text
    assert all(f'href="/queries/{name}"' in page for name in names)
    triples = list(parse(web.get("/queries.ttl").content, format=RdfFormat.TURTLE))
    identifiers = {
        quad.object.value for quad in triples if quad.predicate.value == "http://purl.org/dc/terms/identifier"
    }
    assert identifiers == names
    assert web.get("/queries", headers={"accept": "application/json"}).json() == listed.json()
    assert web.get("/queries", headers={"accept": "image/gif"}).status_code == 406


def test_the_list_is_searched_in_both_languages(web: TestClient) -> None:
    for text in ("缺项", "missing from a catalogue"):
        page = web.get("/queries", params={"q": text}, headers=PAGE).text
        assert 'href="/queries/gaps/missing-items"' in page
        assert 'href="/queries/standards/all"' not in page
    nothing = web.get("/queries", params={"q": "<script>"}, headers=PAGE)
    assert nothing.status_code == 200
    assert "&lt;script&gt;" in nothing.text
    assert "<script>”" not in nothing.text


@pytest.mark.parametrize("format", TABLES[1:])
def test_an_answer_is_to_be_had_in_every_format(web: TestClient, site: Site, format: str) -> None:
    """By suffix, by `?format=`, and by `Accept`: the bytes that the command writes."""
    found = FORMATS[format]
    name = "agencies/load"
    by_suffix = web.get(f"/queries/{name}{found.suffixes[0]}?lang=en")
    by_name = web.get(f"/queries/{name}?lang=en&format={format}")
    by_accept = web.get(f"/queries/{name}?lang=en", headers={"accept": found.media_type})
    assert by_suffix.status_code == 200
    assert by_suffix.headers["content-type"].startswith(found.media_type)
    with site.snapshot() as snapshot:
        answer = snapshot.answered(name)
        expected = WRITERS[format]([answer], "en")
    if format != "xlsx":
        raw = expected.encode() if isinstance(expected, str) else expected
        assert by_suffix.content == by_name.content == by_accept.content == raw
    else:
        sheets = load_workbook(io.BytesIO(by_suffix.content)).sheetnames
        assert sheets == load_workbook(io.BytesIO(expected)).sheetnames  # type: ignore[arg-type]
    if format == "parquet":
        assert parquet.read_table(io.BytesIO(by_suffix.content)).num_rows == len(answer.rows)


def test_a_program_that_knows_json_alone_is_answered(web: TestClient) -> None:
    answer = web.get(BELOW, headers={"accept": "application/json"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == web.get(f"{BELOW}.json").json()


def test_things_are_asked_for_by_key_name_or_address(web: TestClient) -> None:
    given = ("140500", "晋城市", "https://w3id.org/bps/id/jurisdiction/140500", "jurisdiction/140500")
    answers = [web.get(f"{BELOW}.csv", params={"jurisdiction": one}) for one in given]
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    several = web.get(f"{BELOW}.csv", params=[("jurisdiction", "140500"), ("jurisdiction", "330100")]).text
    assert len(several.splitlines()) >= len(answers[0].text.splitlines())


def test_what_a_form_leaves_empty_says_nothing(web: TestClient) -> None:
    empty = web.get(f"{BELOW}.csv?jurisdiction=&date=&edition=&compare=&compare=&group=")
    assert empty.status_code == 200
    assert empty.text == web.get(f"{BELOW}.csv").text


def test_the_form_holds_what_was_asked(web: TestClient) -> None:
    page = web.get(f"{BELOW}?jurisdiction=140500&date=2024-06-01", headers=PAGE).text
    held = Controls(page).held
    assert held["jurisdiction"] == ["140500"]
    assert held["date"] == ["2024-06-01"]
    assert 'value="/queries/floors/below-floor?jurisdiction=140500&amp;date=2024-06-01"' in page
    assert "/queries/floors/below-floor.json?jurisdiction=140500&amp;date=2024-06-01" in page
    assert "<https://w3id.org/bps/id/jurisdiction/140500>" in page.replace("&lt;", "<").replace("&gt;", ">")
    assert 'href="/sparql?query=' in page


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("jurisdiction=nix", "140500"),
        ("jurisdiction=晋成市", "晋城市"),
        ("date=gestern", "2024-06-01"),
        ("edition=1949", "2021"),
        ("nonsense=1", "it takes"),
        ("per_page=0", "per_page"),
        ("page=99", "the last is"),
        ("compare=2021", "two values"),
        ("compare=a,b", "--compare"),
        ("group=list=/etc/passwd", "not read here"),
        ("group=planet=3", "tier=2"),
        ("lang=fr", "zh or en"),
        ("format=docx", "csv"),
        ("jurisdiction=" + "9" * 1_001, "1000 characters"),
        ("&".join(["jurisdiction=140500"] * 201), "200 values"),
    ],
    ids=lambda text: text[:24] if isinstance(text, str) else "",
)
def test_a_slip_is_answered_with_what_would_be_right(web: TestClient, asked: str, named: str) -> None:
    told = web.get(f"{BELOW}?{asked}", headers={"accept": "application/json"})
    assert told.status_code == 400
    assert told.headers["content-type"] == "application/problem+json"
    assert named in json.dumps(told.json(), ensure_ascii=False)
    page = web.get(f"{BELOW}?{asked}", headers={"accept": "text/html"})
    assert page.status_code == 400
    assert page.headers["content-type"].startswith("text/html")


def test_a_slip_is_shown_at_its_field_with_the_values_there_are(web: TestClient) -> None:
    page = web.get(f"{BELOW}?jurisdiction=nix&date=2024-06-01", headers=PAGE).text
    assert 'aria-describedby="p-jurisdiction-problem"' in page
    assert "晋城市 (140500)" in page
    held = Controls(page).held
    assert held["jurisdiction"] == ["nix"]
    assert held["date"] == ["2024-06-01"]
    assert 'class="answer"' not in page


def test_a_question_that_needs_a_value_asks_for_it(web: TestClient) -> None:
    library = bundled()
    name = next(
        name
        for name in library
        if library[name].kind == "query" and any(one.header.required for one in library[name].parameters)
    )
    page = web.get(f"/queries/{name}", headers=PAGE)
    assert page.status_code == 200
    assert "请先填写必填的参数" in page.text
    told = web.get(f"/queries/{name}.json")
    assert told.status_code == 400
    assert told.json()["where"] == next(one.name for one in library[name].parameters if one.header.required)


def test_pages_of_rows_lead_to_one_another(web: TestClient) -> None:
    whole = web.get("/queries/floors/in-force.json").json()["results"]["bindings"]
    collected, address, seen = [], "/queries/floors/in-force.json?page=1&per_page=100", 0
    while address:
        part = web.get(address)
        collected += part.json()["results"]["bindings"]
        links = part.links
        seen += 1
        assert ("prev" in links) == (seen > 1)
        address = links["next"]["url"] if "next" in links else ""
    assert collected == whole
    assert seen == -(-len(whole) // 100)
    page = web.get("/queries/floors/in-force", headers=PAGE)
    assert page.links["next"]["url"] == "/queries/floors/in-force?page=2"
    assert 'rel="next" href="/queries/floors/in-force?page=2"' in page.text


def test_two_editions_are_compared_and_groups_asked(web: TestClient) -> None:
    compared = web.get(f"{BELOW}.csv?compare=2021&compare=2023")
    assert "change_zh" in compared.text.splitlines()[0]
    assert compared.text == web.get(f"{BELOW}.csv?compare=edition=2021,2023").text
    grouped = web.get(f"{BELOW}.csv?group=tier=2").text.splitlines()
    of_one = web.get(f"{BELOW}.csv?jurisdiction=140500").text.splitlines()
    assert len(of_one) > 1
    assert set(of_one) < set(grouped)


def test_charts_are_drawn_for_who_has_no_script(web: TestClient) -> None:
    page = web.get("/queries/agencies/load", headers=PAGE).text
    assert "<svg" in page
    assert 'type="application/json"' in page
    assert "js/chart.js" in page
    assert "/queries/agencies/load.svg" in page
    # No chart, no offer of one.
    assert f"{BELOW}.svg" not in web.get(BELOW, headers=PAGE).text
    assert web.get(f"{BELOW}.svg").json()["code"] == "nothing-to-draw"


def test_a_check_says_what_is_wrong_or_that_nothing_is(web: TestClient) -> None:
    library = bundled()
    check = next(name for name in library if library[name].kind == "check")
    assert web.get(f"/queries/{check}.csv").text == "entity,property,value\r\n"
    assert "没有问题" in web.get(f"/queries/{check}", headers=PAGE).text


@pytest.mark.parametrize(
    "path", ["gaps/mising-items", "nothing", "derive/closure/needs", "../secret", "a/b.csv"]
)
def test_what_is_no_question_is_not_found(web: TestClient, path: str) -> None:
    told = web.get(f"/queries/{path}")
    assert told.status_code == 404
    page = web.get(f"/queries/{path}", headers=PAGE)
    assert page.status_code == 404


def test_hostile_values_are_terms(web: TestClient) -> None:
    text = '" } UNION { ?s ?p ?o } #<script>alert(1)</script>'
    page = web.get("/queries/agencies/load", params={"agency": text, "jurisdiction": text}, headers=PAGE)
    assert page.status_code == 400
    assert "<script>alert" not in page.text
