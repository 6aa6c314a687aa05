"""What is particular to each SPARQL engine: its addresses, where the union is, what it lists beside data.

Seen on Oxigraph 0.5 and Virtuoso 7.2; the others as their documentation says (docs/remote-stores.md).
"""

from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit, urlunsplit

from bpsgraph.terms import GRAPH

UNION_GRAPH = GRAPH + "union"
"""The graph that holds the union of the others, where an engine has no place of its own for it."""
MANIFEST_GRAPH = GRAPH + "stored"
"""Says which graphs were published and with which hash."""


class Union(Enum):
    """Where the union of the graphs is, each triple of it once.

    Engines that are asked for the union of several graphs mostly give a triple once for each graph that
    states it; counts and sums are then wrong. So it is kept: as the default graph, or as a graph of its own.
    """

    DEFAULT = "default"
    GRAPH = "graph"
    ENGINE = "engine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """An engine and its ways; `server` is how it names itself in the header `Server` (RFC 9110, 10.2.4).

    `stem` is the end of the URL for queries that the other addresses have in its place. `atomic` says that
    an update of several steps is one transaction; `direct_update` that it may be sent unencoded. A
    `strict_dataset` is that of the protocol: no other graphs are seen. One that `answers` was not seen to
    give other rows than the standard says. `foreign` begin the IRIs of graphs that the engine has for itself;
    `excluding` is what leaves one of those that are `hidden` out of a query. As many graphs are sent to it at
    once as it has `writers`. `row_limit` names the header by which it says that it cut an answer.
    """

    name: str
    server: str = ""
    stem: str = ""
    query: str = ""
    update: str = ""
    graphs: str = ""
    update_signed: str = ""
    graphs_signed: str = ""
    union: Union = Union.ENGINE
    atomic: bool = False
    direct_update: bool = False
    strict_dataset: bool = False
    answers: bool = True
    writers: int = 4
    named_graphs: str = "SELECT DISTINCT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } }"
    foreign: tuple[str, ...] = ()
    row_limit: str = ""
    excluding: str = ""
    hidden: tuple[str, ...] = ()

    def addresses(self, url: str, signed: bool) -> tuple[str, str, str]:
        """Where it takes queries, updates and graphs, by the URL of the server or of its queries."""
        parts = urlsplit(url)
        path = parts.path.rstrip("/")
        base = path.removesuffix(self.stem) if self.stem else path
        ends = (
            self.query,
            (signed and self.update_signed) or self.update,
            (signed and self.graphs_signed) or self.graphs,
        )
        query, update, graphs = (urlunsplit(parts._replace(path=base + end)) for end in ends)
        return query, update, graphs


_EVERY_GRAPH = "SELECT ?graph WHERE { GRAPH ?graph { } }"
ENGINES = {
    engine.name: engine
    for engine in (
        Engine(
            name="oxigraph",
            server="oxigraph",
            stem="/query",
            query="/query",
            update="/update",
            graphs="/store",
            union=Union.DEFAULT,
            atomic=True,
            direct_update=True,
            strict_dataset=True,
            named_graphs=_EVERY_GRAPH,
        ),
        Engine(
            name="virtuoso",
            server="virtuoso",
            stem="/sparql",
            query="/sparql",
            update="/sparql",
            graphs="/sparql-graph-crud",
            update_signed="/sparql-auth",
            graphs_signed="/sparql-graph-crud-auth",
            union=Union.GRAPH,
            answers=False,
            # With DISTINCT it takes minutes, grouped a tenth of a second.
            named_graphs="SELECT ?graph WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph",
            # Two at once deadlock over the union.
            writers=1,
            foreign=(
                "http://www.openlinksw.com/",
                "http://localuriqaserver/",
                "http://www.w3.org/ns/ldp#",
                "http://www.w3.org/2002/07/owl#",
                "http://localhost:8890/",
                "urn:activitystreams-owl:map",
                "urn:core:services:sparql",
                "urn:rules.skos",
                "virtrdf-label",
                "b3sonto",
                "b3sifp",
                "facets",
                "dbprdf-label",
            ),
            row_limit="X-SPARQL-MaxRows",
            hidden=(
                MANIFEST_GRAPH,
                "http://www.openlinksw.com/schemas/virtrdf#",
                "http://localuriqaserver/sparql",
                "http://www.w3.org/ns/ldp#",
                "http://www.w3.org/2002/07/owl#",
            ),
            excluding="define input:named-graph-exclude <{graph}> ",
        ),
        Engine(
            name="fuseki",
            server="apache jena fuseki",
            stem="/query",
            query="/query",
            update="/update",
            graphs="/data",
            union=Union.DEFAULT,
            atomic=True,
            direct_update=True,
            strict_dataset=True,
            named_graphs=_EVERY_GRAPH,
        ),
        Engine(name="qlever", server="qlever"),
        Engine(
            name="rdf4j",
            update="/statements",
            graphs="/rdf-graphs/service",
        ),
        Engine(name="neptune", stem="/sparql", query="/sparql", update="/sparql", graphs="/sparql/gsp/"),
        Engine(name="generic"),
    )
}


def engine_of(server: str) -> Engine:
    """The engine that names itself so in the header `Server`, else one of which nothing is known."""
    said = server.lower()
    for engine in ENGINES.values():
        if engine.server and said.startswith(engine.server):
            return engine
    return ENGINES["generic"]
