"""The rules by which catalogues are judged, and the page of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from bpsgraph.errors import UnknownRule
from bpsgraph.results import Text
from bpsgraph.terms import short
from bpsgraph.validation.docs import clause_of, documents
from bpsgraph.validation.report.words import SEVERITIES, assurance_name, place_of
from bpsgraph.validation.rules import Rule, rules_of
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.web.snapshot import Snapshot
from bpsgraph.web.view import View


@dataclass(frozen=True, slots=True)
class Line:
    """One rule of the list."""

    id: str
    name: str
    description: str
    severity: str
    severity_name: str


@dataclass(frozen=True, slots=True)
class Group:
    """The rules that keep one assurance."""

    key: str
    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A graph that the rule is tested with: one that it finds fault with, or one that it lets pass."""

    good: bool
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    """One rule: its words, what it rests on, and its examples; addresses are empty where there is nothing."""

    line: Line
    assurance: str
    unverified: str
    unverified_name: str
    clause: str
    clause_href: str
    field: str
    field_href: str
    message: str
    fix: str
    fix_in_table: str
    shape: str
    shape_href: str
    examples: tuple[Example, ...]


def rules_in(snapshot: Snapshot) -> Mapping[str, Rule]:
    """The rules by their ids, in the order of the assurances."""

    def read() -> Mapping[str, Rule]:
        rules = rules_of(ShapesGraph.read(snapshot.sources.shapes())).values()
        ordered = sorted(rules, key=lambda rule: (place_of(rule.assurance), rule.id))
        return {rule.id: rule for rule in ordered}

    return snapshot.kept("rules", read)


def rules(view: View) -> tuple[Group, ...]:
    """The list, by assurance."""
    found = rules_in(view.snapshot).values()
    return tuple(
        Group(key, view.say(assurance_name(key)), tuple(_line(view, rule) for rule in group))
        for key, group in groupby(found, key=lambda rule: rule.assurance)
    )


def rule(view: View, id: str) -> Page:
    """The page of one rule; raises `UnknownRule`."""
    known = rules_in(view.snapshot)
    if id not in known:
        raise UnknownRule(id, known)
    one, sources = known[id], view.snapshot.sources
    facts = view.snapshot.kept("documents of rules", partial(documents, sources))
    clause = clause_of(one, facts)
    lowered = one.unverified_severity
    return Page(
        line=_line(view, one),
        assurance=view.say(assurance_name(one.assurance)),
        unverified=lowered.label if lowered is not None else "",
        unverified_name=view.say(SEVERITIES[lowered]) if lowered is not None else "",
        clause=view.say(clause) if clause else "",
        clause_href=view.href(one.clause) if one.clause else "",
        field=short(one.field) if one.field else "",
        field_href=view.href(one.field) if one.field else "",
        message=view.say(one.message),
        fix=view.say(one.fix),
        fix_in_table=view.say(one.fix_in_table or Text("", "")),
        shape=short(one.shape),
        shape_href=view.href(one.shape),
        examples=tuple(
            Example(name == "good", file.read_text(encoding="utf-8").strip())
            for name, file in sorted(sources.examples(id).items())
        ),
    )


def _line(view: View, rule: Rule) -> Line:
    return Line(
        rule.id,
        view.say(rule.name),
        view.say(rule.description),
        rule.severity.label,
        view.say(SEVERITIES[rule.severity]),
    )
