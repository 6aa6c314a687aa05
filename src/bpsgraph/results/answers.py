"""What a store answers: tables of terms, and triples."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import pyoxigraph
from pyoxigraph import BlankNode, NamedNode, Triple

from bpsgraph.literals import Value, arrow_array, python_value
from bpsgraph.terms import XSD, Term

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer of a SELECT: column names, and one tuple per row with a term or None per column.

    Iterating gives one dictionary per row, of the bound columns and the unbound ones (None).
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Term | None, ...], ...]

    def __iter__(self) -> Iterator[dict[str, Term | None]]:
        for row in self.rows:
            yield dict(zip(self.columns, row, strict=True))

    def __len__(self) -> int:
        return len(self.rows)

    def to_csv(self) -> str:
        """SPARQL 1.1 Query Results CSV: values without types (https://www.w3.org/TR/sparql11-results-csv-tsv/)."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow(self.columns)
        writer.writerows([_plain(term) for term in row] for row in self.rows)
        return text.getvalue()

    def to_tsv(self) -> str:
        """SPARQL 1.1 Query Results TSV: terms in the syntax of N-Triples, empty where unbound."""
        lines = ["\t".join(f"?{column}" for column in self.columns)]
        lines += ["\t".join("" if term is None else str(term) for term in row) for row in self.rows]
        return "\n".join(lines) + "\n"

    def to_json(self) -> str:
        """SPARQL 1.1 Query Results JSON (https://www.w3.org/TR/sparql11-results-json/)."""
        bindings = [{name: _json(term) for name, term in row.items() if term is not None} for row in self]
        return json.dumps(
            {"head": {"vars": list(self.columns)}, "results": {"bindings": bindings}}, ensure_ascii=False
        )

    def to_xml(self) -> str:
        """SPARQL Query Results XML (https://www.w3.org/TR/rdf-sparql-XMLres/).

        Control characters, which XML cannot hold, become U+FFFD.
        """
        head = "".join(f"<variable name={_quoted(column)}/>" for column in self.columns)
        results = "".join(
            "<result>"
            + "".join(
                f"<binding name={_quoted(name)}>{_xml(term)}</binding>"
                for name, term in row.items()
                if term is not None
            )
            + "</result>\n"
            for row in self
        )
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n<sparql xmlns="http://www.w3.org/2005/sparql-results#">\n'
            f"<head>{head}</head>\n<results>\n{results}</results>\n</sparql>\n"
        )

    def to_dicts(self) -> list[dict[str, Value]]:
        """One dictionary per row with values of Python: numbers, days, truth values, text, or None."""
        return [{name: python_value(term) for name, term in row.items()} for row in self]

    def to_arrow(self) -> "pyarrow.Table":
        """An Arrow table, each column of the type of its values; IRIs and mixed columns are text."""
        import pyarrow

        arrays = [arrow_array([row[place] for row in self.rows]) for place in range(len(self.columns))]
        return pyarrow.Table.from_arrays(arrays, names=list(self.columns))


def _plain(term: Term | None) -> str:
    if isinstance(term, BlankNode):
        return str(term)
    return "" if term is None else term.value


def _json(term: Term) -> dict[str, str]:
    if isinstance(term, NamedNode):
        return {"type": "uri", "value": term.value}
    if isinstance(term, BlankNode):
        return {"type": "bnode", "value": term.value}
    literal = {"type": "literal", "value": term.value}
    if term.language:
        literal["xml:lang"] = term.language
    elif term.datatype.value != XSD + "string":
        literal["datatype"] = term.datatype.value
    return literal


@cache
def not_xml() -> re.Pattern[str]:
    """What is no character of XML 1.0 (https://www.w3.org/TR/xml/#charsets); it takes long to compile."""
    return re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# A reader makes a line feed of a carriage return that is not written as a reference.
_XML_TEXT = {"\r": "&#13;"}


def _xml(term: Term) -> str:
    if isinstance(term, NamedNode):
        return f"<uri>{_escaped(term.value)}</uri>"
    if isinstance(term, BlankNode):
        return f"<bnode>{_escaped(term.value)}</bnode>"
    kind = ""
    if term.language:
        kind = f" xml:lang={_quoted(term.language)}"
    elif term.datatype.value != XSD + "string":
        kind = f" datatype={_quoted(term.datatype.value)}"
    return f"<literal{kind}>{_escaped(term.value)}</literal>"


def _escaped(text: str) -> str:
    from xml.sax.saxutils import escape  # Here, as it loads half of the standard library.

    return escape(not_xml().sub("\ufffd", text), _XML_TEXT)


def _quoted(text: str) -> str:
    from xml.sax.saxutils import quoteattr

    return quoteattr(not_xml().sub("\ufffd", text))


class Triples:
    """The answer of a CONSTRUCT or DESCRIBE, or the content of a graph, without order.

    Those of a text become objects of Python when they are asked for, which costs as much as parsing it.
    """

    __slots__ = ("_distinct", "_hash", "_terms", "_triples")

    def __init__(self, triples: frozenset[Triple]) -> None:
        self._triples: frozenset[Triple] | None = triples
        self._terms: list[bytes] | None = None
        self._distinct: frozenset[bytes] | None = None
        self._hash: str | None = None

    @classmethod
    def of_text(cls, text: bytes) -> "Triples":
        """The triples in a text of N-Triples as pyoxigraph writes it."""
        made = cls(frozenset())
        made._triples, made._terms = None, _terms_in(text)
        return made

    @property
    def triples(self) -> frozenset[Triple]:
        """The triples themselves."""
        if self._triples is None:
            terms = iter(self.terms)
            lines = b"".join(b"%s %s %s .\n" % parts for parts in zip(terms, terms, terms, strict=True))
            self._triples = _parsed(lines)
        return self._triples

    @property
    def terms(self) -> list[bytes]:
        """Subject, predicate and object of each triple, one after the other, as N-Triples writes them."""
        if self._terms is not None:
            return self._terms
        return _terms_in(pyoxigraph.serialize(self.triples, format=pyoxigraph.RdfFormat.N_TRIPLES) or b"")

    @property
    def distinct_terms(self) -> frozenset[bytes]:
        """Every term of the triples once, as N-Triples writes it."""
        if self._distinct is None:
            self._distinct = frozenset(self.terms)
        return self._distinct

    def having(self, predicate: NamedNode, objects: Collection[NamedNode] = ()) -> frozenset[Triple]:
        """The triples with that predicate, and one of the objects where any are given."""
        if self._triples is not None:
            return frozenset(
                triple
                for triple in self._triples
                if triple.predicate == predicate and (not objects or triple.object in objects)
            )
        terms, wanted = self.terms, str(predicate).encode()
        places = [place for place, term in enumerate(terms[1::3]) if term == wanted]
        if objects:
            ends = {str(object).encode() for object in objects}
            places = [place for place in places if terms[3 * place + 2] in ends]
        return _parsed(b"".join(b"%s %s %s .\n" % tuple(terms[3 * at : 3 * at + 3]) for at in places))

    def __eq__(self, other: object) -> bool:
        return self.triples == other.triples if isinstance(other, Triples) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.triples)

    def __repr__(self) -> str:
        return f"Triples(triples={self.triples!r})"

    def __iter__(self) -> Iterator[Triple]:
        return iter(self.triples)

    def __len__(self) -> int:
        return len(self.terms) // 3 if self._triples is None else len(self._triples)

    def content_hash(self) -> str:
        """`sha256:` and the hash of the sorted N-Triples: the same for the same triples without blank nodes.

        Raises `ValueError` where there are blank nodes, which have no stable name.
        """
        if self._hash is None:
            lines = []
            for triple in self.triples:
                if isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode):
                    raise ValueError("a graph with blank nodes has no stable hash")
                lines.append(f"{triple} .\n")
            self._hash = "sha256:" + hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()
        return self._hash


def _terms_in(text: bytes) -> list[bytes]:
    """The terms of the lines of N-Triples, of each line that stands there twice only once."""
    terms: list[bytes] = []
    for line in dict.fromkeys(text.splitlines()):
        terms += line.split(b" ", 2)
    # Behind each object there is the end of the statement.
    terms[2::3] = [term[:-2] for term in terms[2::3]]
    return terms


def _parsed(lines: bytes) -> frozenset[Triple]:
    return frozenset(quad.triple for quad in pyoxigraph.parse(lines, pyoxigraph.RdfFormat.N_TRIPLES))


@dataclass(frozen=True, slots=True)
class Difference:
    """What a graph loses and what it gains; no triple is in both."""

    removed: frozenset[Triple] = frozenset()
    added: frozenset[Triple] = frozenset()

    @classmethod
    def between(cls, before: Triples, after: Triples) -> "Difference":
        """What makes the second of the first."""
        return cls(before.triples - after.triples, after.triples - before.triples)

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)

    def of(self, before: Triples) -> Triples:
        """What it makes of a graph."""
        return Triples((before.triples - self.removed) | self.added)
