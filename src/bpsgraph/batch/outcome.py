"""What a run remembers of one submission: enough to count, rank and compare it, without its report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any, Self

from bpsgraph.errors import BpsError
from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import Report, Severity, Text

ASSURANCES = ("completeness", "baseline", "coverage", "funding", "sustainability", "overreach")
_SEVERITIES = {severity.label: severity for severity in Severity}
_NONE = dict.fromkeys(sorted(Severity, reverse=True), 0)
_MET = (ValueVerdict.MEETS, ValueVerdict.ABOVE)
_SETTLED = (*_MET, ValueVerdict.BELOW, ValueVerdict.MISSING)


@dataclass(frozen=True, slots=True)
class Brief:
    """A finding in few words: what names it from run to run, how bad it is, and what it is about."""

    fingerprint: str
    severity: Severity
    rule: str
    assurance: str
    item: Text | None
    waived: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return {
            "fingerprint": self.fingerprint,
            "severity": self.severity.label,
            "rule": self.rule,
            "assurance": self.assurance,
            "item": _words(self.item),
            "waived": self.waived,
        }

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Self:
        """The finding of which `to_dict` made the fields; raises `KeyError` or `TypeError` for others."""
        return cls(
            str(said["fingerprint"]),
            _SEVERITIES[said["severity"]],
            str(said["rule"]),
            str(said["assurance"]),
            _text(said["item"]),
            bool(said["waived"]),
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a submission could not be judged: the code of the error, and its sentence."""

    code: str
    sentence: str

    @classmethod
    def of(cls, error: BpsError) -> Self:
        """The error as a line of a summary."""
        return cls(error.code, str(error))


# Without slots: counts are asked for often, and are kept beside the fields.
@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One submission after its turn: what was found, or the problem that kept it from being judged.

    `file` is its name within the folder and `key` the hash of everything that the outcome depends on.
    `unread` says that a part of it could not be read, while the rest was judged, `not_run` that a rule could
    not run. `place`, `code` and `catalogue` name whose catalogue it is; `edition` or `as_of` what it was
    compared with. `noticed` is the worst of what its report notes beside the findings.
    `reports` are the files written about it, below the folder of the reports.
    """

    file: str
    key: str
    problem: Problem | None = None
    unread: Problem | None = None
    not_run: Problem | None = None
    catalogue: str | None = None
    code: str | None = None
    place: Text | None = None
    title: Text | None = None
    compared_with: Text | None = None
    edition: str | None = None
    as_of: date | None = None
    findings: tuple[Brief, ...] = ()
    noticed: Severity | None = None
    verdicts: tuple[tuple[str, int], ...] = ()
    reports: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        report: Report,
        *,
        key: str,
        code: str | None,
        place: Text | None,
        unread: Problem | None,
        not_run: Problem | None,
        assurances: Mapping[str, str],
        reports: tuple[str, ...],
    ) -> Self:
        """The outcome that a report makes; `assurances` gives the assurance of each rule by its id."""
        return cls(
            file=report.file,
            key=key,
            unread=unread,
            not_run=not_run,
            catalogue=report.catalogue,
            code=code,
            place=place,
            title=report.title,
            compared_with=report.compared_with,
            edition=report.edition,
            as_of=report.as_of,
            findings=tuple(
                Brief(f.fingerprint, f.severity, f.rule, assurances[f.rule], f.item, f.waived is not None)
                for f in report.findings
            ),
            noticed=max((notice.severity for notice in report.notices), default=None),
            verdicts=tuple((value.value, count) for value, count in report.verdict_counts().items()),
            reports=reports,
        )

    def counts(self) -> Mapping[Severity, int]:
        """How many findings there are of each severity, the worst first, zero included, waived ones not."""
        return self._counts[None]

    def counts_of(self, assurance: str) -> Mapping[Severity, int]:
        """The counts of the findings that are about one assurance."""
        return self._counts.get(assurance, _NONE)

    @cached_property
    def _counts(self) -> Mapping[str | None, Mapping[Severity, int]]:
        """The counts by assurance, and those of all by None."""
        found: dict[str | None, dict[Severity, int]] = {None: dict(_NONE)}
        for finding in self.findings:
            if not finding.waived:
                for about in (None, finding.assurance):
                    found.setdefault(about, dict(_NONE))[finding.severity] += 1
        return found

    @property
    def waived(self) -> int:
        """How many findings are waived."""
        return sum(finding.waived for finding in self.findings)

    def fails(self, threshold: Severity | None) -> bool:
        """Whether a finding that is not waived, or a notice, is at or above the threshold; None is never."""
        found = [severity for severity, number in self.counts().items() if number]
        return threshold is not None and max((*found, self.noticed or 0), default=0) >= threshold

    @property
    def floors(self) -> int:
        """How many floors the catalogue either meets, stays below, or does not answer."""
        return self._floors[0]

    @property
    def met(self) -> int:
        """How many floors the catalogue meets or exceeds."""
        return self._floors[1]

    @cached_property
    def share(self) -> Fraction | None:
        """The share of the floors that are met; None where there is none to meet."""
        return Fraction(self.met, self.floors) if self.floors else None

    @cached_property
    def _floors(self) -> tuple[int, int]:
        """How many floors can be settled, and how many of them are met."""
        known = dict(self.verdicts)
        settled, met = (sum(known.get(kind.value, 0) for kind in kinds) for kinds in (_SETTLED, _MET))
        return settled, met

    def to_dict(self) -> dict[str, Any]:
        """The fields under their published names, ready for JSON."""
        return {
            "file": self.file,
            "key": self.key,
            "problem": _problem_words(self.problem),
            "unread": _problem_words(self.unread),
            "notRun": _problem_words(self.not_run),
            "catalogue": self.catalogue,
            "code": self.code,
            "place": _words(self.place),
            "title": _words(self.title),
            "comparedWith": _words(self.compared_with),
            "edition": self.edition,
            "asOf": self.as_of.isoformat() if self.as_of else None,
            "noticed": self.noticed.label if self.noticed else None,
            "verdicts": dict(self.verdicts),
            "reports": list(self.reports),
            "findings": [finding.to_dict() for finding in self.findings],
        }

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Self:
        """The outcome of which `to_dict` made the fields.

        Raises `KeyError`, `TypeError`, `ValueError` or `AttributeError` for what is none.
        """
        return cls(
            file=str(said["file"]),
            key=str(said["key"]),
            problem=_problem(said["problem"]),
            unread=_problem(said["unread"]),
            not_run=_problem(said["notRun"]),
            catalogue=said["catalogue"],
            code=said["code"],
            place=_text(said["place"]),
            title=_text(said["title"]),
            compared_with=_text(said["comparedWith"]),
            edition=said["edition"],
            as_of=date.fromisoformat(said["asOf"]) if said["asOf"] else None,
            findings=tuple(Brief.from_dict(finding) for finding in said["findings"]),
            noticed=_SEVERITIES[said["noticed"]] if said["noticed"] else None,
            verdicts=tuple((str(name), int(count)) for name, count in said["verdicts"].items()),
            reports=tuple(map(str, said["reports"])),
        )


def _words(text: Text | None) -> dict[str, str] | None:
    return {"zh": text.zh, "en": text.en} if text else None


def _text(said: Mapping[str, str] | None) -> Text | None:
    return Text(said["zh"], said["en"]) if said else None


def _problem_words(problem: Problem | None) -> dict[str, str] | None:
    return {"code": problem.code, "sentence": problem.sentence} if problem else None


def _problem(said: Mapping[str, str] | None) -> Problem | None:
    return Problem(said["code"], said["sentence"]) if said else None
