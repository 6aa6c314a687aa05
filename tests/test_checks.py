"""Each check finds exactly what its bad example plants, and nothing in its good one or in what we publish.

`tests/checks/<name>/` holds `bad.ttl` with `expected.csv` (the rows, in short names) and `good.ttl`; `.trig`
where the graphs matter.
"""

import csv
import re
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, RdfFormat, Store

from bpsgraph.sources import ONTOLOGY_GRAPH, find_sources
from bpsgraph.terms import GRAPH, short

ROOT = Path(__file__).resolve().parents[1]
CHECKS = sorted((ROOT / "queries/checks").glob("*.rq"))


def shortened(term: object) -> str:
    if term is None:
        return ""
    assert isinstance(term, NamedNode | Literal)
    return short(term.value) if isinstance(term, NamedNode) else term.value


def rows_of(check: Path, store: Store) -> list[tuple[str, ...]]:
    solutions = store.query(check.read_text(encoding="utf-8"), use_default_graph_as_union=True)
    assert isinstance(solutions, QuerySolutions)
    assert [variable.value for variable in solutions.variables] == ["entity", "property", "value"]
    return sorted(
        tuple(shortened(solution[name]) for name in ("entity", "property", "value")) for solution in solutions
    )


def example(check: Path, name: str) -> Store:
    store = Store()
    folder = ROOT / "tests/checks" / check.stem
    (file,) = folder.glob(f"{name}.*")
    if file.suffix == ".trig":
        store.load(path=file, format=RdfFormat.TRIG)
    else:
        store.load(path=file, format=RdfFormat.TURTLE, to_graph=NamedNode(GRAPH + "example"))
    assert len(store) > 0
    return store


@pytest.fixture(scope="module")
def bundled() -> Store:
    store = Store()
    sources = find_sources(ROOT)
    graphs = dict.fromkeys(sources.ontology(), ONTOLOGY_GRAPH) | sources.data()
    for file, graph in graphs.items():
        store.load(path=file, format=RdfFormat.TURTLE, to_graph=NamedNode(graph))
    return store


@pytest.mark.parametrize("check", CHECKS, ids=lambda path: path.stem)
def test_the_bad_example_gives_exactly_the_stated_rows(check: Path) -> None:
    with (ROOT / "tests/checks" / check.stem / "expected.csv").open(encoding="utf-8", newline="") as lines:
        header, *expected = csv.reader(lines)
    assert header == ["entity", "property", "value"]
    assert expected
    assert rows_of(check, example(check, "bad")) == sorted(tuple(row) for row in expected)


@pytest.mark.parametrize("check", CHECKS, ids=lambda path: path.stem)
def test_the_good_example_gives_none(check: Path) -> None:
    assert rows_of(check, example(check, "good")) == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda path: path.stem)
def test_the_bundled_graph_gives_none(check: Path, bundled: Store) -> None:
    rows = rows_of(check, bundled)
    assert rows == [], "\n".join(" ".join(row) for row in rows[:20])


def test_each_check_has_its_examples_and_each_example_its_check() -> None:
    assert CHECKS
    assert {path.name for path in (ROOT / "tests/checks").iterdir()} == {path.stem for path in CHECKS}


@pytest.mark.parametrize("check", CHECKS, ids=lambda path: path.stem)
def test_a_check_says_in_both_languages_what_is_wrong_and_what_to_do(check: Path) -> None:
    text = check.read_text(encoding="utf-8")
    for key in ("summary", "description", "problem", "solution"):
        assert re.search(rf"^#\+ {key}:\n#\+   zh: .+\n#\+   en: .+$", text, re.MULTILINE), key
