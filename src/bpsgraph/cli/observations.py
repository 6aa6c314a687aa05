"""`bpsgraph observations`: figures of indicators, from a table into the store."""

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.accept import ByOption, name_of
from bpsgraph.cli.output import LanguageOption, StoreOption, triples_text, write
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.cli.remote import JournalOption, registered
from bpsgraph.config import Settings, load_settings
from bpsgraph.errors import BadParameter, BadUsage
from bpsgraph.formats import FORMATS
from bpsgraph.ingest.names import Names
from bpsgraph.library import Library, bind
from bpsgraph.results import Text
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store, select
from bpsgraph.terms import BASE, short
from bpsgraph.vocabulary import names_of, units_in_use

_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def observations(
    file: Annotated[
        str | None, Argument(metavar="[FILE]", help="A workbook (.xlsx) or CSV file; - is standard input.")
    ] = None,
    dataset: Annotated[
        str | None, Option(metavar="KEY", help="The key of the data set (default: the name of the file).")
    ] = None,
    title: Annotated[str | None, Option(metavar="TEXT", help="What the data set is called.")] = None,
    jurisdiction: Annotated[
        str | None, Option(metavar="CODE", help="The place of a table without a column 行政区.")
    ] = None,
    indicator: Annotated[
        str | None, Option(metavar="KEY", help="The indicator of a table without a column 指标.")
    ] = None,
    output: Annotated[
        Path | None,
        Option(
            "--output", "-o", metavar="FILE", help="Write Turtle, or the template; leave the store alone."
        ),
    ] = None,
    template: Annotated[
        bool, Option("--template", help="Write an empty table (.csv or .xlsx) to fill in.")
    ] = False,
    period: Annotated[
        list[str] | None, Option(metavar="YEAR", help="A period of the template; give it again for more.")
    ] = None,
    encoding: Annotated[
        str, Option(metavar="utf-8-sig|utf-8|gb18030", help="The encoding of a template in CSV.")
    ] = "utf-8-sig",
    withdraw: Annotated[
        str | None, Option(metavar="KEY", help="Take the data set of that key out of the store instead.")
    ] = None,
    reason: Annotated[str, Option(metavar="TEXT", help="Why it is withdrawn.")] = "",
    by: ByOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
    journal: JournalOption = None,
) -> int:
    """Check a table of figures cell by cell, and put it into the store as a data set.

    \b
      bpsgraph observations --template --period 2023 --period 2024 -o figures.csv
      bpsgraph observations figures.csv -o figures.ttl
      bpsgraph observations figures.xlsx --dataset yearbook-2024 --by 王芳

    A row is one figure, or has a column for each year. An import takes the place of the earlier one of the
    same key; each is an entry of the journal, and survives `bpsgraph build`. The exit code is 1 where cells
    cannot be used, with a sentence for each, and nothing is changed then; 2 where the file is no such table.
    A negative figure and a percentage outside 0..100 are imported, with a warning.
    """
    settings = load_settings({"store": store, "lang": lang, "by": by, "journal": journal})
    asked = [
        name for name, given in (("FILE", file), ("--template", template), ("--withdraw", withdraw)) if given
    ]
    if len(asked) != 1:
        raise BadUsage(
            " and ".join(asked) + " cannot be given together" if asked else "there is nothing to import",
            "give a FILE, or --template, or --withdraw KEY",
        )
    if withdraw is not None:
        return _withdraw(settings, withdraw.removeprefix("dataset/"), reason)
    if file is None:
        return _template(settings, output, jurisdiction, period or [], encoding)
    return _import(settings, file, dataset, title, jurisdiction, indicator, output)


def _import(
    settings: Settings,
    file: str,
    dataset: str | None,
    title: str | None,
    jurisdiction: str | None,
    indicator: str | None,
    output: Path | None,
) -> int:
    # Commands that read no table start without its readers.
    from bpsgraph.ingest.files import read_book
    from bpsgraph.ingest.observations import problems_of, read_observations, warnings_of

    key = _key(file, dataset)
    book, file_hash = read_book(file, limit=settings.max_file_size)
    with open_store(settings.store) as opened:
        names = names_of(opened)
        figures = read_observations(
            book,
            names,
            units_in_use(opened, f"{BASE}dataset/{key}"),
            key=key,
            title=Text(title, title) if title else None,
            indicator=_named(names, "indicator", indicator, "--indicator"),
            jurisdiction=_named(names, "jurisdiction", jurisdiction, "--jurisdiction"),
        )
    chinese = settings.lang == "zh"
    for cell, text in warnings_of(figures):
        print(f"警告：{cell}：{text.zh}" if chinese else f"warning: {cell}: {text.en}", file=sys.stderr)
    if figures.problems:
        for cell, text in problems_of(figures):
            print(f"{cell}：{text.zh}" if chinese else f"{cell}: {text.en}")
        count = len(figures.problems)
        print(
            f"{count}处有问题，没有导入" if chinese else f"{count} problems, nothing was imported",
            file=sys.stderr,
        )
        return 1
    counted = (
        f"{figures.values}个数值，{figures.missing}个缺失"
        if chinese
        else f"{figures.values} values, {figures.missing} missing"
    )
    if output is not None:
        write(triples_text(figures.triples, FORMATS["turtle"]), output)
        print(counted, file=sys.stderr)
        return 0
    library = Library(find_sources(settings.sources).root / "queries")
    with registered(settings, library) as register:
        done = register.accept_figures(
            figures, by=name_of(settings), at=datetime.now(UTC), file=book.name, file_hash=file_hash
        )
    print(done.entry, short(done.dataset), done.content_hash)
    if done.known:
        words = "内容与已导入的相同" if chinese else "the same content has been imported before"
    else:
        words = f"已导入{counted}" if chinese else f"imported {counted}"
    print(f"{words}：第{done.entry}条" if chinese else f"{words}: entry {done.entry}", file=sys.stderr)
    return 0


def _withdraw(settings: Settings, key: str, reason: str) -> int:
    library = Library(find_sources(settings.sources).root / "queries")
    with registered(settings, library) as register:
        done = register.withdraw_figures(key, by=name_of(settings), at=datetime.now(UTC), reason=reason)
    print(done.entry, short(done.catalogue))
    words = f"已撤回：第{done.entry}条" if settings.lang == "zh" else f"withdrawn: entry {done.entry}"
    print(words, file=sys.stderr)
    return 0


def _template(
    settings: Settings, output: Path | None, jurisdiction: str | None, periods: list[str], encoding: str
) -> int:
    from bpsgraph.workbooks.figures import empty_table
    from bpsgraph.workbooks.files import encoded, format_of

    if output is None:
        raise BadParameter(
            "--template", "there is no place to write it to", "add -o FILE.csv or -o FILE.xlsx"
        )
    kind = format_of(output, ("csv", "xlsx"))
    library = Library(find_sources(settings.sources).root / "queries")
    with open_store(settings.store) as opened:
        names = names_of(opened)
        place = _named(names, "jurisdiction", jurisdiction, "--jurisdiction")
        rows = [
            (str(row["indicator_zh"].value), str(row["unit_zh"].value) if row["unit_zh"] else "")
            for row in select(opened, bind(library["observations/indicators"]))
            if row["indicator_zh"] is not None and row["targets"] is not None and row["targets"].value != "0"
        ]
    code = place.rpartition("/")[2] if place else ""
    write(empty_table(rows, code, periods or [""], kind, encoded(encoding)), output)
    return 0


def _key(file: str, dataset: str | None) -> str:
    key = (
        dataset.removeprefix("dataset/")
        if dataset
        else Path(file).stem.lower().replace("_", "-").replace(" ", "-")
    )
    if not _KEY.fullmatch(key):
        where = "--dataset" if dataset else file
        raise BadParameter(
            where,
            f"{key!r} cannot be the key of a data set",
            "give --dataset KEY of small letters, digits and hyphens, such as yearbook-2024",
        )
    return key


def _named(names: Names, kind: str, text: str | None, option: str) -> str | None:
    if text is None:
        return None
    found = names.find(kind, text)
    if not found and f"{BASE}{kind}/{text}" in names.labels(kind):
        found = (f"{BASE}{kind}/{text}",)
    if len(found) != 1:
        near = names.near(kind, text)
        raise BadParameter(
            option,
            f"{text!r} is the name of {len(found)} things" if found else f"{text!r} is not known",
            f"did you mean {' or '.join(near)}?" if near and not found else "write its key or code",
        )
    return found[0]
