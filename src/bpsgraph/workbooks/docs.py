"""The columns of the workbook in `docs/workbook.md`, written from the layout.

`python -m bpsgraph.workbooks.docs` renews them below their mark; what stands above it is written by hand.
"""

from bpsgraph.errors import MalformedFile, UnreadableFile
from bpsgraph.ingest.layout import SHEETS, STATEMENTS, Column, SheetLayout, Use
from bpsgraph.sources import find_sources
from bpsgraph.terms import short

_MARK = "<!-- What follows is written from the layout by python -m bpsgraph.workbooks.docs -->\n"
_USE = {
    Use.NAMES: "names the row",
    Use.FILL: "to fill in",
    Use.MORE: "where needed",
    Use.SHOWS: "shows the State's",
}


def page(written: str) -> str:
    """The page with its tables renewed. Raises `MalformedFile` where it has no mark."""
    opening, mark, _ = written.partition(_MARK)
    if not mark:
        raise MalformedFile("docs/workbook.md", "the mark of the tables is gone", f"add: {_MARK.strip()}")
    return opening + mark + "".join(_table(layout) for layout in (*SHEETS, STATEMENTS))


def _table(layout: SheetLayout) -> str:
    head = [
        "| heading | in English | is | states | takes | also called |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    rows = "\n".join((*head, *map(_row, layout.columns)))
    return f"\n### {layout.title.zh} · {layout.title.en}\n\n{rows}\n"


def _row(column: Column) -> str:
    states = f"`{short(column.property)}`" if column.property else ""
    takes = column.names or ("" if column.use is Use.SHOWS else column.holds.value)
    if column.many:
        takes += "; several"
    note = f"{takes}<br>{column.note.zh}<br>{column.note.en}" if column.note else takes
    use = _USE[column.use] + (", required" if column.required else "")
    also = "、".join(column.synonyms)
    return f"| {column.heading.zh} | {column.heading.en} | {use} | {states} | {note} | {also} |"


def main() -> None:
    """Write the page."""
    path = find_sources().root / "docs" / "workbook.md"
    if not path.is_file():
        raise UnreadableFile(path, "there is no such file", "run this in a checkout")
    path.write_text(page(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
