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
from operator import attrgetter, is_
from typing import Any

from bpsgraph.results.judgements import Report, Verdict, published_name
from bpsgraph.results.words import Severity, Text

# A verdict begins with the catalogue, and the promise stands between the rest.
_NAMES = [field.name for field in fields(Verdict)]
_PROMISE = _NAMES.index("promise")
_BETWEEN, _AFTER = _NAMES[1:_PROMISE], _NAMES[_PROMISE + 1 :]
_IN_COMMON = attrgetter(*_BETWEEN, *_AFTER)
_Parts = tuple[Callable[[Any], tuple[Any, ...]], tuple[str, ...]]


def indented(reports: Sequence[Report]) -> str:
    """`json.dumps([report.to_dict() for report in reports], ensure_ascii=False, indent=2)`."""
    return _list(reports, "\n")


def _written(value: Any, line: str) -> str:
    """The value; `line` begins a line at its depth."""
    if value is None:
        return "null"
    return _writer(type(value))(value, line)  # type: ignore[arg-type]


@cache
def _writer(kind: type) -> Callable[[Any, str], str]:
    """What writes values of that type."""
    if kind is Text:
        return _text
    if kind is int:
        return lambda value, line: str(value)
    if kind is Verdict:
        return _verdict
    if is_dataclass(kind):
        return _members
    if issubclass(kind, tuple):
        return _list
    if issubclass(kind, Severity):
        return lambda value, line: encode_basestring(value.label)
    if issubclass(kind, str):
        return lambda value, line: encode_basestring(value)
    if issubclass(kind, Decimal):
        return lambda value, line: f'"{value}"'
    if issubclass(kind, date):
        return lambda value, line: f'"{value.isoformat()}"'
    return lambda value, line: json.dumps(value, ensure_ascii=False, indent=2).replace("\n", line)


def _list(values: Sequence[Any], line: str) -> str:
    if not values:
        return "[]"
    inner = line + "  "
    return f"[{inner}" + f",{inner}".join([_written(value, inner) for value in values]) + f"{line}]"


def _verdict(verdict: Verdict, line: str) -> str:
    """A verdict; those of many submissions have all in common but whose they are, and the promise."""
    inner = line + "  "
    before, after = _around(_Same(_IN_COMMON(verdict)), line)
    catalogue, promise = encode_basestring(verdict.catalogue), _written(verdict.promise, inner)
    return f'{{{inner}"catalogue": {catalogue}{before},{inner}"promise": {promise}{after}{line}}}'


class _Same:
    """Values that are equal to the very same ones only: equal numbers may be written otherwise."""

    __slots__ = ("_hash", "values")

    def __init__(self, values: tuple[Any, ...]) -> None:
        self.values = values
        self._hash = hash(tuple(map(id, values)))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and all(map(is_, self.values, other.values))


@lru_cache(maxsize=4_000)
def _around(common: _Same, line: str) -> tuple[str, str]:
    """What stands in a verdict between catalogue and promise, and after that."""
    inner = line + "  "
    parts = [
        f',{inner}"{published_name(name)}": {_written(value, inner)}'
        for name, value in zip((*_BETWEEN, *_AFTER), common.values, strict=True)
    ]
    return "".join(parts[: len(_BETWEEN)]), "".join(parts[len(_BETWEEN) :])


def _members(value: Any, line: str) -> str:
    values, heads = _parts(type(value), line)  # type: ignore[arg-type]
    inner = line + "  "
    written = [
        head + (encode_basestring(part) if type(part) is str else _written(part, inner))
        for head, part in zip(heads, values(value), strict=True)
    ]
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
