"""Saved queries put to a store: values checked against what there is to choose from, then the rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode

from bpsgraph.config import Settings
from bpsgraph.errors import BadParameter, did_you_mean
from bpsgraph.library.saved import Library, Parameter, Query, Values, bind, filled, terms_of
from bpsgraph.library.values import Node
from bpsgraph.results import Rows, Text, Triples
from bpsgraph.sources import find_sources
from bpsgraph.store import Store, ask, construct, select
from bpsgraph.terms import BASE

CODES = "vocabulary/codes"


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a parameter takes, as one types it, with its words."""

    typed: str
    label: Text
    term: Node


def bundled() -> Library:
    """The library of this project: `queries/` of the working tree, else of the installed package."""
    return Library(find_sources().root / "queries")


def library_of(settings: Settings) -> Library:
    """The bundled library with the analyst's own folder of queries, where a setting names one.

    Raises BadParameter where there is no such folder.
    """
    bundled_ones = find_sources(settings.sources).root / "queries"
    if settings.library is None:
        return Library(bundled_ones)
    if not settings.library.is_dir():
        raise BadParameter(
            str(settings.library),
            "there is no such folder",
            "name one that holds <topic>/<name>.rq",
        )
    return Library(bundled_ones, settings.library)


def query(store: Store, name: str, /, **parameters: Values) -> Rows:
    """The rows of the saved query `name` with values for its parameters.

    Raises UnknownQuery, BadParameter with what would be right, and BadQuery where `name` is a CONSTRUCT.
    """
    library = bundled()
    saved = library[name]
    check_choices(store, library, saved, parameters)
    return select(store, bind(saved, parameters))


def answer(store: Store, library: Library, saved: Query, values: Mapping[str, Values]) -> Rows | Triples:
    """The rows of a SELECT, the triples of a CONSTRUCT. Raises BadParameter."""
    check_choices(store, library, saved, values)
    text = bind(saved, values)
    return construct(store, text) if saved.scan.form == "CONSTRUCT" else select(store, text)


def check_choices(store: Store, library: Library, saved: Query, values: Mapping[str, Values]) -> None:
    """Raise BadParameter for a value that the store does not offer, or does not know.

    A store that holds none of the choices, or nothing of the class, says nothing about the value, so that any
    is taken.
    """
    for name, value in values.items():
        parameter = saved.parameter(name)
        given = [term for term in terms_of(parameter, value) if term is not None]
        if not given or _are_offered(store, library, parameter, given):
            continue
        offered = choices(store, library, parameter)
        terms = {choice.term for choice in offered}
        for term in given:
            if terms and term not in terms:
                typed = [choice.typed for choice in offered]
                some = ", ".join(typed[:20]) + (", …" if len(typed) > 20 else "")
                problem = f"{parameter.typed(term)!r} is none of its values"
                if isinstance(term, NamedNode) and _is_known(store, term):
                    problem = f"{parameter.typed(term)!r} is known and has nothing here"
                    raise BadParameter(name, problem, f"choose of {some}")
                raise BadParameter(
                    name, problem, did_you_mean(parameter.typed(term), typed, f"choose of {some}")
                )
            if not terms and isinstance(term, NamedNode):
                _check_known(store, parameter, term)


def _are_offered(store: Store, library: Library, parameter: Parameter, terms: Sequence[Node]) -> bool:
    """Whether all are among its choices; False too where these cannot be asked about some terms alone.

    A country has thousands of places and catalogues to choose from, too many to list them for each question.
    """
    if parameter.header.query is None:
        return False
    listing = library[parameter.header.query]
    name = listing.columns[0].name
    if all(name != each.name for each in listing.parameters):
        return False
    found = {row[name] for row in select(store, filled(listing.text, {name: terms}))}
    return all(term in found and _below(term, parameter) for term in terms)


def _check_known(store: Store, parameter: Parameter, term: NamedNode) -> None:
    of_class = parameter.header.of_class
    if of_class is None or _is_known(store, term):
        return
    rows = select(store, _THINGS_OF_CLASS.format(begin=f"{BASE}{of_class}/"))
    keys = [parameter.typed(row["thing"]) for row in rows if isinstance(row["thing"], NamedNode)]
    if keys:
        typed = parameter.typed(term)
        cure = did_you_mean(typed, keys, f"`bpsgraph describe {of_class}/…` shows what there is")
        raise BadParameter(parameter.name, f"there is no {of_class} {typed!r} in the store", cure)


def _is_known(store: Store, term: NamedNode) -> bool:
    return ask(store, f"ASK {{ {{ {term} ?p ?o }} UNION {{ ?s ?q {term} }} }}")


_THINGS_OF_CLASS = (
    'SELECT DISTINCT ?thing WHERE {{ ?thing a ?class FILTER(STRSTARTS(STR(?thing), "{begin}")) }}'
)


def choices(store: Store, library: Library, parameter: Parameter) -> list[Choice]:
    """What the parameter can be in this store, in the order of the list; empty where it can be anything."""
    header = parameter.header
    if header.choices:
        return [Choice(value, Text(value, value), Literal(value)) for value in header.choices]
    if header.scheme is not None:
        rows = select(store, bind(library[CODES], {"list": header.scheme}))
    elif header.query is not None:
        rows = select(store, library[header.query].text)
    else:
        return []
    columns = [next((name for name in rows.columns if name.endswith(end)), None) for end in ("_zh", "_en")]
    found: dict[Node, Choice] = {}
    for row in rows:
        term = row[rows.columns[0]]
        if isinstance(term, NamedNode | Literal) and _below(term, parameter):
            words = [row[column] if column else None for column in columns]
            label = [word.value if isinstance(word, Literal) else "" for word in words]
            # A query may give several rows to one thing.
            found.setdefault(term, Choice(parameter.typed(term), Text(*label), term))
    return list(found.values())


def _below(term: Node, parameter: Parameter) -> bool:
    of_class = parameter.header.of_class
    return of_class is None or term.value.startswith(f"{BASE}{of_class}/")
