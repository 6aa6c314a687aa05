"""Terms as values of Python: numbers, days and text, each as exact as it was stated."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from pyoxigraph import Literal

from bpsgraph.terms import XSD, Term

if TYPE_CHECKING:
    import pyarrow

Value = int | Decimal | float | bool | date | datetime | str | None
_WHOLE = frozenset(
    XSD + name
    for name in (
        "integer",
        "int",
        "long",
        "short",
        "byte",
        "nonNegativeInteger",
        "positiveInteger",
        "nonPositiveInteger",
        "negativeInteger",
        "unsignedLong",
        "unsignedInt",
        "unsignedShort",
        "unsignedByte",
    )
)
_FLOATING = frozenset((XSD + "double", XSD + "float"))
_NUMBERS = _WHOLE | _FLOATING | {XSD + "decimal"}


def is_number(term: Term | None) -> bool:
    """Whether the term is a literal of a type of numbers that holds one, and a finite one."""
    return isinstance(python_value(term), int | Decimal | float) and not isinstance(python_value(term), bool)


def python_value(term: Term | None) -> Value:
    """The value of a literal of XML Schema; the text of any other term, and of a literal ill typed.

    Infinite and undefined numbers are text.
    """
    if not isinstance(term, Literal):
        return None if term is None else str(term.value)
    kind, text = term.datatype.value, term.value
    try:
        if kind in _WHOLE:
            return int(text)
        if kind == XSD + "decimal":
            return Decimal(text)
        if kind in _FLOATING:
            number = float(text)
            return number if number - number == 0 else text
        if kind == XSD + "boolean":
            return {"true": True, "1": True, "false": False, "0": False}.get(text, text)
        if kind == XSD + "date":
            return date.fromisoformat(text)
        if kind == XSD + "dateTime":
            return datetime.fromisoformat(text)
    except (ValueError, InvalidOperation):
        pass
    return text


def arrow_array(terms: Sequence[Term | None]) -> "pyarrow.Array[Any]":
    """A column of terms as Arrow: numbers, days and truth values as such where all are, else text.

    Whole numbers are int64, decimals exact decimal128, and mixed with floating ones float64; IRIs are text.
    """
    import pyarrow

    values = [python_value(term) for term in terms]
    known = [value for value in values if value is not None]
    kinds = {type(value) for value in known}
    text = [None if term is None else str(term.value) for term in terms]
    if not known or not (kinds <= {int, Decimal, float} or len(kinds) == 1):
        return pyarrow.array(text, pyarrow.string())
    if kinds == {int}:
        small = all(-(2**63) <= value < 2**63 for value in known)  # type: ignore[operator]
        return pyarrow.array(values, pyarrow.int64()) if small else pyarrow.array(text, pyarrow.string())
    if kinds <= {int, Decimal}:
        return _decimals([None if value is None else Decimal(str(value)) for value in values], text)
    if kinds <= {int, Decimal, float}:
        return pyarrow.array([None if value is None else float(value) for value in values], pyarrow.float64())  # type: ignore[arg-type]
    if kinds == {date}:
        return pyarrow.array(values, pyarrow.date32())
    if kinds == {bool}:
        return pyarrow.array(values, pyarrow.bool_())
    if kinds == {datetime} and len({value.tzinfo is None for value in known}) == 1:  # type: ignore[union-attr]
        zone = None if known[0].tzinfo is None else "UTC"  # type: ignore[union-attr]
        return pyarrow.array(values, pyarrow.timestamp("us", tz=zone))
    return pyarrow.array(text, pyarrow.string())


def _decimals(values: Sequence[Decimal | None], text: Sequence[str | None]) -> "pyarrow.Array[Any]":
    import pyarrow

    known = [value for value in values if value is not None]
    scale = max(max(0, -int(value.as_tuple().exponent)) for value in known)
    whole = max(max(0, value.adjusted() + 1) for value in known)
    if scale + whole > 38:
        return pyarrow.array(text, pyarrow.string())
    return pyarrow.array(values, pyarrow.decimal128(max(1, scale + whole), scale))
