"""What the revision of one thing touches, and by which way."""

from dataclasses import dataclass
from itertools import pairwise

from bpsgraph.analysis.network.links import Link, Network, Thing
from bpsgraph.results import Text


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a way: the links that lead to `thing`, all of them between the same two things."""

    links: tuple[Link, ...]
    thing: Thing

    @property
    def words(self) -> Text:
        """How the step reads."""
        words = list(dict.fromkeys(link.words for link in self.links))
        return Text("、".join(word.zh for word in words), ", ".join(word.en for word in words))


@dataclass(frozen=True, slots=True)
class Impact:
    """One thing that a revision touches, with a shortest way to it."""

    revised: Thing
    steps: tuple[Step, ...]

    @property
    def thing(self) -> Thing:
        """What is touched."""
        return self.steps[-1].thing

    @property
    def distance(self) -> int:
        """By how many steps it is touched."""
        return len(self.steps)

    @property
    def way(self) -> Text:
        """The way in words: `GB/T 1 —is cited by→ GB/T 2`."""
        zh, en = self.revised.called.zh, self.revised.called.en
        for step in self.steps:
            zh += f" —{step.words.zh}→ {step.thing.called.zh}"
            en += f" —{step.words.en}→ {step.thing.called.en}"
        return Text(zh, en)

    @property
    def verifications(self) -> tuple[str, ...]:
        """How sure the links of the way are, each degree once, in the order of the way."""
        said = (link.verification for step in self.steps for link in step.links)
        return tuple(dict.fromkeys(one for one in said if one))


def impact(network: Network, revised: str, distance: int | None = None) -> list[Impact]:
    """What a revision of the thing touches, directly and through others, the nearest first, then by IRI.

    Who cites a thing is touched by its revision, and so is the item that a standard applies to, the
    provision that lists the item, and the catalogue of the provision. The way is a shortest one; among
    several the first by the IRIs on it.
    """
    import networkx

    ways = networkx.single_source_shortest_path(network.touches, revised, cutoff=distance)
    found = []
    for way in ways.values():
        steps = tuple(
            Step(tuple(network.touches.edges[before, after]["links"]), network.things[after])
            for before, after in pairwise(way)
        )
        if steps:
            found.append(Impact(network.things[revised], steps))
    return sorted(found, key=lambda one: (one.distance, one.thing.kind or "", one.thing.iri))
