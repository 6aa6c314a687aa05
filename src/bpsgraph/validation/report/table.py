"""Findings as CSV and as JSON, with the published field names."""

import csv
import io
from collections.abc import Mapping, Sequence

from bpsgraph.results import Report
from bpsgraph.results.indented import indented
from bpsgraph.validation.report.words import columns, in_columns
from bpsgraph.validation.rules import Rule

_BYTE_ORDER_MARK = "\ufeff"
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\0")


def write_json(reports: Sequence[Report], rules: Mapping[str, Rule], lang: str) -> str:
    """A list of reports, each with its findings and verdicts, exactly as they are."""
    return indented(reports) + "\n"


def write_csv(reports: Sequence[Report], rules: Mapping[str, Rule], lang: str) -> str:
    """One row per finding; texts in two columns, one for each language.

    It opens with the byte order mark by which Excel knows UTF-8.
    """
    text = io.StringIO()
    text.write(_BYTE_ORDER_MARK)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*columns(), "file"])
    for report in reports:
        for finding in report.findings:
            writer.writerow([safe(value) for value in (*in_columns(finding), report.file)])
    return text.getvalue()


def safe(value: object) -> str:
    """The value as a cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    text = f"'{text}" if text.startswith(STARTS_A_FORMULA) else text
    return text.replace("\0", "\\u0000")
