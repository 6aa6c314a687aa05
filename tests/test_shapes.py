"""Each rule has two little catalogues: the bad one gives its one finding, the good one none at all.

`tests/shapes/<rule>/` holds `good.ttl` and `bad.ttl`, whole submissions that go through the real pipeline,
and where the rule looks at others beside the submission, these in `context.ttl`. pyshifty runs all shapes on
each of them; pyshacl, which takes a second for that, runs the shape of the rule and all shapes on some.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pyshacl
import pytest
import rdflib
from pyoxigraph import NamedNode, RdfFormat, Triple
from pyoxigraph import parse as parse_quads
from rdflib.plugins.sparql import processor
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.sparql import Query

from bpsgraph.ingest import Submission, read
from bpsgraph.library import bundled
from bpsgraph.results import Report
from bpsgraph.sources import find_sources
from bpsgraph.store.embedded import EmbeddedStore
from bpsgraph.terms import BASE, BPS, RDF_TYPE, Term
from bpsgraph.validation import Engine, Judgement, catalogue_in, docs, judge, moment_of, report_of
from bpsgraph.validation.rules import Rule, rules_of
from bpsgraph.validation.shapes import ShapesGraph, run_shapes
from sampling import some

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "shapes"
TARGET = "http://www.w3.org/ns/shacl#target"
SHAPES = ShapesGraph.read(find_sources().shapes())
RULES = sorted(rules_of(SHAPES).values(), key=lambda rule: rule.id)
LIBRARY = bundled()
TODAY = date(2026, 11, 21)
EXAMPLES = sorted(FOLDER.glob("*/*.ttl"))
# What is judged without being reached from the submission.
WHOLE = some(EXAMPLES, 10)
ALONE = {rule.id for rule in some(RULES, 30)}
STANDALONE = {NamedNode(BPS + name) for name in ("OverreachThreshold", "PeerGroup", "PeerTally", "Verdict")}


@pytest.fixture(autouse=True, scope="module")
def parse_each_query_once() -> Iterator[None]:
    """rdflib parses the SPARQL of a shape anew for every node: most of the time that pyshacl takes."""
    parse, translate = parseQuery, translateQuery

    @cache
    def prepared(text: str) -> Query:
        return translate(parse(text))

    with pytest.MonkeyPatch.context() as patch:
        # pyshacl writes the prefixes in any order.
        patch.setattr(
            processor, "parseQuery", lambda text: "\n".join(sorted(text.splitlines(), key=not_prefix))
        )
        patch.setattr(processor, "translateQuery", lambda text, base, namespaces: prepared(text))
        yield


def not_prefix(line: str) -> str:
    return line if line.startswith("PREFIX ") else "~"


def judged(store: EmbeddedStore, file: Path) -> tuple[Submission, Judgement]:
    submission = read(file)
    beside = file.parent / "context.ttl"
    catalogue = catalogue_in(submission)
    moment = moment_of(submission, catalogue, store, edition=None, as_of=None, today=TODAY)
    context = read(beside) if beside.exists() else None
    engine = Engine.PYSHIFTY
    return submission, judge(
        submission, catalogue, moment, store, LIBRARY, SHAPES, context=context, engine=engine
    )


def report(store: EmbeddedStore, file: Path, rule: Rule | None = None) -> Report:
    """The report of pyshifty, which pyshacl confirms: what it says of the rule, else of all rules."""
    submission, judgement = judged(store, file)
    if rule is not None and rule.id in ALONE:
        own = {result for result in judgement.results if result.shape == rule.shape}
        assert reference_results(submission, judgement, alone(rule.shape)) == own
    if rule is None or file in WHOLE:
        assert reference_results(submission, judgement, SHAPES) == judgement.results
    return report_of(judgement, submission, SHAPES, today=TODAY)


@cache
def alone(shape: str) -> ShapesGraph:
    """The shape with all that it is made of, and no other that has targets."""
    reached, found = set[Term | Triple](), list[Triple]()
    own = NamedNode(shape)
    frontier: set[Term | Triple] = {own}
    while frontier:
        reached |= frontier
        of_these = [triple for triple in SHAPES.triples if triple.subject in frontier]
        found += [t for t in of_these if t.subject == own or not t.predicate.value.startswith(TARGET)]
        frontier = {triple.object for triple in of_these} - reached
    return ShapesGraph(tuple(found))


def reference_results(submission: Submission, judgement: Judgement, shapes: ShapesGraph) -> frozenset[object]:
    """The results of pyshacl over what the submission and its verdicts reach, since the rest is slow."""
    by_subject = defaultdict[Term, list[Triple]](list)
    for triple in judgement.data:
        assert not isinstance(triple.subject, Triple)
        by_subject[triple.subject].append(triple)
    subjects = {triple.subject for triple in submission.triples}
    standalone = {t.subject for t in judgement.data if t.predicate == RDF_TYPE and t.object in STANDALONE}
    reached: set[Term] = set()
    frontier: set[Term] = {*subjects, *standalone}  # type: ignore[arg-type]
    while frontier:
        reached |= frontier
        found = {triple.object for subject in frontier for triple in by_subject.get(subject, ())}
        frontier = found - reached  # type: ignore[assignment]
    data = [triple for triple in judgement.data if triple.subject in reached]
    return frozenset(r for r in run_shapes(shapes, data, Engine.PYSHACL) if r.focus in subjects)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_bad_example_gives_one_finding(rule: Rule, national_store: EmbeddedStore) -> None:
    (finding,) = report(national_store, FOLDER / rule.id / "bad.ttl", rule).findings
    assert finding.rule == rule.id
    assert finding.severity == rule.severity
    assert finding.fix is not None
    for words in (finding.message.zh, finding.message.en, finding.fix.zh, finding.fix.en):
        assert words
        assert "{" not in words


@pytest.mark.parametrize("rule", some(RULES, 60), ids=lambda rule: rule.id)
def test_the_good_example_gives_none(rule: Rule, national_store: EmbeddedStore) -> None:
    assert report(national_store, FOLDER / rule.id / "good.ttl", rule).findings == ()


def test_each_rule_has_its_examples_and_each_example_its_rule() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert [path.name for path in sorted(FOLDER.iterdir())] == ids
    assert all(rule.shape == f"https://w3id.org/bps/shapes#{rule.id}" for rule in RULES)


@pytest.fixture(scope="module")
def described() -> set[str]:
    """Every IRI that something is said of in the data and the ontology."""
    files = [*find_sources().data(), *find_sources().ontology()]
    quads = (quad for file in files for quad in parse_quads(path=str(file), format=RdfFormat.TURTLE))
    return {quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode)}


def test_two_mistakes_in_one_promise_are_two_findings_that_show_what_was_written(
    national_store: EmbeddedStore, tmp_path: Path
) -> None:
    text = (FOLDER / "structure-value-datatype" / "bad.ttl").read_text(encoding="utf-8")
    unit = "bps:unit <unit/yuan-per-student-year>"
    assert text.count(unit) == 1
    file = tmp_path / "two.ttl"
    file.write_text(text.replace(unit, 'bps:statedAs "约800元"@zh'), encoding="utf-8")
    findings = report(national_store, file).findings
    assert [(finding.rule, finding.value) for finding in findings] == [
        ("structure-value-datatype", "约800"),
        ("structure-value-missing", "“约800元”"),
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_says_what_why_and_what_to_do(rule: Rule, described: set[str]) -> None:
    for words in (rule.name, rule.description, rule.message, rule.fix):
        assert words.zh
        assert words.en
        assert words.zh != words.en
    assert BASE + "assurance/" + rule.assurance in described
    assert rule.clause in described
    assert rule.field


def test_every_result_is_of_a_rule() -> None:
    targeted = {triple.subject for triple in SHAPES.triples if triple.predicate.value.startswith(TARGET)}
    assert targeted == {NamedNode(rule.shape) for rule in RULES}


def test_the_shapes_are_shapes() -> None:
    graph = rdflib.Graph()
    for file in find_sources().shapes():
        graph.parse(file)
    conforms, _, text = pyshacl.validate(rdflib.Graph(), shacl_graph=graph, meta_shacl=True)
    assert conforms, text


def test_every_file_says_what_it_is_about() -> None:
    for file in find_sources().shapes():
        (header,) = rdflib.Graph().parse(file).subjects(rdflib.RDF.type, rdflib.OWL.Ontology)
        name = file.relative_to(ROOT / "shapes").with_suffix("").as_posix()
        assert str(header) == "https://w3id.org/bps/shapes" + ("" if name == "prefixes" else f"/{name}")


def test_the_page_of_the_rules_is_what_the_shapes_say() -> None:
    written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
    assert docs.page(written, find_sources()) == written, "run `make docs`"
    assert written.count("\n### ") == len(RULES)
