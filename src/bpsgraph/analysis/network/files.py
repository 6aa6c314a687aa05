"""The network as a file for other tools: GraphML and node-link JSON."""

import json
from typing import Any
from typing import Literal as OneOf

from bpsgraph.analysis.network.links import Network
from bpsgraph.terms import short

GraphFormat = OneOf["graphml", "json"]


def graph_text(network: Network, format: GraphFormat) -> str:
    """The network as GraphML (http://graphml.graphdrawing.org/) or as the node-link JSON of networkx.

    Nodes are named by their keys and carry the IRI, the kind, the names and the number; edges the relation,
    its words, the graph that states it and how sure it is. Links run as they are stated.
    """
    from xml.etree.ElementTree import tostring

    import networkx
    from networkx.readwrite.graphml import GraphMLWriter

    graph = networkx.MultiDiGraph()
    for iri, thing in network.things.items():
        known = {
            "iri": iri,
            "kind": thing.kind,
            "kind_zh": thing.kind_words.zh,
            "kind_en": thing.kind_words.en,
            "label_zh": thing.called.zh,
            "label_en": thing.called.en,
            "number": thing.number,
        }
        graph.add_node(short(iri), **_stated(known))
    for link in network.links:
        said = {
            "relation": short(link.relation),
            "role": link.role,
            "touched": link.touched,
            "words_zh": link.words.zh,
            "words_en": link.words.en,
            "graph": link.graph,
            "verification": short(link.verification) if link.verification else None,
        }
        graph.add_edge(short(link.source), short(link.target), **_stated(said))
    if format == "json":
        data = networkx.node_link_data(graph, edges="edges")
        return json.dumps(data, ensure_ascii=False, indent=1) + "\n"
    writer = GraphMLWriter(encoding="utf-8", prettyprint=True)
    writer.add_graph_element(graph)
    writer.indent(writer.xml)
    # As text: networkx itself would write a number for every Chinese character.
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(writer.xml, encoding="unicode").rstrip() + "\n"
    )


def _stated(attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}
