"""The library as RDF, so that the catalogue of queries can be asked like everything else.

Each query is a `sh:SPARQLSelectExecutable` or `sh:SPARQLConstructExecutable` (SHACL advanced features; the
way https://github.com/sib-swiss/sparql-examples describes them), its parameters are `sh:Parameter`s, its
columns those of a schema of CSV on the Web (https://www.w3.org/TR/tabular-metadata/).
"""

from collections.abc import Iterable, Iterator
from typing import Any

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.library.saved import Library, Parameter, Query
from bpsgraph.library.values import DATATYPES
from bpsgraph.results import Text
from bpsgraph.terms import BASE, BPS, DCT, GRAPH, RDF, RDF_TYPE, XSD

QUERIES_GRAPH = GRAPH + "queries"
_SH = "http://www.w3.org/ns/shacl#"
_CSVW = "http://www.w3.org/ns/csvw#"
_UNIT_TEXT = "https://schema.org/unitText"
_KEYWORD = NamedNode("http://www.w3.org/ns/dcat#keyword")
_VERSION = NamedNode("http://www.w3.org/2002/07/owl#versionInfo")


def catalogue_triples(library: Library, names: Iterable[str] | None = None) -> list[Triple]:
    """The description of these queries of `library`, all without `names`, as in `QUERIES_GRAPH`, sorted."""
    triples = {triple for name in (library if names is None else names) for triple in _query(library[name])}
    return sorted(triples, key=str)


def described_as_json(query: Query) -> dict[str, Any]:
    """What a program needs to offer the query, ready for JSON: its words, parameters and columns."""
    return {
        "name": query.name,
        "kind": query.kind,
        "summary": _both(query.summary),
        "description": _both(query.description),
        "tags": list(query.header.tags),
        "version": query.header.version,
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.header.type,
                "required": parameter.header.required,
                "default": [parameter.typed(term) for term in parameter.written if term is not None]
                if not parameter.header.required
                else [],
                "example": parameter.example,
                "help": _both(parameter.header.help),
            }
            for parameter in query.parameters
        ],
        "columns": [
            {"name": column.name, **_both(column.label), "unit": column.unit, "of": column.of}
            for column in query.columns
        ],
        "key": list(query.header.key),
    }


def query_iri(name: str) -> NamedNode:
    """The IRI of the saved query: `…/id/query/gaps/missing-items`."""
    return NamedNode(f"{BASE}query/{name}")


def _query(query: Query) -> Iterator[Triple]:
    subject = query_iri(query.name)
    form = "Construct" if query.scan.form == "CONSTRUCT" else "Select"
    yield Triple(subject, RDF_TYPE, NamedNode(f"{_SH}SPARQL{form}Executable"))
    yield Triple(subject, RDF_TYPE, NamedNode(_SH + "SPARQLExecutable"))
    yield Triple(subject, NamedNode(_SH + form.lower()), Literal(query.text))
    yield from _words(subject, DCT + "title", query.summary)
    yield from _words(subject, DCT + "description", query.description)
    if query.header.problem is not None:
        yield from _words(subject, _SH + "message", query.header.problem)
    if query.kind == "check":
        severity = NamedNode(_SH + query.header.severity.name.capitalize())
        yield Triple(subject, NamedNode(_SH + "severity"), severity)
    if query.header.solution is not None:
        yield from _words(subject, BPS + "fix", query.header.solution)
    yield Triple(subject, NamedNode(DCT + "identifier"), Literal(query.name))
    yield Triple(subject, _VERSION, Literal(query.header.version))
    for tag in query.header.tags:
        yield Triple(subject, _KEYWORD, Literal(tag))
    for order, parameter in enumerate(query.parameters):
        yield from _parameter(subject, parameter, order)
    yield from _columns(subject, query)


def _columns(subject: NamedNode, query: Query) -> Iterator[Triple]:
    """The columns in their order with their headings and units, as CSV on the Web names them."""
    schema = NamedNode(f"{subject.value}/columns")
    for order, column in enumerate(query.columns, 1):
        node = NamedNode(f"{schema.value}/{_key(column.name)}")
        yield Triple(subject, NamedNode(_CSVW + "tableSchema"), schema)
        yield Triple(schema, NamedNode(_CSVW + "column"), node)
        yield Triple(node, NamedNode(_CSVW + "name"), Literal(column.name))
        yield from _words(node, _CSVW + "title", column.label)
        yield Triple(node, NamedNode(_SH + "order"), Literal(order))
        if column.unit is not None:
            yield Triple(node, NamedNode(_UNIT_TEXT), Literal(column.unit))


def _key(name: str) -> str:
    """The name of a variable in an IRI of the project, which has hyphens."""
    return name.replace("_", "-")


def _parameter(query: NamedNode, parameter: Parameter, order: int) -> Iterator[Triple]:
    subject = NamedNode(f"{query.value}/{_key(parameter.name)}")
    yield Triple(query, NamedNode(_SH + "parameter"), subject)
    yield Triple(subject, RDF_TYPE, NamedNode(_SH + "Parameter"))
    yield Triple(subject, NamedNode(_SH + "name"), Literal(parameter.name))
    yield from _words(subject, _SH + "description", parameter.header.help)
    yield Triple(subject, NamedNode(_SH + "order"), Literal(order))
    optional = Literal(str(not parameter.header.required).lower(), datatype=NamedNode(XSD + "boolean"))
    yield Triple(subject, NamedNode(_SH + "optional"), optional)
    if parameter.header.type in ("iri", "code"):
        yield Triple(subject, NamedNode(_SH + "nodeKind"), NamedNode(_SH + "IRI"))
    elif parameter.header.type in DATATYPES:
        yield Triple(subject, NamedNode(_SH + "datatype"), NamedNode(DATATYPES[parameter.header.type]))
    else:
        yield Triple(subject, NamedNode(_SH + "datatype"), NamedNode(RDF + "langString"))
    for term in parameter.written:
        if term is not None and not parameter.header.required:
            yield Triple(subject, NamedNode(_SH + "defaultValue"), term)


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _words(subject: NamedNode, predicate: str, words: Text) -> Iterator[Triple]:
    yield Triple(subject, NamedNode(predicate), Literal(words.zh, language="zh"))
    yield Triple(subject, NamedNode(predicate), Literal(words.en, language="en"))
