"""Answers as tables of text, for terminals and for Markdown."""

import io
from collections.abc import Sequence

from rich.cells import cell_len

from bpsgraph.answers.answer import Answer
from bpsgraph.answers.reading import cell, readable
from bpsgraph.answers.words import NO_ROWS, NOTE, made_from
from bpsgraph.results import Rows

WIDTH = 120


def to_table(answers: Sequence[Answer], language: str, width: int = WIDTH, styled: bool = False) -> str:
    """Each answer as a table of that width, or as blocks of lines where it is wider, and its notes."""
    parts = []
    for answer in answers:
        title = f"{answer.title.in_language(language)}\n\n" if len(answers) > 1 else ""
        rows = readable(answer.rows, answer.columns, language)
        body = rows_text(rows, width, styled) if rows.rows else f"{NO_ROWS.in_language(language)}\n"
        notes = "".join(
            f"{NOTE.in_language(language)}{note.in_language(language)}\n" for note in answer.notes
        )
        parts.append(title + body + ("\n" + notes if notes else ""))
    return "\n".join(parts)


def to_markdown(answers: Sequence[Answer], language: str) -> str:
    """Each answer under its title: the table, its notes, and what it was made from."""
    parts = []
    for number, answer in enumerate(answers):
        heading = f"{'##' if number == 0 else '###'} {_one_line(answer.title.in_language(language))}\n"
        parts.append(f"{heading}\n{markdown_table(answer, language)}")
    source = "  \n".join(_escaped(line) for line in made_from(answers[0], language))
    return "\n".join(parts) + f"\n{source}\n"


def markdown_table(answer: Answer, language: str) -> str:
    """The table of one answer in Markdown, and its notes: what the pages of the documentation show."""
    rows = readable(answer.rows, answer.columns, language)
    lines = [[cell(term) for term in row] for row in rows.rows]
    body = markdown(rows.columns, lines) if lines else f"{NO_ROWS.in_language(language)}\n"
    notes = "".join(
        f"\n{NOTE.in_language(language)}{_escaped(note.in_language(language))}\n" for note in answer.notes
    )
    return body + notes


def rows_text(rows: Rows, width: int = WIDTH, styled: bool = False) -> str:
    """The rows as a table, or as blocks of lines where that is wider than `width` columns of a terminal."""
    if not fits(rows, width):
        return records(rows)
    return table(rows.columns, [[cell(term) for term in row] for row in rows.rows], width, styled)


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], width: int = WIDTH, styled: bool = False
) -> str:
    """A table of that width; cells that are wider are broken."""
    # Here, since most of what is written is no table.
    from rich.console import Console
    from rich.table import Table

    made = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*row)
    console = Console(file=io.StringIO(), force_terminal=styled, width=width, markup=False, highlight=False)
    with console.capture() as capture:
        console.print(made)
    return "".join(line.rstrip() + "\n" for line in capture.get().splitlines())


def fits(rows: Rows, width: int = WIDTH) -> bool:
    """Whether a table of the rows is no wider than that."""
    lines = [rows.columns, *([cell(term) for term in row] for row in rows.rows)]
    widths = [max(cell_len(line[index]) for line in lines) for index in range(len(rows.columns))]
    return sum(widths) + 2 * len(widths) <= width


def records(rows: Rows) -> str:
    """Each row as a block of its own, a line per column that has a value: for rows too wide for a table."""
    width = max(cell_len(column) for column in rows.columns)
    blocks = []
    for number, row in enumerate(rows.rows, 1):
        lines = [f"{number}/{len(rows)}"]
        for column, term in zip(rows.columns, row, strict=True):
            if term is not None:
                lines.append(f"  {column}{' ' * (width - cell_len(column))}  {cell(term)}")
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def markdown(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown as GitHub reads it (https://github.github.com/gfm/#tables-extension-)."""
    lines = [columns, ["---"] * len(columns), *rows]
    escaped = [[_escaped(cell) for cell in line] for line in lines]
    return "".join(f"| {' | '.join(line)} |\n" for line in escaped)


def _escaped(text: str) -> str:
    return _one_line(text.replace("\\", "\\\\").replace("|", "\\|"))


def _one_line(text: str) -> str:
    return " ".join(text.split())
