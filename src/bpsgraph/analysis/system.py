"""The standard system of GB/T 43507: which item has a standard in which branch, and what a catalogue uses.

A standard applies to an item directly (it covers the item, or the national standard relies on it for the
item), by its category, or by its domain. Of each item and branch the strongest that is known counts, in this
order: one that applies directly and is in force; directly, of a status that no source states; by category or
domain, in force; the same of unknown status; one to come into force; one withdrawn or replaced. The branches
are those of clauses 6 to 8 of GB/T 43507-2023; standards that nothing places are under a branch of their own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from pyoxigraph import Literal, NamedNode

from bpsgraph.library import Library, answer
from bpsgraph.library.saved import Values
from bpsgraph.results import Rows, Text
from bpsgraph.store import Store
from bpsgraph.terms import Term


class Status(IntEnum):
    """What is known of a standard; of two that apply alike, the higher counts."""

    NONE = 0
    ENDED = 1
    UPCOMING = 2
    UNSTATED = 3
    IN_FORCE = 4


class Reach(StrEnum):
    """By what a standard applies to an item, the nearest first."""

    ITEM = "item"
    CATEGORY = "category"
    DOMAIN = "domain"


_STATUS = {
    "in-force": Status.IN_FORCE,
    "upcoming": Status.UPCOMING,
    "withdrawn": Status.ENDED,
    "replaced": Status.ENDED,
}
_NEAREST = tuple(Reach)


@dataclass(frozen=True, slots=True)
class Branch:
    """A subsystem or a branch; `parent` is the name of the subsystem of a branch. `iri` None: not placed."""

    iri: str | None
    name: Text
    parent: Text | None = None
    clause: str = ""


NOT_PLACED = Branch(None, Text("尚未归入分体系", "in no branch yet"))
WHOLE = Branch(None, Text("整个标准体系", "the whole system"))


@dataclass(frozen=True, slots=True)
class Item:
    """An item in scope, with the IRIs of its categories and domains; `name_of_domain` is for reading."""

    iri: str
    name: Text
    domain: str | None
    name_of_domain: Text
    above: Mapping[str, Reach]


@dataclass(frozen=True, slots=True)
class Standard:
    """A standard; `branches` is empty where nothing places it, `subjects` are what it says it applies to."""

    iri: str
    name: Text
    national: bool
    status: Status
    branches: frozenset[str]
    subjects: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cell:
    """One item and one branch: the strongest status, the nearest reach of it, and by what standards.

    `standards` are the national ones that apply, whatever their status; `relied` those on which the
    catalogue relies for the item.
    """

    item: Item
    branch: Branch
    status: Status
    reach: Reach | None
    standards: tuple[Standard, ...]
    relied: tuple[Standard, ...]

    @property
    def covered(self) -> bool:
        """Whether a standard in force, or one of unknown status, applies."""
        return self.status in (Status.IN_FORCE, Status.UNSTATED)


@dataclass(frozen=True, slots=True)
class System:
    """The system of standards of a catalogue's scope; `catalogue` is None for the national one itself.

    `branches` are the ten in the order of the standard and the one of the standards not placed; `subsystems`
    the three above them. `cells` has one per item and branch, items in their order.
    """

    catalogue: str | None
    subsystems: tuple[Branch, ...]
    branches: tuple[Branch, ...]
    items: tuple[Item, ...]
    standards: tuple[Standard, ...]
    relied: Mapping[str, tuple[Standard, ...]]
    cells: tuple[Cell, ...]

    def of(self, branch: Branch) -> tuple[Standard, ...]:
        """The national standards of a branch, of the branches of a subsystem, or of the whole system."""
        return tuple(one for one in self.standards if one.national and _is_in(one, self._wanted(branch)))

    def cells_of(self, branch: Branch) -> tuple[Cell, ...]:
        """A cell per item for a branch, for the branches of a subsystem together, or for the whole system."""
        wanted = self._wanted(branch)
        return tuple(_cell(item, branch, wanted, self.standards, self.relied) for item in self.items)

    def _wanted(self, branch: Branch) -> frozenset[str | None]:
        if branch == WHOLE:
            return frozenset(one.iri for one in (*self.subsystems, *self.branches))
        inner = [one.iri for one in self.branches if one.parent is not None and one.parent == branch.name]
        return frozenset((branch.iri, *inner))


def standard_system(store: Store, library: Library, catalogue: str | None = None) -> System:
    """What national standards there are for each item of a catalogue, and on which of them it relies.

    `catalogue` is an IRI; the items are those that it lists, without it those of the national standard of
    2023. Raises `BadParameter` for a catalogue that the store does not hold.
    """
    subsystems, branches = _branches(_ask(store, library, "system/branches"))
    chosen: dict[str, Values] = {} if catalogue is None else {"catalogue": catalogue}
    listed = _ask(store, library, "analysis/system-items", **chosen)
    items = _items(listed)
    standards = _standards(_ask(store, library, "analysis/system-standards"))
    national = _ask(store, library, "analysis/system-relied")
    # That the national standard relies on a standard for an item says that it applies to the item.
    applying: dict[str, set[str]] = {}
    for row in national:
        applying.setdefault(_text(row["standard"]), set()).add(_text(row["item"]))
    standards = tuple(
        Standard(
            one.iri,
            one.name,
            one.national,
            one.status,
            one.branches,
            one.subjects | applying.get(one.iri, set()),
        )
        for one in standards
    )
    by_iri = {standard.iri: standard for standard in standards}
    relied: dict[str, tuple[Standard, ...]] = {}
    if catalogue is not None:
        for row in _ask(store, library, "analysis/system-relied", **chosen):
            item = _text(row["item"])
            relied[item] = (*relied.get(item, ()), by_iri[_text(row["standard"])])
    cells = tuple(
        _cell(item, branch, frozenset((branch.iri,)), standards, relied)
        for item in items
        for branch in branches
    )
    return System(catalogue, subsystems, branches, items, standards, relied, cells)


def _cell(
    item: Item,
    branch: Branch,
    wanted: frozenset[str | None],
    standards: Sequence[Standard],
    relied: Mapping[str, Sequence[Standard]],
) -> Cell:
    applying = [
        (standard, reach)
        for standard in standards
        if standard.national and _is_in(standard, wanted) and (reach := _reach(standard, item)) is not None
    ]
    strongest, reach = max(
        ((standard.status, reach) for standard, reach in applying), key=_strength, default=(Status.NONE, None)
    )
    return Cell(
        item,
        branch,
        strongest,
        reach,
        tuple(standard for standard, _ in applying),
        tuple(standard for standard in relied.get(item.iri, ()) if _is_in(standard, wanted)),
    )


def _strength(found: tuple[Status, Reach]) -> tuple[int, int, int]:
    status, reach = found
    counts = status in (Status.IN_FORCE, Status.UNSTATED)
    return (int(counts) + int(counts and reach is Reach.ITEM), status, -_NEAREST.index(reach))


def _is_in(standard: Standard, branches: frozenset[str | None]) -> bool:
    return bool(branches & standard.branches) if standard.branches else None in branches


def _reach(standard: Standard, item: Item) -> Reach | None:
    if item.iri in standard.subjects:
        return Reach.ITEM
    reaches = {reach for above, reach in item.above.items() if above in standard.subjects}
    return next((reach for reach in _NEAREST if reach in reaches), None)


def _branches(rows: Rows) -> tuple[tuple[Branch, ...], tuple[Branch, ...]]:
    subsystems: list[Branch] = []
    branches: list[Branch] = []
    for row in rows:
        parent = _name(row, "subsystem") if row["subsystem_zh"] is not None else None
        branch = Branch(_text(row["branch"]), _name(row, "branch"), parent, _text(row["clause"]))
        (subsystems if parent is None else branches).append(branch)
    return tuple(subsystems), (*branches, NOT_PLACED)


def _items(rows: Iterable[Mapping[str, Term | None]]) -> tuple[Item, ...]:
    items: dict[str, Item] = {}
    for row in rows:
        iri, domain, category = _text(row["item"]), _text(row["domain"]), _text(row["category"])
        above = {
            **({category: Reach.CATEGORY} if category else {}),
            **({domain: Reach.DOMAIN} if domain else {}),
        }
        known = items.get(iri)
        if known is None:
            name = _name(row, "domain") if domain else Text("未归领域", "no domain")
            items[iri] = Item(iri, _name(row, "item"), domain or None, name, above)
        else:
            items[iri] = Item(iri, known.name, known.domain, known.name_of_domain, {**known.above, **above})
    return tuple(items.values())


def _standards(rows: Iterable[Mapping[str, Term | None]]) -> tuple[Standard, ...]:
    gathered: dict[str, list[Mapping[str, Term | None]]] = {}
    for row in rows:
        gathered.setdefault(_text(row["standard"]), []).append(row)
    return tuple(
        Standard(
            iri,
            _name(of[0], "standard"),
            _text(of[0]["national"]) == "true",
            # One that is in force by one source and withdrawn by another is not in force.
            min(_status(_text(row["status"])) for row in of),
            frozenset(_text(row["branch"]) for row in of if row["branch"] is not None),
            frozenset(_text(row["subject"]) for row in of if row["subject"] is not None),
        )
        for iri, of in gathered.items()
    )


def _status(key: str) -> Status:
    return _STATUS.get(key, Status.UNSTATED)


def _ask(store: Store, library: Library, name: str, **values: Values) -> Rows:
    found = answer(store, library, library[name], values)
    assert isinstance(found, Rows)
    return found


def _name(row: Mapping[str, Term | None], stem: str) -> Text:
    """The names in a row; one that is missing is the other, or the key."""
    zh, en = _text(row[f"{stem}_zh"]), _text(row[f"{stem}_en"])
    key = _text(row[stem]).rpartition("/")[2] if stem in row else ""
    return Text(zh or en or key, en or zh or key)


def _text(term: Term | None) -> str:
    return term.value if isinstance(term, (Literal, NamedNode)) else ""
