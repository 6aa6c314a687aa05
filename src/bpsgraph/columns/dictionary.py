"""Terms as numbers: a column holds numbers, and equal numbers are equal terms."""

import re
from collections.abc import Iterable, Sequence
from itertools import count

import numpy as np
import pyoxigraph as ox
from numpy.typing import NDArray
from pyoxigraph import Triple

UNBOUND = 0
IRI, BLANK, STRING, LITERAL = 1, 2, 3, 4
"""What a term is: `STRING` is a literal without language and datatype, `LITERAL` any other."""
_TYPED = re.compile(rb'"\^\^<([^>]*)>$')
_STRING = b"http://www.w3.org/2001/XMLSchema#string"


class Dictionary:
    """Every term once, in the syntax of N-Triples; 0 is no term.

    Literals stand as pyoxigraph's store keeps them (`"608.0"` is `"608"`), so that what joins
    there joins here.
    """

    def __init__(self) -> None:
        self.texts: list[bytes] = [b""]
        self._kinds = bytearray(1)
        self._numbers: dict[bytes, int] = {b"": UNBOUND}
        self._one = ox.Store()

    def __len__(self) -> int:
        return len(self.texts)

    def number(self, text: bytes) -> int:
        """The number of a term; a new one where it is new."""
        known = self._numbers.get(text)
        return self._add(text) if known is None else known

    def numbers(self, texts: Iterable[bytes]) -> list[int]:
        """The numbers of many terms."""
        given = texts if isinstance(texts, list) else list(texts)
        found: list[int | None] = list(map(self._numbers.get, given))
        if None in found:
            new = dict.fromkeys(text for text, number in zip(given, found, strict=True) if number is None)
            self._add_all(new)
            found = list(map(self._numbers.get, given))
        return found  # type: ignore[return-value]

    def text(self, number: int) -> str:
        """The term in the syntax of N-Triples."""
        return self.texts[number].decode()

    def kinds(self) -> NDArray[np.uint8]:
        """What each term is, by its number; 0 for none."""
        return np.array(self._kinds, dtype=np.uint8)

    def kind(self, number: int) -> int:
        """What a term is."""
        return self._kinds[number]

    def forget(self, length: int) -> None:
        """Be as it was when it held so many terms."""
        for text in self.texts[length:]:
            del self._numbers[text]
        del self.texts[length:]
        del self._kinds[length:]
        for text in [text for text, number in self._numbers.items() if number >= length]:
            del self._numbers[text]

    def _add_all(self, texts: Iterable[bytes]) -> None:
        """Number terms that have no number yet, each given once."""
        plain = [text for text in texts if not text.endswith(b">") or text.startswith(b"<")]
        self._numbers.update(zip(plain, count(len(self.texts))))
        self.texts += plain
        self._kinds += bytes(map(_kind, plain))
        for text in texts:
            if text not in self._numbers:
                self._add(text)

    def _add(self, text: bytes) -> int:
        kept = self._kept(text)
        number = self._numbers.get(kept)
        if number is None:
            number = self._numbers[kept] = len(self.texts)
            self.texts.append(kept)
            self._kinds.append(_kind(kept))
        self._numbers[text] = number
        return number

    def _kept(self, text: bytes) -> bytes:
        typed = _TYPED.search(text) if text.endswith(b">") and text.startswith(b'"') else None
        if typed is None or typed[1] == _STRING:
            return text
        ((*_, quad),) = (list(ox.parse(b"<a:> <a:> " + text + b" .", format=ox.RdfFormat.N_TRIPLES)),)
        self._one.clear()
        self._one.add(quad)
        (kept,) = self._one
        return str(kept.object).encode()


def _kind(text: bytes) -> int:
    if text.startswith(b"<"):
        return IRI
    if text.startswith(b"_"):
        return BLANK
    return STRING if text.endswith(b'"') else LITERAL


def lines_of(triples: Iterable[Triple]) -> list[bytes]:
    """The triples as lines of N-Triples."""
    return (ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b"").splitlines()


def terms_of(texts: Sequence[bytes]) -> list[ox.NamedNode | ox.BlankNode | ox.Literal]:
    """The terms that the texts write."""
    lines = b"".join(b"<a:> <a:> " + text + b" .\n" for text in texts)
    return [quad.object for quad in ox.parse(lines, format=ox.RdfFormat.N_TRIPLES)]
