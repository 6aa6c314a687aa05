"""The copy of what was submitted, with its findings in the cells: where it may go."""

from collections.abc import Sequence
from pathlib import Path

from bpsgraph.errors import BadParameter

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
