"""`bpsgraph convert`: a catalogue from one form into another."""

import sys
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.output import StoreOption, triples_text, write
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.errors import visible
from bpsgraph.formats import by_name
from bpsgraph.ingest import Submission, read
from bpsgraph.ingest.names import Names
from bpsgraph.store import Store, open_store
from bpsgraph.terms import BASE
from bpsgraph.vocabulary import names_of

# What is remarked on and is read all the same.
_KEPT = frozenset(
    {
        "unknown-document",
        "unknown-agency",
        "hidden-content",
        "trimmed-text",
        "assumed-encoding",
        "assumed-separator",
        "assumed-edition",
    }
)
FORMATS = ("turtle", "jsonld", "ntriples", "rdfxml", "xlsx", "csv")


def convert(
    file: Annotated[
        str,
        Argument(
            metavar="FILE", help="XLSX, CSV, Turtle, JSON-LD, N-Triples or RDF/XML; - is standard input."
        ),
    ],
    output: Annotated[
        Path,
        Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Where to write it; the suffix (.ttl .xlsx .csv …) says how.",
        ),
    ],
    jurisdiction: Annotated[
        str | None,
        Option(metavar="CODE[/EDITION]", help="The place of a table that does not say its own."),
    ] = None,
    encoding: Annotated[
        str, Option(metavar="utf-8-sig|utf-8|gb18030", help="The encoding of a CSV file.")
    ] = "utf-8-sig",
    store: StoreOption = None,
) -> int:
    """Write a catalogue in another form: workbook, CSV, Turtle, JSON-LD, N-Triples or RDF/XML.

    \b
      bpsgraph convert data/ttl/local/140500-2021.ttl -o jincheng.xlsx
      bpsgraph convert county.xlsx -o county.ttl
      bpsgraph convert published.csv --jurisdiction 140500/2021 -o filled.xlsx

    Nothing is lost on the way: what no column of the workbook can hold stands on its sheet 其他陈述. Cells
    that cannot be read are told on standard error, and the exit code is then 2.
    """
    from bpsgraph.workbooks.files import encoded, format_of

    kind, code = format_of(output, FORMATS), encoded(encoding)
    settings = load_settings({"store": store})
    with open_store(settings.store) as opened:
        names = names_of(opened)
        submission = read(file, limit=settings.max_file_size, names=names, jurisdiction=jurisdiction)
        content = _written(submission, kind, code, names, opened)
        lost = _lost(submission, names)
    write(content, output)
    for line in lost:
        print(line, file=sys.stderr)
    return 2 if lost else 0


def _written(submission: Submission, kind: str, encoding: str, names: Names, store: Store) -> str | bytes:
    from bpsgraph.workbooks import national
    from bpsgraph.workbooks.files import to_bytes
    from bpsgraph.workbooks.filled import draft_of
    from bpsgraph.workbooks.lists import lists_of

    if kind not in ("xlsx", "csv"):
        return triples_text(submission.triples, by_name(kind, FORMATS))
    draft = draft_of(submission.triples, submission.name, names)
    if kind == "xlsx":
        followed = str(draft.about.get("baseline", ""))
        year = next((year for year in national.editions(store) if year in followed), None)
        edition = national.edition_of(store, names, year or national.editions(store)[-1])
        draft = national.beside(draft, edition, names)
    return to_bytes(draft, kind, lists_of(names, str(draft.about["jurisdiction"])), encoding)


def _lost(submission: Submission, names: Names) -> list[str]:
    """A line for each cell whose content is not in what is written, and what to do about them."""
    lines = []
    for remark in submission.remarks:
        if remark.reason not in _KEPT:
            where = " ".join(filter(None, (remark.place.sheet, remark.place.cell)))
            reason = names.label(f"{BASE}reading/{remark.reason}")
            lines.append(f"error: {submission.name}, {where}: {reason} {visible(remark.value)}")
    if lines:
        lines.append(f"note: `bpsgraph validate {submission.name}` says what to write instead")
    return lines
