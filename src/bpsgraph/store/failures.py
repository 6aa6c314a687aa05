"""What pyoxigraph and the file system raise, as errors of this project."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bpsgraph.errors import BadQuery, StoreBusy, StoreDamaged, StoreUnavailable


@contextmanager
def translated(store: str | Path) -> Iterator[None]:
    """Raise a `StoreError` about this store, or `BadQuery`, for whatever the engine raises in the block."""
    try:
        yield
    except RuntimeError as error:
        if str(error).startswith("Corruption"):
            raise StoreDamaged(store, str(error).splitlines()[0]) from error
        raise BadQuery(f"the query cannot be evaluated: {error}", "rewrite it without that") from error
    except FileNotFoundError as error:
        raise StoreDamaged(store, "a file of it is missing") from error
    except OSError as error:
        if "lock" in str(error).lower():
            raise StoreBusy(store, "it is being written by another process") from error
        raise StoreUnavailable(store, error.strerror or str(error)) from error


def bad_query(message: str) -> BadQuery:
    """The error for what the engine's parser says of a query, with the place where it says one."""
    place = re.match(r"error at ([0-9]+):([0-9]+): (.*)", message, re.DOTALL)
    if place is None:
        return BadQuery(f"this is not a SPARQL query: {message}", "correct it")
    line, column, problem = place.groups()
    return BadQuery(problem, "correct the query there", where=f"line {line}, column {column}")
