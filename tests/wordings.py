"""Values as officials write them, and what they say: the table of the tests and of docs/wording.md."""

import csv
from dataclasses import fields
from decimal import Decimal
from pathlib import Path

from bpsgraph.ingest.names import Names
from bpsgraph.ingest.unreadable import Unreadable
from bpsgraph.ingest.wording import Wording, read_value
from bpsgraph.terms import BASE, short

TABLE = Path(__file__).with_suffix(".csv")


def rows() -> list[dict[str, str]]:
    """The rows of the table: the text, the unit expected, and what is read."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def said(text: str, names: Names, unit: str) -> str:
    """What is read, in one line: `fixed 1250 元/生·年`, or what to write instead."""
    try:
        read = read_value(text, names, BASE + "unit/" + unit if unit else None)
    except Unreadable as unreadable:
        return f"读不出：{unreadable.expected}"
    return shown(read, names)


def shown(read: Wording, names: Names) -> str:
    """A reading in one line."""
    parts = [read.kind]
    if read.value is not None:
        parts.append(str(read.value))
    if read.fraction_numerator is not None:
        parts.append(f"{read.fraction_numerator}/{read.fraction_denominator}")
    if read.lower is not None:
        parts.append(f"{read.lower}—{read.upper}")
    if read.unit is not None:
        parts.append(names.label(read.unit))
    for field in fields(read):
        value = getattr(read, field.name)
        if field.name in _SHOWN or value in (None, ()):
            continue
        values = value if isinstance(value, tuple) else (value,)
        parts.append(f"{field.name}=" + "+".join(_term(one) for one in values))
    return " ".join(parts)


_SHOWN = {"kind", "words", "value", "unit", "lower", "upper", "fraction_numerator", "fraction_denominator"}


def _term(value: str | int | Decimal) -> str:
    return short(value) if isinstance(value, str) else str(value)


def in_markdown() -> str:
    """The table as it stands in docs/wording.md."""
    lines = ["| written | unit expected | read |", "| --- | --- | --- |"]
    for row in rows():
        text = row["text"].replace("|", "\\|") or " "
        lines.append(f"| {text} | {row['unit']} | {row['said']} |")
    return "\n".join(lines) + "\n"
