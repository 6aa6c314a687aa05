"""What the functions and operators of SPARQL give: what pyoxigraph says, asked once for each arguments."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pyoxigraph as ox

from bpsgraph.columns.compiling import Unsupported
from bpsgraph.columns.dictionary import BLANK, IRI, STRING, UNBOUND, Dictionary
from bpsgraph.columns.relation import Column, codes

Arguments = tuple[int, ...]

_BOOLEAN = b"^^<http://www.w3.org/2001/XMLSchema#boolean>"
_PLAIN_IRI = re.compile(rb'"(https?://[A-Za-z0-9:/._~#-]+)"')
_JOINING = {"CONCAT": "CONCAT({0})", "IRI(CONCAT)": "IRI(CONCAT({0}))"}
_MOST_KNOWN = 500_000


class Functions:
    """Functions of terms by their numbers; 0 is an error, as SPARQL has it for an expression."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        self.true = dictionary.number(b'"true"' + _BOOLEAN)
        self.false = dictionary.number(b'"false"' + _BOOLEAN)
        self._known: dict[str, dict[Arguments, int]] = {}
        self._store = ox.Store()
        self._at_once: dict[str, Callable[[Arguments], int | None]] = {
            "STR({0})": self._text,
            "IRI({0})": self._iri,
            "STRAFTER({0}, {1})": self._after,
        }

    def forget(self) -> None:
        """Ask anew: numbers are to mean other terms."""
        self._known.clear()

    def apply(self, name: str, columns: Sequence[Column]) -> Column:
        """What the function gives for each row."""
        known = self._known.setdefault(name, {})
        if len(known) > _MOST_KNOWN:
            known.clear()
        if name in _JOINING:
            return self._joined(name, columns)
        _, first, inverse = np.unique(codes(columns), return_index=True, return_inverse=True)
        rows = list(zip(*(column[first].tolist() for column in columns), strict=True))
        return np.array(self._values(name, rows, known), np.int32)[inverse]

    def _values(self, name: str, rows: Sequence[Arguments], known: dict[Arguments, int]) -> list[int]:
        at_once = self._at_once.get(name)
        left = []
        for row in rows:
            if row not in known:
                value = at_once(row) if at_once else None
                if value is None:
                    left.append(row)
                else:
                    known[row] = value
        if left:
            known.update(zip(left, self._asked(name, left), strict=True))
        return [known[row] for row in rows]

    def aggregate(self, name: str, groups: Iterable[tuple[int, ...]]) -> list[int]:
        """The `SUM`, `MIN` or `MAX` of each group; the order of its values does not count."""
        known = self._known.setdefault(f"aggregate {name}", {})
        if len(known) > _MOST_KNOWN:
            known.clear()
        found = []
        for group in groups:
            values = tuple(sorted(group))
            if values not in known:
                known[values] = self._aggregated(name, values)
            found.append(known[values])
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

    def _text(self, row: Arguments) -> int | None:
        (term,) = row
        kind = self.dictionary.kind(term)
        if kind == IRI:
            return self.dictionary.number(b'"' + self.dictionary.texts[term][1:-1] + b'"')
        return term if kind == STRING else None

    def _iri(self, row: Arguments) -> int | None:
        plain = _PLAIN_IRI.fullmatch(self.dictionary.texts[row[0]])
        return self.dictionary.number(b"<" + plain[1] + b">") if plain else None

    def _after(self, row: Arguments) -> int | None:
        if any(self.dictionary.kind(term) != STRING for term in row):
            return None
        text, before = (self.dictionary.texts[term][1:-1] for term in row)
        if b"\\" in text or b"\\" in before:
            return None
        return self.dictionary.number(b'"' + text.partition(before)[2] + b'"') if before else None

    def _joined(self, name: str, columns: Sequence[Column]) -> Column:
        """`CONCAT`, whose rows hardly ever repeat."""
        kinds, texts = self.dictionary.kinds(), self.dictionary.texts
        simple = np.logical_and.reduce([kinds[column] == STRING for column in columns])
        whole = np.flatnonzero(simple)
        parts = [[texts[term][1:-1] for term in column[whole].tolist()] for column in columns]
        joined = [b'"' + b"".join(row) + b'"' for row in zip(*parts, strict=True)]
        value = np.zeros(len(simple), np.int32)
        if name == "CONCAT":
            value[whole] = self.dictionary.numbers(joined)
        else:
            plain = [b"<" + text[1:-1] + b">" if _PLAIN_IRI.fullmatch(text) else b"" for text in joined]
            value[whole] = self.dictionary.numbers(plain)
        rest = np.flatnonzero(value == UNBOUND)
        if len(rest):
            rows = list(zip(*(column[rest].tolist() for column in columns), strict=True))
            value[rest] = self._asked(name, rows)
        return value
