"""Changes statements of an RDF file, and writes all of them in the format that they came in."""

from collections.abc import Iterable
from decimal import Decimal

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph import serialisation, turtle
from bpsgraph.formats import Format
from bpsgraph.repair.contents import (
    CONTRADICTORY,
    Impossible,
    decimal_or_none,
    with_number,
)
from bpsgraph.repair.copying import Skipped
from bpsgraph.repair.patch import Change
from bpsgraph.results import Text, Triples
from bpsgraph.terms import BPS, XSD, expand, short

_WORDS = NamedNode(BPS + "statedAs")
_INTEGER = NamedNode(XSD + "integer")
_DECIMAL = NamedNode(XSD + "decimal")
NOT_SAID = Text("文件中没有这条陈述", "the file does not say that")


def with_changes(
    data: bytes, format: Format, triples: Triples, changes: Iterable[Change]
) -> tuple[bytes, tuple[Change, ...], tuple[Skipped, ...]]:
    """The file with the statements changed, the changes that were made, and those that were not.

    `triples` are what `data` says. Where there is nothing to change, the file stays as it is.
    """
    said = set(triples)
    applied: list[Change] = []
    skipped: list[Skipped] = []
    changes = list(changes)
    for change in changes:
        try:
            if any(
                (other.focus, other.path, other.old) == (change.focus, change.path, change.old)
                and other.new != change.new
                for other in changes
            ):
                raise Impossible(CONTRADICTORY)
            _change(said, change)
            applied.append(change)
        except Impossible as problem:
            skipped.append(Skipped(change, problem.why))
    content = _written(data, format, said) if applied else data
    return content, tuple(applied), tuple(skipped)


def _change(said: set[Triple], change: Change) -> None:
    """Exchange the one statement that the change is about, and the number in the words of its subject."""
    old, new = decimal_or_none(change.old), decimal_or_none(change.new)
    of_focus = [t for t in said if isinstance(t.subject, NamedNode) and t.subject.value == change.focus]
    found = [t for t in of_focus if t.predicate.value == change.path and _is(t.object, change.old, old)]
    if not change.old or len(found) != 1:
        raise Impossible(NOT_SAID)
    (triple,) = found
    said.remove(triple)
    said.add(Triple(triple.subject, triple.predicate, _term(triple.object, change.new, new)))
    if old is None or new is None:
        return
    for words in of_focus:
        if words.predicate == _WORDS and isinstance(words.object, Literal):
            try:
                text = with_number(words.object.value, old, new)
            except Impossible:
                continue
            said.remove(words)
            language = words.object.language
            literal = Literal(text, language=language) if language else Literal(text)
            said.add(Triple(words.subject, words.predicate, literal))


def _is(term: object, text: str, number: Decimal | None) -> bool:
    if isinstance(term, NamedNode):
        return short(term.value) == text
    if not isinstance(term, Literal):
        return False
    return term.value == text or (number is not None and decimal_or_none(term.value) == number)


def _term(like: object, text: str, number: Decimal | None) -> NamedNode | Literal:
    """The new term: a number of the same type where it fits, else the thing with that key."""
    if number is None or not isinstance(like, Literal):
        return NamedNode(expand(text))
    if like.datatype == _INTEGER and number == number.to_integral_value():
        return Literal(f"{number.normalize():f}", datatype=_INTEGER)
    written = f"{number.normalize():f}"
    return Literal(written if "." in written else f"{written}.0", datatype=_DECIMAL)


def _written(data: bytes, format: Format, triples: set[Triple]) -> bytes:
    comment = turtle.opening_comment(data.decode("utf-8-sig")) if format.name == "turtle" else ""
    return (comment + serialisation.text(triples, format)).encode()
