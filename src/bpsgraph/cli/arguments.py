"""What arguments of several commands mean: a catalogue, a day, a severity; and a note that they share."""

import sys
from collections.abc import Mapping
from datetime import date
from typing import TypeVar

from bpsgraph.errors import BadParameter
from bpsgraph.sources import Sources, inputs_of
from bpsgraph.store.marker import Marker
from bpsgraph.terms import BASE

Chosen = TypeVar("Chosen")


def say_if_stale(marker: Marker | None, sources: Sources) -> None:
    """A note on standard error where ontology, data or queries have changed since the store was built."""
    if marker is not None and marker.inputs != inputs_of(sources):
        print(
            "note: the sources have changed since the build; "
            "run `bpsgraph build` (with the same --catalogues, if any)",
            file=sys.stderr,
        )


def catalogue_iri(key: str) -> str:
    """The IRI of the catalogue with a key such as `140500/2021`; a whole IRI stays as it is."""
    return f"{BASE}catalogue/{key.removeprefix(BASE).removeprefix('catalogue/')}"


def severity_of(option: str, given: str, offers: Mapping[str, Chosen]) -> Chosen:
    """What is on offer under that name; raises `BadParameter` for another."""
    if given not in offers:
        raise BadParameter(option, f"{given!r} is no severity", f"choose one of: {', '.join(offers)}")
    return offers[given]


def day(text: str | None) -> date | None:
    """The day that `--as-of` names; raises `BadParameter` for what is no date."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadParameter("--as-of", f"{text!r} is no date", "write it like 2024-06-01") from None
