"""The results on one catalogue as a report in words."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from pyoxigraph import NamedNode

from bpsgraph.ingest import Submission
from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import Outcome, Report, Text, Verdict
from bpsgraph.terms import BASE, DCT, PROV
from bpsgraph.validation.facts import Facts
from bpsgraph.validation.findings import Operands, Situation, findings_of
from bpsgraph.validation.profile import Profile
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.shapes import Result, ShapesGraph
from bpsgraph.validation.statuses import not_run, statuses_of
from bpsgraph.validation.verdicts import Moment

_PRESENCE = NamedNode(BASE + "measure/provision")


@dataclass(frozen=True, slots=True)
class Judged:
    """The results on a catalogue.

    `failed` is what an engine says of a shape that it could not run, by the IRI of the shape.
    """

    catalogue: str
    moment: Moment
    results: Collection[Result]
    failed: Mapping[str, str] = field(default_factory=dict)


def report_on(
    judged: Judged,
    submission: Submission,
    shapes: ShapesGraph,
    facts: Facts,
    operands_of: Operands,
    *,
    verdicts: tuple[Verdict, ...],
    counted: Mapping[ValueVerdict, int] | None = None,
    today: date,
    profile: Profile | None = None,
) -> Report:
    """The results in words, with the severities and waivers of the profile as they hold today.

    `facts` are all triples that were judged; `counted` says how many verdicts there are that are left out.
    """
    profile = profile or Profile()
    catalogue = NamedNode(judged.catalogue)
    edition = judged.moment.edition
    situation = Situation(
        catalogue=judged.catalogue,
        edition=edition.rpartition("/")[2] if edition else None,
        as_of=judged.moment.day,
        places=submission.places,
        today=today,
        profile=profile,
    )
    rules = rules_of(shapes)
    off = {
        shape
        for shape, rule in rules.items()
        if profile.changes and (change := profile.change(rule)) and change.severity is None
    }
    kept = [result for result in judged.results if result.shape not in off]
    findings = findings_of(kept, rules, facts, operands_of, situation)
    dropped = Counter(rules[result.shape].id for result in judged.results if result.shape in off)
    statuses = statuses_of(rules, findings, judged.failed, profile)
    return Report(
        file=submission.name,
        catalogue=judged.catalogue,
        title=facts.label(catalogue) or Text(submission.name, submission.name),
        compared_with=_compared_with(facts, judged.moment),
        self_sourced=_self_sourced(facts, catalogue),
        edition=situation.edition,
        as_of=situation.as_of,
        findings=tuple(findings),
        verdicts=verdicts,
        counted=counted,
        rules=tuple(statuses),
        notices=(
            *(not_run(status) for status in statuses if status.outcome is Outcome.ERROR),
            *profile.notices(rules.values(), findings, dropped, today),
        ),
    )


def _compared_with(facts: Facts, moment: Moment) -> Text:
    if moment.day:
        return Text(f"{moment.day}有效的下限", f"the floors in force on {moment.day}")
    texts = [facts.label(NamedNode(text)) for text in (moment.edition, *moment.against) if text]
    named = [text for text in texts if text]
    return Text("、".join(text.zh for text in named), ", ".join(text.en for text in named))


def _self_sourced(facts: Facts, catalogue: NamedNode) -> int:
    sources = set(facts.values(catalogue, DCT + "source"))
    stated = {floor for source in sources for floor in facts.subjects(PROV + "hadPrimarySource", source)}
    return sum(
        any(catalogue in facts.values(verdict, "catalogue") for verdict in facts.subjects("floor", floor))
        for floor in stated
        if set(facts.values(floor, PROV + "hadPrimarySource")) <= sources
        and facts.value(floor, "measure") != _PRESENCE
    )
