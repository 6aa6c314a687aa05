"""Every format of a report, read back by a reader that is not ours: it holds every finding with all its fields."""

import base64
import csv
import hashlib
import io
import json
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from itertools import pairwise, permutations
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Xml

import jsonschema
import pyoxigraph
import pytest
import rdflib
from python_calamine import CalamineWorkbook

from bpsgraph.ingest import read
from bpsgraph.library import bundled
from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import Finding, Notice, Repair, Report, Severity, Text, Waiver, fingerprint
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.terms import BASE, BPS
from bpsgraph.validation import validate_submission
from bpsgraph.validation.findings import ordered
from bpsgraph.validation.report import WRITERS, words, write
from bpsgraph.validation.report.words import FIELDS, SEVERITIES, published, repair_words
from bpsgraph.validation.report.workbook import finding_columns
from bpsgraph.validation.rules import Rule, rules_of
from bpsgraph.validation.shapes import SH, ShapesGraph

SOURCES = find_sources()
JINCHENG = SOURCES.root / "data" / "ttl" / "local" / "140500-2021.ttl"
NASTY = (
    "<script>alert(1)</script>",
    '=HYPERLINK("http://example.org","x")',
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\tTAB",
    "\rCR",
    "a\u202eb\u2066c\u200e",
    "one\ntwo\n\nthree",
    "a|b|c `code` *x* _y_ [z](http://example.org) @all # h",
    "]]> & &amp; \" ' \x01\x02 \ufffe end",
    "{{ 7*7 }} {% raw %} ${x}",
    "</style></script><!--",
)
TEXT_FIELDS = ("message", "item", "fix")


def nasty_report(number: int = 60, name: str = "county's <b>&\u202e\n.xlsx") -> Report:
    """A report whose every text is one that some format would take for something else."""
    rules = ("baseline-below", "completeness-item", "funding-expenditure", "coverage-wider")
    findings = []
    for i in range(number):
        said = [NASTY[(i + shift) % len(NASTY)] for shift in range(7)]
        sheet = "服务标准" if i % 3 else None
        findings.append(
            Finding(
                rule=rules[i % 4],
                severity=Severity(3 - i % 3),
                message=Text(f"消息{i}{said[0]}", f"message {i} {said[1]}"),
                focus=f"{BASE}guarantee/x/{i}",
                fingerprint=fingerprint(rules[i % 4], "c", str(i // 2)),
                item=Text(said[2], said[3]) if i % 5 else None,
                path=BPS + "value",
                value=said[4],
                expected=said[5],
                source=said[6],
                verification="recalled",
                catalogue=BASE + "catalogue/140500/2021",
                edition="2023" if i % 2 else None,
                as_of=None if i % 2 else date(2024, 6, 1),
                sheet=sheet,
                cell=f"E{i + 3}" if sheet else None,
                row=i + 3 if sheet else None,
                line=None if sheet else i + 1,
                fix=Text(said[1], said[0]) if i % 4 else None,
                waived=Waiver(reason=said[2], author=said[3], expires=date(2027, 1, i % 28 + 1))
                if i % 7 == 0
                else None,
                repair=Repair(path=BPS + "value", old=said[5] if i % 2 else "", new=said[6])
                if i % 3 == 0
                else None,
            )
        )
    return Report(
        file=name,
        catalogue=BASE + "catalogue/140500/2021",
        title=Text(NASTY[0], NASTY[1]),
        compared_with=Text(NASTY[8], NASTY[9]),
        self_sourced=3,
        findings=tuple(findings),
        verdicts=(),
        edition="2023",
    )


@pytest.fixture(scope="session")
def rules() -> Mapping[str, Rule]:
    return rules_of(ShapesGraph.read(SOURCES.shapes()))


@pytest.fixture(scope="session")
def jincheng(built: Path) -> Report:
    with open_store(built) as store:
        return validate_submission(
            read(JINCHENG),
            store,
            bundled(),
            ShapesGraph.read(SOURCES.shapes()),
            edition="2023",
            today=date(2026, 1, 1),
        )


@pytest.fixture(scope="session", params=["jincheng", "nasty", "two"])
def reports(request: pytest.FixtureRequest, jincheng: Report) -> list[Report]:
    clean = nasty_report(0, "clean.ttl")
    return {"jincheng": [jincheng], "nasty": [nasty_report()], "two": [jincheng, nasty_report(7), clean]}[
        request.param
    ]


def folded(text: str) -> str:
    """What a person reads: without the spaces, and with what is not seen written out."""
    seen = "".join(
        f"\\u{ord(c):04x}" if unicodedata.category(c) in {"Cc", "Cf", "Cn", "Cs"} and c not in "\n\t" else c
        for c in text.replace("\r\n", "\n")
    )
    return "".join(re.sub(r"\\u00(?:09|0a)", "", seen).split())


def with_repair(fields: dict[str, str]) -> dict[str, str]:
    """The fields with the parts of a repair in words."""
    path, old, new = (fields.pop(f"repair.{part}") for part in ("path", "old", "new"))
    return fields | {"repair": repair_words(Repair(path=path, old=old, new=new)) if path else ""}


def of_csv(written: str | bytes) -> list[dict[str, str]]:
    assert isinstance(written, str)
    assert written.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline="")))
    assert not any(
        value.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for value in row.values()
    )
    return [
        with_repair(
            {
                name.replace("_", "."): value[1:] if value.startswith("'") else value
                for name, value in row.items()
            }
        )
        for row in rows
    ]


def of_json(written: str | bytes) -> list[dict[str, str]]:
    return [flat(finding) for report in json.loads(written) for finding in report["findings"]]


def of_sarif(written: str | bytes) -> list[dict[str, str]]:
    (run,) = json.loads(written)["runs"]
    found = []
    for result in run["results"]:
        fields = flat(result["properties"]["finding"])
        assert fields["rule"] == result["ruleId"] == run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"]
        assert (
            result["level"]
            == {"violation": "error", "warning": "warning", "info": "note"}[fields["severity"]]
        )
        (location,) = result["locations"]
        line = location["physicalLocation"].get("region", {}).get("startLine")
        assert fields["line"] == ("" if line is None else str(line))
        cells = [place["name"] for place in location["logicalLocations"] if place["kind"] == "cell"]
        assert cells == ([fields["cell"]] if fields["cell"] else [])
        assert result["partialFingerprints"] == {"bpsgraph/v1": fields["fingerprint"]}
        found.append(fields)
    return found


def of_junit(written: str | bytes) -> list[str]:
    assert isinstance(written, str)
    root = Xml.fromstring(written)
    said = [element.text or "" for kind in ("failure", "system-out") for element in root.iter(kind)]
    return [block for text in said for block in re.split(r"\n\n(?=[✗!·] )", text)]


def of_graph(graph: rdflib.Graph) -> list[dict[str, str]]:
    sh, bps, dct = rdflib.Namespace(SH), rdflib.Namespace(BPS), rdflib.Namespace("http://purl.org/dc/terms/")
    single: dict[str, rdflib.URIRef] = {
        "rule": dct.identifier,
        "focus": sh.focusNode,
        "path": sh.resultPath,
        "value": sh.value,
        "expected": bps.expected,
        "source": dct.source,
        "verification": bps.verification,
        "catalogue": bps.catalogue,
        "edition": bps.edition,
        "asOf": bps.asOf,
        "sheet": bps.sheet,
        "cell": bps.cell,
        "row": bps.row,
        "line": bps.line,
        "fingerprint": bps.fingerprint,
        "severity": sh.resultSeverity,
        "waived.reason": bps.waiverReason,
        "waived.author": bps.waivedBy,
        "waived.expires": bps.waivedUntil,
        "repair.path": rdflib.RDF.predicate,
        "repair.old": bps.replaced,
        "repair.new": bps.replacement,
    }
    double = {"message": sh.resultMessage, "item": bps.itemName, "fix": bps.fix}
    found = []
    for node in graph.subjects(rdflib.RDF.type, sh.ValidationResult):
        assert len(list(graph.subjects(sh.result, node))) == 1
        for needed in (sh.focusNode, sh.resultSeverity, sh.sourceShape, sh.sourceConstraintComponent):
            assert len(list(graph.objects(node, needed))) == 1
        fields = {name: str(graph.value(node, term) or "") for name, term in single.items()}
        fields["severity"] = fields["severity"].removeprefix(SH).lower()
        fields["verification"] = fields["verification"].rpartition("/")[2]
        for name, term in double.items():
            said: dict[str, str] = {text.language: str(text) for text in graph.objects(node, term)}  # type: ignore[attr-defined]
            fields |= {f"{name}.{language}": said.get(language, "") for language in ("zh", "en")}
        found.append(with_repair(fields))
    return found


def of_turtle(written: str | bytes) -> list[dict[str, str]]:
    return of_graph(rdflib.Graph().parse(data=written, format="turtle"))


def of_jsonld(written: str | bytes) -> list[dict[str, str]]:
    with warnings.catch_warnings():
        # rdflib's own parser of JSON-LD still makes a graph of a class that rdflib calls deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        return of_graph(rdflib.Graph().parse(data=written, format="json-ld"))


def of_markdown(written: str | bytes) -> list[str]:
    """The findings as a reader of Markdown shows them: without escapes, entities and marks."""
    assert isinstance(written, str)
    plain = re.sub(r"\\([\\`*_\[\]|~$#+=.)-])", r"\1", written)
    for entity, character in (("&#64;", "@"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        plain = plain.replace(entity, character)
    return re.split(r"\n- \*\*", plain)[1:]


def of_xlsx(written: str | bytes) -> list[dict[str, str]]:
    """The findings as another reader than the writer's library has them: all cells are values."""
    assert isinstance(written, bytes)
    book = CalamineWorkbook.from_filelike(io.BytesIO(written))
    assert book.sheet_names in (
        ["概要", "问题", "规则", "结论"],
        ["Summary", "Findings", "Rules", "Verdicts"],
    )
    head, *rows = book.get_sheet_by_index(1).to_python()
    lang = "zh" if book.sheet_names[0] == "概要" else "en"
    told = [FIELDS[name].in_language(part) for name, part in finding_columns(lang) if name != "waived"]
    assert head[: len(told)] == told
    found = []
    for row in rows:
        fields = {}
        for (name, spoken), value in zip(finding_columns(lang), row, strict=False):
            text = str(int(value)) if isinstance(value, float) else str(value)
            fields[f"{name}.{spoken}" if name in {*TEXT_FIELDS, "waived"} else name] = text
        severity = {words.in_language(lang): key for key, words in SEVERITIES.items()}
        fields["severity"] = severity[fields["severity"].split()[1]].label
        fields["verification"] = (re.search(r"\((\w+)\)", fields["verification"]) or ["", ""])[1]
        found.append(fields)
    return found


class Page(HTMLParser):
    """The articles of a page with the heading above them, and whatever could do harm."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.blocks: list[str] = []
        self.scripts: list[str] = []
        self.links: list[str] = []
        self.handlers: list[str] = []
        self.headings: list[str] = []
        self.policy = ""
        self.labels: set[str] = set()
        self.names: list[str] = []
        self._path: list[str] = []
        self._heading = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag not in {"meta", "link", "input", "br"}:
            self._path.append(tag)
        if tag == "meta" and given.get("http-equiv") == "Content-Security-Policy":
            self.policy = given["content"]
        self.links += [given[name] for name in ("href", "src", "action", "style") if name in given]
        self.handlers += [name for name in given if name.startswith("on")]
        self.labels |= {given["aria-labelledby"]} if "aria-labelledby" in given else set()
        self.names += [given["id"]] if "id" in given else []
        if tag == "article":
            self.blocks.append(f"{self._heading} {given['data-severity']} ")
        elif re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)
            self._heading = ""
        elif tag in {"script", "style"}:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self._path.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._path[-1:] in (["script"], ["style"]):
            self.scripts[-1] += data
        elif "article" in self._path:
            self.blocks[-1] += data
        elif "h4" in self._path:
            self._heading += data


def of_html(written: str | bytes) -> list[str]:
    assert isinstance(written, str)
    return Page(written).blocks


READERS: dict[str, Callable[[str | bytes], Any]] = {
    "csv": of_csv,
    "json": of_json,
    "sarif": of_sarif,
    "junit": of_junit,
    "turtle": of_turtle,
    "jsonld": of_jsonld,
    "markdown": of_markdown,
    "xlsx": of_xlsx,
    "html": of_html,
}


def flat(fields: Mapping[str, Any]) -> dict[str, str]:
    """The fields of a finding as strings, texts under `message.zh` and `message.en`."""
    said: dict[str, str] = {}
    for name, value in fields.items():
        if name in TEXT_FIELDS:
            said |= {f"{name}.{language}": (value or {}).get(language, "") for language in ("zh", "en")}
        elif name == "waived":
            said |= {
                f"{name}.{part}": (value or {}).get(part, "") for part in ("reason", "author", "expires")
            }
        elif name == "repair" and isinstance(value, Mapping):
            said[name] = repair_words(Repair(**value))
        else:
            said[name] = "" if value is None else str(value)
    return said


def fields_of(reports: list[Report]) -> list[dict[str, str]]:
    return [flat(published(finding)) for report in reports for finding in report.findings]


def test_findings_on_one_promise_have_one_order() -> None:
    """Whatever tells two findings apart decides where nothing before it does."""
    first = nasty_report(1).findings[0]
    one = [
        first,
        replace(first, message=Text("a", "a")),
        replace(first, expected="a"),
        replace(first, repair=Repair(path="p", old="a", new="b")),
        replace(first, repair=Repair(path="p", old="a", new="c")),
    ]
    orders = {tuple(ordered(some)) for some in permutations(one)}
    assert [sorted(order, key=repr) for order in orders] == [sorted(one, key=repr)]


def test_every_format_has_its_reader_here() -> None:
    assert set(READERS) == set(WRITERS) - {"text"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", READERS)
def test_every_format_holds_every_finding_and_all_its_fields(
    name: str, lang: str, reports: list[Report], rules: Mapping[str, Rule]
) -> None:
    written = write(name, reports, rules, lang)
    found = READERS[name](written)
    expected = fields_of(reports)
    assert len(found) == len(expected)
    if found and isinstance(found[0], str):
        # A text for people: each value stands in the words of its own finding.
        blocks = sorted(folded(block) for block in found)
        for fields in expected:
            (block, *_) = [
                block
                for block in blocks
                if fields["fingerprint"] in block and folded(fields["focus"]) in block
            ]
            assert {name: value for name, value in fields.items() if not _stands_in(name, value, block)} == {}
        return
    names = list(expected[0]) if expected else []

    def key(fields: Mapping[str, str]) -> list[str]:
        return [folded(fields[name]) for name in names]

    assert sorted(map(key, found)) == sorted(map(key, expected))


def _stands_in(name: str, value: str, block: str) -> bool:
    if name == "severity":
        return value in block or {"violation": "✗", "warning": "!", "info": "·"}[value] in block
    return folded(value) in block


def test_json_is_what_the_encoder_of_the_standard_library_writes(
    reports: list[Report], jincheng: Report, rules: Mapping[str, Rule]
) -> None:
    assert jincheng.verdicts
    notices = (Notice(Severity.WARNING, Text(*NASTY[:2])), Notice(Severity.INFO, Text(*NASTY[2:4])))
    given = [*reports, replace(reports[0], notices=notices, counted={ValueVerdict.MEETS: 1}, catalogue=None)]
    # Equal numbers that are written otherwise, in verdicts that are the same but for these.
    exact = [
        replace(verdict, floor=verdict.floor and replace(verdict.floor, divisor=Decimal("1.0")))
        for verdict in jincheng.verdicts
    ]
    given += [jincheng, replace(jincheng, verdicts=tuple(exact))]
    plain = json.dumps([report.to_dict() for report in given], ensure_ascii=False, indent=2)
    assert write("json", given, rules, "zh") == plain + "\n"
    assert write("json", [], rules, "zh") == "[]\n"


@pytest.mark.parametrize("name", READERS)
def test_what_is_exact_is_exact(name: str, rules: Mapping[str, Rule]) -> None:
    """JSON and RDF keep every character; the others write out what is not seen."""
    if name not in {"json", "sarif", "turtle", "jsonld"}:
        pytest.skip("a format for people and spreadsheets")
    report = nasty_report()
    found = READERS[name](write(name, [report], rules, "zh"))
    messages = {fields["message.zh"] for fields in found}
    assert messages == {finding.message.zh for finding in report.findings}


@pytest.mark.parametrize("name", WRITERS)
def test_the_same_report_gives_the_same_bytes(
    name: str, reports: list[Report], rules: Mapping[str, Rule]
) -> None:
    assert write(name, reports, rules, "zh") == write(name, reports, rules, "zh")


@pytest.mark.parametrize("name", WRITERS)
def test_thousands_of_findings_are_written(name: str, rules: Mapping[str, Rule]) -> None:
    report = nasty_report(2_000)
    written = write(name, [report], rules, "zh")
    assert len(written) > 100_000
    if name in {"csv", "json", "sarif", "junit", "markdown"}:
        assert len(READERS[name](written)) == 2_000


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_name_that_is_no_text_is_written_out(name: str, rules: Mapping[str, Rule]) -> None:
    written = write(name, [nasty_report(3, "\udcff.ttl")], rules, "zh")
    assert written if isinstance(written, bytes) else written.encode()


def test_a_page_asks_no_other_place_and_runs_no_script_but_its_own(
    reports: list[Report], rules: Mapping[str, Rule]
) -> None:
    for lang in ("zh", "en"):
        page = Page(str(write("html", reports, rules, lang)))
        assert {link for link in page.links if not link.startswith("#")} == {"data:,"}
        assert page.handlers == []
        style, script = page.scripts
        hashes = [
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for text in (style, script)
        ]
        assert page.policy.startswith(f"default-src 'none'; style-src {hashes[0]}; script-src {hashes[1]};")
        assert "alert(1)" not in script
        assert "url(" not in style


def test_a_page_has_one_outline(reports: list[Report], rules: Mapping[str, Rule]) -> None:
    """Headings do not skip a level, names are given once, and every label points at one of them."""
    page = Page(str(write("html", reports, rules, "zh")))
    levels = [int(heading[1]) for heading in page.headings]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(page.names) == len(set(page.names))
    assert page.labels <= set(page.names)


def _luminance(colour: str) -> float:
    digits = colour * 2 if len(colour) == 3 else colour
    parts = [int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    """The contrast of two colours as WCAG 2 has it."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_colour_of_a_page_can_be_read_in_the_light_in_the_dark_and_on_paper() -> None:
    css = (Path(words.__file__).parent / "templates" / "report.css").read_text(encoding="utf-8")
    palettes = [
        dict(re.findall(r"--([a-z-]+): #([0-9a-f]+)", block))
        for block in re.findall(r":root \{(.*?)\}", css, re.S)
    ]
    assert len(palettes) == 3
    for palette in palettes:
        for ground in ("ground", "paper"):
            assert all(
                _contrast(palette[ink], palette[ground]) >= 4.5 for ink in ("ink", "soft", "accent", "kept")
            )
        for name in ("violation", "warning", "info", "kept"):
            assert _contrast(palette[name], palette[f"{name}-ground"]) >= 4.5
            assert _contrast(palette[name], palette["paper"]) >= 4.5


def test_turtle_and_json_ld_say_the_same_and_are_no_blank_nodes(
    reports: list[Report], rules: Mapping[str, Rule]
) -> None:
    def triples(name: str, syntax: pyoxigraph.RdfFormat) -> set[str]:
        written = write(name, reports, rules, "zh")
        return {str(quad.triple) for quad in pyoxigraph.parse(written, format=syntax)}

    turtle = triples("turtle", pyoxigraph.RdfFormat.TURTLE)
    assert turtle == triples("jsonld", pyoxigraph.RdfFormat.JSON_LD)
    assert not any("_:" in triple.split()[0] for triple in turtle)


def test_a_validation_report_conforms_only_where_nothing_was_found(rules: Mapping[str, Rule]) -> None:
    for report, conforms in ((nasty_report(0), True), (nasty_report(1), False)):
        written = write("turtle", [report], rules, "zh")
        graph = rdflib.Graph().parse(data=written, format="turtle")
        (value,) = graph.objects(None, rdflib.URIRef(SH + "conforms"))
        assert value.toPython() is conforms  # type: ignore[attr-defined]


def test_every_term_of_ours_in_a_validation_report_is_defined(rules: Mapping[str, Rule]) -> None:
    written = write("turtle", [nasty_report()], rules, "zh")
    used = {
        str(quad.predicate.value) for quad in pyoxigraph.parse(written, format=pyoxigraph.RdfFormat.TURTLE)
    }
    defined = {
        quad.subject.value
        for file in (SOURCES.root / "ontology" / "modules").glob("*.ttl")
        for quad in pyoxigraph.parse(path=str(file))
    }
    assert {term for term in used if term.startswith(BPS)} <= defined


def test_junit_counts_a_case_per_rule_and_fails_where_there_is_a_violation(
    jincheng: Report, rules: Mapping[str, Rule]
) -> None:
    root = Xml.fromstring(str(write("junit", [jincheng], rules, "zh")))
    (suite,) = root
    assert int(suite.get("tests", "")) == len(suite.findall("testcase")) == len(rules)
    failed = [case.get("name") for case in suite.findall("testcase") if case.find("failure") is not None]
    assert failed == ["baseline-below"]
    assert suite.get("failures") == root.get("failures") == "1"


# The parts of the schema of SARIF 2.1.0 that a log of ours uses, written from the specification's text.
_STRING = {"type": "string"}
_MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": _STRING, "markdown": _STRING}}
_LOCATION = {
    "type": "object",
    "properties": {
        "uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~/%-]+$"},
        "uriBaseId": _STRING,
        "index": {"type": "integer", "minimum": 0},
    },
    "additionalProperties": False,
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "additionalProperties": False,
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "rules"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": _STRING,
                                    "semanticVersion": _STRING,
                                    "informationUri": {"type": "string", "pattern": "^https://"},
                                    "language": {"enum": ["zh-CN", "en"]},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": _STRING,
                                                "name": _STRING,
                                                "shortDescription": _MESSAGE,
                                                "fullDescription": _MESSAGE,
                                                "help": _MESSAGE,
                                                "helpUri": {"type": "string", "pattern": "^https://"},
                                                "defaultConfiguration": {
                                                    "type": "object",
                                                    "properties": {
                                                        "level": {
                                                            "enum": ["none", "note", "warning", "error"]
                                                        }
                                                    },
                                                    "additionalProperties": False,
                                                },
                                                "properties": {"type": "object"},
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "language": {"enum": ["zh-CN", "en"]},
                    "columnKind": {"const": "unicodeCodePoints"},
                    "automationDetails": {"type": "object"},
                    "invocations": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["executionSuccessful"],
                            "additionalProperties": False,
                            "properties": {
                                "executionSuccessful": {"type": "boolean"},
                                "toolExecutionNotifications": {
                                    "type": "array",
                                    "items": {"type": "object", "required": ["message"]},
                                },
                            },
                        },
                    },
                    "artifacts": {
                        "type": "array",
                        "uniqueItems": True,
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                "location": _LOCATION,
                                "roles": {"type": "array", "items": {"const": "analysisTarget"}},
                                "properties": {"type": "object"},
                            },
                        },
                    },
                    "results": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "required": ["message"],
                            "additionalProperties": False,
                            "properties": {
                                "ruleId": _STRING,
                                "ruleIndex": {"type": "integer", "minimum": 0},
                                "kind": {"const": "fail"},
                                "level": {"enum": ["note", "warning", "error"]},
                                "message": _MESSAGE,
                                "locations": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "additionalProperties": False,
                                        "properties": {
                                            "physicalLocation": {
                                                "type": "object",
                                                "additionalProperties": False,
                                                "properties": {
                                                    "artifactLocation": _LOCATION,
                                                    "region": {
                                                        "type": "object",
                                                        "properties": {
                                                            "startLine": {"type": "integer", "minimum": 1}
                                                        },
                                                        "additionalProperties": False,
                                                    },
                                                },
                                            },
                                            "logicalLocations": {
                                                "type": "array",
                                                "uniqueItems": True,
                                                "items": {
                                                    "type": "object",
                                                    "additionalProperties": False,
                                                    "properties": {
                                                        "name": _STRING,
                                                        "fullyQualifiedName": _STRING,
                                                        "kind": _STRING,
                                                    },
                                                },
                                            },
                                        },
                                    },
                                },
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                                "suppressions": {
                                    "type": "array",
                                    "items": {
                                        "type": "object",
                                        "required": ["kind"],
                                        "additionalProperties": False,
                                        "properties": {
                                            "kind": {"enum": ["inSource", "external"]},
                                            "status": {"enum": ["accepted", "underReview", "rejected"]},
                                            "justification": _STRING,
                                            "properties": {"type": "object"},
                                        },
                                    },
                                },
                                "properties": {"type": "object"},
                            },
                        },
                    },
                },
            },
        },
    },
}


def test_sarif_keeps_to_its_schema(reports: list[Report], rules: Mapping[str, Rule]) -> None:
    for lang in ("zh", "en"):
        jsonschema.validate(json.loads(write("sarif", reports, rules, lang)), SARIF)


def test_sarif_names_files_below_the_folder_of_the_run(
    rules: Mapping[str, Rule], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    def uris(*names: str) -> Iterator[str]:
        log = json.loads(write("sarif", [nasty_report(0, name) for name in names], rules, "zh"))
        return (artifact["location"]["uri"] for artifact in log["runs"][0]["artifacts"])

    names = ("a b/c.ttl", str(tmp_path / "县.xlsx"), "/elsewhere/x.ttl")
    assert list(uris(*names)) == ["a%20b/c.ttl", "%E5%8E%BF.xlsx", "x.ttl"]
