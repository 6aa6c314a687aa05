"""Answers as one page that needs nothing else: tables, charts, notes, where they come from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from bpsgraph.answers.answer import Answer
from bpsgraph.answers.charts import drawable, first
from bpsgraph.answers.drawing import svg_of
from bpsgraph.answers.reading import Shown, shown
from bpsgraph.answers.words import NO_ROWS, made_from
from bpsgraph.errors import NothingToDraw
from bpsgraph.literals import is_number
from bpsgraph.results import Text
from bpsgraph.terms import Term

_HERE = Path(__file__).parent
_WORDS = {
    "kind": Text("基本公共服务标准：问与答", "Basic public service standards: an answer"),
    "skip": Text("跳到表格", "Skip to the table"),
    "chart": Text("图", "Chart"),
    "contents": Text("目录", "Contents"),
    "no_rows": NO_ROWS,
}
_SIZE = Text("{count}行", "Rows: {count}")


def to_html(answers: Sequence[Answer], language: str) -> str:
    """The page in `zh` or `en`. It loads nothing, has no script, and prints."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    from bpsgraph.validation.report.html import TEMPLATES, policy_hash

    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sheets = (TEMPLATES / "report.css", _HERE / "page.css")
    style = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    return environment.get_template("page.html.jinja").render(
        lang=language,
        other_lang="en" if language == "zh" else "zh-CN",
        policy=(
            f"default-src 'none'; style-src {policy_hash(style)}; img-src data:; "
            "base-uri 'none'; form-action 'none'"
        ),
        style=Markup(style),
        say={name: text.in_language(language) for name, text in _WORDS.items()},
        answers=[_answer(answer, language) for answer in answers],
    )


def _answer(answer: Answer, language: str) -> dict[str, Any]:
    columns = shown(answer.columns, language)
    return {
        "title": answer.title.in_language(language),
        "other_title": answer.title.in_language("en" if language == "zh" else "zh"),
        "description": answer.description.in_language(language),
        "notes": [note.in_language(language) for note in answer.notes],
        "charts": _charts(answer, language),
        "columns": [{"heading": column.heading, "number": _is_number(answer, column)} for column in columns],
        "rows": [
            {"cells": [_cell(column, row) for column in columns], "stands_out": answer.stands_out(row)}
            for row in answer.rows.rows
        ],
        "size": _SIZE.in_language(language).format(count=len(answer.rows)),
        "made_from": made_from(answer, language),
        "query": answer.provenance.text,
    }


def _charts(answer: Answer, language: str) -> list[Any]:
    from markupsafe import Markup

    drawn = []
    for one in drawable([answer]):
        try:
            drawn.append(Markup(svg_of(first([one], language))))
        except NothingToDraw:
            continue
    return drawn


def _is_number(answer: Answer, column: Shown) -> bool:
    known = [term for row in answer.rows.rows if (term := row[column.place]) is not None]
    return bool(known) and all(map(is_number, known))


def _cell(column: Shown, row: Sequence[Term | None]) -> dict[str, Any]:
    term = column.term(row)
    link = term.value if isinstance(term, NamedNode) else ""
    return {
        "text": column.text(row),
        "number": is_number(term),
        "link": link if link.startswith(("https://", "http://")) else "",
    }
