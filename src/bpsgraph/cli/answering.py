"""How every command that asks something ends: its answer, in the formats and the places asked for.

def equality(..., format: FormatOption = None, output: OutputsOption = None, lang: LanguageOption = None):
    places = offered(format, output)  # a slip is said before the work is done
    ...
    deliver(answer, places, settings.lang)
"""

import codecs
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from bpsgraph.answers import Answer
from bpsgraph.answers.words import NO_ROWS, NOTE
from bpsgraph.answers.writers import CHARTS, SINGLE, WRITERS
from bpsgraph.cli.output import choose, seen_in_colour, terminal_width, write
from bpsgraph.cli.parameters import Option
from bpsgraph.errors import BadParameter, did_you_mean
from bpsgraph.formats import RDF_FORMATS, Format

ANSWER_FORMATS = tuple(WRITERS)
OutputsOption = Annotated[
    list[Path] | None,
    Option(
        "--output",
        "-o",
        metavar="FILE",
        help="Write to this file instead of standard output; give it again for more.",
    ),
]
BomOption = Annotated[
    bool, Option("--bom", help="Begin CSV with a byte order mark, by which Excel knows that it is UTF-8.")
]
ColumnsOption = Annotated[
    str | None,
    Option("--columns", "-c", metavar="NAME,NAME...", help="Only these columns, in this order; else all."),
]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer goes, and in which format; `file` is None for standard output."""

    file: Path | None
    format: Format


def offered(
    format: str | None, output: Sequence[Path] | Path | None, further: Sequence[str] = ()
) -> tuple[Place, ...]:
    """Where the answer goes and how: --format, else the suffix of -o, else a table or, in a pipe, CSV.

    `further` formats are those that the command writes itself. Raises `BadParameter` for a format or a suffix
    that is not on offer.
    """
    return _places(format, output, (*ANSWER_FORMATS, *further), "table", "csv")


def offered_rdf(format: str | None, output: Sequence[Path] | Path | None) -> tuple[Place, ...]:
    """The same for triples, which are written as Turtle unless another format is asked for."""
    return _places(format, output, RDF_FORMATS, "turtle", "turtle")


def _places(
    format: str | None, output: Sequence[Path] | Path | None, offers: Sequence[str], terminal: str, pipe: str
) -> tuple[Place, ...]:
    files = [output] if isinstance(output, Path) else list(output or [])
    if not files:
        return (Place(None, choose(format, None, offers, terminal, pipe)),)
    return tuple(Place(file, choose(format, file, offers, terminal, pipe)) for file in files)


def deliver(answer: Answer, places: Sequence[Place], language: str, *, bom: bool = False) -> None:
    """Write the answer to every place; CSV opens with a byte order mark where `bom` is set.

    A format that holds one table or one chart gives the further ones files of their own, `name-2.csv`; on
    standard output a note says that they are there. Notes that a file of rows has no room for go to
    standard error. Raises `NothingToDraw` for a chart of an answer that has none or has no rows.
    """
    tables = list(answer.all())
    for place in places:
        name, file = place.format.name, place.file
        if name == "table":
            if not any(one.rows.rows for one in tables):
                _say(answer, language)
                continue
            from bpsgraph.answers.text import WIDTH, to_table

            width = terminal_width() if sys.stdout.isatty() and file is None else WIDTH
            write(to_table(tables, language, width, seen_in_colour() and file is None), file)
        elif name in SINGLE or name in CHARTS:
            # Where nothing can be drawn, the writer says so.
            parts = tables if name in SINGLE else _drawn(tables) or [answer]
            for number, one in enumerate(parts if file is not None else parts[:1], 1):
                content = WRITERS[name]([one], language)
                if bom and name == "csv" and not (file is None and sys.stdout.isatty()):
                    assert isinstance(content, str)
                    content = codecs.BOM_UTF8 + content.encode()
                write(content, _numbered(place, number))
                if name in SINGLE:
                    _say(one, language, empty=False)
            if file is None and len(parts) > 1:
                more = ", ".join(one.title.in_language(language) for one in parts[1:])
                print(_FURTHER[language].format(more=more), file=sys.stderr)
        else:
            write(WRITERS[name](tables, language), file)
    if any(place.format.name in ("png", "xlsx") for place in places) and _drawn(tables):
        from bpsgraph.answers.drawing import draws_chinese

        if not draws_chinese():
            print(_NO_FONT[language], file=sys.stderr)


def _drawn(tables: list[Answer]) -> list[Answer]:
    from bpsgraph.answers.charts import drawable

    return drawable(tables)


_FURTHER = {
    "zh": "注：另有：{more}；加 -o 文件 可得。",
    "en": "note: there is more: {more}; -o FILE gives them",
}


_NO_FONT = {
    "zh": "注：本机没有中文字体，图中的汉字不能显示；请安装 Noto Sans CJK SC 等字体。",
    "en": "note: no font with Chinese characters is installed, so charts cannot show them; "
    "install one such as Noto Sans CJK SC",
}


def _numbered(place: Place, number: int) -> Path | None:
    if place.file is None or number == 1:
        return place.file
    name = place.file.name
    suffix = next((end for end in place.format.suffixes if name.lower().endswith(end)), place.file.suffix)
    stem = name[: len(name) - len(suffix)]
    return place.file.with_name(f"{stem}-{number}{name[len(stem) :]}")


def _say(answer: Answer, language: str, *, empty: bool = True) -> None:
    if empty:
        print(NO_ROWS.in_language(language), file=sys.stderr)
    for note in answer.notes:
        print(f"{NOTE.in_language(language)}{note.in_language(language)}", file=sys.stderr)


def picked(answer: Answer, columns: str | None) -> Answer:
    """The answer with only these columns, in this order; all where None. Raises `BadParameter`."""
    if columns is None:
        return answer
    names = [name.strip() for name in columns.split(",")]
    known = answer.rows.columns
    for name in names:
        if name not in known:
            raise BadParameter(
                "--columns",
                f"there is no column {name!r}",
                did_you_mean(name, known, f"choose from: {', '.join(known)}"),
            )
    return answer.only(names)
