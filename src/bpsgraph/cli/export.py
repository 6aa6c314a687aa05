"""`bpsgraph export`: the site as files, and the graph as one file."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.output import StoreOption, write_pieces
from bpsgraph.cli.parameters import Option
from bpsgraph.cli.remote import folder_of
from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter, BadUsage

_LISTED = 20


def export(
    static: Annotated[Path | None, Option(metavar="DIR", help="The folder of the copy of the site.")] = None,
    dump: Annotated[
        Path | None,
        Option(
            metavar="FILE", help="The file of the whole graph: .nq, .trig, .ttl or .nt, or these with .gz."
        ),
    ] = None,
    workers: Annotated[
        int | None, Option(metavar="N", help="How many processes write (default: one per processor).")
    ] = None,
    without: Annotated[
        list[str] | None,
        Option(metavar="PATH", help="Leave out what lies below this path, such as /queries; repeatable."),
    ] = None,
    store: StoreOption = None,
) -> int:
    """Write the site as files that any host can serve, and the graph as a file.

    \b
      bpsgraph export --static site
      bpsgraph export --dump bpsgraph.nq.gz
    """
    if static is None and dump is None:
        raise BadUsage("nothing is asked for", "add --static DIR, --dump FILE, or both")
    if workers is not None and workers < 1:
        raise BadParameter("--workers", f"{workers} is no number of processes", "choose 1 or more")
    if dump is not None:
        _dump(dump, store)
    return 0 if static is None else _static(static, workers, tuple(without or ()), store)


def _dump(file: Path, store: str | None) -> None:
    from bpsgraph.publishing.dumps import DUMP_FORMATS, compressed, content
    from bpsgraph.store import open_store

    name = file.name.lower().removesuffix(".gz")
    formats = {suffix: format for format in DUMP_FORMATS for suffix in format.suffixes}
    format = formats.get(f".{name.rpartition('.')[2]}")
    if format is None:
        choices = f"choose one of: {', '.join(formats)}, and .gz behind it"
        raise BadParameter("--dump", f"{file.name} has no suffix of a dump", choices)
    settings = load_settings({"store": store})
    with open_store(settings.store) as opened:
        pieces = content(opened, opened.graphs(), format)
        write_pieces(compressed(pieces) if file.name.lower().endswith(".gz") else pieces, file)
    print(f"{file}: {file.stat().st_size:,} bytes", file=sys.stderr)


def _static(folder: Path, workers: int | None, without: tuple[str, ...], store: str | None) -> int:
    from bpsgraph.batch import default_workers
    from bpsgraph.web.static_copy import export

    settings = load_settings({"store": store})
    with _shown() as show:
        done = export(
            folder,
            replace(settings, store=folder_of(settings)),
            without=without,
            workers=workers or default_workers(),
            progress=show,
        )
    known = f", {done.known:,} of them known from before" if done.known else ""
    removed = f", {done.removed:,} taken away" if done.removed else ""
    print(f"{folder}: {done.files:,} files{known}{removed}", file=sys.stderr)
    if settings.public_url is None:
        print("set public_url to have the rules for w3id.org written", file=sys.stderr)
    for address in done.missing[:_LISTED]:
        print(f"a link leads to {address}, where the site has nothing", file=sys.stderr)
    if len(done.missing) > _LISTED:
        print(f"and {len(done.missing) - _LISTED:,} more such links", file=sys.stderr)
    return 1 if done.missing else 0


@contextmanager
def _shown() -> Iterator[Callable[[int, int], None]]:
    """What shows on a terminal how far an export is."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    with Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as bar:
        task = bar.add_task("")

        def show(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield show
