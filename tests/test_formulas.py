"""No text that somebody else wrote becomes a formula where a spreadsheet opens what we write (OWASP, CSV injection)."""

import csv
import io
from collections.abc import Callable, Iterator

import openpyxl
import pytest

from bpsgraph.batch.outcome import Outcome, Problem
from bpsgraph.batch.summary import summarise
from bpsgraph.batch.summary import to_csv as summary_csv
from bpsgraph.batch.workbook import to_xlsx as summary_xlsx
from bpsgraph.ingest.delimited import read_delimited
from bpsgraph.repair import Change, write_patch
from bpsgraph.results import Finding, Report, Severity, Text, fingerprint
from bpsgraph.sources import find_sources
from bpsgraph.validation import report as reports
from bpsgraph.validation.report.annotated import annotate
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.workbooks.draft import Draft
from bpsgraph.workbooks.figures import empty_table
from bpsgraph.workbooks.files import to_bytes

POISON = ('=HYPERLINK("http://127.0.0.1:9/")', "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)")
BEGINS = ("=", "+", "-", "@")


def report(poison: str) -> Report:
    text = Text(poison, poison)
    rule = next(iter(rules_of(ShapesGraph.read(find_sources().shapes())).values()))
    finding = Finding(
        rule=rule.id,
        severity=Severity.VIOLATION,
        message=text,
        focus="urn:x",
        fingerprint=fingerprint(rule.id, "", poison),
        item=text,
        value=poison,
        expected=poison,
        source=poison,
        sheet=poison,
        cell="B2",
        fix=text,
    )
    return Report(
        file=poison,
        catalogue="urn:c",
        title=text,
        compared_with=text,
        self_sourced=0,
        findings=(finding,),
        verdicts=(),
        rules=(),
        notices=(),
    )


def of_report(name: str) -> Callable[[str], str | bytes]:
    def made(poison: str) -> str | bytes:
        return reports.write(
            name, [report(poison)], rules_of(ShapesGraph.read(find_sources().shapes())), "zh"
        )

    return made


def annotated(poison: str) -> bytes:
    book = read_delimited(f'a,b\r\n"{poison.replace(chr(34), chr(34) * 2)}",1\r\n'.encode(), "x.csv")
    return annotate(book, report(poison), "zh").content


def patch(poison: str) -> str:
    texts = dict.fromkeys(("file", "rule", "fingerprint", "focus", "path", "old", "new", "sheet"), poison)
    return write_patch([Change(why=Text(poison, poison), **texts)], "csv")  # type: ignore[arg-type]


def summary(poison: str) -> object:
    outcome = Outcome(file=poison, key="", problem=Problem("malformed-file", poison))
    return summarise(poison, {}, [outcome], [], None)


def filled(poison: str, format: str) -> bytes:
    draft = Draft()
    draft.about["title"] = poison
    draft.rows["provisions"] = [{"item": poison, "content": poison}]
    return to_bytes(draft, format, {})


MADE: dict[str, Callable[[str], object]] = {
    "report.csv": of_report("csv"),
    "report.xlsx": of_report("xlsx"),
    "annotated.xlsx": annotated,
    "patch.csv": patch,
    "summary.csv": lambda poison: summary_csv(summary(poison)),  # type: ignore[arg-type]
    "summary.xlsx": lambda poison: summary_xlsx(summary(poison)),  # type: ignore[arg-type]
    "filled.csv": lambda poison: filled(poison, "csv"),
    "filled.xlsx": lambda poison: filled(poison, "xlsx"),
    "figures.csv": lambda poison: empty_table([(poison, poison)], poison, [poison], "csv", "utf-8-sig"),
    "figures.xlsx": lambda poison: empty_table([(poison, poison)], poison, [poison], "xlsx", "utf-8-sig"),
}


@pytest.mark.parametrize("name", MADE)
def test_no_text_becomes_a_formula(name: str) -> None:
    for poison in POISON:
        made = MADE[name](poison)
        content = made.encode() if isinstance(made, str) else made
        assert isinstance(content, bytes)
        cells = list(_cells(name, content))
        assert any(poison in text for text, _ in cells), "the text is there"
        assert [text for text, live in cells if live] == []


def _cells(name: str, content: bytes) -> Iterator[tuple[str, bool]]:
    """The texts of all cells, and whether each would be, or become when it is edited, a formula."""
    if name.endswith(".csv"):
        for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")):
            yield from ((text, len(text) > 1 and text.startswith(BEGINS)) for text in row)
        return
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book.worksheets:
        for line in sheet.iter_rows():
            for cell in line:
                if isinstance(cell.value, str):
                    edited = cell.value.startswith(BEGINS) and len(cell.value) > 1 and not cell.quotePrefix
                    yield cell.value, cell.data_type == "f" or edited


def test_what_was_kept_from_being_a_formula_is_read_back_as_it_was() -> None:
    for poison in POISON:
        book = read_delimited(filled(poison, "csv"), "filled.csv")
        assert poison in {cell.text for row in book.sheets[0].rows for cell in row}
    book = read_delimited(b"a,b\r\n'=1+1,'quoted'\r\n", "x.csv")
    assert [cell.text for cell in book.sheets[0].rows[1]] == ["=1+1", "'quoted'"]
