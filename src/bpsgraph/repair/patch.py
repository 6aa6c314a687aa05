"""A patch: the changes that cure the findings of some reports, to be read, shortened and applied."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph import opening, turtle
from bpsgraph.errors import MalformedFile
from bpsgraph.ingest import Places
from bpsgraph.results import Finding, Report, Text
from bpsgraph.terms import BASE, BPS, DCT, RDF, RDF_TYPE, RDFS, XSD

FORMATS = ("json", "csv", "turtle")
_COLUMNS = (
    "file", "sheet", "cell", "line", "rule", "fingerprint", "focus", "property", "old", "new",
    "why_zh", "why_en", "source", "verification",
)  # fmt: skip
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of a file: at its place, `old` becomes `new`; `old` is empty where the place is.

    `focus` and `path` are IRIs of the thing and its property; `why` is the finding that it cures, `source`
    and `verification` the clause that it rests on and how sure that is. `cell` is written `E12`.
    """

    file: str
    rule: str
    fingerprint: str
    focus: str
    path: str
    old: str
    new: str
    why: Text
    sheet: str | None = None
    cell: str | None = None
    line: int | None = None
    source: str | None = None
    verification: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields under their published names, ready for JSON."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "cell": self.cell,
            "line": self.line,
            "rule": self.rule,
            "fingerprint": self.fingerprint,
            "focus": self.focus,
            "property": self.path,
            "old": self.old,
            "new": self.new,
            "why": {"zh": self.why.zh, "en": self.why.en},
            "source": self.source,
            "verification": self.verification,
        }


def changes_of(report: Report, places: Places) -> list[Change]:
    """The changes that cure the findings of a report, each once, in the order of the file.

    A waived finding needs none. `places` are those of the submission: a property may stand in another cell
    than the one that its finding marks.
    """
    changes: dict[tuple[object, ...], Change] = {}
    for finding in report.findings:
        if finding.repair is None or finding.waived is not None:
            continue
        change = _change(report.file, finding)
        place = places.values.get((finding.focus, change.path))
        if place is not None and place.cell is not None:
            change = replace(change, sheet=place.sheet, cell=place.cell)
        where = (change.sheet, change.cell) if change.cell else (change.focus, change.path)
        changes.setdefault((*where, change.old, change.new), change)
    return sorted(changes.values(), key=_order)


def _change(file: str, finding: Finding) -> Change:
    assert finding.repair is not None
    return Change(
        file=file,
        rule=finding.rule,
        fingerprint=finding.fingerprint,
        focus=finding.focus,
        path=finding.repair.path,
        old=finding.repair.old,
        new=finding.repair.new,
        why=finding.message,
        sheet=finding.sheet,
        cell=finding.cell,
        line=finding.line,
        source=finding.source,
        verification=finding.verification,
    )


def _order(change: Change) -> tuple[str, str, int, int, str, str, str]:
    cell = change.cell or ""
    letters = cell.rstrip("0123456789")
    row = int(cell[len(letters) :] or 0)
    return (
        change.file,
        change.sheet or "",
        row or change.line or 0,
        len(letters),
        letters,
        change.focus,
        change.rule,
    )


def write_patch(changes: Iterable[Change], format: str) -> str:
    """The patch as `json`, `csv` (with the byte order mark that Excel needs) or `turtle`."""
    return {"json": _json, "csv": _csv, "turtle": _turtle}[format](list(changes))


def read_patch(path: Path, limit: int) -> list[Change]:
    """The changes of a patch in JSON.

    Raises `UnreadableFile`, `TooLarge`, and `MalformedFile` for what is no such patch; `limit` is in bytes.
    """
    return patch_in(opening.content(path, limit), path)


def patch_in(data: bytes, path: Path) -> list[Change]:
    """The changes in the bytes of a patch in JSON, of which `path` is only the name; see `read_patch`."""
    try:
        said = json.loads(data)
        return [_read(one) for one in said["changes"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise MalformedFile(
            path, "this is no patch of changes in JSON", "give one that --suggest PATCH.json wrote"
        ) from error


def _read(said: Mapping[str, Any]) -> Change:
    texts = {name: said[name] for name in ("file", "rule", "fingerprint", "focus", "property", "old", "new")}
    others = {name: said.get(name) for name in ("sheet", "cell", "source", "verification")}
    if not all(isinstance(text, str) for text in texts.values()):
        raise TypeError("a text is missing")
    if not all(text is None or isinstance(text, str) for text in others.values()):
        raise TypeError("a place is no text")
    why, line = said.get("why") or {}, said.get("line")
    return Change(
        file=texts["file"],
        rule=texts["rule"],
        fingerprint=texts["fingerprint"],
        focus=texts["focus"],
        path=texts["property"],
        old=texts["old"],
        new=texts["new"],
        sheet=others["sheet"],
        cell=others["cell"],
        source=others["source"],
        verification=others["verification"],
        line=line if isinstance(line, int) else None,
        why=Text(str(why.get("zh", "")), str(why.get("en", ""))),
    )


def _json(changes: list[Change]) -> str:
    said = {"changes": [change.to_dict() for change in changes]}
    return json.dumps(said, ensure_ascii=False, indent=2) + "\n"


def _csv(changes: list[Change]) -> str:
    text = io.StringIO()
    text.write("\ufeff")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    for change in changes:
        said = change.to_dict()
        said |= {"why_zh": change.why.zh, "why_en": change.why.en}
        writer.writerow([_safe(said[column]) for column in _COLUMNS])
    return text.getvalue()


def _safe(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_STARTS_A_FORMULA) else text


def _turtle(changes: list[Change]) -> str:
    triples: list[Triple] = []
    numbers: dict[str, int] = {}
    for change in changes:
        numbers[change.fingerprint] = number = numbers.get(change.fingerprint, 0) + 1
        name = f"repair/{change.fingerprint}" + (f"-{number}" if number > 1 else "")
        triples += _triples(NamedNode(BASE + name), change)
    return turtle.write(triples)


def _triples(node: NamedNode, change: Change) -> Iterator[Triple]:
    yield Triple(node, RDF_TYPE, NamedNode(BPS + "Repair"))
    yield Triple(node, NamedNode(RDF + "subject"), NamedNode(change.focus))
    yield Triple(node, NamedNode(RDF + "predicate"), NamedNode(change.path))
    texts = {
        BPS + "file": change.file.encode("utf-8", "backslashreplace").decode(),
        BPS + "sheet": change.sheet,
        BPS + "cell": change.cell,
        BPS + "fingerprint": change.fingerprint,
        BPS + "replaced": change.old or None,
        BPS + "replacement": change.new,
        DCT + "identifier": change.rule,
        DCT + "source": change.source,
    }
    for property, text in texts.items():
        if text is not None:
            yield Triple(node, NamedNode(property), Literal(text))
    if change.line is not None:
        line = Literal(str(change.line), datatype=NamedNode(XSD + "integer"))
        yield Triple(node, NamedNode(BPS + "line"), line)
    if change.verification is not None:
        concept = NamedNode(f"{BASE}verification/{change.verification}")
        yield Triple(node, NamedNode(BPS + "verification"), concept)
    for language in ("zh", "en"):
        words = Literal(change.why.in_language(language), language=language)
        yield Triple(node, NamedNode(RDFS + "comment"), words)
