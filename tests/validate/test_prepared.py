"""One validator for many: each report is as a fresh one gives it, and what all share stays as it is."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat
from pyoxigraph import parse as parse_quads

from bpsgraph.formats import FORMATS
from bpsgraph.generator import generate
from bpsgraph.ingest import Submission, parse, read
from bpsgraph.library import Library
from bpsgraph.results import Outcome, Report
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import BASE
from bpsgraph.validation import Engine, catalogue_in, prepare, to_judge, validate_submission
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.validation.workspace import SHARED, Prepared, Workspace

SOURCES = find_sources()
LIBRARY = Library(SOURCES.root / "queries")
SHAPES = ShapesGraph.read(SOURCES.shapes())
LOCAL = SOURCES.root / "data/ttl/local"
JINCHENG = LOCAL / "140500-2021.ttl"
TODAY = date(2026, 11, 21)
# It says otherwise of a segment, an item and a unit of the vocabulary, and brings a segment of its own.
REDEFINING = """
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<segment/residents-80-and-over> a bps:Segment ; skos:prefLabel "八十岁及以上老年人"@zh , "aged 80 and over"@en ;
  skos:broader <segment/own> .
<segment/own> a bps:Segment ; skos:prefLabel "本地老年人"@zh , "elderly here"@en .
<item/legal-aid> a bps:ServiceItem ; skos:prefLabel "法律帮助"@zh , "legal help"@en .
<unit/yuan-per-person-year> bps:multiplier 2.0 .
"""


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[EmbeddedStore]:
    with open_store(built) as opened:
        yield opened


@pytest.fixture(scope="module")
def submissions(tmp_path_factory: pytest.TempPathFactory) -> list[Submission]:
    """A county within Jincheng, whose floors count there, real catalogues, and one that redefines things."""
    folder = tmp_path_factory.mktemp("county")
    ((county, _),) = generate(SOURCES.root / "data/ttl", folder, "county", seed=2, jurisdiction="140525")
    text = JINCHENG.read_text(encoding="utf-8") + REDEFINING
    redefining = Submission("redefining", parse(text.encode(), "redefining", FORMATS["turtle"]))
    others = [read(LOCAL / f"{key}.ttl") for key in ("310000-2023", "341722-2021")]
    return [redefining, read(county), *others, read(JINCHENG)]


def fresh(submission: Submission, store: EmbeddedStore, **options: object) -> Report:
    return validate_submission(submission, store, LIBRARY, SHAPES, today=TODAY, **options)  # type: ignore[arg-type]


def test_each_report_is_the_same_as_that_of_a_validator_of_its_own(
    store: EmbeddedStore, submissions: list[Submission]
) -> None:
    validator = prepare(store, LIBRARY, SHAPES)
    for submission in submissions:
        report = validator.validate(submission, edition="2023", today=TODAY)
        assert report == fresh(submission, store, edition="2023")
    # The last is the first without what it redefines; the first comes once more, and for another edition.
    again = validator.validate(submissions[0], edition="2023", today=TODAY)
    assert again == fresh(submissions[0], store, edition="2023")
    assert {finding.rule for finding in again.findings} != {finding.rule for finding in report.findings}
    assert validator.validate(submissions[0], edition="2021", today=TODAY) != again


def test_both_ways_to_judge_give_the_same_reports(
    store: EmbeddedStore, submissions: list[Submission]
) -> None:
    validator = prepare(store, LIBRARY, SHAPES)
    for submission in submissions:
        reports = [
            validator.validate(submission, edition="2023", today=TODAY, engine=engine)
            for engine in (Engine.AUTO, Engine.PYSHIFTY)
        ]
        assert reports[0] == reports[1]


def union(work: Workspace) -> list[bytes]:
    dumped = work._inner.dump(format=RdfFormat.N_QUADS)
    assert dumped is not None
    return sorted(dumped.splitlines())


def test_what_all_share_is_afterwards_as_it_was(store: EmbeddedStore, submissions: list[Submission]) -> None:
    prepared = Prepared(store, LIBRARY)
    base = store.extract(SHARED)
    assert base is not None
    for submission in map(to_judge, submissions):
        catalogue = catalogue_in(submission)
        with prepared.comparing(submission.triples, catalogue) as work:
            assert union(work) != sorted(base.splitlines())
        assert union(work) == sorted(base.splitlines())
        with pytest.raises(ZeroDivisionError), prepared.comparing(submission.triples, catalogue) as again:
            1 / 0  # noqa: B018
        assert again is work
        assert union(work) == sorted(base.splitlines())


def test_a_block_within_a_block_has_a_workspace_of_its_own(store: EmbeddedStore) -> None:
    prepared = Prepared(store, LIBRARY)
    triples = read(JINCHENG).triples
    with prepared.comparing(triples, BASE + "catalogue/140500/2021") as outer:
        before = union(outer)
        with prepared.comparing([], BASE + "catalogue/140500/2021") as inner:
            assert inner is not outer
        assert union(outer) == before


def test_without_the_extract_the_report_is_the_same(store: EmbeddedStore) -> None:
    bare = EmbeddedStore.in_memory()
    for graph in store.graphs():
        bare.replace_graph(graph, store.graph(graph))
    assert bare.extract(SHARED) is None
    submission = read(JINCHENG)
    assert fresh(submission, bare) == fresh(submission, store)


def with_rule(name: str, constraint: str) -> ShapesGraph:
    text = f"""
        @prefix bps: <https://w3id.org/bps/ns#> . @prefix bpsh: <https://w3id.org/bps/shapes#> .
        @prefix dct: <http://purl.org/dc/terms/> . @prefix sh: <http://www.w3.org/ns/shacl#> .
        bpsh:{name} a sh:PropertyShape ; dct:identifier "{name}" ; sh:targetClass bps:Catalogue ;
          sh:severity sh:Warning ; sh:message "不行"@zh , "no"@en ; {constraint} .
    """
    own = (quad.triple for quad in parse_quads(text, RdfFormat.TURTLE, rename_blank_nodes=True))
    return ShapesGraph((*SHAPES.triples, *own))


def test_a_rule_of_ones_own_without_a_query_is_run_as_a_shape(store: EmbeddedStore) -> None:
    shapes = with_rule("own-review", "sh:path bps:reviewDate ; sh:minCount 1")
    report = validate_submission(read(JINCHENG), store, LIBRARY, shapes, today=TODAY)
    assert "own-review" in {status.rule for status in report.rules if status.outcome is Outcome.FAILED}


def test_a_query_that_cannot_run_is_said_of_each_of_its_rules(store: EmbeddedStore) -> None:
    class Failing(Library):
        def text(self, name: str) -> str:
            return super().text(name) + ("}" if name == "derive/findings/funding" else "")

    library = Failing(SOURCES.root / "queries")
    report = validate_submission(read(JINCHENG), store, library, SHAPES, today=TODAY)
    errors = {status.rule for status in report.rules if status.outcome is Outcome.ERROR}
    assert errors == {"funding-expenditure", "funding-central-share"}
    assert report.findings
