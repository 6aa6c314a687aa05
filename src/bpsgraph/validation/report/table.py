"""Findings as CSV and as JSON, with the published field names."""

import csv
import io
import json
from collections.abc import Sequence

from bpsgraph.results import Finding, Report

_LANGUAGES = ("zh", "en")
_TEXTS = {"message", "item", "fix"}


def to_json(reports: Sequence[Report]) -> str:
    """A list of reports, each with its findings and verdicts."""
    return json.dumps([report.to_dict() for report in reports], ensure_ascii=False, indent=2) + "\n"


def to_csv(reports: Sequence[Report]) -> str:
    """One row per finding; texts in two columns, one for each language."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    columns = _columns()
    writer.writerow([*columns, "file"])
    for report in reports:
        for finding in report.findings:
            fields = finding.to_dict()
            row = []
            for column in columns:
                name, _, language = column.partition("_")
                value = fields[name]
                row.append(_safe((value or {}).get(language) if language else value))
            writer.writerow([*row, report.file])
    return text.getvalue()


def _columns() -> list[str]:
    columns: list[str] = []
    for name in _published_names():
        columns += [f"{name}_{language}" for language in _LANGUAGES] if name in _TEXTS else [name]
    return columns


def _published_names() -> list[str]:
    return [name if name != "as_of" else "asOf" for name in Finding.__dataclass_fields__]


def _safe(value: object) -> str:
    """The value as a cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text
