"""Each check finds exactly what its bad example plants, nothing in its good one, and nothing in what we publish.

`tests/checks/<name>/` holds `bad.ttl` with `expected.csv` (the rows, in short names) and `good.ttl`; `.trig` where the
graphs matter. Which graph a bundled file is follows its path.
"""

import csv
import re
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, QuerySolutions, RdfFormat, Store

ROOT = Path(__file__).resolve().parents[1]
CHECKS = sorted((ROOT / "queries/checks").glob("*.rq"))
GRAPH = "https://w3id.org/bps/graph/"
PREFIXES = {
    "https://w3id.org/bps/id/": "",
    "https://w3id.org/bps/ns#": "bps:",
    "http://purl.org/dc/terms/": "dct:",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf:",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs:",
    "http://www.w3.org/2002/07/owl#": "owl:",
    "http://www.w3.org/2004/02/skos/core#": "skos:",
    "http://www.w3.org/ns/prov#": "prov:",
}
# The folders of data/ttl whose files are graphs of another name than their path.
KINDS = {"national": "catalogue/100000/", "documents": "document/"}


def shortened(term: object) -> str:
    if term is None:
        return ""
    assert isinstance(term, NamedNode | Literal)
    text = term.value
    for namespace, prefix in PREFIXES.items():
        if isinstance(term, NamedNode) and text.startswith(namespace):
            return prefix + text.removeprefix(namespace)
    return text


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
    named = file.suffix == ".trig"
    graph = DefaultGraph() if named else NamedNode(GRAPH + "example")
    store.load(
        path=file, format=RdfFormat.TRIG if named else RdfFormat.TURTLE, to_graph=None if named else graph
    )
    assert len(store) > 0
    return store


def graph_of(file: Path) -> str:
    kind, *rest = file.relative_to(ROOT / "data/ttl").with_suffix("").parts
    key = "/".join(rest)
    if kind == "local":
        code, _, edition = key.partition("-")
        return f"{GRAPH}catalogue/{code}/{edition}"
    return GRAPH + KINDS.get(kind, f"{kind}/" if rest else kind) + key


@pytest.fixture(scope="module")
def bundled() -> Store:
    store = Store()
    for file in sorted((ROOT / "ontology").rglob("*.ttl")):
        store.load(path=file, format=RdfFormat.TURTLE, to_graph=NamedNode(GRAPH + "ontology"))
    for file in sorted((ROOT / "data/ttl").rglob("*.ttl")):
        store.load(path=file, format=RdfFormat.TURTLE, to_graph=NamedNode(graph_of(file)))
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
