"""About the data: where it comes from, how sure it is, under which terms, and what is only recalled."""

from dataclasses import dataclass

from bpsgraph import __version__
from bpsgraph.errors import BadParameter
from bpsgraph.library import Query
from bpsgraph.library.saved import Values
from bpsgraph.web.pages.queries import Asked, Field, answer_to, offered
from bpsgraph.web.pages.tables import Figure, Table, figures_of, table_of
from bpsgraph.web.view import View

DEGREES = "provenance/values-by-degree"
CATALOGUES = "provenance/values-by-catalogue"
DOMAINS = "provenance/values-by-domain"
NOT_HELD = "provenance/documents-not-held"
RELIED_ON = "provenance/sources-relied-on"
CELLS = "provenance/recalled-cells"
UNSURE = ("recalled", "inferred")
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@dataclass(frozen=True, slots=True)
class Section:
    """A table and its charts."""

    table: Table
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True, slots=True)
class About:
    """The page about the data."""

    degrees: Section
    catalogues: Section
    domains: Section
    relied_on: Section
    not_held: Section
    unsure: int
    version: str
    public_url: str
    licence: str = LICENCE


@dataclass(frozen=True, slots=True)
class Cells:
    """Every cell of a degree of certainty; `downloads` are the same rows as data."""

    fields: tuple[Field, ...]
    table: Table
    rows: int
    downloads: tuple[tuple[str, str], ...]


def about(view: View, public_url: str = "") -> About:
    """The page; the tables are answers of saved questions."""
    wanted = Asked({"verification": list(UNSURE)})
    return About(
        degrees=_section(view, DEGREES),
        catalogues=_section(view, CATALOGUES),
        domains=_section(view, DOMAINS, drawn=True),
        relied_on=_section(view, RELIED_ON),
        not_held=_section(view, NOT_HELD),
        unsure=len(answer_to(view, view.snapshot.library[CELLS], wanted).rows),
        version=__version__,
        public_url=public_url,
    )


def _section(view: View, query: str, *, drawn: bool = False) -> Section:
    answer = view.answered(query)
    return Section(table_of(view, answer), figures_of(view, answer) if drawn else ())


def cells(view: View) -> Cells:
    """Every cell that is recalled or inferred, or of the degree and item that were asked for.

    Raises `BadParameter` for a degree or an item that there is not.
    """
    saved = view.snapshot.library[CELLS]
    given = {name: value for name in ("verification", "item") if (value := view.parameters.get(name))}
    values: dict[str, Values] = {"verification": list(UNSURE)}
    values |= {name: [value] for name, value in given.items()}
    wanted = Asked(
        values,
        given=tuple(given.items()) if "verification" in given else _both(given),
    )
    answer = answer_to(view, saved, wanted)
    return Cells(
        fields=tuple(_field(view, saved, name, given.get(name, "")) for name in ("verification", "item")),
        table=table_of(view, answer),
        rows=len(answer.rows),
        downloads=tuple(
            (label, wanted.address(f"/queries/{CELLS}{suffix}"))
            for label, suffix in (("CSV", ".csv"), ("Excel", ".xlsx"), ("JSON", ".json"), ("Turtle", ".ttl"))
        ),
    )


def _both(given: dict[str, str]) -> tuple[tuple[str, str], ...]:
    return (*(("verification", degree) for degree in UNSURE), *given.items())


def _field(view: View, saved: Query, name: str, held: str) -> Field:
    options = offered(view, saved.parameter(name))
    if held and held not in {option.value for option in options}:
        raise BadParameter(name, f"{held!r} is none of its values", "choose one of the list")
    return Field(name, view.say(saved.parameter(name).header.help), "select", False, (held,), options)
