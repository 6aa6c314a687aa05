"""The copy of what was submitted, with its findings in the cells: where it may go, and writing it."""

import sys
from collections.abc import Sequence
from pathlib import Path

from bpsgraph.cli.output import write
from bpsgraph.errors import BadParameter
from bpsgraph.results import Report

ANNOTATED = (".xlsx", ".csv", ".tsv", ".txt")


def refuse_copy(target: Path, files: Sequence[str]) -> None:
    """Raise `BadParameter` where a copy of what is given cannot be made at that place."""
    if len(files) != 1:
        raise BadParameter("--annotated", "a copy is of one file", "name one file, or use bpsgraph batch")
    source = Path(files[0])
    if source.suffix.lower() not in ANNOTATED:
        raise BadParameter(
            "--annotated",
            f"{files[0]} is no workbook and no CSV file",
            "take another format of the report, such as -o report.xlsx",
        )
    if target.suffix.lower() != ".xlsx":
        raise BadParameter("--annotated", f"{target} is no .xlsx file", "name it like county.checked.xlsx")
    if target.exists() and source.exists() and target.samefile(source):
        raise BadParameter("--annotated", f"{target} is the file itself", "give the copy a name of its own")


def write_copy(target: Path, file: str, report: Report, lang: str) -> None:
    """Write the copy, and say on standard error what it could not keep and how much it marks."""
    from bpsgraph.ingest.delimited import read_delimited
    from bpsgraph.ingest.package import looks_like_workbook
    from bpsgraph.validation.report.annotated import annotate

    data = Path(file).read_bytes()
    copy = annotate(data if looks_like_workbook(data) else read_delimited(data, file), report, lang)
    for note in copy.notes:
        print(f"note: {target}: {note.in_language(lang)}", file=sys.stderr)
    write(copy.content, target)
    marked = sum(finding.cell is not None and finding.waived is None for finding in report.findings)
    what = "finding" if marked == 1 else "findings"
    print(f"note: {marked} {what} marked in their cells in {target}", file=sys.stderr)
