"""Verdicts and shapes say the same: pyshifty, pyshacl and the queries in SPARQL find the same things.

On the real catalogues, and on a generated county with one fault of every kind, where all of them have to equal
the truth file. `make agreement` is the long form: more counties, and pyshacl on every catalogue.
"""

import re
import subprocess
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest
from bench.agreement import disagreements, generated
from pyoxigraph import Literal, NamedNode

from bpsgraph.formats import FORMATS
from bpsgraph.generator import DEFECTS, Setting, Truth, generate, read_setting
from bpsgraph.generator.defects import AMONG_PEERS
from bpsgraph.ingest import Submission, parse, read
from bpsgraph.library import Library
from bpsgraph.sources import find_sources
from bpsgraph.store import Store, open_store
from bpsgraph.terms import BASE, Term
from bpsgraph.validation import Engine, Judgement, Moment, catalogue_in, judge, validate_submission
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.second_opinion import derive_findings, finding_queries, says
from bpsgraph.validation.shapes import SH, Result, ShapesGraph
from bpsgraph.validation.workspace import SUBMITTED
from sampling import some

SOURCES = find_sources()
LIBRARY = Library(SOURCES.root / "queries")
SHAPES = ShapesGraph.read(SOURCES.shapes())
LOCAL = sorted((SOURCES.root / "data/ttl/local").glob("*.ttl"))
JINCHENG = SOURCES.root / "data/ttl/local/140500-2021.ttl"
TODAY = Moment(day=date(2026, 11, 21))
EDITIONS = {year: Moment(edition=f"{BASE}catalogue/100000/{year}") for year in ("2021", "2023")}
DAYS = {day: Moment(day=date.fromisoformat(day)) for day in ("2021-11-02", "2024-06-01", "2025-06-01")}
# No bundled standard is of the subsystem of provision, and truth says nothing of standard systems: information.
NOT_PLANTED = {"system-benchmark-gap", "system-delivery-gap", "system-improvement-gap"}

Found = set[tuple[str, Term, Term | None]]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[Store]:
    with open_store(built) as opened:
        yield opened


@pytest.fixture(scope="module")
def county(store: Store, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Truth]]:
    folder = tmp_path_factory.mktemp("county")
    ((path, truth),) = generate(SOURCES.root / "data/ttl", folder, "county", seed=1)
    return path, truth


@pytest.fixture(scope="module")
def setting() -> Setting:
    return read_setting(SOURCES.root / "data/ttl")


def judged(store: Store, path: Path, moment: Moment) -> Judgement:
    submission = read(path)
    return judge(submission, catalogue_in(submission), moment, store, LIBRARY, SHAPES, engine=Engine.PYSHIFTY)


def found(results: Iterable[Result]) -> Found:
    return {(result.shape.partition("#")[2], result.focus, result.value) for result in results}


def of_queries(judgement: Judgement) -> Found:
    return found(derive_findings(judgement.work, LIBRARY, judgement.catalogue, SUBMITTED))


@pytest.mark.parametrize("moment", [*EDITIONS.values(), *DAYS.values()], ids=[*EDITIONS, *DAYS])
def test_queries_and_shapes_agree_on_jincheng(store: Store, moment: Moment) -> None:
    judgement = judged(store, JINCHENG, moment)
    assert judgement.results
    assert of_queries(judgement) == found(judgement.results)


@pytest.mark.parametrize("path", LOCAL, ids=lambda path: path.stem)
def test_queries_and_shapes_agree_on_every_bundled_catalogue(store: Store, path: Path) -> None:
    judgement = judged(store, path, TODAY)
    assert of_queries(judgement) == found(judgement.results)


def test_queries_and_shapes_find_in_a_county_what_was_planted_and_nothing_else(
    store: Store, county: tuple[Path, list[Truth]]
) -> None:
    path, truth = county
    assert {row.defect for row in truth} == set(DEFECTS) - AMONG_PEERS
    judgement = judged(store, path, EDITIONS["2023"])
    results = found(judgement.results)
    # pyshacl judges small catalogues below, and whole ones in `make agreement`.
    assert of_queries(judgement) == results
    named = {
        (rule, focus.value, value.value if isinstance(value, NamedNode) and value != focus else "")
        for rule, focus, value in results
        if rule not in NOT_PLANTED
    }
    assert named == {(row.rule, row.focus, row.value) for row in truth}


@pytest.mark.parametrize("seed", some(range(1, 41), 4))
def test_all_engines_find_in_small_catalogues_what_was_planted(
    seed: int, store: Store, setting: Setting
) -> None:
    """Some of the first of the two hundred of `make agreement`."""
    submission, truth = generated(setting, seed)
    findings, wrong = disagreements(submission, EDITIONS["2023"], store, LIBRARY, SHAPES, truth, whole=False)
    assert wrong == []
    assert findings >= len(truth) == 4


@pytest.mark.parametrize("engine", [Engine.PYSHIFTY, Engine.SPARQL])
def test_what_has_no_name_is_judged_too(store: Store, engine: Engine) -> None:
    catalogue = JINCHENG.read_text(encoding="utf-8") + (
        "\n[] a bps:Provision ; bps:catalogue <catalogue/140500/2021> ; bps:item <item/no-such-item> .\n"
    )
    submission = Submission("a file", parse(catalogue.encode(), "a file", FORMATS["turtle"]))
    report = validate_submission(
        submission, store, LIBRARY, SHAPES, edition="2023", today=date(2026, 11, 21), engine=engine
    )
    about = {finding.rule for finding in report.findings if finding.focus == BASE + "unnamed/1"}
    assert about == {"funding-expenditure", "structure-item-unknown", "sustainability-lead-agency"}


def test_every_rule_has_its_query() -> None:
    queries = [LIBRARY.text(name) for name in finding_queries(LIBRARY)]
    for shape in rules_of(SHAPES):
        assert any(says(query, shape) for query in queries), shape
    # And no query names a rule that is not there.
    named = {name for query in queries for name in re.findall(r"bpsh:([\w-]+)", query)}
    assert named <= {rule.id for rule in rules_of(SHAPES).values()}


def test_no_shape_leans_on_brackets_that_pyshifty_loses() -> None:
    """It reads `(a + b) * c` as `a + b * c`, and `!(a || b)` as `!a || b`; see decision 5."""
    texts = [
        triple.object.value
        for triple in SHAPES.triples
        if triple.predicate.value == SH + "select" and isinstance(triple.object, Literal)
    ]
    lost = re.compile(r"!\s*\(|[\w.]\s+[-*/]\s*\(|\)\s*[-+*/]\s+[?\w(]|-\(")
    assert lost.search("0.6745 * (?ratio - ?median)")
    assert lost.search("FILTER(!(?a || ?b))")
    assert texts
    assert [text for text in texts if lost.search(text)] == []


def test_the_report_is_the_same_whichever_engine_finds(run: Run) -> None:
    reports = {
        engine: run("validate", JINCHENG, "--edition", "2023", "--engine", engine, "--format", "csv").stdout
        for engine in ("pyshifty", "sparql")
    }
    assert "baseline-below" in reports["sparql"]
    assert reports["sparql"] == reports["pyshifty"]
