"""The answer of a saved query: its rows with the words, the chart and the key of its header."""

from collections.abc import Mapping

from bpsgraph.answers.answer import Answer, Provenance, state_of
from bpsgraph.errors import BadQuery
from bpsgraph.library import Library, Query, answer, bind
from bpsgraph.library.saved import Values, terms_of
from bpsgraph.results import Rows
from bpsgraph.store import Store


def answered(
    store: Store, library: Library, query: str | Query, values: Mapping[str, Values] | None = None
) -> Answer:
    """What the store answers to a saved query with these values, typed as `-p` takes them.

    Raises UnknownQuery, BadParameter with what would be right, and BadQuery for one that builds triples.
    """
    saved = library[query] if isinstance(query, str) else query
    given = dict(values or {})
    rows = answer(store, library, saved, given)
    if not isinstance(rows, Rows):
        raise BadQuery(
            f"{saved.name} builds triples and no rows",
            "choose a SELECT, or ask it with `bpsgraph query`",
            where=str(saved.path),
        )
    return with_words(rows, saved, provenance(store, saved, given))


def with_words(rows: Rows, saved: Query, made_from: Provenance) -> Answer:
    """The rows of a saved query as an answer."""
    header = saved.header
    return Answer(
        name=saved.name,
        title=saved.summary,
        description=saved.description,
        columns=saved.columns,
        rows=rows,
        provenance=made_from,
        charts=(header.chart,) if header.chart else (),
        key=header.key,
    )


def provenance(store: Store, saved: Query, values: Mapping[str, Values]) -> Provenance:
    """What the answer to a saved query with these values is made from. Raises BadParameter."""
    return Provenance(
        store=state_of(store),
        version=saved.header.version,
        parameters={name: typed(saved, name, value) for name, value in sorted(values.items())},
        text=bind(saved, values),
    )


def typed(saved: Query, name: str, value: Values) -> tuple[str, ...]:
    """A value of a parameter as one types it: keys instead of IRIs; nothing where it restricts nothing."""
    parameter = saved.parameter(name)
    return tuple(parameter.typed(term) for term in terms_of(parameter, value) if term is not None)
