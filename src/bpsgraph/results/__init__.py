"""What stores and validators return: tables of terms, triples, findings and verdicts.

Each name is loaded at its first use: whoever asks a question needs no findings, and their types take longer
to make than an answer.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bpsgraph.results.answers import Difference as Difference
    from bpsgraph.results.answers import Rows as Rows
    from bpsgraph.results.answers import Triples as Triples
    from bpsgraph.results.answers import not_xml as not_xml
    from bpsgraph.results.judgements import READING as READING
    from bpsgraph.results.judgements import CoverageVerdict as CoverageVerdict
    from bpsgraph.results.judgements import Finding as Finding
    from bpsgraph.results.judgements import Notice as Notice
    from bpsgraph.results.judgements import Operand as Operand
    from bpsgraph.results.judgements import Outcome as Outcome
    from bpsgraph.results.judgements import Repair as Repair
    from bpsgraph.results.judgements import Report as Report
    from bpsgraph.results.judgements import RuleStatus as RuleStatus
    from bpsgraph.results.judgements import Verdict as Verdict
    from bpsgraph.results.judgements import Waiver as Waiver
    from bpsgraph.results.judgements import fingerprint as fingerprint
    from bpsgraph.results.words import Severity as Severity
    from bpsgraph.results.words import Text as Text

_HOMES = {
    "not_xml": "answers",
    "Difference": "answers",
    "Rows": "answers",
    "Triples": "answers",
    "READING": "judgements",
    "CoverageVerdict": "judgements",
    "Finding": "judgements",
    "Notice": "judgements",
    "Operand": "judgements",
    "Outcome": "judgements",
    "Repair": "judgements",
    "Report": "judgements",
    "RuleStatus": "judgements",
    "Verdict": "judgements",
    "Waiver": "judgements",
    "fingerprint": "judgements",
    "Severity": "words",
    "Text": "words",
}
__all__ = [
    "READING",
    "CoverageVerdict",
    "Difference",
    "Finding",
    "Notice",
    "Operand",
    "Outcome",
    "Repair",
    "Report",
    "Rows",
    "RuleStatus",
    "Severity",
    "Text",
    "Triples",
    "Verdict",
    "Waiver",
    "fingerprint",
    "not_xml",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = found
    return found
