"""What reviewers decided: kept as Turtle, so that a pair is not shown again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph import turtle
from bpsgraph.errors import MalformedFile
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.library import query
from bpsgraph.sources import content_of
from bpsgraph.store import Store
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import BASE, BPS, DCT, GRAPH, RDF_TYPE, SKOS, XSD, Term, short

REVIEWS = "analysis/overlap-reviews"
_GRAPH = f"{GRAPH}overlap-reviews"
_CLOSE = NamedNode(f"{SKOS}closeMatch")


class Decision(StrEnum):
    """What a reviewer decided, as in the code list `decision`."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Review:
    """One decision on two things, by IRI, and for two agencies on the duty that they share."""

    one: str
    other: str
    decision: Decision
    reviewer: str
    reason: str
    day: date
    duty: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """By what a candidate finds its review: both sides in order, and the duty or nothing."""
        first, second = sorted((self.one, self.other))
        return first, second, self.duty or ""

    def triples(self) -> list[Triple]:
        """The review in RDF; two that overlap and are no agencies are also a `skos:closeMatch`."""
        first, second, duty = self.key
        slug = "--".join(short(iri).replace("/", "-") for iri in (first, second, duty) if iri)
        review = NamedNode(f"{BASE}overlap-review/{slug}")
        found = [
            Triple(review, RDF_TYPE, NamedNode(f"{BPS}OverlapReview")),
            Triple(review, NamedNode(f"{BPS}compares"), NamedNode(first)),
            Triple(review, NamedNode(f"{BPS}compares"), NamedNode(second)),
            Triple(review, NamedNode(f"{BPS}decision"), NamedNode(f"{BASE}decision/{self.decision.value}")),
            Triple(review, NamedNode(f"{BPS}reviewer"), Literal(self.reviewer)),
            Triple(review, NamedNode(f"{BPS}reviewReason"), Literal(self.reason)),
            Triple(
                review,
                NamedNode(f"{DCT}date"),
                Literal(self.day.isoformat(), datatype=NamedNode(f"{XSD}date")),
            ),
        ]
        if duty:
            found.append(Triple(review, NamedNode(f"{DCT}subject"), NamedNode(duty)))
        elif self.decision is Decision.ACCEPTED:
            found.append(Triple(NamedNode(first), _CLOSE, NamedNode(second)))
        return found


def reviews_in(store: Store) -> list[Review]:
    """The reviews that a store holds, by the saved query `analysis/overlap-reviews`. Raises ValueError."""
    return [
        Review(
            one=_value(row["one"]),
            other=_value(row["other"]),
            decision=Decision(_value(row["decision"]).rpartition("/")[2]),
            reviewer=_value(row["reviewer"]),
            reason=_value(row["reason"]),
            day=date.fromisoformat(_value(row["date"])),
            duty=_value(row["duty"]) or None,
        )
        for row in query(store, REVIEWS)
    ]


def read_reviews(file: Path) -> list[Review]:
    """The reviews in a Turtle file; raises `UnreadableFile` and `MalformedFile`."""
    store = EmbeddedStore.in_memory()
    store.replace_graph(_GRAPH, parse(content_of(file), str(file), FORMATS["turtle"]))
    try:
        return reviews_in(store)
    except ValueError as error:
        raise MalformedFile(
            file,
            f"a review is not understood ({error})",
            "write decision/accepted or decision/rejected, and a date",
        ) from error


def add_review(known: Iterable[Review], review: Review) -> str:
    """The Turtle of the known reviews and this one, which replaces an older one of the same pair."""
    kept = {one.key: one for one in known} | {review.key: review}
    return turtle.write([triple for key in sorted(kept) for triple in kept[key].triples()])


def _value(term: Term | None) -> str:
    return "" if term is None else term.value
