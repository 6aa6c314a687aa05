"""What the State states in one edition, row by row, as a workbook shows it beside the cells to fill in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bpsgraph.errors import BadParameter, UnknownEdition, nearest
from bpsgraph.ingest.layout import FUNDING, GUARANTEES, PROVISIONS
from bpsgraph.ingest.names import Names
from bpsgraph.store.base import Store, select
from bpsgraph.terms import BASE, BPS, DCT, SKOS, short
from bpsgraph.workbooks.draft import Content, Draft, Row

_PREFIXES = f"PREFIX bps: <{BPS}> PREFIX dct: <{DCT}> PREFIX skos: <{SKOS}> "
_ITEMS = """
SELECT ?item ?order ?category ?domain ?segment ?beneficiaries ?content ?expenditure WHERE {
  ?provision bps:catalogue <%s> ; bps:item ?item .
  ?item bps:category ?category .
  ?category bps:domain ?domain .
  OPTIONAL { ?item skos:notation ?order }
  OPTIONAL { ?provision bps:beneficiary ?segment }
  OPTIONAL { ?provision bps:beneficiaryText ?beneficiaries FILTER(LANG(?beneficiaries) = "zh") }
  OPTIONAL { ?provision bps:content ?content FILTER(LANG(?content) = "zh") }
  OPTIONAL { ?provision bps:expenditure ?expenditure FILTER(LANG(?expenditure) = "zh") }
}"""
_PROMISES = """
SELECT ?item ?measure ?segment ?words ?kind ?unit ?value ?lower ?upper ?percent ?numerator ?denominator
       ?clause ?source ?own ?of ?all WHERE {
  ?provision bps:catalogue <%s> ; bps:item ?item ; bps:guarantee ?guarantee .
  ?guarantee bps:measure ?measure ; bps:kind ?kind .
  OPTIONAL { ?guarantee bps:segment ?segment }
  OPTIONAL { ?guarantee bps:statedAs ?words FILTER(LANG(?words) = "zh") }
  OPTIONAL { ?guarantee bps:unit ?unit }
  OPTIONAL { ?guarantee bps:value ?value }
  OPTIONAL { ?guarantee bps:lower ?lower }
  OPTIONAL { ?guarantee bps:upper ?upper }
  OPTIONAL { ?guarantee bps:percent ?percent }
  OPTIONAL { ?guarantee bps:fractionNumerator ?numerator ; bps:fractionDenominator ?denominator }
  OPTIONAL { ?guarantee bps:clause ?near } OPTIONAL { ?provision bps:clause ?far }
  BIND(COALESCE(?near, ?far) AS ?clause)
  OPTIONAL { ?guarantee <http://www.w3.org/ns/prov#hadPrimarySource> ?said }
  OPTIONAL { ?provision <http://www.w3.org/ns/prov#hadPrimarySource> ?saidOfRow }
  BIND(COALESCE(?said, ?saidOfRow) AS ?source)
  OPTIONAL { ?guarantee bps:verification ?own } OPTIONAL { ?provision bps:verification ?of }
  OPTIONAL { <%s> bps:verification ?all }
}"""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the national standard: its rows of the three tables, in the order of the standard."""

    year: str
    items: tuple[str, ...]
    provisions: Mapping[str, Row]
    guarantees: Mapping[tuple[str, str, str], Row]
    funding: Mapping[str, Row]
    beneficiaries: Mapping[str, str]
    domains: Mapping[str, str]


def editions(store: Store) -> list[str]:
    """The years of the State's complete editions, sorted."""
    rows = select(
        store,
        f"{_PREFIXES} SELECT DISTINCT ?edition WHERE {{ ?catalogue a bps:NationalBaseline ; "
        "bps:edition ?edition ; bps:extent <https://w3id.org/bps/id/extent/complete> }",
    )
    return sorted(str(row["edition"].value) for row in rows if row["edition"] is not None)


def edition_of(store: Store, names: Names, year: str) -> Edition:
    """What the State states in the edition of a year; raises `UnknownEdition`."""
    known = [year for year in editions(store) if year.isdigit()]
    if year not in known:
        raise UnknownEdition(year, known)
    catalogue = f"{BASE}catalogue/100000/{year}"
    rows = {row["item"]: row for row in _rows(store, _ITEMS % catalogue)}
    order = sorted(rows, key=lambda item: (_number(rows[item]["domain"]), rows[item]["order"], item))
    provisions, funding, beneficiaries, domains = {}, {}, {}, {}
    for number, item in enumerate(order, 1):
        row = rows[item]
        domains[item] = row["domain"]
        if row["segment"]:
            beneficiaries[item] = row["segment"]
        provisions[item] = _filled(
            {
                "number": str(number),
                "domain": names.label(row["domain"]),
                "category": names.label(row["category"]),
                "item": names.written(item),
                "national-beneficiary": row["beneficiaries"]
                or (names.label(row["segment"]) if row["segment"] else ""),
                "national-content": row["content"],
            }
        )
        funding[item] = _filled({"item": names.written(item), "national-expenditure": row["expenditure"]})
    return Edition(
        year,
        tuple(order),
        provisions,
        _promises(store, names, catalogue, order),
        funding,
        beneficiaries,
        domains,
    )


def in_scope(edition: Edition, names: Names, domains: Iterable[str], items: Iterable[str]) -> list[str]:
    """The items of the domains (numbers or names) and those named themselves; all where none is given.

    Raises `BadParameter` for what the edition does not have.
    """
    wanted: set[str] = set()
    domains, items = list(domains), list(items)
    for text in domains:
        iri = f"{BASE}domain/{text}" if text.isdigit() else next(iter(names.find("domain", text)), "")
        own = {item for item, domain in edition.domains.items() if domain == iri}
        if not own:
            known = sorted({short(domain).partition("/")[2] for domain in edition.domains.values()})
            raise BadParameter(
                "--domain", f"there is no domain {text!r}", f"choose one of: {', '.join(known)}"
            )
        wanted |= own
    for text in items:
        iri = next(iter(names.find("item", text)), f"{BASE}item/{text.removeprefix('item/')}")
        if iri not in edition.provisions:
            keys = [short(item).removeprefix("item/") for item in edition.items]
            near = nearest(text, keys) or names.near("item", text)
            cure = (
                f"did you mean {' or '.join(near)}?" if near else "give a key such as preschool-financial-aid"
            )
            raise BadParameter("--item", f"the edition of {edition.year} has no item {text!r}", cure)
        wanted.add(iri)
    return [item for item in edition.items if item in wanted or not (domains or items)]


def about(
    edition: Edition,
    names: Names,
    code: str | None,
    domains: Iterable[str],
    items: Iterable[str],
    scope: Iterable[str],
) -> Row:
    """What 说明 can say beforehand: the place, the edition compared with, and what the workbook covers."""
    said: Row = {"extent": names.label(BASE + "extent/complete"), "baseline": edition.year}
    if code is not None:
        said["jurisdiction"] = code
        said["title"] = names.label(f"{BASE}jurisdiction/{code}") + "基本公共服务清单"
    if list(items):
        said["scope"] = "\n".join(names.written(item) for item in scope)
    elif list(domains):
        covered = dict.fromkeys(edition.domains[item] for item in scope)
        said["scope"] = "、".join(names.written(domain) for domain in covered)
    return said


def empty_draft(edition: Edition, items: Iterable[str], about: Row) -> Draft:
    """The workbook to fill in: the State's rows of the items, nothing local stated."""
    draft = Draft(about=dict(about))
    for item in items:
        draft.rows[PROVISIONS.key].append(dict(edition.provisions[item]))
        draft.rows[FUNDING.key].append(dict(edition.funding[item]))
        draft.rows[GUARANTEES.key] += [dict(row) for key, row in edition.guarantees.items() if key[0] == item]
    return draft


def beside(draft: Draft, edition: Edition, names: Names) -> Draft:
    """A filled workbook with what the State says shown beside its rows."""
    for layout, shown in ((PROVISIONS, edition.provisions), (FUNDING, edition.funding)):
        for row in draft.rows[layout.key]:
            for item in names.find("item", str(row.get("item", ""))):
                row.update({key: value for key, value in shown.get(item, {}).items() if key != "item"})
    for row in draft.rows[GUARANTEES.key]:
        found = [names.find(kind, str(row.get(kind, ""))) for kind in ("item", "measure", "segment")]
        item, measure, segment = (iris[0] if iris else "" for iris in found)
        national = edition.guarantees.get((item, measure, segment)) or edition.guarantees.get(
            (item, measure, "")
        )
        for key, value in (national or {}).items():
            if key.startswith("national-"):
                row[key] = value
    return draft


def _promises(
    store: Store, names: Names, catalogue: str, order: list[str]
) -> dict[tuple[str, str, str], Row]:
    rank = {item: number for number, item in enumerate(order)}
    found: dict[tuple[str, str, str], Row] = {}
    rows = [row for row in _rows(store, _PROMISES % (catalogue, catalogue)) if row["item"] in rank]
    for row in sorted(
        rows, key=lambda row: (rank[row["item"]], row["measure"], row["segment"], row["words"])
    ):
        verification = row["own"] or row["of"] or row["all"]
        where = row["clause"] or row["source"]
        found.setdefault(
            (row["item"], row["measure"], row["segment"]),
            _filled(
                {
                    "item": names.written(row["item"]),
                    "measure": names.written(row["measure"]),
                    "segment": names.written(row["segment"]) if row["segment"] else "",
                    "national-words": row["words"] or names.label(row["kind"]),
                    "national-value": _figure(row),
                    "national-unit": names.label(row["unit"]) if row["unit"] else "",
                    "national-clause": names.label_or_none(where) or "" if where else "",
                    "national-verification": names.label(verification) if verification else "",
                    "unit": names.written(row["unit"]) if row["unit"] else "",
                }
            ),
        )
    return found


def _figure(row: Mapping[str, str]) -> str:
    value, lower, upper = (_plain(row[key]) for key in ("value", "lower", "upper"))
    if row["percent"]:
        return _plain(row["percent"]) + "%"
    if row["numerator"]:
        return f"{row['numerator']}/{row['denominator']}"
    if lower or upper:
        return f"{value}（{lower}—{upper}）" if value else f"{lower}—{upper}"
    return value


def _plain(number: str) -> str:
    return number.removesuffix(".0")


def _rows(store: Store, query: str) -> list[dict[str, str]]:
    return [
        {name: "" if term is None else str(term.value) for name, term in row.items()}
        for row in select(store, _PREFIXES + query)
    ]


def _filled(row: Mapping[str, Content]) -> Row:
    return {key: value for key, value in row.items() if value != ""}


def _number(domain: str) -> int:
    key = domain.rpartition("/")[2]
    return int(key) if key.isdigit() else 99
