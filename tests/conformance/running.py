"""Runs the suites and holds what comes out against the table of known differences, `known.toml`."""

import random
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from conformance import http, rdfxml, shacl, sparql
from conformance.manifests import Case, Kind, Place, Problem

TABLE = Path(__file__).with_name("known.toml")
OURS, ENGINE, SUITE = "ours", "engine", "suite"

_QUERY = (
    "aggregates bind bindings cast construct exists functions grouping negation project-expression "
    "property-path subquery"
)
_UPDATE = "add basic-update clear copy delete delete-data delete-insert delete-where drop move update-silent"
# What is counted together: its title, and the suites that belong to it.
GROUPS: dict[str, tuple[str, ...]] = {
    "SPARQL 1.1 query": tuple(f"sparql11/{name}" for name in _QUERY.split()),
    "SPARQL 1.1 update": tuple(f"sparql11/{name}" for name in _UPDATE.split()),
    "SPARQL 1.1 syntax of queries": ("sparql11/syntax-query",),
    "SPARQL 1.1 syntax of updates": ("sparql11/syntax-update-1", "sparql11/syntax-update-2"),
    "SPARQL 1.1 results in JSON, CSV, TSV": ("sparql11/csv-tsv-res", "sparql11/json-res"),
    "SPARQL 1.1 federation": ("sparql11/service", "sparql11/syntax-fed"),
    "SPARQL 1.1 entailment regimes": ("sparql11/entailment",),
    "SPARQL 1.1 Protocol": ("sparql11/protocol",),
    "SPARQL 1.1 Service Description": ("sparql11/service-description",),
    "SPARQL 1.1 Graph Store HTTP Protocol": ("sparql11/graph-store-protocol", "sparql11/http-rdf-update"),
    "SHACL Core with pyshifty": ("shacl/core pyshifty",),
    "SHACL Core with pyshacl": ("shacl/core pyshacl",),
    "SHACL-SPARQL with pyshifty": ("shacl/sparql pyshifty",),
    "SHACL-SPARQL with pyshacl": ("shacl/sparql pyshacl",),
    "RDF/XML": ("rdf-xml",),
}


@dataclass(frozen=True)
class Known:
    """A difference that is known: in what way, whose it is, and why."""

    suite: str
    name: str
    kind: Kind
    whose: str
    reason: str

    @property
    def id(self) -> str:
        """The suite and the name in it."""
        return f"{self.suite}#{self.name}"


@lru_cache(maxsize=1)
def known() -> dict[str, Known]:
    """The table of known differences by the ids of their tests."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    entries = [
        Known(entry["suite"], name, Kind(entry["kind"]), entry["whose"], entry["reason"])
        for entry in table["difference"]
        for name in entry["tests"]
    ]
    found = {entry.id: entry for entry in entries}
    if len(found) < len(entries):
        raise ValueError(f"{TABLE.name} names a test twice")
    return found


def cases(place: Place) -> Iterator[Case]:
    """Every test of every suite."""
    yield from sparql.cases(place)
    yield from http.cases(place)
    yield from shacl.cases(place)
    yield from rdfxml.cases(place)


def sample(all_cases: Iterable[Case], size: int, seed: int) -> list[Case]:
    """Some tests at random, and every one that has a known difference."""
    every = list(all_cases)
    table = known()
    others = [case for case in every if id_of(case) not in table]
    chosen = random.Random(seed).sample(others, size)
    return chosen + [case for case in every if id_of(case) in table]


def id_of(case: Case) -> str:
    """The suite and the name in it."""
    return f"{case.suite}#{case.name}"


def surprises(outcomes: Mapping[str, Problem | None], table: Mapping[str, Known]) -> list[str]:
    """What came out otherwise than the table of known differences has it: a sentence for each test."""
    said = []
    for name, problem in outcomes.items():
        entry = table.get(name)
        if problem is None and entry is not None:
            said.append(f"{name} passes now: take it out of {TABLE.name}")
        elif problem is not None and entry is None:
            said.append(f"{name} fails: {problem}")
        elif problem is not None and entry is not None and problem.kind != entry.kind:
            said.append(f"{name} fails otherwise than {TABLE.name} says ({entry.kind}): {problem}")
    return said


def totals(all_cases: Iterable[Case]) -> Counter[str]:
    """How many tests each group has."""
    group_of = {suite: title for title, suites in GROUPS.items() for suite in suites}
    return Counter(group_of[case.suite] for case in all_cases)
