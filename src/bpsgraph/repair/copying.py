"""A copy of a submission with changes made in it: of the same format, and the same in everything else."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bpsgraph.formats import Format
from bpsgraph.ingest.grid import Book, Cell
from bpsgraph.ingest.sheetxml import BadCellError, position
from bpsgraph.ingest.submission import Place, Submission
from bpsgraph.repair.contents import (
    CONTRADICTORY,
    COVERED,
    FORMULA,
    NO_CELL,
    Impossible,
    content_after,
    decimal_or_none,
    with_number,
)
from bpsgraph.repair.patch import Change
from bpsgraph.results import Text
from bpsgraph.terms import BPS

_WORDS = BPS + "statedAs"
Contents = dict[Place, Decimal | str]


@dataclass(frozen=True, slots=True)
class Skipped:
    """A change that was not made, and why."""

    change: Change
    why: Text


@dataclass(frozen=True, slots=True)
class Copy:
    """The bytes of the copy, the changes that were made in it, and those that were not."""

    content: bytes
    applied: tuple[Change, ...]
    skipped: tuple[Skipped, ...]


def repaired(data: bytes, format: Format, submission: Submission, changes: Iterable[Change]) -> Copy:
    """A copy of the file with the changes made in it; `submission` is what was read from `data`.

    A change is made only where its old text still stands at its place, and once. Where a number changes, the
    words of the same promise follow, if they hold it exactly once. Raises what reading the file raises.
    """
    changes = list(changes)
    if format.rdf is not None:
        from bpsgraph.repair.graph import with_changes

        return Copy(*with_changes(data, format, submission.triples, changes))
    if format.name == "xlsx":
        from bpsgraph.ingest.workbook import read_workbook
        from bpsgraph.repair.workbook import with_cells

        book = read_workbook(data, submission.name)
        write: Callable[[Contents], tuple[bytes, frozenset[Place]]] = lambda contents: with_cells(  # noqa: E731
            data, submission.name, contents
        )
    else:
        from bpsgraph.ingest.delimited import read_delimited
        from bpsgraph.repair.delimited import with_fields

        book = read_delimited(data, submission.name)
        write = lambda contents: (with_fields(data, submission.name, contents), frozenset())  # noqa: E731
    return _of_table(book, submission, changes, write)


def _of_table(
    book: Book,
    submission: Submission,
    changes: list[Change],
    write: Callable[[Contents], tuple[bytes, frozenset[Place]]],
) -> Copy:
    cells = {cell.place: cell for sheet in book.sheets for row in sheet.rows for cell in row}
    covered = frozenset(place for sheet in book.sheets for place in sheet.covered)
    contradictory = _contradictory(changes)
    contents: Contents = {}
    applied: dict[Change, Place] = {}
    skipped: list[Skipped] = []
    for change in changes:
        try:
            place = _place(change)
            if place is None or place not in cells:
                raise Impossible(NO_CELL)
            if place in covered:
                raise Impossible(COVERED)
            if (change.sheet, change.cell, change.old) in contradictory:
                raise Impossible(CONTRADICTORY)
            contents[place] = content_after(_now(cells[place], contents), change.old, change.new)
        except Impossible as problem:
            skipped.append(Skipped(change, problem.why))
            continue
        applied[change] = place
        words = submission.places.values.get((change.focus, _WORDS))
        if words is not None and words != place and words in cells and words not in covered:
            _let_follow(cells[words], contents, change)
    content, formulas = write(contents)
    skipped += [Skipped(change, FORMULA) for change, place in applied.items() if place in formulas]
    return Copy(
        content,
        tuple(change for change, place in applied.items() if place not in formulas),
        tuple(skipped),
    )


def _let_follow(cell: Cell, contents: Contents, change: Change) -> None:
    old, new = decimal_or_none(change.old), decimal_or_none(change.new)
    if old is None or new is None or not cell.text:
        return
    try:
        contents[cell.place] = with_number(_now(cell, contents).text, old, new)
    except Impossible:
        return


def _now(cell: Cell, contents: Mapping[Place, Decimal | str]) -> Cell:
    if cell.place not in contents:
        return cell
    content = contents[cell.place]
    return Cell(cell.place, content, str(content))


def _place(change: Change) -> Place | None:
    if change.cell is None:
        return None
    try:
        row, column = position(change.cell)
    except BadCellError:
        return None
    return Place(sheet=change.sheet, row=row, column=column)


def _contradictory(changes: list[Change]) -> set[tuple[str | None, str | None, str]]:
    answers: dict[tuple[str | None, str | None, str], set[str]] = defaultdict(set)
    for change in changes:
        answers[change.sheet, change.cell, change.old].add(change.new)
    return {place for place, new in answers.items() if len(new) > 1}
