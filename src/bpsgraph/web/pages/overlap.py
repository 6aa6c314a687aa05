"""What may overlap, and why."""

from dataclasses import dataclass

from bpsgraph.analysis.overlap import Candidate, Kind, Review, overlap_answer, overlaps, reviews_in
from bpsgraph.answers import Answer, state_of
from bpsgraph.errors import BadParameter, did_you_mean
from bpsgraph.resource import find
from bpsgraph.web.answering import offers_of
from bpsgraph.web.pages.sections import Choice, Section, choice_of, section_of
from bpsgraph.web.view import View

_SHOWN = ("kind", "one", "other", "about", "place", "score", "reasons", "decision", "reviewer")


@dataclass(frozen=True, slots=True)
class Overlaps:
    """The candidates with their reasons, and the decisions on them."""

    kinds: Choice
    counts: Section
    candidates: Section
    reviewed_too: bool
    offers: tuple[tuple[str, str], ...]


def overlap(view: View) -> Overlaps:
    """The page; raises `BadParameter` for an unknown kind and `NotFound` for an unknown place."""
    answer = overlap_table(view)
    counts = next(one for one in answer.all() if one.name == "overlap/kinds")
    return Overlaps(
        kinds=choice_of(view, "kind", ((kind.value, view.say(kind.words)) for kind in Kind)),
        counts=section_of(view, counts, "kinds", page="/overlap"),
        candidates=section_of(view, answer, "candidates", _SHOWN, page="/overlap"),
        reviewed_too=bool(view.parameters.get("all")),
        offers=offers_of(view, "/overlap", answer),
    )


def overlap_table(view: View) -> Answer:
    """The candidates that the address asks for, without those that were reviewed unless `?all=true`."""
    candidates, reviews = _found(view)
    given = view.parameters.get("kind")
    known = [kind.value for kind in Kind]
    if given and given not in known:
        raise BadParameter(
            "kind", f"there is no kind {given!r}", did_you_mean(given, known, ", ".join(known))
        )
    place = view.parameters.get("jurisdiction")
    return overlap_answer(
        candidates,
        state_of(view.snapshot.store),
        reviews,
        kinds=[Kind(given)] if given else [],
        place=find(view.snapshot.store, place) if place else None,
        reviewed_too=bool(view.parameters.get("all")),
    )


def _found(view: View) -> tuple[tuple[Candidate, ...], tuple[Review, ...]]:
    store = view.snapshot.store
    return view.snapshot.kept("overlap", lambda: (tuple(overlaps(store)), tuple(reviews_in(store))))
