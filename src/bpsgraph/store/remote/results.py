"""What a server answers, as rows and triples; values are written in one way, whichever way the engine has."""

import json
from collections.abc import Iterable
from typing import cast

import pyoxigraph as ox

from bpsgraph.errors import RemoteAnswer
from bpsgraph.results import Rows, Triples
from bpsgraph.store.remote.client import Reply
from bpsgraph.terms import XSD, Term

RESULTS = "application/sparql-results+json"
N_TRIPLES = "application/n-triples"
_OF_RESULTS = (RESULTS, "application/json")
_OF_TRIPLES = (N_TRIPLES, "text/plain")
_BOOLEAN = ox.NamedNode(XSD + "boolean")
_NUMBERS = {
    ox.NamedNode(XSD + name)
    for name in ("decimal", "double", "float", "integer", "int", "long", "nonNegativeInteger")
}
_SPELLED = {"1": "true", "0": "false"}
# Virtuoso gives the answer of an ASK so, where the query does not begin with that word.
_VIRTUOSO_ASK = "__ASK_RETVAL"


def boolean(url: str, reply: Reply) -> bool:
    """The answer to an ASK (https://www.w3.org/TR/sparql11-results-json/#ask-boolean)."""
    _check_type(url, reply, _OF_RESULTS)
    try:
        said = json.loads(reply.content)
        found = said.get("boolean")
        if found is None and _VIRTUOSO_ASK in said["head"]["vars"]:
            found = any(row[_VIRTUOSO_ASK]["value"] == "1" for row in said["results"]["bindings"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _malformed(url, "JSON of SPARQL results") from error
    if not isinstance(found, bool):
        raise _malformed(url, "the answer to an ASK")
    return found


def rows(url: str, reply: Reply, columns: tuple[str, ...]) -> Rows:
    """The answer to a SELECT with these columns; raises `RemoteAnswer` where it is none."""
    _check_type(url, reply, _OF_RESULTS)
    try:
        answer = ox.parse_query_results(reply.content, format=ox.QueryResultsFormat.JSON)
        if not isinstance(answer, ox.QuerySolutions):
            raise _malformed(url, "the answer to a SELECT")
        given = [variable.value for variable in answer.variables]
        if not set(given) <= set(columns):
            raise _malformed(url, "what was asked for")
        places = [given.index(column) if column in given else None for column in columns]
        found = tuple(
            tuple(None if place is None else as_written(solution[place]) for place in places)
            for solution in answer
        )
    except (SyntaxError, ValueError, OSError) as error:
        raise _malformed(url, "JSON of SPARQL results") from error
    return Rows(columns, found)


def triples(url: str, reply: Reply) -> Triples:
    """The triples of an answer in N-Triples; raises `RemoteAnswer` where it is none, or may be cut."""
    _check_type(url, reply, _OF_TRIPLES)
    if not reply.framed:
        # Lines that are missing at the end would not be missed.
        raise RemoteAnswer(
            url,
            "it does not say how long it is, so that nobody can tell whether it is whole",
            "let it say so",
        )
    try:
        found = ox.parse(reply.content, format=ox.RdfFormat.N_TRIPLES)
        return Triples(frozenset(spelled(quad.triple) for quad in found))
    except (SyntaxError, ValueError, OSError) as error:
        raise _malformed(url, "N-Triples") from error


def spelled(triple: ox.Triple) -> ox.Triple:
    """The triple with its value in the one way of writing."""
    if not isinstance(triple.object, ox.Literal):
        return triple
    written = as_written(triple.object)
    return (
        triple
        if written is triple.object
        else ox.Triple(triple.subject, triple.predicate, cast("ox.Literal", written))
    )


def as_written(term: object) -> Term | None:
    """A term with booleans and numbers in the way of writing that the embedded store has for their value."""
    if isinstance(term, ox.Literal):
        if term.datatype == _BOOLEAN:
            return ox.Literal(_SPELLED[term.value], datatype=_BOOLEAN) if term.value in _SPELLED else term
        if term.datatype in _NUMBERS and not term.value.isdecimal():
            return _canonical(term)
    return cast("Term | None", term)


def _canonical(literal: ox.Literal) -> ox.Literal:
    store = ox.Store()
    node = ox.NamedNode("urn:x")
    store.add(ox.Quad(node, node, literal))
    for quad in store:
        if isinstance(quad.object, ox.Literal):
            return quad.object
    return literal


def n_triples(found: Iterable[ox.Triple]) -> bytes:
    """The triples as a body to send."""
    return ox.serialize(found, format=ox.RdfFormat.N_TRIPLES) or b""


def _check_type(url: str, reply: Reply, wanted: tuple[str, ...]) -> None:
    if reply.type not in wanted:
        raise RemoteAnswer(
            url,
            f"it is {reply.type or 'of no type'} and not {wanted[0]}",
            "give the URL of a SPARQL endpoint",
        )


def _malformed(url: str, what: str) -> RemoteAnswer:
    return RemoteAnswer(url, f"it is not {what}", "look at the server's log, and whether a proxy answers")
