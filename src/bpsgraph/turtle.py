"""One stable way to write Turtle, so that a change of the data is a small change of the file.

Follows RDF 1.1 Turtle (https://www.w3.org/TR/turtle/). The comment block that opens a file is kept; comments
inside it are not, which is why notes about the data belong in the data (`rdfs:comment`, `skos:note`).
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode, RdfFormat, Triple, parse

from bpsgraph.terms import BASE, PREFIXES, RDF, XSD, Term

_FIRST = (
    "rdf:type",
    "rdf:subject",
    "rdf:predicate",
    "rdf:object",
    "skos:prefLabel",
    "rdfs:label",
    "dct:title",
)
_DIGITS = re.compile(r"([0-9]+)")
_TYPE = RDF + "type"
_LOCAL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_PREFIX_OF = {namespace: prefix for prefix, namespace in PREFIXES.items()}
# What reads back as the same IRI when it is resolved against the base: no other scheme or place before the
# first slash, no `.` or `..` between slashes (RFC 3986, 5.2).
_RELATIVE = re.compile(r"(?!/)(?![^/?#]*:)(?!(?:[^?#]*/)?\.{1,2}(?:[/?#]|$))")
# Numbers in other forms are quoted: some readers (rdflib) make 7 of a bare +07.
_BARE_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_BARE_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+")
_ESCAPES = str.maketrans(
    {chr(code): f"\\u{code:04X}" for code in (*range(32), *range(0x7F, 0xA0), *range(0x202A, 0x202F))}
    | {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
)


def format_turtle(text: str) -> str:
    """The same triples in the one stable layout, with the opening comment block kept.

    Raises `SyntaxError` where the text is no Turtle, and `ValueError` where a blank node is shared or cyclic,
    since such a node has no stable place.
    """
    triples = [quad.triple for quad in parse(text, RdfFormat.TURTLE, base_iri=BASE)]
    return opening_comment(text) + write(triples)


def opening_comment(text: str) -> str:
    """The lines before the first statement, ending in a blank line where there are any."""
    lines = []
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            break
        lines.append(line.rstrip())
    block = "\n".join(lines).strip("\n")
    return f"{block}\n\n" if block else ""


def write(triples: Iterable[Triple]) -> str:
    """Turtle with sorted subjects, `rdf:type` and labels first, and only the prefixes that are used.

    Raises `ValueError` where blank nodes are shared, cyclic, or nested too deep to be written in their place.
    """
    try:
        return _Writer(triples).text()
    except RecursionError as error:
        raise ValueError("blank nodes are nested too deep: give one an IRI") from error


class _Writer:
    def __init__(self, triples: Iterable[Triple]) -> None:
        self.properties: dict[Term, dict[str, set[Term]]] = defaultdict(lambda: defaultdict(set))
        self.references: dict[Term, int] = defaultdict(int)
        for triple in set(triples):
            # Each of these is made anew whenever it is asked for.
            subject, object = triple.subject, triple.object
            if isinstance(subject, Triple) or isinstance(object, Triple):
                raise ValueError("quoted triples have no place in this layout: state them as rdf:Statement")
            self.properties[subject][triple.predicate.value].add(object)
            if isinstance(object, BlankNode):
                self.references[object] += 1
        self.used: set[str] = set()
        self.relative = False

    def text(self) -> str:
        shared = [node for node, count in self.references.items() if count > 1]
        if shared:
            raise ValueError("a blank node is used in more than one place: give it an IRI")
        roots = [node for node in self.properties if node not in self.references]
        if self.references and len(self._reached(roots)) < len(self.properties):
            raise ValueError("a blank node leads back to itself: give it an IRI")
        blocks = [self._block(node) for node in sorted(roots, key=self._subject_key)]
        head = [f"@base <{BASE}> ."] if self.relative else []
        head += [f"@prefix {prefix}: <{PREFIXES[prefix]}> ." for prefix in sorted(self.used)]
        return "\n".join(head) + "\n\n" + "\n".join(blocks)

    def _reached(self, roots: Iterable[Term]) -> set[Term]:
        """The subjects that are written when these are, with all that is nested in them."""
        reached, waiting = set(), list(roots)
        while waiting:
            node = waiting.pop()
            reached.add(node)
            values = {value for objects in self.properties[node].values() for value in objects}
            waiting += [value for value in values & self.references.keys() if value in self.properties]
        return reached

    def _subject_key(self, node: Term) -> tuple[int, list[tuple[int, int, str]]]:
        if isinstance(node, BlankNode):
            return (1, _natural(self._nested(node, 1)))
        return (0, _natural(str(node.value)))

    def _block(self, node: Term) -> str:
        subject = "[]" if isinstance(node, BlankNode) else self.term(node)
        return f"{subject}\n{self._predicates(node, 1)} .\n"

    def _nested(self, node: BlankNode, depth: int) -> str:
        if not self.properties[node]:
            return "[]"
        return f"[\n{self._predicates(node, depth + 1)} ;\n{'  ' * depth}]"

    def _predicates(self, node: Term, depth: int) -> str:
        rows = []
        properties = self.properties[node]
        names = {self._predicate(iri): iri for iri in properties}
        for name in sorted(names, key=_rank):
            values = [self._object(object, depth) for object in properties[names[name]]]
            if len(values) > 1:
                values.sort(key=_natural)
            rows.append(f"{'  ' * depth}{name} {', '.join(values)}")
        return " ;\n".join(rows)

    def _object(self, node: Term, depth: int) -> str:
        if isinstance(node, BlankNode):
            items = self._list(node)
            if items is not None:
                return "( " + " ".join(self._object(item, depth) for item in items) + " )"
            return self._nested(node, depth)
        return self.term(node)

    def _list(self, node: BlankNode) -> list[Term] | None:
        items: list[Term] = []
        here: Term = node
        while here != NamedNode(RDF + "nil"):
            if not isinstance(here, BlankNode):
                # A cell with a name has no place in brackets, and may lead back to itself.
                return None
            cell = self.properties.get(here, {})
            if set(cell) != {RDF + "first", RDF + "rest"} or any(len(v) != 1 for v in cell.values()):
                return None
            items += cell[RDF + "first"]
            (here,) = cell[RDF + "rest"]
        return items

    def _predicate(self, iri: str) -> str:
        return "a" if iri == _TYPE else self._iri(iri)

    def term(self, term: Term) -> str:
        if isinstance(term, NamedNode):
            return self._iri(term.value)
        if isinstance(term, BlankNode):
            raise ValueError("a blank node can only be written in its place")
        if term.language:
            return f'"{term.value.translate(_ESCAPES)}"@{term.language}'
        kind = term.datatype.value
        if (
            (kind == XSD + "integer" and _BARE_INTEGER.fullmatch(term.value))
            or (kind == XSD + "decimal" and _BARE_DECIMAL.fullmatch(term.value))
            or (kind == XSD + "boolean" and term.value in {"true", "false"})
        ):
            return term.value
        text = f'"{term.value.translate(_ESCAPES)}"'
        return text if kind == XSD + "string" else f"{text}^^{self._iri(kind)}"

    def _iri(self, iri: str) -> str:
        written, prefix, relative = _written(iri)
        if prefix:
            self.used.add(prefix)
        elif relative:
            self.relative = True
        return written


@lru_cache(maxsize=20_000)
def _written(iri: str) -> tuple[str, str, bool]:
    """An IRI as it is written, with the prefix that it takes, and whether it takes the base."""
    # No local name has a slash or a hash, and every namespace ends with one.
    end = max(iri.rfind("/"), iri.rfind("#")) + 1
    prefix = _PREFIX_OF.get(iri[:end])
    if prefix is not None and _LOCAL_NAME.fullmatch(iri, end):
        return f"{prefix}:{iri[end:]}", prefix, False
    if iri.startswith(BASE) and _RELATIVE.match(iri[len(BASE) :]):
        return f"<{iri[len(BASE) :]}>", "", True
    return f"<{iri}>", "", False


@lru_cache(maxsize=2_000)
def _rank(name: str) -> tuple[int, str]:
    """Where a property stands among those of a subject."""
    long = _long(name)
    return (_FIRST.index(long) if long in _FIRST else 99, name)


def _long(name: str) -> str:
    return "rdf:type" if name == "a" else name


def _natural(text: str) -> list[tuple[int, int, str]]:
    return [(1, int(part), "") if part.isdigit() else (0, 0, part) for part in _DIGITS.split(text) if part]


def main(arguments: list[str] | None = None) -> int:
    """Format the files named, or with `--check` only say which of them are not formatted."""
    import argparse

    parser = argparse.ArgumentParser(prog="python -m bpsgraph.turtle", description=main.__doc__)
    parser.add_argument(
        "--check", action="store_true", help="change nothing; exit 1 where a file would change"
    )
    parser.add_argument("paths", nargs="+", type=Path, help="Turtle files, or folders of them")
    options = parser.parse_args(arguments)
    files = [f for p in options.paths for f in (sorted(p.rglob("*.ttl")) if p.is_dir() else [p])]
    unstable = 0
    for file in files:
        before = file.read_text(encoding="utf-8")
        try:
            after = format_turtle(before)
        except (SyntaxError, ValueError) as error:
            print(f"{file}: {error}", file=sys.stderr)
            return 2
        if before != after:
            unstable += 1
            print(f"{'would change' if options.check else 'formatted'} {file}", file=sys.stderr)
            if not options.check:
                file.write_text(after, encoding="utf-8")
    return 1 if unstable and options.check else 0


if __name__ == "__main__":
    sys.exit(main())
