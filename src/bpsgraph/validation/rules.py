"""The rules as the shapes describe them: id, words, severity, clause and how to find a message's operands."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from pyoxigraph import Literal, NamedNode

from bpsgraph.results import Severity, Text
from bpsgraph.terms import DCT, Term
from bpsgraph.validation.facts import Facts
from bpsgraph.validation.shapes import SH, ShapesGraph

_SEVERITIES = {
    SH + "Violation": Severity.VIOLATION,
    SH + "Warning": Severity.WARNING,
    SH + "Info": Severity.INFO,
}

_CONSTRAINTS = (
    "sparql",
    "class",
    "datatype",
    "nodeKind",
    "in",
    "and",
    "or",
    "minCount",
    "maxCount",
    "qualifiedValueShape",
    "qualifiedMinCount",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One shape with an identifier.

    `unverified_severity` caps the severity where the floor itself is only inferred or recalled. `operands`
    is a SELECT over `$this` and `?value` that names what the message needs beyond them. `path` is the one
    property that the shape is about, where there is one, and `field` the one to mend. `constraints` are
    the properties of SHACL that constrain (`minCount`, `class`, `sparql`), by their local names.
    `fix_in_table` says the cure to whoever fills in cells, where that takes other words; else there is none.
    """

    id: str
    shape: str
    name: Text
    description: Text
    message: Text
    fix: Text
    severity: Severity
    unverified_severity: Severity | None
    assurance: str
    clause: str | None
    path: str | None
    field: str | None
    operands: str | None
    constraints: tuple[str, ...] = ()
    fix_in_table: Text | None = None

    def to_dict(self) -> dict[str, Any]:
        """What it is called, says and rests on, ready for JSON."""
        words = {"name": self.name, "description": self.description, "message": self.message, "fix": self.fix}
        return {
            "id": self.id,
            "assurance": self.assurance,
            "severity": self.severity.label,
            "severityIfUnverified": self.unverified_severity.label if self.unverified_severity else None,
            "clause": self.clause,
            "field": self.field,
            **{name: {"zh": text.zh, "en": text.en} for name, text in words.items()},
            "shape": self.shape,
        }


def as_csv(rules: Iterable[Rule]) -> str:
    """The rules as CSV, a row each; it opens with the byte order mark by which Excel knows UTF-8."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    rows = []
    for rule in rules:
        row: dict[str, str] = {}
        for name, value in rule.to_dict().items():
            parts = value if isinstance(value, dict) else {"": value}
            row |= {f"{name}_{part}".rstrip("_"): said or "" for part, said in parts.items()}
        rows.append(row)
    writer.writerow(rows[0])
    writer.writerows(row.values() for row in rows)
    return "\ufeff" + text.getvalue()


@lru_cache(maxsize=4)
def rules_of(shapes: ShapesGraph) -> Mapping[str, Rule]:
    """The rules by the IRI of their shape."""
    facts = Facts(shapes.triples)
    rules = {}
    for triple in shapes.triples:
        if triple.predicate.value != DCT + "identifier":
            continue
        shape = triple.subject
        assert isinstance(shape, NamedNode)
        assert isinstance(triple.object, Literal)
        lowered = facts.text(shape, "severityIfUnverified")
        rules[shape.value] = Rule(
            id=triple.object.value,
            shape=shape.value,
            name=_words(facts, shape, SH + "name"),
            description=_words(facts, shape, SH + "description"),
            message=_words(facts, shape, SH + "message"),
            fix=_words(facts, shape, "fix"),
            fix_in_table=_words(facts, shape, "fixInTable") if facts.values(shape, "fixInTable") else None,
            severity=_SEVERITIES[facts.text(shape, SH + "severity") or SH + "Violation"],
            unverified_severity=_SEVERITIES[lowered] if lowered else None,
            assurance=(facts.text(shape, "assurance") or "").rpartition("/")[2],
            clause=facts.text(shape, "clause"),
            path=_path(facts, shape),
            field=_path(facts, shape) or facts.text(shape, "field"),
            operands=next((t.value for t in facts.values(shape, "operands") if isinstance(t, Literal)), None),
            constraints=tuple(name for name in _CONSTRAINTS if facts.values(shape, SH + name)),
        )
    return rules


def _path(facts: Facts, shape: Term) -> str | None:
    path = facts.value(shape, SH + "path")
    return path.value if isinstance(path, NamedNode) else None


def _words(facts: Facts, shape: Term, name: str) -> Text:
    said = {t.language: t.value for t in facts.values(shape, name) if isinstance(t, Literal) and t.language}
    return Text(said.get("zh", ""), said.get("en", ""))
