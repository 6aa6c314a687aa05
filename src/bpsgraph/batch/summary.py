"""The summary of a run: a row for each submission, the ranking, and what has changed since the last run."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bpsgraph.batch.changes import FORMAT, MARKING, Change, Earlier, Mark, changes, gone
from bpsgraph.batch.outcome import ASSURANCES, Outcome
from bpsgraph.batch.ranking import OVERALL, RULE, rank
from bpsgraph.batch.shelf import dump
from bpsgraph.batch.survey import Skipped
from bpsgraph.results import Severity, Text
from bpsgraph.terms import short
from bpsgraph.validation.report.table import safe

ASKED_OTHERWISE = Text(
    "上次运行的对照对象或设置与本次不同，变化也可能由此而来。",
    "The last run was asked to judge otherwise than this one: changes may come from that too.",
)
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Row:
    """One submission in the summary; `same_catalogue` are the other files that describe its catalogue."""

    outcome: Outcome
    ranks: Mapping[str, int]
    change: Change | None
    same_catalogue: tuple[str, ...]

    @property
    def leads(self) -> bool:
        """Whether it is the first of several files for one catalogue."""
        return bool(self.same_catalogue) and self.outcome.file < self.same_catalogue[0]

    def to_dict(self) -> dict[str, Any]:
        """The row, ready for JSON."""
        outcome, change = self.outcome, self.change
        return {
            **outcome.to_dict(),
            "counts": _by_label(outcome.counts()),
            "waived": outcome.waived,
            "assurances": {name: _by_label(outcome.counts_of(name)) for name in ASSURANCES},
            "floors": outcome.floors,
            "met": outcome.met,
            "share": float(outcome.share) if outcome.share is not None else None,
            "ranks": dict(self.ranks),
            "sameCatalogue": list(self.same_catalogue),
            "changes": {
                "mark": change.mark.value,
                "new": [finding.fingerprint for finding in change.new],
                "fixed": [finding.to_dict() for finding in change.fixed],
                "open": len(change.open),
            }
            if change
            else None,
        }


@dataclass(frozen=True, slots=True)
class Summary:
    """A run as a whole. `asked` is what it was asked to judge by; without `earlier` it is the first run.

    Rows are in the order of the ranking, then by file; what has no rank comes last.
    """

    folder: str
    asked: Mapping[str, Any]
    rows: tuple[Row, ...]
    skipped: tuple[Skipped, ...]
    gone: tuple[str, ...]
    earlier: bool
    asked_otherwise: bool

    def counts(self) -> dict[Severity, int]:
        """The findings of each severity over all submissions, the worst first."""
        found: Counter[Severity] = Counter()
        for row in self.rows:
            found.update(row.outcome.counts())
        return {severity: found[severity] for severity in sorted(Severity, reverse=True)}

    def marks(self) -> dict[Mark, int]:
        """How many submissions bear each mark."""
        found = Counter(row.change.mark for row in self.rows if row.change)
        return {mark: found[mark] for mark in Mark}

    def changed(self) -> dict[str, int]:
        """How many findings are new, fixed and still open, where a submission was judged both times."""
        known = [row.change for row in self.rows if row.change]
        return {
            "new": sum(len(change.new) for change in known),
            "fixed": sum(len(change.fixed) for change in known),
            "open": sum(len(change.open) for change in known),
        }

    @property
    def unusable(self) -> int:
        """How many submissions could not be judged."""
        return sum(row.outcome.problem is not None for row in self.rows)

    @property
    def partly_unread(self) -> int:
        """How many submissions were judged except for a part that could not be read."""
        return sum(row.outcome.unread is not None for row in self.rows)

    def failing(self, threshold: Severity | None) -> int:
        """How many submissions have a finding at or above the threshold; None is never."""
        return sum(row.outcome.fails(threshold) for row in self.rows)

    @property
    def waived(self) -> int:
        """How many findings are waived, over all submissions."""
        return sum(row.outcome.waived for row in self.rows)

    @property
    def not_run(self) -> int:
        """How many submissions met a rule that could not run."""
        return sum(row.outcome.not_run is not None for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """The whole summary, ready for JSON."""
        return {
            "format": FORMAT,
            "folder": self.folder,
            "asked": dict(self.asked),
            "rules": {"ranking": _words(RULE), "changes": _words(MARKING)},
            "totals": {
                "submissions": len(self.rows),
                "judged": len(self.rows) - self.unusable,
                "unusable": self.unusable,
                "partlyUnread": self.partly_unread,
                "skipped": len(self.skipped),
                "counts": _by_label(self.counts()),
                "waived": self.waived,
                "notRun": self.not_run,
                "changes": {
                    **self.changed(),
                    "marks": {mark.value: number for mark, number in self.marks().items()},
                    "askedOtherwise": self.asked_otherwise,
                }
                if self.earlier
                else None,
            },
            "submissions": [row.to_dict() for row in self.rows],
            "skipped": [{"file": one.file, "reason": _words(one.reason)} for one in self.skipped],
            "gone": list(self.gone),
        }


def summarise(
    folder: str,
    asked: Mapping[str, Any],
    outcomes: Iterable[Outcome],
    skipped: Sequence[Skipped],
    earlier: Earlier | None,
) -> Summary:
    """The summary of the outcomes, compared with an earlier run where there is one."""
    outcomes = sorted(outcomes, key=lambda outcome: outcome.file)
    ranks = rank(outcomes)
    changed = changes(outcomes, earlier) if earlier else {}
    sharing: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.catalogue:
            sharing.setdefault(outcome.catalogue, []).append(outcome.file)
    rows = [
        Row(
            outcome,
            ranks.get(outcome.file, {}),
            changed.get(outcome.file),
            tuple(name for name in sharing.get(outcome.catalogue or "", ()) if name != outcome.file),
        )
        for outcome in outcomes
    ]
    return Summary(
        folder,
        asked,
        tuple(sorted(rows, key=lambda row: row.ranks.get(OVERALL, len(rows) + 1))),
        tuple(skipped),
        tuple(gone(outcomes, earlier) if earlier else ()),
        earlier is not None,
        earlier is not None and dict(earlier.asked) != dict(asked),
    )


def to_json(summary: Summary) -> str:
    """The summary as JSON; a later run compares itself with it."""
    return dump(summary.to_dict())


COLUMNS = (
    "rank",
    "file",
    "code",
    "place_zh",
    "place_en",
    "catalogue",
    "title_zh",
    "title_en",
    "edition",
    "asOf",
    *(severity.label for severity in sorted(Severity, reverse=True)),
    "waived",
    *ASSURANCES,
    *(f"{assurance}_rank" for assurance in ASSURANCES),
    "floors",
    "met",
    "share",
    "new",
    "fixed",
    "open",
    "mark",
    "sameCatalogue",
    "error",
    "sentence",
)


def cells(row: Row) -> list[str | int | float | None]:
    """The values of a row in the order of `COLUMNS`.

    The column of an assurance counts its violations and warnings.
    """
    outcome, change = row.outcome, row.change
    judged = outcome.problem is None
    problem = outcome.problem or outcome.unread or outcome.not_run
    compared = change is not None and change.mark not in {Mark.FIRST, Mark.NOT_COMPARED}
    of_assurances = [
        sum(number for severity, number in outcome.counts_of(name).items() if severity > Severity.INFO)
        for name in ASSURANCES
    ]
    return [
        row.ranks.get(OVERALL),
        outcome.file,
        outcome.code,
        outcome.place.zh if outcome.place else None,
        outcome.place.en if outcome.place else None,
        short(outcome.catalogue) if outcome.catalogue else None,
        outcome.title.zh if outcome.title else None,
        outcome.title.en if outcome.title else None,
        outcome.edition,
        outcome.as_of.isoformat() if outcome.as_of else None,
        *(number if judged else None for number in outcome.counts().values()),
        outcome.waived if judged else None,
        *(number if judged else None for number in of_assurances),
        *(row.ranks.get(assurance) for assurance in ASSURANCES),
        outcome.floors if judged else None,
        outcome.met if judged else None,
        round(float(outcome.share), 4) if outcome.share is not None else None,
        *((len(change.new), len(change.fixed), len(change.open)) if change and compared else (None,) * 3),
        change.mark.value if change else None,
        "; ".join(row.same_catalogue) or None,
        problem.code if problem else None,
        problem.sentence if problem else None,
    ]


def to_csv(summary: Summary) -> str:
    """One row for each submission, with the byte order mark by which Excel knows UTF-8."""
    text = io.StringIO()
    text.write(_BYTE_ORDER_MARK)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in summary.rows:
        writer.writerow(safe(value) for value in cells(row))
    return text.getvalue()


def _by_label(counts: Mapping[Severity, int]) -> dict[str, int]:
    return {severity.label: number for severity, number in counts.items()}


def _words(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}
