"""Having a file judged: the form, the waiting, and what was found cell by cell."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bpsgraph.errors import BpsError, JudgingFailed
from bpsgraph.formats import FORMATS, INPUT_FORMATS
from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import Severity, Text
from bpsgraph.terms import BASE
from bpsgraph.validation.report.verdicts import VALUES
from bpsgraph.validation.report.words import LINE, ROW, SEVERITIES, VERIFICATION, WHOLE
from bpsgraph.web.pages.queries import Option
from bpsgraph.web.submissions import Submission
from bpsgraph.web.view import View
from bpsgraph.workbooks import national

MOST_SHOWN = 500
"""Findings on the page; the files have all that are listed."""
CATALOGUES, PLACES = "catalogues/titles", "catalogues/places"
_NATIONAL = f"{BASE}catalogue/100000/"
_DOCUMENTS = (
    ("annotated", "annotated.xlsx", Text("着色的副本（问题写在格里）", "Coloured copy with its findings")),
    ("html", "report.html", Text("完整报告（网页文件）", "The whole report as a page")),
    ("xlsx", "report.xlsx", Text("完整报告（Excel）", "The whole report as a workbook")),
    ("csv", "report.csv", Text("问题清单（CSV）", "The findings as CSV")),
    ("json", "report.json", Text("报告（JSON）", "The report as JSON")),
    ("markdown", "report.md", Text("报告（Markdown）", "The report as Markdown")),
    ("turtle", "report.ttl", Text("SHACL 报告（Turtle）", "The SHACL report as Turtle")),
    ("junit", "report.xml", Text("JUnit", "JUnit")),
    ("sarif", "report.sarif", Text("SARIF", "SARIF")),
    ("suggest", "patch.csv", Text("建议的改动（CSV）", "The changes suggested, as CSV")),
    ("apply", "repaired", Text("改好的文件", "The file with these changes made")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Form:
    """The form and its limits; `problem` is why the last file was not taken."""

    editions: tuple[Option, ...]
    catalogues: tuple[Option, ...]
    places: tuple[Option, ...]
    accepted: str
    megabytes: int
    minutes: int
    seconds: int
    problem: str = ""
    status: int = 200


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file under judgement: how many documents of how many are made."""

    id: str
    name: str
    done: int
    expected: int


@dataclass(frozen=True, slots=True)
class Download:
    """A document that was made."""

    name: str
    label: str
    size: int


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: how grave, where in the file, of what, what stands there and should, and the cure."""

    severity: str
    severity_name: str
    place: str
    item: str
    message: str
    value: str
    expected: str
    source: str
    verification: str
    verification_name: str
    fix: str
    rule: str
    waived: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One floor and how the promise stands to it."""

    item: str
    measure: str
    verdict: str
    verdict_name: str
    promise: str
    floor: str


@dataclass(frozen=True, slots=True)
class Count:
    """How many findings there are of a severity."""

    severity: str
    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Result:
    """What was found in a file, or why it could not be judged (`error`)."""

    id: str
    name: str
    title: str
    compared: str
    fails: bool
    counts: tuple[Count, ...]
    findings: tuple[Found, ...]
    more: int
    verdicts: tuple[Judged, ...]
    notices: tuple[str, ...]
    self_sourced: int
    downloads: tuple[Download, ...]
    error: str
    error_code: str
    said: tuple[str, ...]
    minutes: int
    status: int = 200


def form(view: View, problem: BpsError | None = None, *, limits: tuple[int, float, float]) -> Form:
    """The form; `limits` are the bytes of a file, the seconds for judging it, and for which it is kept."""
    largest, timeout, kept = limits
    suffixes = [suffix for name in INPUT_FORMATS for suffix in FORMATS[name].suffixes]
    return Form(
        editions=_editions(view),
        catalogues=_options(view, CATALOGUES),
        places=_options(view, PLACES),
        accepted=",".join(dict.fromkeys([*suffixes, ".json"])),
        megabytes=largest // 1_000_000,
        minutes=int(kept // 60),
        seconds=int(timeout),
        problem=str(problem) if problem else "",
        status=problem.status if problem else 200,
    )


def _editions(view: View) -> tuple[Option, ...]:
    """The editions of the national standard, the newest first."""
    years = view.snapshot.kept("editions", lambda: national.editions(view.snapshot.store))
    called = view.labels({_NATIONAL + year for year in years})
    return tuple(Option(year, called.get(_NATIONAL + year, year)) for year in reversed(years))


def _options(view: View, query: str) -> tuple[Option, ...]:
    """What a list of catalogues or places offers, by key and name."""
    answer = view.snapshot.kept(("answer", query), lambda: view.answered(query))
    first = answer.rows.columns[0]
    found = {}
    for row in answer.rows:
        thing = row[first]
        if thing is None:
            continue
        found[str(thing.value)] = str(thing.value).removeprefix(BASE).partition("/")[2]
    called = view.labels(set(found))
    return tuple(
        Option(key, f"{called[iri]} ({key})" if iri in called else key) for iri, key in found.items()
    )


def waiting(one: Submission) -> Waiting:
    """How far a file is."""
    return Waiting(one.id, one.name, len(one.documents), one.expected)


def result(view: View, one: Submission, kept_for: float) -> Result:
    """The page of a file that was judged.

    What a worker says of a file that took it over may be anything: it is shown as text, or said to be unfit.
    """
    error = one.error
    report: Mapping[str, Any] = {}
    try:
        if error is None:
            report = json.loads(one.documents["json"])[0]
        counts = _counts(view, report)
        findings = [_found(view, finding) for finding in report.get("findings", ())[:MOST_SHOWN]]
        verdicts = [_judged(view, verdict) for verdict in report.get("verdicts", ())]
        notices = [_said(view, notice["words"]) for notice in report.get("notices", ())]
        title, compared = _said(view, report.get("title")), _said(view, report.get("comparedWith"))
        self_sourced = int(report.get("selfSourced", 0))
        listed = len(report.get("findings", ()))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        error = JudgingFailed(one.name, "its report is not whole")
        report, counts, findings, verdicts, notices = {}, [], [], [], []
        title = compared = ""
        self_sourced = listed = 0
    return Result(
        id=one.id,
        name=one.name,
        title=title,
        compared=compared,
        fails=one.fails,
        counts=tuple(counts),
        findings=tuple(findings),
        more=listed - len(findings),
        verdicts=tuple(verdicts),
        notices=tuple(notices),
        self_sourced=self_sourced,
        downloads=downloads(view, one) if error is None else (),
        error=str(error) if error else "",
        error_code=error.code if error else "",
        said=tuple(str(each) for each in one.said),
        minutes=int(kept_for // 60),
        status=error.status if error else 200,
    )


def downloads(view: View, one: Submission) -> tuple[Download, ...]:
    """The documents that were made of a file, the most useful first."""
    return tuple(
        Download(file_name(one, key, file), view.say(label), len(one.documents[key]))
        for key, file, label in _DOCUMENTS
        if key in one.documents
    )


def document(one: Submission, name: str) -> bytes | None:
    """The document of that file name, None where there is none."""
    keys = {file_name(one, key, file): key for key, file, _ in _DOCUMENTS}
    return one.documents.get(keys.get(name, ""))


def file_name(one: Submission, key: str, name: str) -> str:
    """What a document is called; a changed file keeps the suffix of the one that was sent."""
    return name + "." + one.name.rpartition(".")[2].lower() if key == "apply" else name


def _counts(view: View, report: Mapping[str, Any]) -> list[Count]:
    """The numbers of findings that are not waived, the gravest first, also of those that are not listed."""
    names = {"violation": "violations", "warning": "warnings", "info": "infos"}
    return [
        Count(
            severity.label,
            view.say(SEVERITIES[severity]),
            sum(int(status[names[severity.label]]) for status in report.get("rules", ())),
        )
        for severity in sorted(Severity, reverse=True)
    ]


def _found(view: View, finding: Mapping[str, Any]) -> Found:
    severities = {severity.label: words for severity, words in SEVERITIES.items()}
    severity, verification = str(finding["severity"]), str(finding["verification"] or "")
    item = finding["item"]
    return Found(
        severity=severity,
        severity_name=view.say(severities[severity]),
        place=_place(view, finding),
        item=_said(view, item) if item else view.say(WHOLE),
        message=_said(view, finding["message"]),
        value=str(finding["value"] or ""),
        expected=str(finding["expected"] or ""),
        source=str(finding["source"] or ""),
        verification=verification,
        verification_name=view.say(VERIFICATION.get(verification, Text(verification, verification))),
        fix=_said(view, finding["fix"]),
        rule=str(finding["rule"]),
        waived=finding["waived"] is not None,
    )


def _place(view: View, finding: Mapping[str, Any]) -> str:
    if finding["cell"]:
        return f"{finding['sheet']}!{finding['cell']}" if finding["sheet"] else str(finding["cell"])
    if finding["row"]:
        return view.say(ROW).format(row=finding["row"])
    return view.say(LINE).format(line=finding["line"]) if finding["line"] else ""


def _judged(view: View, verdict: Mapping[str, Any]) -> Judged:
    value = ValueVerdict(verdict["valueVerdict"])
    segment = _said(view, verdict["segment"])
    measure = _said(view, verdict["measure"])
    return Judged(
        item=_said(view, verdict["item"]),
        measure=f"{measure} · {segment}" if segment else measure,
        verdict=value.value,
        verdict_name=view.say(VALUES[value]),
        promise=_stated(verdict["promise"]),
        floor=_stated(verdict["floor"]),
    )


def _stated(operand: Mapping[str, Any] | None) -> str:
    return str(operand["statedAs"] or operand["amount"] or "") if operand else ""


def _said(view: View, words: Mapping[str, str] | None) -> str:
    return str(words[view.language]) if words else ""
