"""What the functions and operators of SPARQL give: what pyoxigraph says, asked once for each arguments."""

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat
from typing import Any

import numpy as np
import pyoxigraph as ox

from bpsgraph.columns.compiling import Unsupported
from bpsgraph.columns.dictionary import BLANK, IRI, STRING, UNBOUND, Dictionary
from bpsgraph.columns.relation import Column, Places, codes

Arguments = tuple[int, ...]

_BOOLEAN = b"^^<http://www.w3.org/2001/XMLSchema#boolean>"
# IRIs that need no parsing: with a host, a path, no port, and one fragment at most.
_PLAIN = rb"https?://[A-Za-z0-9.-]+/[A-Za-z0-9:/._~-]*(?:#[A-Za-z0-9:/._~-]*)?"
_PLAIN_IRI = re.compile(rb'"(' + _PLAIN + rb')"')
_ALL_PLAIN = re.compile(rb'(?:"' + _PLAIN + rb'")*+')
_LANGUAGE = re.compile(rb'"@([A-Za-z]+(?:-[A-Za-z0-9]+)*)$')
_PLAIN_BEGINNING = re.compile(_PLAIN)
_PLAIN_PART = re.compile(rb"[A-Za-z0-9:/._~-]*")
_JOINING = {"CONCAT": "CONCAT({0})", "IRI(CONCAT)": "IRI(CONCAT({0}))"}
_MOST_KNOWN = 500_000
_NONE_KNOWN: Column = np.zeros(0, np.int32)
_AHEAD = 10_000


class Functions:
    """Functions of terms by their numbers; 0 is an error, as SPARQL has it for an expression."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self.true = dictionary.number(b'"true"' + _BOOLEAN)
        self.false = dictionary.number(b'"false"' + _BOOLEAN)
        self._known: dict[str, dict[Arguments, int]] = {}
        # Of functions of one term: what they give by its number, -1 where that is not known.
        self._of_one: dict[str, Column] = {}
        self._store = ox.Store()
        self._at_once: dict[str, Callable[[Sequence[Arguments]], Sequence[int | None]]] = {
            "STR({0})": self._texts,
            "IRI({0})": self._iris,
            "LANG({0})": self._languages,
            "STRAFTER({0}, {1})": self._after,
            "{0} < {1}": self._before,
        }

    def forget(self) -> None:
        """Ask anew: numbers are to mean other terms."""
        self._known.clear()
        self._of_one.clear()

    def apply(self, name: str, columns: Sequence[Column]) -> Column:
        """What the function gives for each row."""
        if name in _JOINING:
            return self._joined(name, columns)
        if len(columns) == 1:
            return self._mapped(name, columns[0])
        known = self._known.setdefault(name, {})
        if len(known) > _MOST_KNOWN:
            known.clear()
        _, first, inverse = np.unique(codes(columns), return_index=True, return_inverse=True)
        rows = list(zip(*(column[first].tolist() for column in columns), strict=True))
        left = [row for row in rows if row not in known]
        if left:
            known.update(zip(left, self._values(name, left), strict=True))
        return np.array([known[row] for row in rows], np.int32)[inverse]

    def _memory(self, name: str) -> Column:
        values = self._of_one.get(name, _NONE_KNOWN)
        if len(values) < len(self.dictionary):
            more = np.full(len(self.dictionary) + _AHEAD - len(values), -1, np.int32)
            values = self._of_one[name] = np.concatenate([values, more])
        return values

    def _note(self, name: str, given: Sequence[int], found: Sequence[int]) -> None:
        self._memory(name)[given] = found

    def _mapped(self, name: str, column: Column) -> Column:
        values = self._memory(name)
        found = values[column]
        missing = np.unique(column[found < 0])
        if not len(missing):
            return found
        values[missing] = self._values(name, [(term,) for term in missing.tolist()])
        return values[column]

    def _values(self, name: str, rows: Sequence[Arguments]) -> list[int]:
        """What the function gives for each of these arguments: by itself where it is plain, else asked."""
        at_once = self._at_once.get(name)
        if at_once is None:
            return self._asked(name, rows)
        found = at_once(rows)
        left = [row for row, value in zip(rows, found, strict=True) if value is None]
        rest = iter(self._asked(name, left) if left else ())
        return [next(rest) if value is None else value for value in found]

    def aggregate(self, name: str, column: Column, groups: Places, length: int) -> Column:
        """The `SUM`, `MIN` or `MAX` of each of so many groups; `groups` says to which each value belongs."""
        known = self._known.setdefault(f"aggregate {name}", {})
        if len(known) > _MOST_KNOWN:
            known.clear()
        size = np.bincount(groups, minlength=length)
        found = np.zeros(length, np.int32)
        rest = np.ones(len(column), bool)
        if name != "SUM":
            # The least of one string is that string.
            rest = (size[groups] > 1) | (self.dictionary.kinds()[column] != STRING)
            found[groups[~rest]] = column[~rest]
        members: dict[int, list[int]] = {} if name != "SUM" else {group: [] for group in range(length)}
        for group, value in zip(groups[rest].tolist(), column[rest].tolist(), strict=True):
            members.setdefault(group, []).append(value)
        for group, some in members.items():
            values = tuple(sorted(some))
            if values not in known:
                known[values] = self._aggregated(name, values)
            found[group] = known[values]
        return found

    def _aggregated(self, name: str, values: tuple[int, ...]) -> int:
        if (not values and name != "SUM") or UNBOUND in values:
            return UNBOUND
        texts = [self.dictionary.texts[value] for value in values]
        if name == "MIN" and all(map(self._is_plain, values)):
            # Strings are ordered by their characters (section 15.1 and 17.3.1), as their bytes are.
            return values[texts.index(min(texts, key=lambda text: text[:-1]))]
        inline = " ".join(map(self._inline, values))
        text = f"SELECT ({name}(?v) AS ?r) WHERE {{ VALUES ?v {{ {inline} }} }}"
        ((value,),) = self._solutions(text, "r")
        return UNBOUND if value is None else self.dictionary.number(str(value).encode())

    def _asked(self, name: str, rows: Sequence[Arguments]) -> list[int]:
        width = len(rows[0])
        names = [f"?a{place}" for place in range(width)]
        call = _JOINING[name].format(", ".join(names)) if name in _JOINING else name.format(*names)
        inline = " ".join(
            f"({number} {' '.join(self._inline(term) for term in row)})" for number, row in enumerate(rows)
        )
        text = f"SELECT ?i ({call} AS ?r) WHERE {{ VALUES (?i {' '.join(names)}) {{ {inline} }} }}"
        found = [UNBOUND] * len(rows)
        for number, value in self._solutions(text, "i", "r"):
            if value is not None:
                found[int(number.value)] = self.dictionary.number(str(value).encode())
        return found

    def _solutions(self, text: str, *names: str) -> list[list[Any]]:
        solutions = self._store.query(text)
        assert isinstance(solutions, ox.QuerySolutions)
        # Read to the end here: what is not must not be let go of by another thread.
        return [[solution[name] for name in names] for solution in solutions]

    def _inline(self, term: int) -> str:
        if self.dictionary.kind(term) == BLANK:
            raise Unsupported("a function of a blank node")
        return self.dictionary.text(term) if term else "UNDEF"

    def _is_plain(self, term: int) -> bool:
        return self.dictionary.kind(term) == STRING and b"\\" not in self.dictionary.texts[term]

    def _texts(self, rows: Sequence[Arguments]) -> list[int | None]:
        kinds, texts = [self.dictionary.kind(term) for (term,) in rows], self.dictionary.texts
        iris = [
            b'"' + texts[term][1:-1] + b'"' for (term,), kind in zip(rows, kinds, strict=True) if kind == IRI
        ]
        found = self.dictionary.numbers(iris)
        if _ALL_PLAIN.fullmatch(b"".join(iris)):
            # Mostly they become IRIs again.
            self._note(
                "IRI({0})", found, [term for (term,), kind in zip(rows, kinds, strict=True) if kind == IRI]
            )
        numbers = iter(found)
        return [
            next(numbers) if kind == IRI else term if kind == STRING else None
            for (term,), kind in zip(rows, kinds, strict=True)
        ]

    def _iris(self, rows: Sequence[Arguments]) -> list[int | None]:
        texts = self.dictionary.texts
        plain = [_PLAIN_IRI.fullmatch(texts[term]) for (term,) in rows]
        numbers = iter(self.dictionary.numbers([b"<" + found[1] + b">" for found in plain if found]))
        return [next(numbers) if found else None for found in plain]

    def _languages(self, rows: Sequence[Arguments]) -> list[int | None]:
        tags = [_LANGUAGE.search(self.dictionary.texts[term]) for (term,) in rows]
        numbers = iter(self.dictionary.numbers([b'"' + found[1] + b'"' for found in tags if found]))
        return [next(numbers) if found else None for found in tags]

    def _after(self, rows: Sequence[Arguments]) -> list[int | None]:
        texts = self.dictionary.texts
        found: list[int | None] = []
        for row in rows:
            text, before = (texts[term][1:-1] for term in row)
            plain = before and all(map(self._is_plain, row))
            found.append(self.dictionary.number(b'"' + text.partition(before)[2] + b'"') if plain else None)
        return found

    def _before(self, rows: Sequence[Arguments]) -> list[int | None]:
        texts = self.dictionary.texts
        # Strings are ordered by their characters (section 17.3.1), as their bytes are.
        return [
            (self.true if texts[one][:-1] < texts[other][:-1] else self.false)
            if self._is_plain(one) and self._is_plain(other)
            else None
            for one, other in rows
        ]

    def _joined(self, name: str, columns: Sequence[Column]) -> Column:
        """`CONCAT`, whose rows hardly ever repeat, while what they are made of does."""
        kinds = self.dictionary.kinds()
        simple = np.logical_and.reduce([kinds[column] == STRING for column in columns])
        whole = np.flatnonzero(simple)
        parts = [self._distinct_texts(column[whole]) for column in columns]
        joined = map(b"".join, zip(*(self._spread(*part) for part in parts), strict=True))
        value = np.zeros(len(simple), np.int32)
        if name == "CONCAT":
            value[whole] = self.dictionary.numbers([b'"' + text + b'"' for text in joined])
        elif len(whole):
            heads, others = parts[0][0], [text for texts, _ in parts[1:] for text in texts]
            if all(map(_PLAIN_BEGINNING.fullmatch, heads)) and all(map(_PLAIN_PART.fullmatch, others)):
                plain = [b"<" + text + b">" for text in joined]
            else:
                plain = [b"<" + text + b">" if _PLAIN_BEGINNING.fullmatch(text) else b"" for text in joined]
            value[whole] = self.dictionary.numbers(plain)
        rest = np.flatnonzero(value == UNBOUND)
        if len(rest):
            rows = list(zip(*(column[rest].tolist() for column in columns), strict=True))
            value[rest] = self._asked(name, rows)
        return value

    def _distinct_texts(self, column: Column) -> tuple[list[bytes], Places]:
        distinct, inverse = np.unique(column, return_inverse=True)
        return [self.dictionary.texts[term][1:-1] for term in distinct.tolist()], inverse

    def _spread(self, texts: Sequence[bytes], inverse: Places) -> Iterable[bytes]:
        if len(texts) == 1:
            return repeat(texts[0], len(inverse))
        return map(texts.__getitem__, inverse.tolist())
