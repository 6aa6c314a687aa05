"""From the results of the shapes to findings in plain words, with the operands, the source and the cure."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from pyoxigraph import Literal, NamedNode

from bpsgraph.errors import shortened
from bpsgraph.ingest import Place, Places
from bpsgraph.results import READING, Finding, Severity, Text, fingerprint
from bpsgraph.store.base import Store, select
from bpsgraph.terms import BASE, BPS, PROV, Term, short
from bpsgraph.validation.amounts import stated
from bpsgraph.validation.cures import number_to_type, row_to_add
from bpsgraph.validation.facts import Facts
from bpsgraph.validation.placing import place_of, places_of_promises
from bpsgraph.validation.profile import Profile, names_of
from bpsgraph.validation.repairs import repair_of
from bpsgraph.validation.rules import Rule
from bpsgraph.validation.shapes import Result
from bpsgraph.validation.verdicts import STATE

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_ORDERED_BY = re.compile(r"\?(\w+)")
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")
_UNVERIFIED = {"inferred", "recalled"}
_UNREAD = frozenset(
    READING + reason
    for reason in (
        "error-value",
        "formula-without-value",
        "unknown-code",
        "unknown-item",
        "unknown-jurisdiction",
        "unknown-measure",
        "unknown-segment",
        "unknown-unit",
        "unreadable-date",
        "unreadable-percentage",
        "unreadable-value",
    )
)
# A number of thousands of digits is quoted by its ends.
_QUOTED = 200

_About = tuple[Term, Term | None]
"""Focus and value of a result."""


Operands = Callable[[Rule, Iterable[Result]], dict[_About, dict[str, Term]]]
"""What the query of a rule binds for each of its results, by focus and value."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What every finding of one validation shares."""

    catalogue: str
    edition: str | None
    as_of: date | None
    places: Places
    today: date
    profile: Profile


def findings_of(
    results: Iterable[Result],
    rules: Mapping[str, Rule],
    facts: Facts,
    operands_of: Operands,
    situation: Situation,
) -> list[Finding]:
    """One finding per result, as `ordered` has them.

    `facts` are all triples that were judged; `operands_of` finds the operands that a rule asks for by a
    query of its own.
    """
    by_rule = defaultdict[str, list[Result]](list)
    for result in results:
        by_rule[result.shape].append(result)
    found = set()
    for shape, of_rule in by_rule.items():
        asked = operands_of(rules[shape], of_rule) if rules[shape].operands else {}
        for result in of_rule:
            operands = asked.get((result.focus, result.value), {})
            found.add(_finding(result, rules[shape], operands, facts, situation))
    return _one_for_each_cell(ordered(found), situation.places)


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first, then by rule, item, focus and value, and what is equal in these by the rest."""
    # Few are equal, and all that a finding says takes longer to write down than the rest.
    return [
        finding
        for _, equals in groupby(sorted(findings, key=_order), key=_order)
        for finding in sorted(equals, key=repr)
    ]


def _one_for_each_cell(found: Sequence[Finding], places: Places) -> list[Finding]:
    """The findings without those that only follow from a cell that could not be read.

    That is said of the cell; that there is nothing in it, or something else wrong with it, would be untrue.
    """
    unread: dict[tuple[str | None, str | None], Finding] = {}
    for finding in sorted(found, key=lambda one: (one.value is None, one.rule, one.fix is None)):
        if finding.rule in _UNREAD and finding.cell is not None:
            unread.setdefault((finding.sheet, finding.cell), finding)

    def follows(finding: Finding) -> bool:
        cause = unread.get((finding.sheet, finding.cell)) or unread.get(_unit_of(finding, places))
        if cause is None or cause == finding:
            return False
        return finding.rule not in _UNREAD or finding.value in {None, cause.value}

    return [finding for finding in found if not follows(finding)]


def _unit_of(finding: Finding, places: Places) -> tuple[str | None, str | None]:
    """Where the unit stands without which a number is none."""
    place = places.values.get((finding.focus, BPS + "unit")) if finding.path == BPS + "value" else None
    return (place.sheet, place.cell) if place is not None else (None, "")


def _order(finding: Finding) -> tuple[int, str, str, str, str]:
    item = finding.item.zh if finding.item else ""
    return (-finding.severity, finding.rule, item, finding.focus, finding.value or "")


def _finding(
    result: Result, rule: Rule, operands: Mapping[str, Term], facts: Facts, situation: Situation
) -> Finding:
    floor = operands.get("floor") or (result.value if _is_floor(facts, result.value) else None)
    item = facts.value(floor, "item") or _item(facts, result.focus)
    measure = facts.value(floor, "measure") or facts.value(result.focus, "measure")
    segment = facts.value(floor, "segment") or facts.value(result.focus, "effectiveSegment")
    value = _given(facts, operands, result, floor)
    expected = _expected(facts, operands, floor)
    verification = facts.text(floor, "verification")
    source = source_of(facts, floor)
    path = _key(operands.get("concerned")) or rule.field
    words: dict[str, Text | None] = {
        "item": facts.label(item),
        "measure": facts.label(measure),
        "segment": facts.label(segment),
        "owner": facts.short_label(facts.value(floor, "owner")),
        "value": _quoted(value),
        "expected": expected,
        "source": source,
        "end": facts.label(operands.get("end")),
        "target": number_to_type(facts, result.focus, floor) or expected,
        "row": row_to_add(facts, floor, stated),
        "cells": _cells(places_of_promises(result, facts, situation.places)),
        "focus": _focus(result.focus, situation),
    }
    place = place_of(result, path, floor, facts, situation.places)
    finding = Finding(
        rule=rule.id,
        severity=_severity(rule, verification, situation.profile),
        message=_filled(rule.message, words),
        focus=str(result.focus.value),
        fingerprint=fingerprint(
            rule.id,
            situation.catalogue,
            _key(item) or ("" if rule.id.startswith(READING) else _key(result.focus)),
            _key(measure),
            _key(segment),
            *_told_apart(facts, operands, result, rule, floor),
        ),
        item=words["item"],
        path=path,
        value=value.zh if value else None,
        expected=expected.zh if expected else None,
        source=source.zh if source else None,
        verification=verification.rpartition("/")[2] if verification else None,
        catalogue=situation.catalogue,
        edition=situation.edition,
        as_of=situation.as_of,
        sheet=place.sheet,
        cell=place.cell,
        row=place.row,
        line=place.line,
        fix=_filled((place.cell and rule.fix_in_table) or rule.fix, words),
        repair=repair_of(result, rule, operands, floor, facts, situation.places),
    )
    if not situation.profile.clauses:
        return finding
    things = {
        "item": item,
        "measure": measure,
        "segment": segment,
        "catalogue": NamedNode(situation.catalogue),
    }
    names = {name: names_of(_key(term) or None, facts.label(term)) for name, term in things.items()}
    return replace(finding, waived=situation.profile.waiver(finding, names, situation.today))


def _focus(focus: Term, situation: Situation) -> Text:
    """What a finding is about: the catalogue that is judged, else the key."""
    if str(focus.value) == situation.catalogue:
        return Text("清单", "the catalogue")
    key = shortened(short(str(focus.value)), _QUOTED)
    return Text(key, key)


def _quoted(words: Text | None) -> Text | None:
    return Text(shortened(words.zh, _QUOTED), shortened(words.en, _QUOTED)) if words else None


def _cells(places: list[Place]) -> Text | None:
    """Several places in words, where there are several."""
    zh, en = [], []
    for place in places:
        cell = place.cell
        where = (f"{place.sheet}!{cell}" if place.sheet else cell) if cell else None
        zh.append(where or f"第{place.line}行")
        en.append(where or f"line {place.line}")
    return Text("、".join(zh), ", ".join(en)) if len(places) > 1 else None


def _told_apart(
    facts: Facts, operands: Mapping[str, Term], result: Result, rule: Rule, floor: Term | None
) -> list[str]:
    """What else names a finding: whose floor it is, where not the State's; else the path and the thing."""
    if floor is not None:
        owner = _key(facts.value(floor, "owner"))
        return [] if owner == STATE else [owner]
    if "given" in operands or "concerned" in operands:
        return [_key(operands.get(name)) for name in ("concerned", "given")]
    thing = result.value.value if isinstance(result.value, NamedNode) else ""
    return [part for part in (rule.path, thing) if part]


def operands_in(work: Store) -> Operands:
    """The operands as the store says them that holds what was judged: of all results of a rule at once."""

    def operands_of(rule: Rule, results: Iterable[Result]) -> dict[_About, dict[str, Term]]:
        about = {(result.focus, result.value) for result in results}
        rows = sorted(f"({focus} {'UNDEF' if value is None else value})" for focus, value in about)
        found = defaultdict[_About, list[dict[str, Term]]](list)
        for row in select(work, operands_query(rule, " ".join(rows))):
            this, of = row.pop("this"), row.pop("of")
            assert this is not None
            found[this, of].append({name: term for name, term in row.items() if term is not None})
        return {about: first_of_each(rule, solutions) for about, solutions in found.items()}

    return operands_of


def first_of_each(rule: Rule, solutions: Iterable[Mapping[str, Term]]) -> dict[str, Term]:
    """What the first solution that has it says for each variable.

    They are in the order that the query of the rule asks for, and otherwise in that of their words, so that
    every engine says the same.
    """
    names = _ORDERED_BY.findall((rule.operands or "").partition("ORDER BY")[2])

    def order(solution: Mapping[str, Term]) -> tuple[list[str], list[tuple[str, str]]]:
        words = {name: str(term) for name, term in solution.items()}
        return [words.get(name, "") for name in names], sorted(words.items())

    first: dict[str, Term] = {}
    for solution in sorted(solutions, key=order):
        for name, term in solution.items():
            first.setdefault(name, term)
    return first


def operands_query(rule: Rule, rows: str) -> str:
    """The SELECT of a rule for the operands of results, as rows of focus (`?this`) and value (`?of`)."""
    text = (rule.operands or "").partition("ORDER BY")[0]
    head, _, body = re.sub(r"\$(\w+)", r"?\1", text).partition("WHERE {")
    return f"{head} ?this ?of WHERE {{ VALUES (?this ?of) {{ {rows} }} BIND(?of AS ?value) {body}"


def _is_floor(facts: Facts, term: Term | None) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith(BASE + "floor/")


def _item(facts: Facts, focus: Term) -> Term | None:
    row = next(iter(facts.subjects("guarantee", focus)), focus)
    return facts.value(row, "item")


def _given(facts: Facts, operands: Mapping[str, Term], result: Result, floor: Term | None) -> Text | None:
    """What the place says: the words of its promise, else the value that the rule points at."""
    if "given" in operands:
        return facts.label(operands["given"])
    # The value of a result about a whole node is, by SHACL, that node.
    if result.value is not None and result.value not in (floor, result.focus):
        return facts.label(result.value)
    words = facts.text(result.focus, "statedAs")
    if words is None and floor is None:
        return None
    return stated(facts, result.focus)


def _expected(facts: Facts, operands: Mapping[str, Term], floor: Term | None) -> Text | None:
    if "expected" in operands:
        return facts.label(operands["expected"])
    return stated(facts, floor) if floor is not None else None


def source_of(facts: Facts, floor: Term | None) -> Text | None:
    """Where a floor is stated: the catalogue, the clause, and the source it is known from."""
    if floor is None:
        return None
    statement = facts.value(floor, "statement")
    catalogue = facts.value(floor, "textOf") or facts.value(floor, "baseline")
    parts = [facts.label(catalogue) if catalogue else None]
    for term in (facts.value(floor, "clause"), facts.value(floor, PROV + "hadPrimarySource")):
        if term is not None and term != statement:
            parts.append(facts.label(term))
    named = list(dict.fromkeys(part for part in parts if part))
    if not named:
        return None
    return Text("，据".join(part.zh for part in named), ", known from ".join(part.en for part in named))


def _severity(rule: Rule, verification: str | None, profile: Profile) -> Severity:
    """Of the profile, else of the rule; a floor only inferred or recalled gives at most the lower one."""
    change = profile.change(rule)
    severity, most = rule.severity, rule.unverified_severity
    if change is not None and change.severity is not None:
        severity, most = change.severity, most or Severity.WARNING
    if most and verification and verification.rpartition("/")[2] in _UNVERIFIED:
        return min(severity, most)
    return severity


def _filled(template: Text, words: dict[str, Text | None]) -> Text:
    """The words of a rule, filled; a part in brackets is left out where a word in it is not known."""

    def part(match: re.Match[str]) -> str:
        return match[1] if all(words.get(name) for name in _PLACEHOLDER.findall(match[1])) else ""

    def fill(text: str, language: str, unknown: str) -> str:
        text = _OPTIONAL.sub(part, text)

        def word(match: re.Match[str]) -> str:
            known = words.get(match[1])
            return known.in_language(language) if known else unknown

        return _PLACEHOLDER.sub(word, text)

    return Text(fill(template.zh, "zh", "（未写明）"), fill(template.en, "en", "(not stated)"))


def _key(term: Term | None) -> str:
    return term.value if isinstance(term, NamedNode | Literal) else ""
