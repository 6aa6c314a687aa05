"""Handing in files: reports in every format, the page of a result, limits, hostile files, nothing kept."""

import io
import json
import logging
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from starlette.testclient import TestClient

from bpsgraph.config import Settings
from bpsgraph.web.app import application
from bpsgraph.web.site import Site
from bpsgraph.web.submissions import Submission, Submissions
from faults.broken_files import whole
from inner_application import inner

PAGE = {"accept": "text/html", "accept-language": "zh"}
CATALOGUE = whole("turtle")
TABLE = whole("csv")
OF_PLACE = {"jurisdiction": "341722/2021"}


@pytest.fixture(scope="module")
def desk(built: Path) -> Iterator[TestClient]:
    """A site of its own, the workers of which are ready and whose files are small."""
    site = Site(replace(Settings(store=built), max_file_size=2_000_000))
    site.judge.ready()
    yield TestClient(
        application(site, close=False), base_url="http://bps.test", raise_server_exceptions=False,
        follow_redirects=False, headers={"accept": "*/*"},
    )  # fmt: skip
    site.close()


def hand_in(desk: TestClient, content: bytes, name: str = "县 清单.csv", **fields: str) -> str:
    """The address of the result, once it is there."""
    answer = desk.post("/validate", files={"file": (name, content)}, data=OF_PLACE | fields, headers=PAGE)
    assert answer.status_code == 303, answer.text
    address = answer.headers["location"]
    for _ in range(300):
        if desk.get(address, params={"format": "json"}).json()["done"]:
            return address
        time.sleep(0.1)
    raise AssertionError("it was never done")


@pytest.mark.parametrize(
    ("format", "begins"),
    [
        ("json", b"[\n"),
        ("html", b"<!DOCTYPE html>"),
        ("csv", b"\xef\xbb\xbfrule"),
        ("turtle", b"@base"),
        ("junit", b"<?xml"),
        ("sarif", b"{"),
        ("annotated", b"PK"),
        ("patch", b""),
    ],
)
def test_a_report_is_to_be_had_in_every_format(desk: TestClient, format: str, begins: bytes) -> None:
    sent = {"file": ("catalogue.csv", TABLE)}
    answer = desk.post("/validate", params={"format": format, **OF_PLACE}, files=sent)
    assert answer.status_code == 200
    assert answer.content
    assert answer.content.startswith(begins)
    assert answer.headers["conforms"] in ("true", "false")
    assert answer.headers["cache-control"] == "no-store"
    if format == "html":
        # It is somebody else's text: it is saved, never shown as a page of this site.
        assert answer.headers["content-disposition"].startswith("attachment")


def test_a_body_is_judged_like_a_form(desk: TestClient) -> None:
    form = desk.post("/validate", files={"file": ("file.ttl", CATALOGUE)})
    body = desk.post("/validate", content=CATALOGUE, headers={"content-type": "text/turtle"})
    assert form.status_code == body.status_code == 200
    assert form.json() == body.json()
    assert form.headers["content-type"] == "application/json"
    other = desk.post(
        "/validate?edition=2023", content=CATALOGUE,
        headers={"content-type": "application/octet-stream", "content-disposition": 'attachment; filename="a.ttl"'},
    )  # fmt: skip
    assert other.json()[0]["edition"] == "2023"
    csv = desk.post("/validate", files={"file": ("a.ttl", CATALOGUE)}, headers={"accept": "text/csv"})
    assert csv.headers["content-type"].startswith("text/csv")


def test_a_browser_is_led_to_the_findings_and_the_coloured_copy(desk: TestClient) -> None:
    address = hand_in(desk, TABLE)
    page = desk.get(address, headers=PAGE)
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    for text in ("逐格的问题", "县 清单.csv", "建议的改动"):
        assert text in page.text
    names = re.findall(rf'href="{re.escape(address)}/([^"]+)"', page.text)
    assert names[0] == "annotated.xlsx"
    for name in names:
        answer = desk.get(f"{address}/{name}")
        assert answer.status_code == 200
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}"'
    copy = load_workbook(io.BytesIO(desk.get(f"{address}/annotated.xlsx").content))
    cells = [cell for sheet in copy for row in sheet.iter_rows() for cell in row]
    assert any(cell.comment for cell in cells)
    report = json.loads(desk.get(f"{address}/report.json").content)[0]
    assert all(
        finding["message"]["zh"].replace('"', "&#34;") in page.text for finding in report["findings"][:5]
    )
    english = desk.get(address, params={"lang": "en"}, headers=PAGE).text
    assert "Findings cell by cell" in english


def test_who_waits_is_told_how_far_it_is(desk: TestClient) -> None:
    app = inner(desk.app)
    kept = app.state.submissions if hasattr(app.state, "submissions") else Submissions()
    app.state.submissions = kept
    one = Submission("waiting", "县.csv", 5, time.monotonic() + 60, documents={"json": b"[]"})
    kept._kept[one.id] = one
    page = desk.get("/validate/waiting", headers=PAGE)
    # Without script the page asks again by itself.
    assert page.headers["refresh"] == "2"
    assert 'value="1"' in page.text
    assert desk.get("/validate/waiting?format=json").json() == {"done": False, "documents": 1, "expected": 5}
    kept.drop(one.id)


def test_a_result_is_deleted_when_told_and_at_its_time(desk: TestClient) -> None:
    address = hand_in(desk, CATALOGUE, "a.ttl")
    assert desk.get(f"{address}/report.csv").status_code == 200
    assert desk.post(f"{address}/delete", headers=PAGE).status_code == 303
    assert desk.get(address).status_code == desk.get(f"{address}/report.csv").status_code == 404
    app = inner(desk.app)
    before, app.state.submissions = app.state.submissions, Submissions(kept_for=0.4)
    try:
        address = hand_in(desk, b"<a", "a.ttl")
        time.sleep(0.5)
        assert desk.get(address).status_code == 404
    finally:
        app.state.submissions = before


def test_the_name_of_a_file_leads_nowhere(desk: TestClient) -> None:
    name = "../../etc/..\\a<script>alert(1)</script>\x1b[2J" + "名" * 300 + ".ttl"
    page = desk.get(hand_in(desk, b"<a", name), headers=PAGE)
    assert page.status_code == 400
    assert "<script>alert" not in page.text
    assert "\x1b" not in page.text
    assert "/etc/" not in page.text
    told = desk.post("/validate", files={"file": ('".ttl', b"<a")})
    assert told.status_code == 400


def bomb() -> bytes:
    """A workbook of some kilobytes that unpacks to a hundred megabytes and more."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b" " * 150_000_000)
    return made.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "status", "code"),
    [
        ("empty.ttl", lambda: b"", 422, "empty-graph"),
        ("empty.csv", lambda: b"", 400, "malformed-file"),
        ("empty.xlsx", lambda: b"", 400, "malformed-file"),
        ("cut.ttl", lambda: b"<a> <b", 400, "malformed-file"),
        ("foreign.ttl", lambda: b"<http://a.example/> a <http://b.example/>.", 422, "foreign-vocabulary"),
        ("a.pdf", lambda: b"%PDF", 415, "unsupported-format"),
        ("nothing", lambda: b"?", 415, "unsupported-format"),
        ("bomb.xlsx", bomb, 413, "too-large"),
        ("large.ttl", lambda: b"#" * 2_000_001, 413, "too-large"),
        ("larger.ttl", lambda: b"#" * 5_000_000, 413, "too-large"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_file_is_answered_as_stated(
    desk: TestClient, name: str, content: Callable[[], bytes], status: int, code: str
) -> None:
    answer = desk.post("/validate", files={"file": (name, content())})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_browser_is_shown_the_form_again_or_why(desk: TestClient) -> None:
    for name, content, status in (("a.pdf", b"%PDF", 415), ("a.ttl", b"#" * 2_000_001, 413)):
        page = desk.post("/validate", files={"file": (name, content)}, headers=PAGE)
        assert page.status_code == status
        assert 'id="hand-in"' in page.text
        assert "文件没有收下" in page.text
    page = desk.get(hand_in(desk, b"", "a.ttl"), headers=PAGE)
    assert page.status_code == 422
    assert "/problems/empty-graph" in page.text


@pytest.mark.parametrize(
    "request_",
    [
        {"content": b"x", "headers": {"content-type": "image/png"}},
        {"data": {"edition": "2021"}},
        {"content": b"", "headers": {"content-type": "application/x-www-form-urlencoded"}},
    ],
    ids=["picture", "no file", "nothing"],
)
def test_what_is_no_file_is_refused(desk: TestClient, request_: dict[str, object]) -> None:
    answer = desk.post("/validate", **request_)  # type: ignore[arg-type]
    assert answer.status_code == 415


def test_a_form_has_one_file_and_known_fields(desk: TestClient) -> None:
    two = desk.post("/validate", files=[("file", ("a.ttl", CATALOGUE)), ("file", ("b.ttl", CATALOGUE))])
    assert two.status_code == 400
    assert "two files" in two.json()["detail"]
    for fields in (
        {"edition": "1949"},
        {"against": "999999/2021"},
        {"as_of": "gestern"},
        {"limit": "-1"},
        {"lang": "fr"},
        {"format": "docx"},
        {"nonsense": "1"},
        {"format": "annotated"},
    ):
        answer = desk.post("/validate", files={"file": ("a.ttl", CATALOGUE)}, data=fields)
        assert answer.status_code == 400, fields
        assert answer.json()["code"] == "bad-parameter"
    none = desk.post("/validate", files={"file": ("", b"")}, headers=PAGE)
    assert none.status_code == 400
    cut = desk.post(
        "/validate", content=b"--x\r\n", headers={"content-type": "multipart/form-data; boundary=x"}
    )
    assert cut.status_code == 400
    unbounded = desk.post("/validate", content=b"x", headers={"content-type": "multipart/form-data"})
    assert unbounded.status_code == 400


def test_a_profile_waives(desk: TestClient) -> None:
    profile = b'[severity]\nfunding = {to = "violation", reason = "r"}\n'
    sent = {"file": ("a.ttl", CATALOGUE), "profile": ("p.toml", profile)}
    assert desk.post("/validate", files=sent).headers["conforms"] == "false"
    sent["profile"] = ("p.toml", b"[nonsense]\n")
    assert desk.post("/validate", files=sent).status_code == 400


def test_a_body_that_says_it_is_too_large_is_not_read(desk: TestClient) -> None:
    def pieces() -> Iterator[bytes]:
        raise AssertionError("it was read")
        yield b""

    headers = {"content-type": "text/turtle", "content-length": "9999999999"}
    answer = desk.post("/validate", content=b"", headers=headers)
    assert answer.status_code == 413


def test_of_many_at_once_some_are_asked_to_come_again(desk: TestClient) -> None:
    app = inner(desk.app)
    before, app.state.submissions = app.state.submissions, Submissions(at_once=2)
    try:
        with ThreadPoolExecutor(20) as crowd:
            asks = [
                crowd.submit(desk.post, "/validate", files={"file": ("a.ttl", CATALOGUE)}) for _ in range(20)
            ]
            answers = [ask.result() for ask in asks]
    finally:
        app.state.submissions = before
    statuses = {answer.status_code for answer in answers}
    assert statuses == {200, 503}
    assert all(answer.headers["retry-after"] for answer in answers if answer.status_code == 503)
    assert desk.post("/validate", files={"file": ("a.ttl", CATALOGUE)}).status_code == 200


def test_nothing_of_a_file_is_written_down(
    desk: TestClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError("a file was to be made")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    with caplog.at_level(logging.DEBUG):
        large = CATALOGUE + b"#" * 1_500_000
        assert desk.post("/validate", files={"file": ("geheim.ttl", large)}).status_code == 200
        assert desk.post("/validate", files={"file": ("geheim.ttl", b"<a")}).status_code == 400
    assert "geheim" not in caplog.text


def test_the_starting_workbook_is_filled_with_the_standard(desk: TestClient) -> None:
    answer = desk.get("/validate/template.xlsx?edition=2021&jurisdiction=140500&domain=2")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"] == 'attachment; filename="template.xlsx"'
    named = desk.get("/validate/template.xlsx?edition=2021&jurisdiction=晋城市&domain=2")
    sheets = [load_workbook(io.BytesIO(one.content)) for one in (answer, named)]
    texts = [[cell.value for sheet in book for row in sheet.iter_rows() for cell in row] for book in sheets]
    assert texts[0] == texts[1]
    assert desk.get("/validate/template.csv?jurisdiction=&edition=").text.startswith("\ufeff")
    for wrong in ("edition=1949", "jurisdiction=nix", "domain=99", "item=nix", "nonsense=1"):
        assert desk.get(f"/validate/template.xlsx?{wrong}").status_code == 400, wrong
    form = desk.get("/validate", headers=PAGE)
    assert form.status_code == 200
    assert 'action="/validate/template.xlsx"' in form.text
