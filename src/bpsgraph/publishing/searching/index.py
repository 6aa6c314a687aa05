"""An index of the names in a store, made once for a generation and asked in a few milliseconds."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from math import log

from bpsgraph.publishing.searching.folding import compact, folded, is_word, pieces
from bpsgraph.publishing.searching.found import Found, Hit, Kind, Match
from bpsgraph.results import Text

LONGEST_QUERY = 200
"""Characters of a query that are looked at."""
# Sums of weights are not exact.
_ALL = 1 - 1e-9
_ENOUGH = 0.5 - 1e-9
_NEAR = 0.2
_MOST_NEAREST = 5
_LAST = "\U0010ffff"
_LIKE = 0.7
# A number is as much a name as a label is.
ROLES = {"label": 0, "code": 0, "other": 1, "key": 2}


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing with its names, each with its role; the label is among them."""

    iri: str
    kind: Kind
    label: Text
    names: tuple[tuple[str, str], ...]


class Index:
    """The names of things, ready to be searched. It never changes and may be asked from many threads."""

    def __init__(self, entries: Iterable[Entry], kinds: Sequence[Kind]):
        self.kinds = tuple(kinds)
        self._entries = tuple(entries)
        named = [(thing, *name) for thing, entry in enumerate(self._entries) for name in entry.names]
        self._things = [thing for thing, _, _ in named]
        self._names = [name for _, name, _ in named]
        self._roles = [role for _, _, role in named]
        spelled = folded(self._names)
        self._compact = compact(spelled)
        self._text = "\n".join(["", *self._compact, ""])
        self._begins = _beginnings(self._compact)
        self._order = sorted(range(len(named)), key=self._compact.__getitem__)
        self._sorted = [self._compact[name] for name in self._order]
        self._standing = self._standings()
        posted: dict[str, dict[int, None]] = defaultdict(dict)
        for thing, text in zip(self._things, spelled, strict=True):
            for piece in pieces(text):
                posted[piece][thing] = None
        self._posted = {piece: tuple(things) for piece, things in posted.items()}
        self._words = sorted(piece for piece in self._posted if is_word(piece))

    def __len__(self) -> int:
        """How many things there are."""
        return len(self._entries)

    def search(
        self, text: str, *, kinds: Collection[str] = (), first: int = 0, most: int | None = None
    ) -> Found:
        """What answers a text, of the kinds given (all where none is), from the first-th hit on.

        Exact names come first, then those that begin with the text, hold it, hold all its words and pairs of
        characters, and at least half of them. Among equals: kinds in their order, labels and numbers before
        other names.
        """
        query, parts = _asked(text)
        if not query:
            return Found((), 0, ())
        matched = self._by_name(query)
        having = [self._having(part, last=place == len(parts) - 1) for place, part in enumerate(parts)]
        shares = self._shares(having)
        slips = not matched and not all(having)
        if slips:
            shares = self._shares(
                [found or self._like(part) for part, found in zip(parts, having, strict=True)]
            )
        for thing, share in shares.items():
            if share >= _ENOUGH and thing not in matched:
                match = Match.ALL if share > _ALL and not slips else Match.SOME
                matched[thing] = match, self._best(thing, parts)
        counted: dict[Kind, int] = {}
        for thing in matched:
            kind = self._entries[thing].kind
            counted[kind] = counted.get(kind, 0) + 1
        facets = tuple((kind, counted[kind]) for kind in self.kinds if kind in counted)
        asked = [thing for thing in matched if not kinds or self._entries[thing].kind.key in kinds]
        ranked = self._ranked(matched, asked, shares)
        wanted = ranked[first : None if most is None else first + most]
        hits = tuple(self._hit(thing, *matched[thing]) for thing in wanted)
        return Found(hits, len(asked), facets, () if matched else self._nearest(parts, shares))

    def suggest(self, text: str, most: int = 8) -> tuple[Hit, ...]:
        """Names that one may be about to type: what begins with the text or holds it, the best first."""
        query, parts = _asked(text)
        if not query:
            return ()
        matched = self._by_name(query)
        if not matched:
            having = [self._having(part, last=place == len(parts) - 1) for place, part in enumerate(parts)]
            for thing, share in self._shares(having).items():
                if share > _ALL:
                    matched[thing] = (Match.ALL, self._best(thing, parts))
        return tuple(self._hit(thing, *matched[thing]) for thing in self._ranked(matched, matched, {})[:most])

    def _by_name(self, query: str) -> dict[int, tuple[Match, int]]:
        """The things with a name that is the query, begins with it or holds it: how, and which name."""
        found: dict[int, tuple[Match, int]] = {}
        for match, name in self._holding(query):
            thing = self._things[name]
            known = found.get(thing)
            if known is None or (match, self._standing[name]) < (known[0], self._standing[known[1]]):
                found[thing] = (match, name)
        return found

    def _holding(self, query: str) -> Iterator[tuple[Match, int]]:
        first = bisect_left(self._sorted, query)
        for place in range(first, bisect_right(self._sorted, query + _LAST, first)):
            yield Match.EXACT if self._sorted[place] == query else Match.PREFIX, self._order[place]
        # Part of a word or of a number says little by itself.
        if query.isascii() and len(query) < 3:
            return
        at = self._text.find(query)
        while at >= 0:
            name = bisect_right(self._begins, at) - 1
            if self._begins[name] != at:
                yield Match.WITHIN, name
            at = self._text.find(query, self._begins[name] + len(self._compact[name]))

    def _shares(self, having: Sequence[tuple[int, ...]]) -> dict[int, float]:
        """How much of what was typed each thing has, by how much it tells things apart: 1 for all of it."""
        weights = [log(1 + len(self._entries) / len(things)) for things in having if things]
        # What no name has tells nothing apart; it counts like any other part that is missing.
        total = sum(weights) / len(weights) * len(having) if weights else 1.0
        shares: dict[int, float] = defaultdict(float)
        for things, weight in zip(filter(None, having), weights, strict=True):
            for thing in things:
                shares[thing] += weight / total
        return shares

    def _having(self, part: str, *, last: bool) -> tuple[int, ...]:
        """The things with a part in a name; the last word may not have been typed to its end."""
        if not (last and is_word(part)):
            return self._posted.get(part, ())
        first = bisect_left(self._words, part)
        return self._of_words(self._words[first : bisect_right(self._words, part + _LAST, first)])

    def _like(self, part: str) -> tuple[int, ...]:
        """The things with a word like one that no name has; not numbers, of which another is no slip."""
        if not is_word(part) or not part.isalpha():
            return ()
        # Slips at the first letter are rare, and to compare all words takes too long.
        first = bisect_left(self._words, part[0])
        words = self._words[first : bisect_right(self._words, part[0] + _LAST, first)]
        return self._of_words(get_close_matches(part, words, n=3, cutoff=_LIKE))

    def _of_words(self, words: Sequence[str]) -> tuple[int, ...]:
        if len(words) == 1:
            return self._posted[words[0]]
        return tuple({thing: None for word in words for thing in self._posted[word]})

    def _best(self, thing: int, parts: Sequence[str]) -> int:
        """The name of a thing that has most of the parts."""
        first = bisect_left(self._things, thing)
        names = range(first, bisect_right(self._things, thing, first))
        return min(
            names,
            key=lambda name: (-sum(part in self._compact[name] for part in parts), self._standing[name]),
        )

    def _standings(self) -> list[int]:
        """The place of each name among all: by its kind, its role, its length, and its letters; keys last."""
        kinds = {kind: place for place, kind in enumerate(self.kinds)}

        def rank(name: int) -> tuple[object, ...]:
            entry = self._entries[self._things[name]]
            text = self._compact[name]
            role = self._roles[name]
            return role == "key", kinds[entry.kind], ROLES[role], len(text), text, entry.iri, role

        places = [0] * len(self._names)
        for place, name in enumerate(sorted(range(len(self._names)), key=rank)):
            places[name] = place
        return places

    def _ranked(
        self, matched: dict[int, tuple[Match, int]], things: Iterable[int], shares: dict[int, float]
    ) -> list[int]:
        """The things, the best first."""

        def rank(thing: int) -> tuple[Match, float, int]:
            match, name = matched[thing]
            return match, -round(shares[thing], 6) if match is Match.SOME else 0.0, self._standing[name]

        return sorted(things, key=rank)

    def _hit(self, thing: int, match: Match, name: int) -> Hit:
        entry = self._entries[thing]
        return Hit(entry.iri, entry.kind, entry.label, self._names[name], self._roles[name], match)

    def _nearest(self, parts: Sequence[str], shares: dict[int, float]) -> tuple[Hit, ...]:
        near = {
            thing: (Match.SOME, self._best(thing, parts)) for thing, share in shares.items() if share >= _NEAR
        }
        return tuple(
            self._hit(thing, *near[thing]) for thing in self._ranked(near, near, shares)[:_MOST_NEAREST]
        )


def _asked(text: str) -> tuple[str, list[str]]:
    """What was typed without what makes no difference, and its pieces, each once."""
    # Halves of surrogate pairs are no characters; addresses can hold them.
    [spelled] = folded([text[:LONGEST_QUERY].encode(errors="ignore").decode()])
    [query] = compact([spelled])
    return query, list(dict.fromkeys(pieces(spelled)))


def _beginnings(names: Sequence[str]) -> list[int]:
    """Where each name begins in the names joined by line ends, one of them before the first."""
    places = []
    at = 1
    for name in names:
        places.append(at)
        at += len(name) + 1
    return places
