"""Where an answer goes and in which format: --format, else the suffix of -o, else what suits the place."""

import io
import os
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from bpsgraph.cli.parameters import Option
from bpsgraph.errors import BadParameter, UnwritableFile
from bpsgraph.formats import Format, by_name, by_suffix
from bpsgraph.results import Rows, Triples

if TYPE_CHECKING:
    from rich.console import RenderableType

_PIECE = 50_000
ROW_FORMATS = ("table", "csv", "tsv", "json")

StoreOption = Annotated[
    str | None, Option(metavar="DIR|URL", help="The store, a folder or a server (default: build/store).")
]
FormatOption = Annotated[str | None, Option("--format", metavar="NAME", help="The format of the answer.")]
OutputOption = Annotated[
    Path | None,
    Option("--output", "-o", metavar="FILE", help="Write to this file instead of standard output."),
]
LanguageOption = Annotated[str | None, Option(metavar="zh|en", help="The language of labels.")]


def choose(named: str | None, output: Path | None, offers: Sequence[str], terminal: str, pipe: str) -> Format:
    """The format to write in: the one named, else the suffix's, else one of the two defaults.

    Raises `BadParameter` for a format or a suffix that is not on offer.
    """
    of_suffix = by_suffix(output, offers) if output else None
    if named is not None:
        chosen = by_name(named, offers)
        if of_suffix not in {None, chosen}:
            print(f"note: {output} is written as {chosen.label}, as --format says", file=sys.stderr)
        return chosen
    if of_suffix is not None:
        return of_suffix
    if output is not None and output.suffix:
        raise BadParameter(
            str(output),
            f"the suffix {output.suffix} is no format here",
            f"choose one of: {', '.join(offers)}",
        )
    return by_name(terminal if sys.stdout.isatty() and output is None else pipe, offers)


def write(content: str | bytes, output: Path | None) -> None:
    """Put text or bytes on standard output or into the file.

    The byte order mark that a file may open with is left out of standard output. Raises `UnwritableFile`,
    and `BadParameter` for bytes where standard output is a terminal.
    """
    try:
        if output is not None:
            output.write_bytes(content if isinstance(content, bytes) else content.encode())
        elif isinstance(content, str):
            _print(content.removeprefix("\ufeff"))
        elif sys.stdout.isatty():
            raise BadParameter("--format", "a terminal cannot show this format", "add -o FILE")
        else:
            sys.stdout.buffer.write(content)
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        if output is None:
            raise
        raise UnwritableFile(output, "nobody reads from it") from None
    except OSError as error:
        raise UnwritableFile(output or "standard output", error.strerror or str(error)) from error


def write_pieces(pieces: Iterable[bytes], output: Path | None) -> None:
    """Put bytes on standard output, or into the file, as they come.

    A file appears, or is replaced, when all have come. Raises as `write` does.
    """
    if output is None:
        _stream(pieces)
        return
    place = output.resolve()
    whole = place.is_file() or not place.exists()
    draft = place.with_name(f".{place.name}.{os.getpid()}.part") if whole else place
    try:
        with _writing(output):
            file = draft.open("wb")
        try:
            with file:
                for piece in pieces:
                    with _writing(output):
                        file.write(piece)
                with _writing(output):
                    file.flush()
            if whole:
                with _writing(output):
                    if place.exists():
                        shutil.copymode(place, draft)
                    draft.replace(place)
        except BaseException:
            if whole:
                draft.unlink(missing_ok=True)
            raise
    except BrokenPipeError:
        raise UnwritableFile(output, "nobody reads from it") from None


def _stream(pieces: Iterable[bytes]) -> None:
    sys.stdout.flush()
    out = sys.stdout.buffer
    for piece in pieces:
        with _writing(None):
            # In pieces, as in `_print`.
            for start in range(0, len(piece), _PIECE):
                out.write(piece[start : start + _PIECE])
    with _writing(None):
        out.flush()


@contextmanager
def _writing(output: Path | None) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise UnwritableFile(output or "standard output", error.strerror or str(error)) from error


def _print(text: str) -> None:
    # In pieces: under PYTHONUNBUFFERED Python takes a large write that broke off half way for a whole one.
    for start in range(0, len(text), _PIECE):
        sys.stdout.write(text[start : start + _PIECE])
    sys.stdout.flush()


def rows_text(rows: Rows, format: Format) -> str:
    """The rows as a table for people, or as CSV, TSV or JSON for programs."""
    if format.name == "table":
        from bpsgraph.answers.reading import cell

        return table(rows.columns, [[cell(term) for term in row] for row in rows.rows])
    return {"csv": rows.to_csv, "tsv": rows.to_tsv, "json": rows.to_json}[format.name]()


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as wide as the terminal, or 120 columns where there is none."""
    from bpsgraph.answers import text

    styled = seen_in_colour()
    return text.table(columns, rows, terminal_width() if styled else text.WIDTH, styled)


def terminal_width() -> int:
    """How many columns the terminal has, as rich finds out."""
    from rich.console import Console

    return Console().width


def triples_text(triples: Triples, format: Format) -> str:
    """The triples in an RDF format, in a stable order."""
    from bpsgraph import serialisation

    return serialisation.text(triples, format)


def seen_in_colour() -> bool:
    """Whether standard output shows colours: it is a terminal, or FORCE_COLOR is set (https://force-color.org)."""
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def rendered(content: "RenderableType", *, styled: bool | None = None) -> str:
    """What rich prints, as text; styled for a terminal, or as said."""
    from rich.console import Console

    seen = seen_in_colour() if styled is None else styled
    console = Console(
        file=io.StringIO(), force_terminal=seen, width=None if seen else 120, markup=False, highlight=False
    )
    with console.capture() as capture:
        console.print(content)
    return "".join(line.rstrip() + "\n" for line in capture.get().splitlines())
