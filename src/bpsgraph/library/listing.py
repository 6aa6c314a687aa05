"""What a list of the saved queries shows of each, read from a part of its header.

To read and check all files takes a second or two; to read of each what it is called, what it answers and
what it takes, a fifth of that. What is wrong with the rest of a file is said by whatever uses it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bpsgraph.errors import BadQuery
from bpsgraph.library.header import FormatError, read_outline
from bpsgraph.library.saved import Library, kind_of
from bpsgraph.results import Text


@dataclass(frozen=True, slots=True)
class Listed:
    """One saved query: its name, the question in one line, and of each parameter whether it must be given."""

    name: str
    summary: Text
    required: dict[str, bool]


def listed(library: Library, names: Iterable[str]) -> Iterator[Listed]:
    """The lines of these queries. Raises `BadQuery` for a header of which this much cannot be read."""
    for name in names:
        try:
            summary, parameters = read_outline(library.text(name), kind_of(name))
        except FormatError as error:
            where = f"{library.files[name]}, line {error.line}"
            raise BadQuery(error.problem, error.cure, where=where) from error
        yield Listed(name, summary, {parameter.name: parameter.required for parameter in parameters})
