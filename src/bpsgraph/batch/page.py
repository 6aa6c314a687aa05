"""The summary as one self-contained page: it loads nothing, prints well, and its table can be searched."""

from importlib.resources import files
from typing import Any
from urllib.parse import quote

from bpsgraph.batch.changes import MARKING
from bpsgraph.batch.outcome import ASSURANCES
from bpsgraph.batch.ranking import RULE
from bpsgraph.batch.summary import ASKED_OTHERWISE, Summary
from bpsgraph.batch.words import MARKS, percent
from bpsgraph.results import Severity
from bpsgraph.validation.report import words


def to_html(summary: Summary) -> str:
    """The page, in Chinese with the English beside it."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(
        files("bpsgraph.batch").joinpath("summary.html.jinja").read_text(encoding="utf-8")
    )
    return template.render(
        summary=summary,
        rows=summary.rows,
        unusable=[row for row in summary.rows if row.outcome.problem],
        partly=[row for row in summary.rows if row.outcome.unread],
        twice=sorted((row.outcome.file, *row.same_catalogue) for row in summary.rows if row.leads),
        severities=sorted(Severity, reverse=True),
        severity_words=words.SEVERITIES,
        assurances={name: words.ASSURANCES[name] for name in ASSURANCES},
        marks=MARKS,
        ranking=RULE,
        marking=MARKING,
        asked_otherwise=ASKED_OTHERWISE,
        concerns=_concerns,
        link=quote,
        percent=percent,
    )


def _concerns(counts: dict[Severity, int]) -> dict[str, Any]:
    """How many violations and warnings there are, and the name of the worst severity among them."""
    found = {severity: number for severity, number in counts.items() if number and severity > Severity.INFO}
    return {"number": sum(found.values()), "worst": max(found).label if found else "fine"}
