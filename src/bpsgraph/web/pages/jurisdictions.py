"""Places: how one is found, and its catalogues, its neighbours and the floors it must meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bpsgraph.errors import NotFound, nearest
from bpsgraph.publishing.documents import is_known
from bpsgraph.results import Text
from bpsgraph.terms import BASE
from bpsgraph.web.pages.catalogues import STATE, Standing, standing
from bpsgraph.web.pages.records import Record, records
from bpsgraph.web.pages.tables import Cell, Table, address_of, table_of
from bpsgraph.web.view import View

_MOST_FOUND = 200


@dataclass(frozen=True, slots=True)
class Province:
    """One province: how many of its places have a catalogue."""

    place: Cell
    with_catalogue: int
    places: int


@dataclass(frozen=True, slots=True)
class Found:
    """One place that a name or code fits."""

    place: Cell
    code: str
    level: str
    catalogues: int


@dataclass(frozen=True, slots=True)
class Jurisdictions:
    """What a search found, and all provinces."""

    asked: str
    found: tuple[Found, ...]
    more: int
    provinces: tuple[Province, ...]
    data: str


@dataclass(frozen=True, slots=True)
class Near:
    """A place within this one or beside it."""

    place: Cell
    catalogues: int


@dataclass(frozen=True, slots=True)
class Required:
    """The floors of a place above: how many are in force, and the question that lists them."""

    owner: Cell
    floors: int
    href: str


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The page of a place; tables without rows are not shown."""

    key: str
    name: str
    other_name: str
    level: str
    above: tuple[Cell, ...]
    is_state: bool
    catalogues: tuple[Standing, ...]
    catalogues_data: str
    national: Table | None
    required: tuple[Required, ...]
    nearby: tuple[Standing, ...]
    nearby_data: str
    parent: str
    below: tuple[Near, ...]
    beside: tuple[Near, ...]
    tables: tuple[tuple[str, Table], ...]
    compare: str


def jurisdictions(view: View) -> Jurisdictions:
    """The places that `?q=` names or whose code begins with it, and the provinces."""
    asked = view.parameters.get("q", "").strip()
    having = {
        row.iri("jurisdiction"): row.number("catalogues")
        for row in records(view, view.answered("catalogues/places"))
    }
    fitting = [row for row in places(view).values() if _fits(row, asked)] if asked else []
    fitting.sort(key=lambda row: (row.iri("jurisdiction") not in having, row.text("code")))
    answer = view.answered("coverage/places-with-catalogue")
    provinces: dict[str, list[Record]] = {}
    for row in records(view, answer):
        provinces.setdefault(row.iri("province"), []).append(row)
    return Jurisdictions(
        asked=asked,
        found=tuple(
            Found(
                row.cell("jurisdiction"),
                row.text("code"),
                row.text("level"),
                having.get(row.iri("jurisdiction"), 0),
            )
            for row in fitting[:_MOST_FOUND]
        ),
        more=max(0, len(fitting) - _MOST_FOUND),
        provinces=tuple(
            Province(
                rows[0].cell("province"),
                sum(row.number("with_catalogue") for row in rows),
                sum(row.number("places") for row in rows),
            )
            for rows in provinces.values()
        ),
        data=address_of(answer),
    )


def places(view: View) -> Mapping[str, Record]:
    """Every place of the divisions, by its code or key."""
    return view.snapshot.kept(
        ("places", view.language),
        lambda: {row.key("jurisdiction"): row for row in records(view, view.answered("divisions/all"))},
    )


def _fits(row: Record, asked: str) -> bool:
    if asked.isdigit():
        return row.text("code").startswith(asked)
    return any(asked.lower() in name.lower() for name in _names(row))


def _names(row: Record) -> list[str]:
    return [term.value for name in ("jurisdiction_zh", "jurisdiction_en") if (term := row.values[name])]


def jurisdiction(view: View, key: str) -> Jurisdiction:
    """The page of the place `140500`. Raises `NotFound`."""
    iri = f"{BASE}jurisdiction/{key}"
    known = is_known(view.snapshot.store, iri)
    found = records(view, view.answered("divisions/all", jurisdiction=key)) if known else []
    if not found:
        raise NotFound(
            f"jurisdiction/{key}", [f"jurisdiction/{one}" for one in nearest(key, list(places(view)))]
        )
    row = found[0]
    around = records(view, view.answered("divisions/around", jurisdiction=key))
    above = sorted(
        (one for one in around if one.text("relation") == "above"),
        key=lambda one: (one.key("place") != STATE, one.key("place")),
    )
    own = view.answered("catalogues/standing", jurisdiction=key) if _has(view, iri) else None
    parent = above[-1].key("place") if above else ""
    near = None
    if parent and parent != STATE:
        near = view.answered("catalogues/standing", within=parent)
    elif key != STATE:
        near = view.answered("catalogues/standing", within=key)
    mine = tuple(standing(view, one) for one in records(view, own)) if own and key != STATE else ()
    names = _names(row)
    return Jurisdiction(
        key=key,
        name=row.text("jurisdiction"),
        other_name=next((name for name in names if name != row.text("jurisdiction")), ""),
        level=row.text("level"),
        above=tuple(one.cell("place") for one in above),
        is_state=key == STATE,
        catalogues=mine,
        catalogues_data=address_of(own) if own else "/queries/catalogues/standing",
        national=table_of(view, view.answered("catalogues/national"), _NATIONAL) if key == STATE else None,
        required=tuple(_required(view, one) for one in above),
        nearby=tuple(
            standing(view, one)
            for one in (records(view, near) if near else ())
            if one.key("jurisdiction") != key
        ),
        nearby_data=address_of(near) if near else "",
        parent=above[-1].text("place") if above else "",
        below=_near(around, "below"),
        beside=_near(around, "beside"),
        tables=_tables(view, key, above, row),
        compare=view.link("/compare", **({"catalogue": mine[0].key} if mine else {})),
    )


_NATIONAL = ["catalogue", "title", "edition", "valid_from"]
_FIGURES = ["indicator", "period", "value", "unit", "status", "source", "verification"]
_PILOTS = ["pilot", "type", "status", "issued", "tasks", "targets", "verification"]
_TIERS = ["scheme", "tier", "central_share", "items", "verification"]
_TITLES = {
    "figures": Text("统计数据", "Figures"),
    "pilots": Text("本省的试点", "Pilots in the province"),
    "tiers": Text("中央与地方怎么分担支出", "How the State shares the cost"),
    "agencies": Text("本地机构", "Agencies of the place"),
}
_AGENCIES = ["agency", "leads", "supports", "tasks_led", "tasks_supported"]


def _has(view: View, iri: str) -> bool:
    having: frozenset[str] = view.snapshot.kept(
        "places that have a catalogue",
        lambda: frozenset(
            row.iri("jurisdiction") for row in records(view, view.answered("catalogues/places"))
        ),
    )
    return iri in having


def _required(view: View, above: Record) -> Required:
    """How many floors of a place above are in force."""
    owner = above.key("place")
    if not _has(view, above.iri("place")):
        return Required(above.cell("place"), 0, "")
    count, href = view.snapshot.kept(("floors of", owner), lambda: _floors(view, owner))
    return Required(above.cell("place"), count, href if count else "")


def _floors(view: View, owner: str) -> tuple[int, str]:
    answer = view.answered("floors/in-force", owner=owner)
    return len(answer.rows.rows), address_of(answer)


def _near(around: Sequence[Record], relation: str) -> tuple[Near, ...]:
    return tuple(
        Near(one.cell("place"), one.number("catalogues"))
        for one in around
        if one.text("relation") == relation
    )


def _tables(view: View, key: str, above: Sequence[Record], row: Record) -> tuple[tuple[str, Table], ...]:
    """Tables of what else there is about the place, only those with rows."""
    level = row.key("level")
    found = [("figures", view.answered("observations/figures", jurisdiction=key), _FIGURES)]
    province = next((one.key("place") for one in above if one.key("level") == "province"), key)
    if key != STATE and province.isdigit():
        found.append(("pilots", view.answered("pilots/all", province=province), _PILOTS))
        found.append(("tiers", view.answered("funding/tiers", jurisdiction=key, level=level), _TIERS))
    if _has(view, f"{BASE}jurisdiction/{key}"):
        found.append(("agencies", view.answered("agencies/load", jurisdiction=key), _AGENCIES))
    return tuple(
        (name, replace(table_of(view, answer, columns), title=view.say(_TITLES[name])))
        for name, answer, columns in found
        if answer.rows.rows
    )
