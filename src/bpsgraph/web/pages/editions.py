"""The editions of the national standard, and what differs between two texts."""

import re
from dataclasses import dataclass
from datetime import date

from bpsgraph.analysis.editions import compare
from bpsgraph.answers import Answer
from bpsgraph.errors import BadParameter, UnknownEdition
from bpsgraph.ingest import Submission
from bpsgraph.terms import BASE
from bpsgraph.validation import national_editions
from bpsgraph.web.answering import offers_of
from bpsgraph.web.pages.sections import Choice, Section, choice_of, said, section_of, value_of
from bpsgraph.web.view import View

CURRENT = "current"
# What a stranger may name: an edition, a day, a catalogue; never a file of this machine.
_NAMED = re.compile(r"current|[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{6}/[A-Za-z0-9-]+")
_CHANGES = (
    "difference",
    "item",
    "cell",
    "segment",
    "before",
    "after",
    "change",
    "unit",
    "basis",
    "after_verification",
    "after_source",
)
_SUMMARY = (
    "difference",
    "announced",
    "named",
    "found",
    "named_found",
    "inferred",
    "cells",
    "verification",
    "note",
)


@dataclass(frozen=True, slots=True)
class Editions:
    """All editions, what was announced with the newest against what is found, and what changed."""

    editions: Section
    announced: Section
    amendments: Section
    changes: Section
    before: str
    after: str
    offers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """Two texts compared; with `impact` also what the second does to every catalogue."""

    befores: Choice
    afters: Choice
    impact: bool
    impact_href: str
    changes: Section
    summary: Section
    left: Section
    consequences: tuple[Section, ...]
    offers: tuple[tuple[str, str], ...]


def editions(view: View) -> Editions:
    """The page of the editions: the newest beside the one before it."""
    answer = editions_table(view)
    tables = {one.name: one for one in answer.all()}
    before, after = (answer.provenance.parameters[name][0] for name in ("a", "b"))
    return Editions(
        editions=section_of(view, view.answered("catalogues/national"), "editions"),
        announced=section_of(view, tables["diff/summary"], "announced", _SUMMARY, page="/editions"),
        amendments=section_of(view, view.answered("editions/amendments"), "amendments"),
        changes=section_of(view, answer, "changes", _CHANGES, page="/editions"),
        before=before,
        after=after,
        offers=offers_of(view, "/editions", answer),
    )


def editions_table(view: View) -> Answer:
    """What differs between the two newest editions."""
    known = list(national_editions(view.snapshot.store))
    return _compared(view, *(known[-2:] if len(known) > 1 else (known[0], known[0])), with_impact=False)


def diff(view: View) -> Diff:
    """The page of two texts compared; raises what `diff_table` raises."""
    before, after, impact = _asked(view)
    answer = diff_table(view)
    tables = {one.name: one for one in answer.all()}
    texts = _texts(view)
    rest = [one for one in answer.all() if one.name not in ("diff", "diff/summary", "diff/not-compared")]
    return Diff(
        befores=choice_of(view, "from", texts, before),
        afters=choice_of(view, "to", texts, after),
        impact=impact,
        impact_href=view.link("/editions/diff", **{"from": before, "to": after, "impact": "true"}),
        changes=section_of(view, answer, "changes", _CHANGES, page="/editions/diff"),
        summary=section_of(view, tables["diff/summary"], "summary", _SUMMARY, page="/editions/diff"),
        left=section_of(
            view, tables["diff/not-compared"], "not-compared", page="/editions/diff", drawn=False
        ),
        consequences=tuple(
            section_of(view, one, f"impact-{place}", page="/editions/diff")
            for place, one in enumerate(rest, 1)
        ),
        offers=offers_of(view, "/editions/diff", answer),
    )


def diff_table(view: View) -> Answer:
    """What differs between the texts of `?from=` and `?to=`, with `?impact=true` also the impact.

    Raises `BadParameter`, `UnknownEdition` and `UnknownCatalogue` for what names no text in the store.
    """
    before, after, impact = _asked(view)
    return _compared(view, before, after, with_impact=impact)


def _asked(view: View) -> tuple[str, str, bool]:
    known = [*national_editions(view.snapshot.store)]
    given = []
    for name, usual in (("from", known[max(0, len(known) - 2)]), ("to", known[-1])):
        text = view.parameters.get(name) or usual
        if not _NAMED.fullmatch(text):
            choices = f"give one of {', '.join([*known, CURRENT])}, a day such as 2024-06-01, or 140500/2021"
            raise BadParameter(name, f"{text[:60]!r} names no text in the store", choices)
        given.append(text)
    return given[0], given[1], bool(view.parameters.get("impact"))


def _compared(view: View, before: str, after: str, *, with_impact: bool) -> Answer:
    store, library, today = view.snapshot.store, view.snapshot.library, date.today()

    def made() -> Answer:
        return compare(
            store, library, before, after, today=today, with_impact=with_impact, read_file=_refused
        ).answer()

    usual = {*national_editions(store), CURRENT}
    if before in usual and after in usual:
        return view.snapshot.kept(("diff", before, after, with_impact, today), made)
    return made()


def _refused(file: str) -> Submission:
    """A file is never read for whoever asks over HTTP."""
    raise UnknownEdition(file, [CURRENT])


def _texts(view: View) -> list[tuple[str, str]]:
    """What there is to compare: the editions of the State, what it requires today, and all catalogues."""
    known = national_editions(view.snapshot.store)
    today = {"zh": "今天有效的国家标准", "en": "what the State requires today"}[view.language]
    texts = [(edition, edition) for edition in known] + [(CURRENT, today)]
    national = set(known.values())
    for row in view.answered("catalogues/titles").rows:
        iri = value_of(row, "catalogue")
        if iri and iri not in national:
            key = iri.removeprefix(f"{BASE}catalogue/")
            texts.append((key, f"{key} {said(view, row, 'title')}".strip()))
    return texts
