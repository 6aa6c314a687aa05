"""What validation says as JSON, laid out as `json.dumps` lays out what `to_dict` gives, without making that.

A report holds a verdict on each floor. The dictionaries of all of them, and the encoder that indents, take
longer than judging does.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from json.encoder import encode_basestring
from operator import attrgetter
from typing import Any

from bpsgraph.results.judgements import Report, published_name
from bpsgraph.results.words import Severity, Text

_Parts = tuple[Callable[[Any], tuple[Any, ...]], tuple[str, ...]]


def indented(reports: Sequence[Report]) -> str:
    """`json.dumps([report.to_dict() for report in reports], ensure_ascii=False, indent=2)`."""
    return _list(reports, "\n")


def _written(value: Any, line: str) -> str:
    """The value; `line` begins a line at its depth."""
    kind = type(value)
    if kind is str:
        return encode_basestring(value)
    if value is None:
        return "null"
    if kind is Text:
        return _text(value, line)
    if is_dataclass(kind):
        return _members(value, line)
    if isinstance(value, tuple):
        return _list(value, line)
    if isinstance(value, Severity):
        return encode_basestring(value.label)
    if isinstance(value, Decimal):
        return f'"{value}"'
    if isinstance(value, date):
        return f'"{value.isoformat()}"'
    return json.dumps(value, ensure_ascii=False, indent=2).replace("\n", line)


def _list(values: Sequence[Any], line: str) -> str:
    if not values:
        return "[]"
    inner = line + "  "
    return f"[{inner}" + f",{inner}".join([_written(value, inner) for value in values]) + f"{line}]"


def _members(value: Any, line: str) -> str:
    values, heads = _parts(type(value), line)  # type: ignore[arg-type]
    inner = line + "  "
    written = [head + _written(part, inner) for head, part in zip(heads, values(value), strict=True)]
    return "".join(written) + line + "}"


@cache
def _parts(kind: type, line: str) -> _Parts:
    """What gives the members of such a thing, and what stands before each."""
    names = [field.name for field in fields(kind) if (kind, field.name) != (Report, "counted")]
    starts = ("{", *[","] * (len(names) - 1))
    return attrgetter(*names), tuple(
        f'{start}{line}  "{published_name(name)}": ' for start, name in zip(starts, names, strict=True)
    )


# The names of items, segments and sources are the same in verdict after verdict.
@lru_cache(maxsize=10_000)
def _text(text: Text, line: str) -> str:
    zh, en = encode_basestring(text.zh), encode_basestring(text.en)
    return f'{{{line}  "zh": {zh},{line}  "en": {en}{line}}}'
