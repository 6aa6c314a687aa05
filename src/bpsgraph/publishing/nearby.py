"""Names near to one that nothing is known by, looked for among things of its kind."""

from pyoxigraph import NamedNode

from bpsgraph.errors import NotFound, nearest
from bpsgraph.store import Store, select
from bpsgraph.terms import BASE, short

_CLASSES = {
    "agency": ("bps:Agency",),
    "catalogue": ("bps:Catalogue",),
    "category": ("bps:Category",),
    "dimension": ("bps:Dimension",),
    "document": ("bps:PolicyDocument", "bps:Clause"),
    "domain": ("bps:Domain",),
    "indicator": ("bps:Indicator",),
    "item": ("bps:ServiceItem",),
    "jurisdiction": ("bps:Jurisdiction",),
    "measure": ("bps:Measure",),
    "pilot": ("bps:Pilot",),
    "query": ("sh:SPARQLExecutable",),
    "scheme": ("skos:ConceptScheme",),
    "segment": ("bps:Segment",),
    "source": ("bps:Source",),
    "standard": ("bps:Standard",),
    "target": ("bps:Target",),
    "task": ("bps:Task",),
    "unit": ("bps:Unit",),
}
_FEW = 500
# What a catalogue consists of, which is looked for in that catalogue only: of all of them there are too many.
_PARTS = {
    "provision": "?thing bps:catalogue {catalogue} ; a bps:Provision",
    "guarantee": "?row bps:catalogue {catalogue} ; bps:guarantee ?thing",
    "verdict": "?thing bps:catalogue {catalogue} ; a bps:Verdict",
}


def not_found(store: Store, thing: str) -> NotFound:
    """The error that the store says nothing about a thing, by its IRI, with the names nearest to it."""
    return NotFound(short(thing), near(store, short(thing)))


def near(store: Store, key: str) -> list[str]:
    """At most three keys of things, such as `item/legal-aid`, that are spelled like this one."""
    kind, _, rest = key.partition("/")
    if kind in _PARTS:
        code, edition, *_ = (*rest.split("/"), "", "")
        catalogue = f"catalogue/{code}/{edition}"
        try:
            found = _keys(store, _PARTS[kind].format(catalogue=NamedNode(BASE + catalogue)))
        except ValueError:
            found = []
        return nearest(key, found) if found else near(store, catalogue)
    if kind not in _CLASSES:
        kinds = nearest(kind, [*_CLASSES, *_PARTS])
        # A code list is a kind of its own: kind/fixed, level/county.
        found = _keys(store, f"?thing skos:inScheme <scheme/{kind}>") if kind.isidentifier() else []
        return nearest(key, found) or (near(store, f"{kinds[0]}/{rest}") if kinds else [])
    found = _keys(store, f"VALUES ?class {{ {' '.join(_CLASSES[kind])} }} ?thing a ?class")
    if len(found) > _FEW:
        # Of thousands, as there are places and catalogues, those that begin alike: 1405 is in 14.
        return sorted(found, key=lambda one: (-_alike(one, key), one))[:3]
    return nearest(key, found)


def _alike(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


def _keys(store: Store, pattern: str) -> list[str]:
    rows = select(store, f"SELECT DISTINCT ?thing WHERE {{ {pattern} }} ORDER BY ?thing").rows
    return [short(term.value) for (term,) in rows if isinstance(term, NamedNode)]
