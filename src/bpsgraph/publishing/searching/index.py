"""An index of the names in a store, made once for a generation and asked in a few milliseconds."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from math import log

from bpsgraph.publishing.searching.folding import compact, folded, is_word, pieces
from bpsgraph.publishing.searching.found import Found, Hit, Kind, Match
from bpsgraph.publishing.searching.tables import Entry, Tables, grams
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
# How a thing is found: the match, the standing of the name that answers, that name, and the thing's kind.
_Answer = tuple[Match, int, int, int]


class Index:
    """The names of things, ready to be searched. It never changes and may be asked from many threads."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        rows = tables.rows("SELECT key, zh, en FROM kind ORDER BY id")
        self.kinds = tuple(Kind(str(key), Text(str(zh), str(en))) for key, zh, en in rows)

    @classmethod
    def of(cls, entries: Iterable[Entry], kinds: Sequence[Kind]) -> "Index":
        """The index of these things, in memory."""
        return cls(Tables.of(entries, kinds))

    def __len__(self) -> int:
        """How many things there are."""
        return self._number("SELECT count(*) FROM thing")

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
                matched[thing] = match, *self._best(thing, parts)
        counted: dict[int, int] = {}
        for _, _, _, kind in matched.values():
            counted[kind] = counted.get(kind, 0) + 1
        facets = tuple((kind, counted[place]) for place, kind in enumerate(self.kinds) if place in counted)
        wished = {place for place, kind in enumerate(self.kinds) if not kinds or kind.key in kinds}
        asked = [thing for thing, (_, _, _, kind) in matched.items() if kind in wished]
        ranked = self._ranked(matched, asked, shares)
        wanted = ranked[first : None if most is None else first + most]
        hits = tuple(self._hit(matched[thing]) for thing in wanted)
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
                    matched[thing] = (Match.ALL, *self._best(thing, parts))
        return tuple(self._hit(matched[thing]) for thing in self._ranked(matched, matched, {})[:most])

    def _by_name(self, query: str) -> dict[int, _Answer]:
        """The things with a name that is the query, begins with it or holds it: how, and which name."""
        found: dict[int, _Answer] = {}
        columns = "SELECT thing, standing, id, kind, compact FROM name"
        rows = self._tables.rows(f"{columns} WHERE compact >= ? AND compact < ?", query, query + _LAST)
        # Part of a word or of a number says little by itself.
        if not (query.isascii() and len(query) < 3):
            *whole, _ = grams(query)
            phrase = f'"{" ".join(whole)}"' if whole else f'"{query}" *'
            rows += self._tables.rows(
                f"{columns} WHERE id IN (SELECT rowid FROM neighbours WHERE neighbours MATCH ?)", phrase
            )
        for thing, standing, name, kind, text in rows:
            match = (
                Match.EXACT
                if text == query
                else Match.PREFIX
                if str(text).startswith(query)
                else Match.WITHIN
            )
            answer = (match, int(standing), int(name), int(kind))
            if int(thing) not in found or answer < found[int(thing)]:
                found[int(thing)] = answer
        return found

    def _shares(self, having: Sequence[tuple[int, ...]]) -> dict[int, float]:
        """How much of what was typed each thing has, by how much it tells things apart: 1 for all of it."""
        everything = len(self) if any(having) else 0
        weights = [log(1 + everything / len(things)) for things in having if things]
        # What no name has tells nothing apart; it counts like any other part that is missing.
        total = sum(weights) / len(weights) * len(having) if weights else 1.0
        shares: dict[int, float] = defaultdict(float)
        for things, weight in zip(filter(None, having), weights, strict=True):
            for thing in things:
                shares[thing] += weight / total
        return shares

    def _having(self, part: str, *, last: bool) -> tuple[int, ...]:
        """The things with a part in a name; the last word may not have been typed to its end."""
        return self._with(f'"{part}" *' if last and is_word(part) else f'"{part}"')

    def _with(self, wanted: str) -> tuple[int, ...]:
        rows = self._tables.rows("SELECT rowid FROM parts WHERE parts MATCH ?", wanted)
        return tuple(int(thing) for (thing,) in rows)

    def _like(self, part: str) -> tuple[int, ...]:
        """The things with a word like one that no name has; not numbers, of which another is no slip."""
        if not is_word(part) or not part.isalpha():
            return ()
        # Slips at the first letter are rare, and to compare all words takes too long.
        rows = self._tables.rows(
            "SELECT term FROM words WHERE term >= ? AND term < ? ORDER BY term", part[0], part[0] + _LAST
        )
        near = get_close_matches(
            part, [str(word) for (word,) in rows if is_word(str(word))], n=3, cutoff=_LIKE
        )
        return self._with(" OR ".join(f'"{word}"' for word in near)) if near else ()

    def _best(self, thing: int, parts: Sequence[str]) -> tuple[int, int, int]:
        """The name of a thing that has most of the parts: its standing, its number, and the thing's kind."""
        rows = self._tables.rows("SELECT compact, standing, id, kind FROM name WHERE thing = ?", thing)
        _, standing, name, kind = min(
            (-sum(part in str(text) for part in parts), int(standing), int(name), int(kind))
            for text, standing, name, kind in rows
        )
        return standing, name, kind

    def _ranked(
        self, matched: dict[int, _Answer], things: Iterable[int], shares: dict[int, float]
    ) -> list[int]:
        """The things, the best first."""

        def rank(thing: int) -> tuple[Match, float, int]:
            match, standing, _, _ = matched[thing]
            return match, -round(shares[thing], 6) if match is Match.SOME else 0.0, standing

        return sorted(things, key=rank)

    def _hit(self, answer: _Answer) -> Hit:
        match, _, name, kind = answer
        [(iri, zh, en, matched, role)] = self._tables.rows(
            "SELECT iri, zh, en, name, role FROM name JOIN thing ON thing.id = thing WHERE name.id = ?", name
        )
        return Hit(str(iri), self.kinds[kind], Text(str(zh), str(en)), str(matched), str(role), match)

    def _nearest(self, parts: Sequence[str], shares: dict[int, float]) -> tuple[Hit, ...]:
        near = {
            thing: (Match.SOME, *self._best(thing, parts))
            for thing, share in shares.items()
            if share >= _NEAR
        }
        return tuple(self._hit(near[thing]) for thing in self._ranked(near, near, shares)[:_MOST_NEAREST])

    def _number(self, text: str) -> int:
        [(number,)] = self._tables.rows(text)
        return int(number)


def _asked(text: str) -> tuple[str, list[str]]:
    """What was typed without what makes no difference, and its pieces, each once."""
    # Halves of surrogate pairs are no characters; addresses can hold them.
    [spelled] = folded([text[:LONGEST_QUERY].encode(errors="ignore").decode()])
    [query] = compact([spelled])
    return query, list(dict.fromkeys(pieces(spelled)))
