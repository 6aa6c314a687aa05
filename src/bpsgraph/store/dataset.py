"""The dataset that a query names itself (https://www.w3.org/TR/sparql11-query/#specifyingDataset).

pyoxigraph knows FROM and FROM NAMED, but makes no union of several default graphs: a triple that two of
them state comes twice. Where a query names several, they are read here and given to the store by name.
"""

import re

import pyoxigraph as ox

from bpsgraph.terms import BASE, PREFIXES

# What is not closed is read to its end, so that no text takes longer than its length.
_TOKEN = re.compile(
    r"""
      \#[^\n]* | \"{3}(?:\\.|(?!\"{3})[^\\])*+(?:\"{3})? | '{3}(?:\\.|(?!'{3})[^\\])*+(?:'{3})?
    | "(?:\\.|[^"\\\n])*+"? | '(?:\\.|[^'\\\n])*+'? | [?$]\w+ | @[A-Za-z-]+
    | (?P<iri><[^<>"{}|^`\\\s]*> | [\w.-]*:[\w.:%-]*)
    | (?P<word>[A-Za-z_]\w*) | [\w.-]+
    | (?P<opens>[{(\[]) | (?P<closes>[})\]])
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS = {"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"}


def several_graphs(query: str) -> tuple[list[str], list[str]] | None:
    """The default and the named graphs of a query that names more than one default graph; None of any other.

    None too where the query is not SPARQL: the parser says then what is wrong.
    """
    found = dataset_of(query)
    return found if found is not None and len(found[0]) > 1 else None


def dataset_of(query: str) -> tuple[list[str], list[str]] | None:
    """The default and the named graphs that a query names; None where it names none, or is not SPARQL."""
    if "FROM" not in query.upper():
        return None
    default, named = _clauses(query)
    if not default and not named:
        return None
    try:
        iris = _resolved(query, default + named)
    except SyntaxError:
        return None
    return iris[: len(default)], iris[len(default) :]


def undeclared(query: str) -> str:
    """The declarations of our base and prefixes that a query leans on without stating them itself.

    Some engines take one BASE only, and no prefix twice.
    """
    words = (token for token in _TOKEN.finditer(query) if token["word"])
    start = next((token.start() for token in words if token["word"].upper() in _FORMS), 0)
    stated, based, before = set[str](), False, ""
    for token in _TOKEN.finditer(query[:start]):
        if before == "PREFIX" and token["iri"]:
            stated.add(token["iri"].removesuffix(":"))
        based = based or (token["word"] or "").upper() == "BASE"
        if token[0][0] != "#":
            before = (token["word"] or "").upper()
    names = "".join(
        f"PREFIX {name}: <{iri}> "
        for name, iri in PREFIXES.items()
        if name not in stated and f"{name}:" in query
    )
    return names if based else f"BASE <{BASE}> {names}"


def without_graph(query: str, hidden: str) -> str:
    """The query with a graph left out wherever it asks for graphs by a variable."""
    if "GRAPH" not in query.upper():
        return query
    parts, end = [], 0
    before, variable = "", ""
    # The variable of each group that is open, nothing for one that is not that of a graph.
    open_groups: list[str] = []
    for token in _TOKEN.finditer(query):
        text = token[0]
        if text[0] in "?$" and before == "GRAPH":
            variable = text
        elif token["opens"]:
            open_groups.append(variable)
            variable = ""
        elif token["closes"] and open_groups and (asked := open_groups.pop()):
            parts += [query[end : token.end()], f" FILTER({asked} != <{hidden}>)"]
            end = token.end()
        if text[0] != "#":
            before = (token["word"] or "").upper()
    return "".join([*parts, query[end:]])


def _clauses(query: str) -> tuple[list[str], list[str]]:
    """What stands behind FROM and behind FROM NAMED, as it is written."""
    clauses: dict[str, list[str]] = {"FROM": [], "NAMED": []}
    depth, before = 0, ""
    for token in _TOKEN.finditer(query):
        depth += bool(token["opens"]) - bool(token["closes"])
        if token["iri"] and before in clauses and not depth:
            clauses[before].append(token["iri"])
        if token.lastgroup is not None:
            before = (token["word"] or "").upper()
    return clauses["FROM"], clauses["NAMED"]


def _resolved(query: str, names: list[str]) -> list[str]:
    """The names as absolute IRIs, by the prefixes and the base of the query; read by the parser itself."""
    words = (token for token in _TOKEN.finditer(query) if token["word"])
    start = next((token.start() for token in words if token["word"].upper() in _FORMS), 0)
    shown = " ".join(f"({name} AS ?g{number})" for number, name in enumerate(names))
    answer = ox.Store().query(f"{query[:start]}\nSELECT {shown} {{}}", base_iri=BASE, prefixes=PREFIXES)
    assert isinstance(answer, ox.QuerySolutions)
    return [term.value for solution in answer for term in solution if isinstance(term, ox.NamedNode)]
