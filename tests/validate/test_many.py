"""Many submissions judged in one pass have the reports that each has by itself."""

import os
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.columns import plan, plans
from bpsgraph.columns.compiling import compile_query
from bpsgraph.columns.statements import StatementsOfWorld
from bpsgraph.generator import read_setting, small_catalogue
from bpsgraph.generator.catalogue import turtle
from bpsgraph.ingest import Submission, read
from bpsgraph.library import Library, filled
from bpsgraph.results import Difference, Report, Triples
from bpsgraph.sources import find_sources
from bpsgraph.store import EmbeddedStore, construct, open_store
from bpsgraph.terms import BASE, BPS, DCT, GRAPH, LABELS
from bpsgraph.validation import catalogue_in, prepare
from bpsgraph.validation.context import Surroundings, without_rows
from bpsgraph.validation.many import Many
from bpsgraph.validation.report import write
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.second_opinion import finding_queries
from bpsgraph.validation.shapes import ShapesGraph
from bpsgraph.validation.verdicts import (
    EVER,
    PAIRING,
    QUANTITIES,
    REFERENCES,
    STATE,
    WORKING,
    Moment,
    peers_graph,
)
from bpsgraph.validation.wordings import Wording, Wordings
from bpsgraph.validation.workspace import SUBMITTED, Prepared
from bpsgraph.validation.workspaces import Submitted, Workspaces
from sampling import LONG, some

SOURCES = find_sources()
LIBRARY = Library(SOURCES.root / "queries")
SHAPES = ShapesGraph.read(SOURCES.shapes())
TODAY = date(2026, 11, 22)
LOCAL = sorted((SOURCES.root / "data/ttl/local").glob("*.ttl"))
STEPS = (*QUANTITIES, *REFERENCES, "measured-against", *PAIRING, "comparisons", "verdicts")


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[EmbeddedStore]:
    with open_store(built) as opened:
        assert isinstance(opened, EmbeddedStore)
        yield opened


def generated(folder: Path, number: int) -> list[Submission]:
    """Small catalogues with faults of every kind, no two of one place."""
    setting = read_setting(SOURCES.root / "data/ttl")
    found: dict[str, Submission] = {}
    for seed in range(number):
        catalogue, _ = small_catalogue(setting, seed)
        file = folder / f"{catalogue.place.code}.ttl"
        file.write_text(turtle(catalogue), encoding="utf-8")
        found[catalogue.place.code] = read(file)
    return [*found.values()]


def differences(one: Report, other: Report) -> list[str]:
    return [
        f"{one.file}: {field.name}"
        for field in fields(one)
        if getattr(one, field.name) != getattr(other, field.name)
    ]


def test_reports_are_those_of_each_by_itself(store: EmbeddedStore, tmp_path: Path) -> None:
    submissions = generated(tmp_path, 60 if LONG else 8)
    submissions += [read(file) for file in some(LOCAL, 4)]
    many, alone = Many(store, LIBRARY, SHAPES), prepare(store, LIBRARY, SHAPES)
    together = many.reports(submissions, today=TODAY, verdicts=True)
    assert any(report.findings for report in together)
    counted = many.reports(submissions, today=TODAY)
    assert [each.verdict_counts() for each in counted] == [each.verdict_counts() for each in together]
    assert [each.findings for each in counted] == [each.findings for each in together]
    assert [
        difference
        for submission, report in zip(submissions, together, strict=True)
        for difference in differences(report, alone.validate(submission, today=TODAY))
    ] == []


@pytest.mark.parametrize(
    "moment", [Moment(edition=BASE + "catalogue/100000/2023"), EVER], ids=["edition", "ever"]
)
def test_every_step_gives_the_triples_that_the_store_gives(
    store: EmbeddedStore, tmp_path: Path, moment: Moment
) -> None:
    submissions = [Submitted(catalogue_in(each), each.triples.triples) for each in generated(tmp_path, 6)]
    submissions += [Submitted(catalogue_in(each), each.triples.triples) for each in map(read, LOCAL[:3])]
    workspaces = Workspaces(store, LIBRARY)
    unfit = workspaces.lay(submissions)
    steps = workspaces.compare(moment)
    found = {name: workspaces.triples(rows) for name, rows in steps.items()}
    names = finding_queries(LIBRARY)
    findings = {
        name: workspaces.triples(workspaces.construct(name.removeprefix("derive/"))) for name in names
    }
    prepared = Prepared(store, LIBRARY)
    for world, submission in enumerate(submissions, 1):
        if world in unfit:
            continue
        with prepared.comparing(submission.triples, submission.catalogue, moment=moment) as work:
            key = submission.catalogue.removeprefix(BASE)
            for name in STEPS:
                expected = work.graph(f"{WORKING}{name}/{key}").triples
                assert set(found[name].get(world, ())) == expected, (name, key)
            given = {"catalogue": NamedNode(submission.catalogue), "graph": NamedNode(SUBMITTED)}
            for name in names:
                expected = construct(work, filled(LIBRARY.text(name), given)).triples
                assert set(findings[name].get(world, ())) == expected, (name, key)
    assert len(unfit) < len(submissions)


def test_what_documents_state_is_asked_once_and_is_the_same_for_each(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    submissions = [*generated(tmp_path, 3), *map(read, LOCAL[:2])]
    workspaces = Workspaces(store, LIBRARY)
    workspaces.lay([Submitted(catalogue_in(each), each.triples) for each in submissions])
    found = 0
    for submission in submissions:
        row = {
            triple.object: triple.subject
            for triple in submission.triples.having(NamedNode(BPS + "guarantee"))
        }
        referring = submission.triples.having(NamedNode(BPS + "reference"))
        documents = {triple.object for triple in referring}
        rows = {row[triple.subject] for triple in referring}
        items = {
            triple.object
            for triple in submission.triples.having(NamedNode(BPS + "item"))
            if triple.subject in rows
        }
        stated = workspaces.referenced(documents, items)  # type: ignore[arg-type]
        assert set(stated) == without_rows(Surroundings(store, LIBRARY).referenced(documents, items))
        found += len(stated)
    assert found


def test_one_that_describes_what_all_are_judged_against_is_judged_by_itself(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    one, other, *_ = generated(tmp_path, 6)
    meddling = one.triples.triples | {next(store.triples(NamedNode(BASE + "category/1")))}
    workspaces = Workspaces(store, LIBRARY)
    given = [
        Submitted(catalogue_in(one), meddling),
        Submitted(catalogue_in(other), other.triples.triples),
    ]
    assert workspaces.lay(given) == [1]
    assert workspaces.lay(given[1:]) == []


def test_what_one_describes_is_to_the_others_what_the_store_says(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    document, title = NamedNode(f"{BASE}document/of-several"), NamedNode(DCT + "title")
    after = store.copied((), lambda graph: True)
    after.replace_graph(GRAPH + "documents/of-several", [Triple(document, title, Literal("in the store"))])
    one, again, other, *rest = [
        replace(each, triples=Triples(each.triples.triples | more))
        for each, more in zip(
            generated(tmp_path, 8),
            [{Triple(document, title, Literal(text))} for text in ("of one", "again")] + [set()] * 6,
            strict=False,
        )
    ]
    names = Triple(NamedNode(catalogue_in(other)), NamedNode(DCT + "source"), document)
    other = replace(other, triples=Triples(other.triples.triples | {names}))
    workspaces = Workspaces(after, LIBRARY)

    def titles(*laid: Submission) -> list[list[str]]:
        """The titles of the document for each submission, once they lie there."""
        assert workspaces.lay([Submitted(catalogue_in(each), each.triples) for each in laid]) == []
        return [
            [str(said.value) for said in workspaces.sayings.of(world, document).get(title.value, [])]
            for world in range(1, len(laid) + 1)
        ]

    assert titles(one, other, again) == [["of one"], ["in the store"], ["again"]]
    assert titles(other, rest[0]) == [["in the store"], ["in the store"]]
    assert titles(rest[0], one) == [["in the store"], ["of one"]]
    many, alone = Many(after, LIBRARY, SHAPES), prepare(after, LIBRARY, SHAPES)
    laid = [other, one, again, rest[0]]
    for submission, report in zip(laid, many.reports(laid, today=TODAY, verdicts=True), strict=True):
        assert differences(report, alone.validate(submission, today=TODAY)) == []


def test_what_was_hidden_does_not_come_back_once_the_store_says_it_no_more(
    store: EmbeddedStore, tmp_path: Path
) -> None:
    group, count = NamedNode(f"{BASE}peers/of-a-floor"), NamedNode(BPS + "peerCount")
    before, now = (frozenset({Triple(group, count, Literal(text))}) for text in ("seven", "eight"))
    after, graph = store.copied((), lambda graph: True), peers_graph(STATE)
    difference = Difference(removed=after.graph(graph).triples | before, added=now)
    after.replace_graph(graph, after.graph(graph).triples | before)
    one, other = (Submitted(catalogue_in(each), each.triples.triples) for each in generated(tmp_path, 2))
    workspaces = Workspaces(after, LIBRARY)
    workspaces.lay([other])
    assert [str(each.value) for each in workspaces.sayings.of(1, group)[count.value]] == ["seven"]
    own = frozenset({Triple(group, count, Literal("own"))})
    assert workspaces.lay([replace(one, triples=one.triples | own)]) == []  # type: ignore[operator]
    after.alter({graph: difference})
    assert workspaces.follow(after, {graph: difference})
    workspaces.lay([other])
    assert [str(each.value) for each in workspaces.sayings.of(1, group)[count.value]] == ["eight"]


def test_where_one_says_that_a_place_lies_is_for_it_alone(store: EmbeddedStore, tmp_path: Path) -> None:
    """Else a county would be compared with nothing that its own city states."""
    jincheng = next(file for file in LOCAL if file.stem.startswith("140500"))
    file = tmp_path / "140502.ttl"
    file.write_text(jincheng.read_text(encoding="utf-8").replace("140500", "140502"), encoding="utf-8")
    county, (other, *_) = read(file), generated(tmp_path, 1)
    beijing = NamedNode(f"{BASE}jurisdiction/110000")
    moved = Triple(NamedNode(f"{BASE}jurisdiction/140502"), NamedNode(BPS + "within"), beijing)
    meddling = replace(other, triples=Triples(other.triples.triples | {moved}))
    many, alone = Many(store, LIBRARY, SHAPES), prepare(store, LIBRARY, SHAPES)
    reports = many.reports([meddling, county], as_of=TODAY, today=TODAY, verdicts=True)
    assert differences(reports[0], alone.validate(meddling, as_of=TODAY, today=TODAY)) == []
    assert differences(reports[1], alone.validate(county, as_of=TODAY, today=TODAY)) == []
    assert any(verdict.owner == f"{BASE}jurisdiction/140500" for verdict in reports[1].verdicts)


def test_words_that_are_known_hold_only_where_the_same_is_said(store: EmbeddedStore, tmp_path: Path) -> None:
    """Counties of one city, which all stand alike to its floors, but for what one says of their text."""
    jincheng = next(file for file in LOCAL if file.stem.startswith("140500")).read_text(encoding="utf-8")
    counties = []
    for code in ("140502", "140521", "140522"):
        file = tmp_path / f"{code}.ttl"
        file.write_text(jincheng.replace("140500", code), encoding="utf-8")
        counties.append(read(file))
    many, alone = Many(store, LIBRARY, SHAPES), prepare(store, LIBRARY, SHAPES)
    rules = rules_of(SHAPES)

    def told(*laid: Submission, **moment: str | date | None) -> list[Report]:
        """Their reports, which are written as those of each alone: equal numbers may be written otherwise."""
        together = many.reports(laid, today=TODAY, verdicts=True, **moment)  # type: ignore[arg-type]
        by_itself = [alone.validate(each, today=TODAY, **moment) for each in laid]  # type: ignore[arg-type]
        assert [differences(*pair) for pair in zip(together, by_itself, strict=True)] == [[] for _ in laid]
        assert write("json", together, rules, "zh") == write("json", by_itself, rules, "zh")
        return together

    def sources(report: Report) -> set[str]:
        return {
            verdict.source.zh
            for verdict in report.verdicts
            if verdict.owner == f"{BASE}jurisdiction/140500" and verdict.source and verdict.promise
        }

    first, *others = told(*counties, as_of=TODAY)
    assert sources(first)
    assert all(sources(other) == sources(first) for other in others)
    city = NamedNode(f"{BASE}catalogue/140500/2021")
    named = Triple(city, LABELS[0], Literal("自有之名", language="zh"))
    saying = replace(counties[1], triples=Triples(counties[1].triples.triples | {named}))
    plain, own, after = told(counties[0], saying, counties[2], as_of=TODAY)
    assert any("自有之名" in source for source in sources(own))
    assert sources(plain) == sources(after) == sources(first)
    told(saying, saying, as_of=TODAY)
    for moment in ("2021", "2023", "2021"):
        told(*counties, edition=moment)
    assert sources(told(*counties, as_of=TODAY)[0]) == sources(first)


def test_words_are_known_as_long_as_the_same_is_shared_of_what_was_looked_at() -> None:
    nothing, something = StatementsOfWorld({}, [], []), StatementsOfWorld({2: (0, 1)}, [5], [6])
    key, none = ((1,), (2,)), frozenset[int]()
    wording = Wording({}, None, silent=frozenset({1}), said={2: ([5], [6])})
    for subjects, still in (([3], True), ([1], False), ([2, 3], False), (None, False)):
        wordings = Wordings()
        wordings.keep(key, wording)
        assert wordings.find(key, something, none) is wording
        assert wordings.find(((1,), (3,)), something, none) is None
        wordings.forget(subjects)
        assert (wordings.find(key, something, none) is wording) == still
    assert not wording.holds(nothing, none)
    assert not wording.holds(StatementsOfWorld({2: (0, 1)}, [5], [7]), none)
    assert not wording.holds(StatementsOfWorld({1: (1, 2), 2: (0, 1)}, [5, 5], [6, 6]), none)
    assert not any(wording.holds(something, frozenset({added})) for added in (1, 2))


@pytest.mark.parametrize("name", some([name for name in LIBRARY if name.startswith("derive/")], 5))
def test_a_plan_is_read_as_it_was_written(name: str) -> None:
    compiled = compile_query(LIBRARY.text(name))
    assert plan.read(plan.written(compiled)) == compiled


def test_what_is_no_plan_is_refused() -> None:
    for text in ("[]", "{}", '{"Construct": []}', '"Construct"', "{", '{"Other": [1]}'):
        with pytest.raises(ValueError, match="no plan"):
            plan.read(text)


def test_a_plan_is_kept_and_one_that_is_broken_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = plans.plan_of_construct.__wrapped__(text)
    (file,) = tmp_path.rglob("*.json")
    whole = file.read_text()
    monkeypatch.setattr(plans, "compile_query", None)
    assert plans.plan_of_construct.__wrapped__(text) == first
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    for broken in ("[", "[" * 100_000, whole.replace("Basic", "Basis"), whole.partition("\n")[2], "", "\n{}"):
        file.write_text(broken)
        assert plans.plan_of_construct.__wrapped__(text) == first
        assert file.read_text() == whole
    file.unlink()
    os.mkfifo(file)
    assert plans.plan_of_construct.__wrapped__(text) == first
    assert file.read_text() == whole
    monkeypatch.setenv("XDG_CACHE_HOME", str(file))
    assert plans.plan_of_construct.__wrapped__(text) == first
