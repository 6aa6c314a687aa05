"""Which of many like cases are tried in this run: one of each kind, other ones every day, and all in the long form.

`make test-long` sets TESTS_LONG, which tries all. TESTS_SEED tries the same as a run that
printed that seed.
"""

import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from random import Random
from typing import TypeVar

_T = TypeVar("_T")
LONG = bool(os.environ.get("TESTS_LONG"))
# The processes of pytest-xdist take it over from the one that starts them.
SEED = os.environ.setdefault("TESTS_SEED", datetime.now(UTC).date().isoformat())


def one_of_each(cases: Iterable[_T], kind: Callable[[_T], str]) -> list[_T]:
    """A case of each kind in the order given; all cases in the long form."""
    found: dict[str, list[_T]] = {}
    for case in cases:
        found.setdefault(kind(case), []).append(case)
    if LONG:
        return [case for of_kind in found.values() for case in of_kind]
    return [Random(f"{SEED} {name}").choice(of_kind) for name, of_kind in found.items()]


def some(cases: Iterable[_T], count: int) -> list[_T]:
    """So many of the cases in the order given; all in the long form."""
    known = list(cases)
    if LONG or count >= len(known):
        return known
    return [known[place] for place in sorted(Random(SEED).sample(range(len(known)), count))]
