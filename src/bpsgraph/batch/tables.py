"""The tables of the lake: their columns, and their rows from outcomes and findings and back.

Types are those of Arrow. What is not known is null; nothing is said twice, so that the edition and the run of
a finding are in the name of the folder its file lies in, as readers of partitions expect.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from bpsgraph.batch.outcome import Brief, Outcome, Problem
from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import Finding, Severity, Text

if TYPE_CHECKING:
    import pyarrow

_SEVERITIES = {severity.label: severity for severity in Severity}
_STRING, _COUNT, _DAY = "string", "int32", "date32"
FINDINGS = {
    "file": _STRING,
    "code": _STRING,
    "catalogue": _STRING,
    "rule": _STRING,
    "assurance": _STRING,
    "severity": _STRING,
    "message_zh": _STRING,
    "message_en": _STRING,
    "focus": _STRING,
    "item_zh": _STRING,
    "item_en": _STRING,
    "path": _STRING,
    "value": _STRING,
    "expected": _STRING,
    "source": _STRING,
    "verification": _STRING,
    "asOf": _DAY,
    "sheet": _STRING,
    "cell": _STRING,
    "row": _COUNT,
    "line": _COUNT,
    "fix_zh": _STRING,
    "fix_en": _STRING,
    "fingerprint": _STRING,
    "waived": "bool",
    "waiverReason": _STRING,
    "waiverAuthor": _STRING,
    "waiverExpires": _DAY,
    "repairPath": _STRING,
    "repairOld": _STRING,
    "repairNew": _STRING,
}
MANIFEST = {
    "file": _STRING,
    "status": _STRING,
    "code": _STRING,
    "place_zh": _STRING,
    "place_en": _STRING,
    "catalogue": _STRING,
    "title_zh": _STRING,
    "title_en": _STRING,
    "edition": _COUNT,
    "asOf": _DAY,
    "comparedWith_zh": _STRING,
    "comparedWith_en": _STRING,
    **{severity.label: _COUNT for severity in sorted(Severity, reverse=True)},
    "waived": _COUNT,
    **{verdict.value: _COUNT for verdict in ValueVerdict},
    "floors": _COUNT,
    "met": _COUNT,
    "share": "float64",
    "noticed": _STRING,
    "problem": _STRING,
    "problemSentence": _STRING,
    "unread": _STRING,
    "unreadSentence": _STRING,
    "notRun": _STRING,
    "notRunSentence": _STRING,
    "reports": "list",
    "content": _STRING,
    "key": _STRING,
    "run": _STRING,
}
JUDGED, PARTLY_UNREAD, RULE_NOT_RUN, NOT_JUDGED = "judged", "partly-unread", "rule-not-run", "not-judged"


@dataclass(frozen=True, slots=True)
class Judged:
    """A submission after its turn: its outcome, and with it every finding in full, in the same order."""

    outcome: Outcome
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the manifest: an outcome, the SHA-256 of the submission, and the run that judged it.

    What could not be judged has no run.
    """

    outcome: Outcome
    content: str | None
    run: str | None


@lru_cache
def schema(columns: tuple[tuple[str, str], ...]) -> "pyarrow.Schema":
    """The Arrow schema of columns by name."""
    import pyarrow

    types = {
        "string": pyarrow.string(),
        "int32": pyarrow.int32(),
        "int64": pyarrow.int64(),
        "float64": pyarrow.float64(),
        "bool": pyarrow.bool_(),
        "date32": pyarrow.date32(),
        "list": pyarrow.list_(pyarrow.string()),
    }
    return pyarrow.schema([(name, types[kind]) for name, kind in columns])


def table(columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> "pyarrow.Table":
    """The Arrow table of some rows."""
    import pyarrow

    return pyarrow.Table.from_pylist(list(rows), schema=schema(tuple(columns.items())))


def finding_rows(judged: Judged) -> Iterator[dict[str, Any]]:
    """The rows of one submission in the table of findings, in the order of its report."""
    for brief, finding in zip(judged.outcome.findings, judged.findings, strict=True):
        row = finding.to_dict()
        waiver, repair = finding.waived, finding.repair
        yield {
            **{name: row.get(name) for name in FINDINGS},
            "file": judged.outcome.file,
            "code": judged.outcome.code,
            "assurance": brief.assurance,
            **_words("message", finding.message),
            **_words("item", finding.item),
            **_words("fix", finding.fix),
            "asOf": finding.as_of,
            "waived": waiver is not None,
            "waiverReason": waiver.reason if waiver else None,
            "waiverAuthor": waiver.author if waiver else None,
            "waiverExpires": waiver.expires if waiver else None,
            "repairPath": repair.path if repair else None,
            "repairOld": repair.old if repair else None,
            "repairNew": repair.new if repair else None,
        }


def manifest_row(entry: Entry) -> dict[str, Any]:
    """The row of one submission in the manifest."""
    outcome = entry.outcome
    judged = outcome.problem is None
    return {
        "file": outcome.file,
        "status": _status(outcome),
        "code": outcome.code,
        **_words("place", outcome.place),
        "catalogue": outcome.catalogue,
        **_words("title", outcome.title),
        "edition": int(outcome.edition) if outcome.edition else None,
        "asOf": outcome.as_of,
        **_words("comparedWith", outcome.compared_with),
        **({severity.label: number for severity, number in outcome.counts().items()} if judged else {}),
        "waived": outcome.waived if judged else None,
        **dict(outcome.verdicts),
        "floors": outcome.floors if judged else None,
        "met": outcome.met if judged else None,
        "share": float(outcome.share) if outcome.share is not None else None,
        "noticed": outcome.noticed.label if outcome.noticed else None,
        **_said("problem", outcome.problem),
        **_said("unread", outcome.unread),
        **_said("notRun", outcome.not_run),
        "reports": list(outcome.reports),
        "content": entry.content,
        "key": outcome.key or None,
        "run": entry.run,
    }


def entries(manifest: "pyarrow.Table", findings: "pyarrow.Table") -> dict[str, Entry]:
    """What the rows of a manifest and those of its findings say, by file.

    Raises `KeyError` or `ValueError` where the tables are of another version.
    """
    briefs: dict[str, list[Brief]] = {}
    names = ["file", "fingerprint", "severity", "rule", "assurance", "item_zh", "item_en", "waived"]
    for row in findings.select(names).to_pylist():
        briefs.setdefault(row["file"], []).append(
            Brief(
                row["fingerprint"],
                _SEVERITIES[row["severity"]],
                row["rule"],
                row["assurance"],
                _text("item", row),
                row["waived"],
            )
        )
    found = {}
    for row in manifest.select(list(MANIFEST)).to_pylist():
        file, verdicts = row["file"], [(verdict.value, row[verdict.value]) for verdict in ValueVerdict]
        outcome = Outcome(
            file=file,
            key=row["key"] or "",
            problem=_problem("problem", row),
            unread=_problem("unread", row),
            not_run=_problem("notRun", row),
            catalogue=row["catalogue"],
            code=row["code"],
            place=_text("place", row),
            title=_text("title", row),
            compared_with=_text("comparedWith", row),
            edition=str(row["edition"]) if row["edition"] is not None else None,
            as_of=row["asOf"],
            findings=tuple(briefs.get(file, ())),
            noticed=_SEVERITIES[row["noticed"]] if row["noticed"] else None,
            verdicts=tuple((name, number) for name, number in verdicts if number is not None),
            reports=tuple(row["reports"]),
        )
        found[file] = Entry(outcome, row["content"], row["run"])
    return found


def to_bytes(rows: "pyarrow.Table") -> bytes:
    """The table as Parquet; the same rows give the same bytes."""
    import pyarrow
    from pyarrow import parquet

    file = pyarrow.BufferOutputStream()
    parquet.write_table(rows, file, compression="zstd")
    return bytes(file.getvalue())


def from_bytes(content: bytes, columns: Sequence[str] | None = None) -> "pyarrow.Table":
    """The table in the bytes of a Parquet file; raises `OSError` or `ValueError` for what is none."""
    import pyarrow
    from pyarrow import parquet

    return parquet.read_table(pyarrow.BufferReader(content), columns=columns, use_threads=False)


def _status(outcome: Outcome) -> str:
    if outcome.problem:
        return NOT_JUDGED
    return RULE_NOT_RUN if outcome.not_run else PARTLY_UNREAD if outcome.unread else JUDGED


def _words(name: str, text: Text | None) -> dict[str, str | None]:
    return {f"{name}_zh": text.zh if text else None, f"{name}_en": text.en if text else None}


def _text(name: str, row: Mapping[str, Any]) -> Text | None:
    zh, en = row[f"{name}_zh"], row[f"{name}_en"]
    return Text(zh, en) if zh is not None and en is not None else None


def _said(name: str, problem: Problem | None) -> dict[str, str | None]:
    return {name: problem.code if problem else None, f"{name}Sentence": problem.sentence if problem else None}


def _problem(name: str, row: Mapping[str, Any]) -> Problem | None:
    return Problem(row[name], row[f"{name}Sentence"]) if row[name] else None
