"""`bpsgraph generate`: catalogues with planted faults, for tests and measurements."""

import sys
from pathlib import Path
from typing import Annotated

import click
from rich.console import Console
from rich.progress import track

from bpsgraph.cli.parameters import Option
from bpsgraph.generator import DEFECTS, SIZES
from bpsgraph.generator import generate as generate_files
from bpsgraph.sources import find_sources


def generate(
    output: Annotated[Path, Option("--output", "-o", metavar="FOLDER", help="The folder to write to.")],
    size: Annotated[str, Option(metavar="SIZE", help=f"One of: {', '.join(SIZES)}.")] = "county",
    seed: Annotated[int, Option(metavar="NUMBER", help="The same seed gives the same bytes.")] = 1,
    defects: Annotated[
        str,
        Option(metavar="NAMES", help=f"all, none, or some of: {', '.join(DEFECTS)}; separated by commas."),
    ] = "all",
    jurisdiction: Annotated[
        str | None,
        Option(metavar="CODE", help="The county, or the province with all below it, by its code."),
    ] = None,
) -> None:
    """Write generated catalogues, one Turtle file each, and truth.csv with every finding they must give.

    A finding is named by catalogue, rule, focus and value; it is what validating the catalogue against the
    national edition of 2023 says.
    """
    wanted = {"all": list(DEFECTS), "none": []}.get(defects)
    if wanted is None:
        wanted = [name.strip() for name in defects.split(",") if name.strip()]
    files = findings = 0
    for _, planted in track(
        generate_files(
            find_sources().root / "data" / "ttl",
            output,
            size,
            seed=seed,
            defects=wanted,
            jurisdiction=jurisdiction,
        ),
        description="Catalogues",
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
    ):
        files += 1
        findings += len(planted)
    click.echo(f"{files} catalogues and {findings} findings to be found in {output}", err=True)
