"""How a catalogue stands to the floors: its verdicts, its scorecard, and what is to be mended."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import CoverageVerdict, Finding, Report, Text, Verdict
from bpsgraph.validation.report.scorecard import scorecard
from bpsgraph.validation.report.verdicts import COVERAGE, VALUES
from bpsgraph.validation.report.words import SEVERITIES, VERIFICATION
from bpsgraph.validation.rules import Rule
from bpsgraph.web.pages.choices import Choice, given
from bpsgraph.web.pages.judging import CURRENT, Moment, judge_of
from bpsgraph.web.pages.records import records
from bpsgraph.web.pages.tables import Cell
from bpsgraph.web.view import View

_SHOWN_ANYWAY = (
    "below",
    "missing",
    "narrower",
    "notComparable",
    "deferred",
    "above",
    "wider",
    "meets",
    "noFloor",
)
_ALL = Text("全部", "all")
_COVERED = {CoverageVerdict.NARROWER, CoverageVerdict.WIDER}
_FINDINGS = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One floor and what the catalogue promises for it."""

    item: Cell
    domain: str
    measure: str
    segment: str
    verdict: Cell
    coverage: Cell | None
    promise: str
    floor: str
    conversion: str
    deferred_to: str
    owner: Cell
    since: str
    clause: Cell
    verification: Cell


@dataclass(frozen=True, slots=True)
class Score:
    """One assurance: kept, or how many findings, and the worst of them."""

    name: str
    mark: str
    word: str
    count: int
    href: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding with what to do about it."""

    severity: Cell
    item: str
    message: str
    fix: str
    rule: str
    verification: Cell | None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a catalogue is compared with, what came out, and the ways to ask otherwise."""

    compared_with: str
    today: bool
    moments: tuple[Choice, ...]
    day: str
    edition: str
    verdicts: tuple[Choice, ...]
    domains: tuple[Choice, ...]
    lines: tuple[Line, ...]
    total: int
    verdict: str
    domain: str
    scores: tuple[Score, ...]
    faults: tuple[Fault, ...]
    faults_left: int
    self_sourced: int


def judged(view: View, iri: str, moment: Moment) -> Judged:
    """How a local catalogue stands to the floors of the moment, filtered as the address asks."""
    judge = judge_of(view.snapshot)
    report = judge.report(iri, moment)
    domains = domains_of_items(view)
    lines = tuple(_line(view, verdict, domains) for verdict in report.verdicts)
    verdict, domain = view.parameters.get("verdict", ""), view.parameters.get("domain", "")
    held = {key for line in lines for key in _marks(line)}
    kept = tuple(
        line
        for line in lines
        if (not verdict or verdict in _marks(line)) and (not domain or line.domain == domain)
    )
    asked = {name: view.parameters.get(name, "") for name in ("edition", "as-of", "verdict", "domain")}
    counts = Counter(key for line in lines for key in _marks(line))
    words = _words(view)

    def to(**changed: str) -> str:
        return view.link(view.path, **given(asked, **changed)) + "#verdicts"

    faults = [finding for finding in report.findings if not finding.waived]
    return Judged(
        compared_with=view.say(report.compared_with),
        today=moment.edition == CURRENT or (report.edition is None and moment.day is None),
        moments=_moments(view, report, moment, to),
        day=asked["as-of"],
        edition=asked["edition"],
        verdicts=(
            Choice(view.say(_ALL), to(verdict=""), not verdict, str(len(lines))),
            *(
                Choice(words[key], to(verdict=key), key == verdict, str(counts[key]), key)
                for key in _SHOWN_ANYWAY
                if key in held
            ),
        ),
        domains=(
            Choice(view.say(_ALL), to(domain=""), not domain),
            *(
                Choice(name, to(domain=key), key == domain)
                for key, name in dict(sorted(domains.values())).items()
                if any(line.domain == key for line in lines)
            ),
        ),
        lines=kept,
        total=len(lines),
        verdict=verdict,
        domain=domain,
        scores=_scores(view, report, judge.rules),
        faults=tuple(_fault(view, finding, judge.rules) for finding in faults[:_FINDINGS]),
        faults_left=max(0, len(faults) - _FINDINGS),
        self_sourced=report.self_sourced,
    )


def domains_of_items(view: View) -> Mapping[str, tuple[str, str]]:
    """The key and the name of the domain of each item, by the IRI of the item."""
    return view.snapshot.kept(
        ("domains of items", view.language),
        lambda: {
            row.iri("item"): (row.key("domain"), row.text("domain"))
            for row in records(view, view.answered("items/all"))
        },
    )


def _words(view: View) -> dict[str, str]:
    values = {verdict.value: view.say(words) for verdict, words in VALUES.items()}
    return {
        **{verdict.value: view.say(_COVERS[verdict]) for verdict in COVERAGE if verdict in _COVERS},
        **values,
    }


_COVERS = {
    CoverageVerdict.NARROWER: Text("对象更窄", "narrower group"),
    CoverageVerdict.WIDER: Text("对象更宽", "wider group"),
}


def _marks(line: Line) -> Iterable[str]:
    yield line.verdict.mark
    if line.coverage is not None:
        yield line.coverage.mark


def _line(view: View, verdict: Verdict, domains: Mapping[str, tuple[str, str]]) -> Line:
    value, coverage = verdict.value_verdict, verdict.coverage_verdict
    verification = verdict.verification or ""
    words = VERIFICATION.get(verification)
    owner = verdict.owner or ""
    return Line(
        item=Cell(view.say(verdict.item), href=view.href(verdict.item_iri) if verdict.item_iri else ""),
        domain=domains.get(verdict.item_iri or "", ("", ""))[0],
        measure=view.say(verdict.measure),
        segment=view.say(verdict.segment) if verdict.segment else "",
        verdict=Cell(view.say(VALUES[value]), mark=value.value),
        coverage=Cell(view.say(_COVERS[coverage]), mark=coverage.value) if coverage in _COVERED else None,
        promise=verdict.promise.stated_as or "" if verdict.promise else "",
        floor=verdict.floor.stated_as or "" if verdict.floor else "",
        conversion=_conversion(view, verdict),
        deferred_to=(verdict.deferred_to or "") if value is ValueVerdict.DEFERRED else "",
        owner=Cell(
            _labels_of_owners(view).get(owner, owner.rpartition("/")[2]),
            href=view.href(owner) if owner else "",
        ),
        since=verdict.valid_from.isoformat() if verdict.valid_from else "",
        clause=Cell(
            view.say(verdict.source) if verdict.source else "",
            href=view.href(verdict.clause) if verdict.clause else "",
        ),
        verification=Cell(view.say(words) if words else "", mark=verification),
    )


def _labels_of_owners(view: View) -> Mapping[str, str]:
    return view.snapshot.kept(
        ("places with a catalogue", view.language),
        lambda: {
            row.iri("jurisdiction"): row.text("jurisdiction")
            for row in records(view, view.answered("catalogues/places"))
        },
    )


def _conversion(view: View, verdict: Verdict) -> str:
    """Both numbers in one unit, the unit in the language of the page."""
    said = verdict.conversion or ""
    if view.language == "zh" or not said:
        return said
    left, sign, right = (
        said.partition(" < ")
        if " < " in said
        else said.partition(" > ")
        if " > " in said
        else said.partition(" = ")
    )
    digits = next(
        (place for place, letter in enumerate(right) if not (letter.isdigit() or letter in ".,/")), len(right)
    )
    unit = right[digits:]
    english = view.snapshot.kept("units in English", lambda: _units(view)).get(unit, unit)
    return f"{left}{sign}{right[:digits]} {english}".strip()


def _units(view: View) -> Mapping[str, str]:
    named = view.snapshot.names.canonical_units()
    chinese = view.snapshot.labels(set(named.values()), "zh")
    english = view.snapshot.labels(set(named.values()), "en")
    return {chinese[iri]: english[iri] for iri in chinese if iri in english}


def _moments(view: View, report: Report, moment: Moment, to: Callable[..., str]) -> tuple[Choice, ...]:
    default = moment == Moment()
    own = report.edition if default else None
    editions = [row.text("edition") for row in records(view, view.answered("catalogues/national"))]
    whole = [edition for edition in editions if edition.isdigit()]
    today = Choice(
        view.say(Text("今天的下限", "today’s floors")),
        to(**{"edition": CURRENT, "as-of": ""}),
        moment.edition == CURRENT or (default and own is None),
    )
    return (
        today,
        *(
            Choice(
                view.say(Text(f"{edition}年版原文", f"the text of {edition}")),
                to(**{"edition": edition, "as-of": ""}),
                edition in (moment.edition, own),
            )
            for edition in whole
        ),
    )


def _scores(view: View, report: Report, rules: Mapping[str, Rule]) -> tuple[Score, ...]:
    return tuple(
        Score(
            name=view.say(score.name),
            mark=score.worst.label if score.worst else "kept",
            word=view.say(SEVERITIES[score.worst]) if score.worst else view.say(Text("符合", "kept")),
            count=score.count,
            href="#findings" if score.count else "",
        )
        for score in scorecard(report, rules)
    )


def _fault(view: View, finding: Finding, rules: Mapping[str, Rule]) -> Fault:
    words = VERIFICATION.get(finding.verification or "")
    return Fault(
        severity=Cell(view.say(SEVERITIES[finding.severity]), mark=finding.severity.label),
        item=view.say(finding.item) if finding.item else "",
        message=view.say(finding.message),
        fix=view.say(finding.fix) if finding.fix else "",
        rule=finding.rule,
        verification=Cell(view.say(words), mark=finding.verification or "") if words else None,
    )
