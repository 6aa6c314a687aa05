"""The sums by item, counted from the lists of what is missing and below; and these lists, by looking at all verdicts."""

from collections import Counter

from pyoxigraph import Literal, NamedNode

from bpsgraph.library import bind, bundled
from bpsgraph.store import EmbeddedStore, select
from bpsgraph.terms import BASE

_PREFIXES = f"BASE <{BASE}> PREFIX bps: <https://w3id.org/bps/ns#> "
_NEWEST = """
    SELECT ?catalogue WHERE {{
      ?catalogue {kind} ; bps:jurisdiction ?place ; bps:edition ?edition .
      ?place bps:within ?province . ?province bps:level <level/province> .
      FILTER NOT EXISTS {{
        ?other {kind} ; bps:jurisdiction ?place ; bps:edition ?later FILTER(STR(?later) > STR(?edition)) }}
    }}"""
# Of floors without an end, or of a text.
_SHORT = """
    SELECT ?catalogue ?item ?promise ?floor WHERE {{
      ?verdict a bps:Verdict ; bps:valueVerdict <value-verdict/{verdict}> ; bps:catalogue ?catalogue ; bps:item ?item ;
        bps:floor ?floor .
      OPTIONAL {{ ?verdict bps:promise ?promise }}
      {only}
    }}"""
EDITIONS = (None, "2021", "2023")


def counted_by_item(store: EmbeddedStore, edition: str | None) -> dict[str, tuple[int, int, int]]:
    """How many places lack each item, how many are below, with how many promises: as all verdicts say."""
    whole = _catalogues(store, "bps:extent <extent/complete>")
    newest = _catalogues(store, "a bps:Catalogue")
    # The State and a city may both ask for what a place lacks.
    missing = {
        (catalogue, item.value)
        for catalogue, item, _, floor in short(store, "missing", edition)
        if catalogue in whole and _of(floor, "/provision/")
    }
    lacking = Counter(item for _, item in missing)
    promises = {
        (item.value, catalogue, promise)
        for catalogue, item, promise, _ in short(store, "below", edition)
        if catalogue in newest
    }
    below = Counter(item for item, _, _ in promises)
    places = Counter(item for item, _ in {(item, catalogue) for item, catalogue, _ in promises})
    return {item: (lacking[item], places[item], below[item]) for item in lacking.keys() | below.keys()}


def summed_by_item(store: EmbeddedStore, edition: str | None) -> dict[str, tuple[int, int, int]]:
    """The same as the saved question says."""
    rows = select(store, bind(bundled()["coverage/shortfalls-by-item"], {"edition": edition}))
    return {
        row["item"].value: (_number(row["lacking"]), _number(row["falling_short"]), _number(row["below"]))  # type: ignore[union-attr]
        for row in rows
    }


def listed(store: EmbeddedStore, name: str, edition: str | None) -> Counter[tuple[str, str]]:
    """The catalogues and items that a saved question lists, how often each."""
    rows = select(store, bind(bundled()[name], {"edition": edition}))
    return Counter((row["catalogue"].value, row["item"].value) for row in rows)  # type: ignore[union-attr]


def short(
    store: EmbeddedStore, verdict: str, edition: str | None
) -> list[tuple[NamedNode, NamedNode, NamedNode | None, NamedNode]]:
    """Every verdict of a kind by floors without an end, or by those in the text of an edition of the State."""
    only = (
        f"?floor bps:textOf <catalogue/100000/{edition}>"
        if edition
        else "FILTER NOT EXISTS { ?verdict bps:validUntil ?until }"
    )
    return list(select(store, _PREFIXES + _SHORT.format(verdict=verdict, only=only)).rows)  # type: ignore[arg-type]


def _of(floor: NamedNode, part: str) -> bool:
    return part in floor.value


def _catalogues(store: EmbeddedStore, kind: str) -> set[object]:
    return {row[0] for row in select(store, _PREFIXES + _NEWEST.format(kind=kind)).rows}


def _number(term: object) -> int:
    assert isinstance(term, Literal)
    return int(term.value)
