"""The network of references: what matters most, what is amiss, what a revision touches."""

from dataclasses import dataclass, replace

from bpsgraph.analysis.network import (
    DEFECTS,
    Thing,
    impact,
    impact_answer,
    neighbourhood_answer,
    ranking_answer,
    summary_answer,
)
from bpsgraph.answers import Answer, state_of
from bpsgraph.errors import BadParameter, did_you_mean
from bpsgraph.web.answering import offers_of
from bpsgraph.web.pages.graph import Graph, graph_of, network_of
from bpsgraph.web.pages.sections import Choice, Section, choice_of, section_of
from bpsgraph.web.view import View

_MOST_SHOWN = 30
_MEASURES = ("pagerank", "in-degree")
_FARTHEST = 4
_LINK = ("source", "relation", "target", "verification")


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole network: how much there is, what matters most, what is amiss."""

    summary: Section
    links: Section
    ranking: Section
    defects: tuple[Section, ...]
    kinds: Choice
    by: str
    offers: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around one thing, or what a revision of it touches."""

    title: str
    href: str
    key: str
    revised: bool
    distance: int
    graph: Graph
    links: Section
    offers: tuple[tuple[str, str], ...]


def network(view: View) -> Overview | Around:
    """The page of the network, or of what is around the thing of `?around=` or `?impact=`.

    Raises `NotFound` for an unknown thing, `BadParameter` for an unknown kind, measure or distance.
    """
    asked = _asked(view)
    return _around(view, *asked) if asked else _overview(view)


def network_answer(view: View) -> Answer:
    """The tables of the page."""
    whole, state = network_of(view), state_of(view.snapshot.store)
    asked = _asked(view)
    if asked:
        thing, revised = asked
        make = impact_answer if revised else neighbourhood_answer
        return make(whole, state, thing, _distance(view))
    summary = view.snapshot.kept("network summary", lambda: summary_answer(whole, state))
    defects = view.snapshot.kept(
        "network defects", lambda: {name: make(whole, state) for name, make in DEFECTS.items()}
    )
    further = (
        *(one for one in summary.further if one.name != "network/rank"),
        _ranking(view),
        *defects.values(),
    )
    return replace(summary, further=further)


def _overview(view: View) -> Overview:
    tables = {one.name.removeprefix("network/"): one for one in network_answer(view).all()}
    kinds = {
        thing.kind: view.say(thing.kind_words) for thing in network_of(view).things.values() if thing.kind
    }
    ranking = tables["rank"]
    shown = replace(ranking, rows=replace(ranking.rows, rows=ranking.rows.rows[:_MOST_SHOWN]))

    def section(name: str, answer: Answer) -> Section:
        return section_of(view, answer, name, page="/network")

    return Overview(
        summary=section("summary", tables["summary"]),
        links=section("links", tables["links"]),
        ranking=section("rank", shown),
        defects=tuple(
            section(name, tables[name]) for name in ("superseded", "cycles", "dangling", "orphans")
        ),
        kinds=choice_of(view, "kind", sorted(kinds.items(), key=lambda one: one[1])),
        by=_by(view),
        offers=offers_of(view, "/network", tables["summary"]),
    )


def _around(view: View, thing: Thing, revised: bool) -> Around:
    whole, distance = network_of(view), _distance(view)
    answer = network_answer(view)
    if revised:
        part = whole.among([thing.iri, *(one.thing.iri for one in impact(whole, thing.iri, distance))])
    else:
        part = whole.around(thing.iri, distance)
    return Around(
        title=view.say(thing.called),
        href=view.href(thing.iri),
        key=thing.iri,
        revised=revised,
        distance=distance,
        graph=graph_of(view, part, thing.iri),
        links=section_of(view, answer, "links", None if revised else _LINK, page="/network"),
        offers=offers_of(view, "/network", answer),
    )


def _ranking(view: View) -> Answer:
    kind, by = view.parameters.get("kind") or None, _by(view)
    whole = network_of(view)
    if kind is not None:
        known = sorted({thing.kind for thing in whole.things.values() if thing.kind})
        if kind not in known:
            choices = ", ".join(known)
            raise BadParameter("kind", f"there is no kind {kind!r}", did_you_mean(kind, known, choices))
    state = state_of(view.snapshot.store)
    return view.snapshot.kept(("network rank", by, kind), lambda: ranking_answer(whole, state, by, kind))


def _by(view: View) -> str:
    by = view.parameters.get("rank") or _MEASURES[0]
    if by not in _MEASURES:
        raise BadParameter("rank", f"there is no {by!r}", f"choose one of: {', '.join(_MEASURES)}")
    return by


def _asked(view: View) -> tuple[Thing, bool] | None:
    for name, revised in (("impact", True), ("around", False)):
        given = view.parameters.get(name)
        if given:
            return network_of(view).find(given), revised
    return None


def _distance(view: View) -> int:
    given = view.parameters.get("distance") or "1"
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:3]) <= _FARTHEST):
        raise BadParameter("distance", f"{given!r} steps cannot be shown", f"choose 1 to {_FARTHEST}")
    return int(given)
