"""What things are called on a page: by their labels, else by what they consist of."""

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from pyoxigraph import Literal, NamedNode

from bpsgraph.results import Text
from bpsgraph.store import select
from bpsgraph.terms import BASE, DCT, FOAF, PREFIXES, PROV, RDF, RDFS, SKOS
from bpsgraph.web.view import View

# Properties of other vocabularies, which have no labels in the graph.
_OTHERS = {
    RDF + "type": Text("种类", "kind"),
    SKOS + "prefLabel": Text("名称", "name"),
    SKOS + "altLabel": Text("别名", "other name"),
    SKOS + "notation": Text("编号", "notation"),
    SKOS + "definition": Text("定义", "definition"),
    SKOS + "scopeNote": Text("范围注", "scope note"),
    SKOS + "note": Text("注", "note"),
    SKOS + "inScheme": Text("所属体系", "in scheme"),
    SKOS + "broader": Text("上位", "broader"),
    SKOS + "narrower": Text("下位", "narrower"),
    SKOS + "broaderTransitive": Text("各级上位", "broader, however far"),
    SKOS + "exactMatch": Text("等同于", "exact match"),
    SKOS + "broadMatch": Text("上位对应", "broad match"),
    DCT + "title": Text("名称", "title"),
    DCT + "description": Text("说明", "description"),
    DCT + "identifier": Text("标识", "identifier"),
    DCT + "issued": Text("发布日期", "issued"),
    DCT + "publisher": Text("发布者", "publisher"),
    DCT + "source": Text("来源文件", "source"),
    DCT + "license": Text("许可", "licence"),
    DCT + "references": Text("引用", "references"),
    DCT + "replaces": Text("代替", "replaces"),
    DCT + "isPartOf": Text("属于", "part of"),
    FOAF + "page": Text("网页", "page"),
    PROV + "hadPrimarySource": Text("出处", "source"),
    PROV + "wasDerivedFrom": Text("由此得出", "derived from"),
    PROV + "generated": Text("受理", "accepted"),
    PROV + "endedAtTime": Text("时间", "time"),
    PROV + "wasAssociatedWith": Text("经手", "done by"),
    RDFS + "label": Text("名称", "label"),
    RDFS + "comment": Text("备注", "comment"),
    RDFS + "seeAlso": Text("参见", "see also"),
    PREFIXES["eli"] + "is_part_of": Text("属于", "part of"),
    PREFIXES["eli"] + "based_on": Text("依据", "based on"),
    PREFIXES["org"] + "hasMember": Text("成员", "member"),
    PREFIXES["qb"] + "dataSet": Text("数据集", "data set"),
}
# Rows, promises, floors, verdicts and figures have no labels: what they are about tells them apart.
_PARTS = {
    "provision": ("bps:item", "bps:catalogue"),
    "guarantee": (
        *("^bps:guarantee/bps:item", "bps:measure", "bps:segment", "^bps:guarantee/bps:catalogue"),
    ),
    "verdict": ("bps:item", "bps:measure", "bps:segment", "bps:catalogue"),
    "floor": ("bps:item", "bps:measure", "bps:segment", "bps:textOf"),
    "observation": ("bps:indicator", "bps:jurisdiction"),
    "target": ("bps:indicator",),
}
_NAMES = "skos:prefLabel|dct:title"


def names_of(view: View, iris: AbstractSet[str]) -> dict[str, str]:
    """What each thing is called in the language of the page, where there is something to call it by."""
    called = view.labels(set(iris))
    for iri, words in _OTHERS.items():
        if iri in iris:
            called.setdefault(iri, view.say(words))
    nameless: dict[str, list[str]] = defaultdict(list)
    for iri in sorted(iris - called.keys()):
        kind = iri.removeprefix(BASE).partition("/")[0]
        if iri.startswith(BASE) and kind in _PARTS:
            nameless[kind].append(iri)
    for kind, things in nameless.items():
        called |= _by_parts(view, things, _PARTS[kind])
    return called


def _by_parts(view: View, iris: list[str], paths: Sequence[str]) -> dict[str, str]:
    """The names of what each thing is about, in a row."""
    values = " ".join(str(NamedNode(iri)) for iri in iris)
    branches = " UNION ".join(
        f"{{ VALUES ?thing {{ {values} }} ?thing {path} ?part . ?part {_NAMES} ?name "
        f"BIND({place} AS ?place) }}"
        for place, path in enumerate(paths)
    )
    rows = select(view.snapshot.store, f"SELECT ?thing ?place ?part ?name WHERE {{ {branches} }}").rows
    names: dict[tuple[str, int, str], tuple[bool, str]] = {}
    for thing, place, part, name in rows:
        if isinstance(thing, NamedNode) and isinstance(place, Literal) and isinstance(name, Literal):
            key = (thing.value, int(place.value), str(part))
            rank = (name.language != view.language, name.value)
            names[key] = min(names.get(key, rank), rank)
    found: dict[str, list[str]] = defaultdict(list)
    for (thing_iri, _, _), (_, text) in sorted(names.items()):
        found[thing_iri].append(text)
    return {iri: " · ".join(dict.fromkeys(texts)) for iri, texts in found.items()}
