"""The standard system of GB/T 43507 as a grid of items and branches."""

from collections.abc import Sequence
from dataclasses import dataclass

from bpsgraph.analysis.system import NOT_PLACED, Branch, Reach, Status, System, standard_system
from bpsgraph.results import Text
from bpsgraph.terms import BASE
from bpsgraph.web.pages.tables import Cell
from bpsgraph.web.view import View

_STATE = "100000"


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One item and one branch: how strong the standards are, in a word, with how many there are."""

    state: str
    word: str
    count: int
    relied: int


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The standard system of GB/T 43507 for the items of a catalogue: a row per item, a column per branch."""

    key: str
    title: str
    place: Cell
    subsystems: tuple[tuple[str, int], ...]
    branches: tuple[tuple[str, str], ...]
    rows: tuple[tuple[str, tuple[tuple[Cell, tuple[HeatCell, ...]], ...]], ...]
    totals: tuple[tuple[str, tuple[tuple[int, int], ...]], ...]
    legend: tuple[tuple[str, str, str], ...]


def heat_map(view: View, key: str) -> HeatMap:
    """The standard system of a catalogue, or the national one. Raises `BadParameter` for another key."""
    iri = f"{BASE}catalogue/{key}"
    found = standard_system(
        view.snapshot.store, view.snapshot.library, None if key.startswith(_STATE) else iri
    )
    named = view.labels({iri, f"{BASE}jurisdiction/{key.partition('/')[0]}"})
    branches = [branch for branch in found.branches if branch is not NOT_PLACED] + [NOT_PLACED]
    grouped: dict[str, list[tuple[Cell, tuple[HeatCell, ...]]]] = {}
    for item in found.items:
        of_item = {cell.branch.iri: cell for cell in found.cells if cell.item is item}
        cells = tuple(
            HeatCell(
                _state(of_item[branch.iri].status, of_item[branch.iri].reach),
                view.say(_STATES[_state(of_item[branch.iri].status, of_item[branch.iri].reach)]),
                len(of_item[branch.iri].standards),
                len(of_item[branch.iri].relied),
            )
            for branch in branches
        )
        grouped.setdefault(view.say(item.name_of_domain), []).append(
            (Cell(view.say(item.name), href=view.href(item.iri)), cells)
        )
    code = key.partition("/")[0]
    place = f"{BASE}jurisdiction/{code}"
    return HeatMap(
        key=key,
        title=named.get(iri, key),
        place=Cell(named.get(place, code), href=view.href(place)),
        subsystems=_spans(view, found, branches),
        branches=tuple((branch.clause, view.say(branch.name)) for branch in branches),
        rows=tuple((domain, tuple(of)) for domain, of in grouped.items()),
        totals=tuple(
            (
                name,
                tuple(
                    (sum(cell.covered for cell in found.cells_of(branch)), len(found.items))
                    for branch in branches
                ),
            )
            for name in ("covered",)
        ),
        legend=tuple((state, _SIGNS[state], view.say(words)) for state, words in _STATES.items()),
    )


_STATES = {
    "direct": Text("有标准直接适用，现行", "a standard in force applies directly"),
    "unstated": Text("有标准直接适用，状态未写明", "one applies directly, its status not stated"),
    "wider": Text("只有适用于类别或领域的", "only by category or domain"),
    "upcoming": Text("只有尚未实施的", "only one to come into force"),
    "ended": Text("只有废止或被代替的", "only one withdrawn or replaced"),
    "none": Text("没有", "none"),
}
_SIGNS = {"direct": "●", "unstated": "◐", "wider": "○", "upcoming": "◔", "ended": "×", "none": "–"}


def _state(status: Status, reach: Reach | None) -> str:
    if status in (Status.IN_FORCE, Status.UNSTATED):
        if reach is not Reach.ITEM:
            return "wider"
        return "direct" if status is Status.IN_FORCE else "unstated"
    return {Status.UPCOMING: "upcoming", Status.ENDED: "ended"}.get(status, "none")


def _spans(view: View, found: System, branches: Sequence[Branch]) -> tuple[tuple[str, int], ...]:
    spans = []
    for subsystem in found.subsystems:
        count = sum(branch.parent == subsystem.name for branch in branches)
        spans.append((f"{subsystem.clause} {view.say(subsystem.name)}".strip(), count))
    return (*spans, ("", len(branches) - sum(count for _, count in spans)))
