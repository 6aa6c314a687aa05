"""Service items: all of them by domain and category, and what the State and places say of one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bpsgraph.answers.reading import cell as cell_text
from bpsgraph.errors import NotFound, nearest
from bpsgraph.results import Text
from bpsgraph.terms import BPS
from bpsgraph.web.pages.catalogues import STATE
from bpsgraph.web.pages.choices import Choice, given
from bpsgraph.web.pages.records import Record, records
from bpsgraph.web.pages.tables import Cell, Picture, Table, address_of, picture_of, table_of
from bpsgraph.web.view import View

_ALL = Text("全部", "all")
# The cells of a row of the standard, in its order.
_CELLS = (
    "statedName",
    "beneficiaryText",
    "content",
    "serviceStandard",
    "guarantee",
    "expenditure",
    "leadAgency",
    "supportingAgency",
    "standard",
    "notApplicable",
)
_STANDINGS = ("below", "missing", "notComparable", "deferred", "above", "meets", "noFloor")


@dataclass(frozen=True, slots=True)
class Listed:
    """One item in the list: how many places list it, and in how many a value is below today's floors."""

    item: Cell
    places: int
    below: Cell


@dataclass(frozen=True, slots=True)
class Items:
    """The list: domains, in them categories, in them items."""

    domains: tuple[Choice, ...]
    groups: tuple[tuple[str, tuple[tuple[str, tuple[Listed, ...]], ...]], ...]
    shown: int
    total: int
    local: Table
    data: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stated:
    """What one catalogue says in one cell: the words, how sure, and by which clause or document."""

    words: Cell
    verification: Cell
    clause: Cell


@dataclass(frozen=True, slots=True)
class Line:
    """One cell of the standard, or one promise, with what each edition says."""

    name: str
    detail: str
    cells: tuple[tuple[Stated, ...], ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """One column: a national edition or amendment; `listed` is false where nothing of it is held."""

    catalogue: Cell
    day: str
    listed: bool


@dataclass(frozen=True, slots=True)
class Place:
    """How one place stands to one floor of the item."""

    place: Cell
    catalogue: Cell
    verdict: Cell
    measure: str
    segment: str
    promise: str
    floor: str
    owner: Cell
    since: str
    verification: Cell


@dataclass(frozen=True, slots=True)
class Provision:
    """What one local catalogue says of the item."""

    place: Cell
    catalogue: Cell
    statements: tuple[tuple[str, Stated], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """The page of one item."""

    key: str
    name: str
    other_name: str
    names: tuple[str, ...]
    category: str
    domain: str
    domain_key: str
    editions: tuple[Edition, ...]
    lines: tuple[Line, ...]
    floors: Table
    picture: Picture | None
    counts: tuple[tuple[Cell, int], ...]
    places: tuple[Place, ...]
    places_data: str
    standards: Table
    provisions: tuple[Provision, ...]
    cells_data: str


def items(view: View) -> Items:
    """All items, of one domain where `?domain=` names it."""
    everything = records(view, view.answered("items/all"))
    spread = view.answered("items/spread")
    listing = {row.iri("item"): row.number("places") for row in records(view, spread)}
    answer = view.answered("floors/below-floor")
    below = Counter(
        item for item, _ in {(row.iri("item"), row.iri("jurisdiction")) for row in records(view, answer)}
    )
    asked = view.parameters.get("domain", "")
    domains = {row.key("domain"): row.text("domain") for row in everything}
    kept = [row for row in everything if asked in ("", row.key("domain"))]
    groups: dict[str, dict[str, list[Listed]]] = {}
    for row in kept:
        iri = row.iri("item")
        of_category = groups.setdefault(f"{row.key('domain')} {row.text('domain')}", {})
        of_category.setdefault(f"{row.key('category')} {row.text('category')}", []).append(
            Listed(
                Cell(row.text("item"), href=view.link(f"/items/{row.key('item')}")),
                listing.get(iri, 0),
                Cell(
                    str(below[iri]),
                    True,
                    view.link(f"/items/{row.key('item')}#places") if below[iri] else "",
                    "below" if below[iri] else "",
                ),
            )
        )
    link = partial(view.link, "/items")
    return Items(
        domains=(
            Choice(view.say(_ALL), link(), not asked, str(len(everything))),
            *(
                Choice(
                    name,
                    link(**given({"domain": key})),
                    key == asked,
                    str(sum(row.key("domain") == key for row in everything)),
                )
                for key, name in domains.items()
            ),
        ),
        groups=tuple(
            (domain, tuple((category, tuple(of)) for category, of in categories.items()))
            for domain, categories in groups.items()
        ),
        shown=len(kept),
        total=len(everything),
        local=table_of(view, view.answered("items/local-only")),
        data=(address_of(spread), address_of(answer)),
    )


def item(view: View, key: str) -> Item:
    """The page of the item `legal-aid`. Raises `NotFound` for one that there is not."""
    rows = named(view, key)
    row = rows[0]
    answer = view.answered("items/cells", item=key)
    cells = records(view, answer)
    national = [cell for cell in cells if cell.key("jurisdiction") == STATE]
    floors = view.answered("items/floors", item=key)
    standing = view.answered("items/standing", item=key)
    places = records(view, standing)
    counted = Counter(row.key("verdict") for row in places)
    words = {row.key("verdict"): row.cell("verdict") for row in places}
    catalogues = editions(view, national)
    return Item(
        key=key,
        name=row.text("item"),
        other_name=_name_in(rows[0], "en" if view.language == "zh" else "zh"),
        names=tuple(one.text("name") for one in rows if one.text("name") != _name_in(row, "zh")),
        category=_categories(view).get(row.iri("item"), ""),
        domain=row.text("domain"),
        domain_key=row.key("domain"),
        editions=tuple(edition for _, edition in catalogues),
        lines=_lines(view, national, [iri for iri, _ in catalogues]),
        floors=table_of(view, floors, _FLOORS),
        picture=picture_of(view, floors),
        counts=tuple((words[key], counted[key]) for key in _STANDINGS if counted[key]),
        places=tuple(_place(row) for row in places),
        places_data=address_of(standing),
        standards=table_of(view, view.answered("standards/applications", item=key), _STANDARDS),
        provisions=_provisions(view, [cell for cell in cells if cell.key("jurisdiction") != STATE]),
        cells_data=address_of(answer),
    )


_FLOORS = [
    "measure",
    "segment",
    "owner",
    "words",
    "amount",
    "unit",
    "from",
    "until",
    "verification",
    "clause",
    "source",
]
_STANDARDS = ["standard", "status", "aspect", "provisions", "verification"]


def _name_in(row: Record, language: str) -> str:
    return cell_text(row.values.get(f"item_{language}"))


def _categories(view: View) -> dict[str, str]:
    return view.snapshot.kept(
        ("categories of items", view.language),
        lambda: {row.iri("item"): row.text("category") for row in records(view, view.answered("items/all"))},
    )


def named(view: View, key: str) -> list[Record]:
    """The rows of `items/names` for the item, one for each name. Raises `NotFound` with near ones."""
    rows: list[Record] = view.snapshot.kept(
        ("names of items", view.language), lambda: records(view, view.answered("items/names"))
    )
    found = [row for row in rows if row.key("item") == key]
    if not found:
        raise NotFound(f"item/{key}", nearest(f"item/{key}", [f"item/{row.key('item')}" for row in rows]))
    return found


def editions(view: View, national: Sequence[Record]) -> list[tuple[str, Edition]]:
    """The national editions, and the amendments that say anything of the item, by day."""
    said = {cell.iri("catalogue") for cell in national}
    rows = records(view, view.answered("catalogues/national"))
    return [
        (
            row.iri("catalogue"),
            Edition(
                Cell(row.text("edition"), href=view.link(f"/catalogues/{row.key('catalogue')}")),
                row.text("valid_from"),
                row.iri("catalogue") in said,
            ),
        )
        for row in sorted(rows, key=lambda row: (row.text("valid_from"), row.iri("catalogue")))
        if row.iri("catalogue") in said or row.text("edition").isdigit()
    ]


def stated(cell: Record) -> Stated:
    """What a row of `items/cells` says."""
    where = "clause" if cell.has("clause") else "source"
    agency = cell.iri("value")
    return Stated(
        words=Cell(cell.text("value"), href=cell.view.href(agency) if agency else ""),
        verification=cell.cell("verification") if cell.has("verification") else Cell(""),
        clause=cell.cell(where) if cell.has(where) else Cell(""),
    )


def _lines(view: View, national: Sequence[Record], catalogues: Sequence[str]) -> tuple[Line, ...]:
    found: dict[tuple[int, str, str], dict[str, list[Stated]]] = {}
    titles: dict[tuple[int, str, str], tuple[str, str]] = {}
    for cell in national:
        name = cell.iri("cell").removeprefix(BPS)
        key = (_CELLS.index(name), cell.iri("measure"), cell.iri("segment"))
        titles[key] = (
            (cell.text("measure"), cell.text("segment")) if name == "guarantee" else (cell.text("cell"), "")
        )
        found.setdefault(key, {}).setdefault(cell.iri("catalogue"), []).append(stated(cell))
    return tuple(
        Line(*titles[key], tuple(tuple(found[key].get(catalogue, ())) for catalogue in catalogues))
        for key in sorted(found)
    )


def _place(row: Record) -> Place:
    return Place(
        place=row.cell("jurisdiction"),
        catalogue=Cell(
            row.key("catalogue"), href=row.view.link(f"/catalogues/{row.key('catalogue')}", edition="current")
        ),
        verdict=row.cell("verdict"),
        measure=row.text("measure"),
        segment=row.text("segment"),
        promise=row.text("promise_words"),
        floor=row.text("floor_words"),
        owner=row.cell("owner"),
        since=row.text("from"),
        verification=row.cell("verification") if row.has("verification") else Cell(""),
    )


def _provisions(view: View, local: Sequence[Record]) -> tuple[Provision, ...]:
    found: dict[str, list[Record]] = {}
    for cell in local:
        found.setdefault(cell.iri("catalogue"), []).append(cell)
    return tuple(
        Provision(
            place=of[0].cell("jurisdiction"),
            catalogue=Cell(of[0].text("edition"), href=view.link(f"/catalogues/{of[0].key('catalogue')}")),
            statements=tuple(
                (
                    f"{cell.text('measure')} · {cell.text('segment')}".strip(" ·")
                    if cell.has("measure")
                    else cell.text("cell"),
                    stated(cell),
                )
                for cell in of
            ),
        )
        for of in found.values()
    )
