"""Catalogues side by side."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from bpsgraph.analysis.side_by_side import WORDS, Difference, Line, SideBySide, iri_of, side_by_side
from bpsgraph.errors import BadParameter
from bpsgraph.results import Text
from bpsgraph.terms import BASE
from bpsgraph.web.pages.choices import Choice
from bpsgraph.web.pages.records import records
from bpsgraph.web.pages.tables import Cell
from bpsgraph.web.view import View

MOST = 6
SIGNS = {
    Difference.SAME: "=",
    Difference.HIGHER: "▲",
    Difference.LOWER: "▼",
    Difference.OTHER: "≠",
    Difference.ONLY_HERE: "+",
    Difference.ABSENT: "○",
}


@dataclass(frozen=True, slots=True)
class Option:
    """One catalogue that can be chosen."""

    key: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Promised:
    """What one catalogue promises: the words, the amount, how sure, and how it differs from the first."""

    words: str
    amount: str
    verification: Cell
    difference: str
    sign: str
    word: str


@dataclass(frozen=True, slots=True)
class Row:
    """One measure for one group."""

    measure: str
    segment: str
    promises: tuple[Promised, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The page: what can be chosen, and what was, item by item; `chosen` empty where it is yet to be."""

    options: tuple[tuple[str, tuple[Option, ...]], ...]
    chosen: tuple[Cell, ...]
    keys: tuple[str, ...]
    ways: tuple[Choice, ...]
    only: str
    items: tuple[tuple[Cell, tuple[Row, ...]], ...]
    shown: int
    total: int
    counts: tuple[tuple[tuple[str, str, int], ...], ...]
    downloads: tuple[tuple[str, str], ...]
    most: int


def compare(view: View, keys: Sequence[str]) -> Comparison:
    """The catalogues beside each other. Raises `UnknownCatalogue`, and `BadParameter` for more than six."""
    keys = asked(keys)
    everything = records(view, view.answered("catalogues/titles"))
    groups: dict[str, list[Option]] = {}
    titles: dict[str, str] = {}
    for row in everything:
        key = row.key("catalogue")
        titles[key] = row.text("title") or key
        groups.setdefault(row.text("jurisdiction"), []).append(Option(key, titles[key], key in keys))
    found = beside(view, keys) if keys else None
    only = view.parameters.get("only", "")
    lines = [line for line in found.lines if only != "different" or line.differs] if found else []
    verifications = view.labels(
        {p.verification for line in lines for p in line.promises if p and p.verification}
    )
    items: dict[str, list[Row]] = {}
    for line in lines:
        items.setdefault(line.item, []).append(_row(view, line, verifications))
    address = urlencode([("catalogue", key) for key in keys])
    return Comparison(
        options=tuple((name, tuple(of)) for name, of in groups.items()),
        chosen=tuple(Cell(titles.get(key, key), href=view.link(f"/catalogues/{key}")) for key in keys),
        keys=tuple(keys),
        ways=tuple(
            Choice(view.say(label), _address(view, keys, value), only == value)
            for value, label in (
                ("", Text("全部", "all")),
                ("different", Text("只看不同", "only differences")),
            )
        )
        if keys
        else (),
        only=only,
        items=tuple(
            (
                Cell(
                    view.say(found.names[item]), href=view.link(f"/items/{item.removeprefix(BASE + 'item/')}")
                ),
                tuple(of),
            )
            for item, of in items.items()
        )
        if found
        else (),
        shown=len(lines),
        total=len(found.lines) if found else 0,
        counts=_counts(view, found) if found else (),
        downloads=tuple((label, f"/compare{suffix}?{address}") for label, suffix in _DOWNLOADS)
        if keys
        else (),
        most=MOST,
    )


_DOWNLOADS = (("Excel", ".xlsx"), ("CSV", ".csv"), ("JSON", ".json"))


def asked(keys: Sequence[str]) -> list[str]:
    """The catalogues that the address names, each once. Raises `BadParameter` for more than six."""
    found = list(dict.fromkeys(key.removeprefix("catalogue/") for key in keys if key))
    if len(found) > MOST:
        raise BadParameter(
            "catalogue", f"{len(found)} catalogues are too many side by side", f"name at most {MOST}"
        )
    return found


def beside(view: View, keys: Sequence[str]) -> SideBySide:
    """The promises of the catalogues beside each other. Raises `UnknownCatalogue`."""
    return side_by_side(view.snapshot.store, view.snapshot.library, [iri_of(key) for key in keys])


def _address(view: View, keys: Sequence[str], only: str) -> str:
    asked_for = [*(("catalogue", key) for key in keys), *([("only", only)] if only else [])]
    return f"/compare?{urlencode([*asked_for, *([('lang', view.language)] if view.chosen else [])])}"


def _row(view: View, line: Line, verifications: dict[str, str]) -> Row:
    promises = []
    for promise, difference in zip(line.promises, line.differences, strict=True):
        sign, word = SIGNS.get(difference, ""), view.say(WORDS[difference])
        if promise is None:
            promises.append(Promised("", "", Cell(""), difference.value, sign, word))
            continue
        amount = ""
        if promise.amount is not None:
            number = round(promise.amount / promise.divisor, 4)
            amount = f"{number.normalize():f} {view.say(promise.unit)}".strip()
        verification = Cell(
            verifications.get(promise.verification, ""), mark=promise.verification.rpartition("/")[2]
        )
        promises.append(Promised(promise.words, amount, verification, difference.value, sign, word))
    return Row(view.say(line.measure), view.say(line.segment), tuple(promises))


def _counts(view: View, found: SideBySide) -> tuple[tuple[tuple[str, str, int], ...], ...]:
    """For each catalogue but the first how many lines differ from it, and how."""
    return tuple(
        tuple(
            (SIGNS[difference], view.say(WORDS[difference]), counted[difference])
            for difference in SIGNS
            if counted[difference]
        )
        for counted in (
            Counter(line.differences[place] for line in found.lines) for place in range(len(found.catalogues))
        )
    )
