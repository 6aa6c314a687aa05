"""`bpsgraph template`: the workbook to fill in."""

from pathlib import Path
from typing import Annotated

from bpsgraph.cli.output import StoreOption, write
from bpsgraph.cli.parameters import Option
from bpsgraph.config import load_settings
from bpsgraph.store import open_store
from bpsgraph.vocabulary import names_of


def template(
    output: Annotated[
        Path, Option("--output", "-o", metavar="FILE.xlsx|FILE.csv", help="Where to write it.")
    ],
    edition: Annotated[
        str | None, Option(metavar="YEAR", help="The national edition; by default the newest.")
    ] = None,
    jurisdiction: Annotated[
        str | None,
        Option(metavar="CODE", help="Whose workbook it is: six digits or the name of the place."),
    ] = None,
    domain: Annotated[
        list[str] | None, Option(metavar="N", help="Only this domain, 1 to 9; give it again for more.")
    ] = None,
    item: Annotated[
        list[str] | None, Option(metavar="KEY", help="Only this item; give it again for more.")
    ] = None,
    encoding: Annotated[
        str, Option(metavar="utf-8-sig|utf-8|gb18030", help="The encoding of a CSV file.")
    ] = "utf-8-sig",
    store: StoreOption = None,
) -> int:
    """Write the workbook to fill in, with the rows of the national standard already in it.

    \b
      bpsgraph template -o county.xlsx
      bpsgraph template --edition 2021 --jurisdiction 140500 --domain 2 --domain 5 -o jincheng.xlsx
      bpsgraph template --item preschool-financial-aid -o preschool.csv

    What the State promises stands beside each cell to fill in. Check the filled workbook with
    `bpsgraph validate`.
    """
    from bpsgraph.workbooks.files import encoded, format_of
    from bpsgraph.workbooks.starting import FORMATS, starting_workbook

    kind = format_of(output, FORMATS)
    with open_store(load_settings({"store": store}).store) as opened:
        content = starting_workbook(
            opened,
            names_of(opened),
            kind,
            edition=edition,
            jurisdiction=jurisdiction,
            domains=domain or (),
            items=item or (),
            encoding=encoded(encoding),
        )
    write(content, output)
    return 0
