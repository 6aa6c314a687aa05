"""Accepting, amending and withdrawing catalogues, and what a build, a crash or a refusal leaves of them."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, Triple

from bpsgraph.acceptance import Accepted, Refused
from bpsgraph.building import build
from bpsgraph.errors import (
    BadParameter,
    ForeignStatement,
    JournalDamaged,
    MalformedFile,
    StoreBusy,
    StoreUnavailable,
    UnknownCatalogue,
    Withdrawn,
)
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import Place, Remark, Submission, parse, read
from bpsgraph.library import Library
from bpsgraph.results import Severity, Triples
from bpsgraph.store import EmbeddedStore, open_store, select
from bpsgraph.store.journal import Journal
from bpsgraph.terms import BASE, BPS, GRAPH
from bpsgraph.validation import validate_submission
from bpsgraph.validation.shapes import ShapesGraph
from small_world import COUNTY, JINCHENG, LOCAL, NOON, Town, amended

CITY, TOWN = BASE + "catalogue/140500/2021", BASE + "catalogue/371323/2021"
CITY_GRAPH, TOWN_GRAPH = GRAPH + "catalogue/140500/2021", GRAPH + "catalogue/371323/2021"


@pytest.fixture(scope="module")
def made(small_town: Callable[..., Town]) -> Town:
    """A store with 晋城 in it, to be copied."""
    return small_town(JINCHENG)


@pytest.fixture
def town(made: Town, tmp_path: Path) -> Town:
    """A store of this test's own, without a journal yet."""
    shutil.copytree(made.store, tmp_path / "store")
    return Town(tmp_path, made.sources)


def everything(path: Path) -> dict[str, Triples]:
    with open_store(path) as store:
        return {graph: store.graph(graph) for graph in store.graphs()}


def rebuilt(town: Town) -> dict[str, Triples]:
    build(town.store, town.sources)
    return everything(town.store)


def same_as_rebuilt(town: Town) -> bool:
    """Whether the store is what a build makes of the journal; names of unnamed nodes in the ontology apart."""
    before = everything(town.store)
    after = rebuilt(town)
    ontology = (GRAPH + "ontology", GRAPH + "queries")
    return {g: t for g, t in before.items() if not g.startswith(ontology)} == {
        g: t for g, t in after.items() if not g.startswith(ontology)
    }


def ask(path: Path, text: str) -> list[tuple[str | None, ...]]:
    with open_store(path) as store:
        return [tuple(term and term.value for term in row) for row in select(store, text).rows]


class TestAccepting:
    def test_it_is_in_the_store_with_what_follows_and_in_the_journal(self, town: Town) -> None:
        done = town.accept(COUNTY)
        assert isinstance(done, Accepted)
        assert (done.entry, done.catalogue) == (1, TOWN)
        assert done.report is not None
        graphs = everything(town.store)
        assert graphs[TOWN_GRAPH].content_hash() == done.content_hash
        assert graphs[TOWN_GRAPH] == Journal(town.journal).outcome()[TOWN_GRAPH]
        assert {GRAPH + "quantities/371323/2021", GRAPH + "verdicts/371323/2021"} < set(graphs)
        source = ask(town.store, f"SELECT ?h {{ <{GRAPH}verdicts/371323/2021> bps:sourceHash ?h }}")
        assert source == [(done.content_hash,)]

    def test_a_build_makes_the_same_store_of_the_journal(self, town: Town) -> None:
        town.accept(COUNTY)
        town.accept(amended(read(LOCAL / JINCHENG), "1250.0", "1300.0"))
        assert same_as_rebuilt(town)

    def test_the_record_says_what_when_who_and_how_it_was_judged(self, town: Town) -> None:
        at = datetime(2026, 3, 1, 20, 0, 5, 999, tzinfo=timezone(timedelta(hours=8)))
        submission = read(LOCAL / COUNTY)
        town.accept(submission, by="  王芳 ", at=at)
        text = """
            SELECT ?when ?who ?file ?fileHash ?edition ?violations WHERE {
              <change/1> a bps:Acceptance ; prov:generated <catalogue/371323/2021> ; prov:endedAtTime ?when ;
                prov:wasAssociatedWith/foaf:name ?who ; bps:fileName ?file ; bps:fileHash ?fileHash ;
                bps:judgedAgainst ?edition ; bps:violationCount ?violations }
        """
        assert ask(town.store, text) == [
            ("2026-03-01T12:00:05Z", "王芳", COUNTY, submission.hash, BASE + "catalogue/100000/2021", "0")
        ]

    def test_the_same_content_again_has_its_entry_and_nothing_is_written(self, town: Town) -> None:
        town.accept(COUNTY)
        before = town.bytes()
        again = town.accept(COUNTY, by="李强", at=NOON + timedelta(days=1))
        assert again == Accepted(1, TOWN, again.content_hash, None)  # type: ignore[union-attr]
        assert town.bytes() == before

    def test_another_format_or_way_of_writing_numbers_is_the_same_content(
        self, town: Town, tmp_path: Path
    ) -> None:
        town.accept(JINCHENG)
        text = "".join(f"{triple} .\n" for triple in read(LOCAL / JINCHENG).triples).replace(
            '"1250.0"', '"1250"'
        )
        (tmp_path / "city.nt").write_text(text, encoding="utf-8")
        again = town.accept(read(tmp_path / "city.nt"))
        assert isinstance(again, Accepted)
        assert (again.entry, again.report) == (1, None)

    def test_what_is_bundled_can_be_accepted_too(self, town: Town) -> None:
        done = town.accept(JINCHENG)
        assert isinstance(done, Accepted)
        assert done.entry == 1

    def test_what_has_no_name_gets_one_of_its_own_catalogue(self, town: Town) -> None:
        submission = read(LOCAL / COUNTY)
        guarantees = sorted(
            {t.subject for t in submission.triples if "/guarantee/" in str(t.subject)}, key=str
        )
        node = BlankNode("x")
        triples = {
            Triple(*(node if term == guarantees[0] else term for term in triple))  # type: ignore[arg-type]
            for triple in submission.triples
        }
        done = town.accept(replace(submission, triples=Triples(frozenset(triples))))
        assert isinstance(done, Accepted)
        held = everything(town.store)[TOWN_GRAPH]
        assert not any(isinstance(term, BlankNode) for triple in held for term in triple)
        assert {str(t.subject) for t in held if "unnamed" in str(t.subject)} == {
            f"<{BASE}unnamed/371323/2021/1>"
        }

    def test_remarks_of_a_reader_are_judged_and_never_stored(self, town: Town) -> None:
        submission = read(LOCAL / COUNTY)
        note = Remark("trimmed-text", Place(sheet="服务事项", row=4, column=2), value=" x ")
        done = town.accept(replace(submission, remarks=(note,)))
        assert isinstance(done, Accepted)
        assert done.report is not None
        assert [finding.rule for finding in done.report.findings] == ["reading-trimmed-text"]
        assert not any("remark" in str(triple) for triple in everything(town.store)[TOWN_GRAPH])


class TestAmending:
    def test_the_new_content_takes_the_place_of_the_old(self, town: Town) -> None:
        first = town.accept(JINCHENG)
        second = town.accept(amended(read(LOCAL / JINCHENG), "1250.0", "1300.0"))
        assert isinstance(first, Accepted)
        assert isinstance(second, Accepted)
        assert (first.entry, second.entry) == (1, 2)
        graph = everything(town.store)[CITY_GRAPH]
        assert graph.content_hash() == second.content_hash != first.content_hash
        numbers = {t.object.value for t in graph if isinstance(t.object, Literal)}
        assert ("1250" in numbers, "1300" in numbers) == (False, True)
        old = Journal(town.journal).entries()[0].path.read_text(encoding="utf-8")
        assert '"1250"' in old

    def test_the_floors_of_a_city_and_the_verdicts_change_with_it(self, town: Town) -> None:
        amount = """
            SELECT DISTINCT ?amount { ?floor bps:owner <jurisdiction/140500> ; bps:amount ?amount ;
              bps:segment <segment/boarding-junior-students-in-financial-difficulty> }
        """
        assert ask(town.store, amount) == [("1250",)]
        town.accept(amended(read(LOCAL / JINCHENG), "1250.0", "1300.0"))
        assert ("1300",) in ask(town.store, amount)
        above = f"SELECT ?v {{ GRAPH <{GRAPH}verdicts/140500/2021> {{ ?v bps:valueVerdict <value-verdict/above> }} }}"
        assert len(ask(town.store, above)) > 0

    def test_going_back_to_an_older_content_is_a_new_entry(self, town: Town) -> None:
        town.accept(JINCHENG)
        town.accept(amended(read(LOCAL / JINCHENG), "1250.0", "1300.0"))
        third = town.accept(JINCHENG)
        assert isinstance(third, Accepted)
        assert third.entry == 3


class TestRefusing:
    def test_what_does_not_conform_changes_nothing(self, town: Town) -> None:
        town.accept(COUNTY)
        before = town.bytes()
        refused = town.accept(amended(read(LOCAL / JINCHENG), "1250.0", "1200.0"))
        assert isinstance(refused, Refused)
        assert [f.rule for f in refused.report.findings if f.severity is Severity.VIOLATION] == [
            "baseline-below"
        ]
        assert town.bytes() == before

    def test_the_threshold_can_be_stricter(self, town: Town) -> None:
        before = town.bytes()
        assert isinstance(town.accept(JINCHENG, threshold=Severity.WARNING), Refused)
        assert town.bytes() == before

    def test_what_could_not_be_read_is_refused_even_when_the_rest_was_accepted(self, town: Town) -> None:
        submission = read(LOCAL / COUNTY)
        town.accept(submission)
        before = town.bytes()
        unread = Remark("unreadable-value", Place(sheet="服务标准", row=9, column=6), value="若干")
        refused = town.accept(replace(submission, remarks=(unread,)))
        assert isinstance(refused, Refused)
        assert len(refused.report.unread) == 1
        assert town.bytes() == before

    @pytest.mark.parametrize(
        ("statement", "said"),
        [
            ("<guarantee/100000/2021/x/y> bps:value 1.0", "bps:value of guarantee/100000/2021/x/y"),
            ("<catalogue/140500/2021> bps:edition '2021'", "bps:edition of catalogue/140500/2021"),
            ("<verdict/a> bps:rule <x>", "bps:rule of verdict/a"),
            ("<change/9> bps:sequence 9", "bps:sequence of change/9"),
            ("bps:Provision rdfs:comment 'x'", "rdfs:comment of bps:Provision"),
            ("<item/legal-aid> skos:altLabel '打官司'@zh", "skos:altLabel of item/legal-aid"),
            ("<jurisdiction/371323> bps:within <jurisdiction/140500>", "bps:within of jurisdiction/371323"),
        ],
    )
    def test_what_is_not_its_own_to_say_is_refused(self, town: Town, statement: str, said: str) -> None:
        before = town.bytes()
        with pytest.raises(ForeignStatement, match=said):
            town.accept(with_statement(read(LOCAL / COUNTY), statement))
        assert town.bytes() == before

    def test_what_others_say_too_may_be_repeated_and_new_things_described(self, town: Town) -> None:
        repeated = with_statement(read(LOCAL / COUNTY), "<item/legal-aid> a bps:ServiceItem")
        new = with_statement(repeated, "<agency/371323/office> a bps:Agency")
        assert not isinstance(town.accept(new), type(None))

    def test_every_bundled_catalogue_says_only_what_is_its_own(self, town: Town) -> None:
        from bpsgraph.acceptance import _refuse_foreign

        with open_store(town.store) as store:
            for file in sorted(LOCAL.iterdir()):
                code, edition = file.stem.split("-", 1)
                _refuse_foreign(file.name, read(file).triples, f"{code}/{edition}", store)

    def test_a_catalogue_of_the_state_only_where_it_is_meant(self, town: Town) -> None:
        national = read(LOCAL.parent / "national" / "2021.ttl")
        before = town.bytes()
        with pytest.raises(BadParameter, match="--national"):
            town.accept(national)
        with pytest.raises(BadParameter, match="--national"):
            town.withdraw("100000/2021")
        assert town.bytes() == before

    @pytest.mark.parametrize("by", ["", "  ", "a\nb", "a\x1b[31m", "x" * 1001, "a\u202eb"])
    def test_a_name_that_says_nothing_or_cannot_be_seen(self, town: Town, by: str) -> None:
        with pytest.raises(BadParameter, match="--by"):
            town.accept(COUNTY, by=by)

    def test_a_name_that_is_no_key(self, town: Town) -> None:
        text = "<catalogue/x> a bps:Catalogue ."
        submission = Submission("x.ttl", turtle(text))
        with pytest.raises(MalformedFile, match="catalogue/x"):
            town.accept(submission)


def turtle(text: str) -> Triples:
    prefixes = f"@prefix bps: <{BPS}> . @prefix skos: <http://www.w3.org/2004/02/skos/core#> . "
    prefixes += "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . "
    return parse((prefixes + text).encode(), "x.ttl", FORMATS["turtle"])


def with_statement(submission: Submission, statement: str) -> Submission:
    more = turtle(statement + " .").triples
    return replace(submission, triples=Triples(submission.triples.triples | more))


class TestWithdrawing:
    def test_it_leaves_the_union_and_a_record_stays(self, town: Town) -> None:
        with open_store(town.store) as store:
            content_hash = store.graph(CITY_GRAPH).content_hash()
        assert town.withdraw("140500/2021", reason="已由2024年版代替") == 1
        graphs = everything(town.store)
        left = [graph for graph in graphs if "140500" in graph]
        assert left == [GRAPH + "withdrawn/140500/2021"]
        text = """
            SELECT ?when ?who ?why ?hash ?title WHERE {
              <catalogue/140500/2021> prov:invalidatedAtTime ?when ; bps:contentHash ?hash ;
                dct:description ?why ; prov:wasInvalidatedBy/prov:wasAssociatedWith/foaf:name ?who ; dct:title ?title
              FILTER(LANG(?title) = "en") }
        """
        said = ask(town.store, text)
        assert [row[:4] for row in said] == [
            ("2026-03-01T12:00:00Z", "王芳", "已由2024年版代替", content_hash)
        ]
        assert ask(town.store, "SELECT ?p { ?p bps:catalogue <catalogue/140500/2021> }") == []
        assert same_as_rebuilt(town), "a build does not bring it back"

    def test_twice_or_unknown(self, town: Town) -> None:
        town.withdraw("140500/2021")
        before = town.bytes()
        with pytest.raises(Withdrawn, match=r"2026-03-01T12:00:00Z \(entry 1\)"):
            town.withdraw("140500/2021")
        with pytest.raises(UnknownCatalogue):
            town.withdraw("140500/2020")
        assert town.bytes() == before

    def test_accepting_it_again_lifts_it(self, town: Town) -> None:
        town.withdraw("140500/2021")
        done = town.accept(JINCHENG)
        assert isinstance(done, Accepted)
        assert done.entry == 2
        graphs = everything(town.store)
        assert CITY_GRAPH in graphs
        assert GRAPH + "withdrawn/140500/2021" not in graphs

    def test_the_same_content_after_a_withdrawal_is_a_new_acceptance(self, town: Town) -> None:
        town.accept(COUNTY)
        town.withdraw("371323/2021")
        done = town.accept(COUNTY)
        assert isinstance(done, Accepted)
        assert done.entry == 3


class TestBuilding:
    def test_a_broken_journal_stops_it_with_the_number(self, town: Town) -> None:
        town.accept(COUNTY)
        entry = Journal(town.journal).entries()[0].path
        entry.write_bytes(entry.read_bytes().replace(b"2021", b"2020", 1))
        before = town.bytes()
        with pytest.raises(JournalDamaged, match="entry 1 does not hold"):
            build(town.store, town.sources)
        assert town.bytes() == before

    def test_a_lost_journal_stops_it_and_every_change(self, town: Town) -> None:
        town.accept(COUNTY)
        shutil.rmtree(town.journal)
        before = town.bytes()
        with pytest.raises(JournalDamaged, match="entry 1 is missing, and the store holds it"):
            build(town.store, town.sources)
        with pytest.raises(JournalDamaged, match="entry 1 is missing"):
            town.accept(JINCHENG)
        assert town.bytes() == before

    def test_nothing_is_accepted_during_it(self, town: Town) -> None:
        town.accept(COUNTY)

        def accept_meanwhile(step: str, done: int, total: int) -> None:
            if step == "floors and verdicts":
                with pytest.raises(StoreBusy):
                    town.accept(JINCHENG)
                raise InterruptedError

        with pytest.raises(InterruptedError):
            build(town.store, town.sources, accept_meanwhile)

    def test_not_even_the_first_acceptance_comes_between(self, town: Town) -> None:
        def accept_meanwhile(step: str, done: int, total: int) -> None:
            if step == "floors and verdicts":
                town.accept(COUNTY)

        with pytest.raises(StoreBusy, match="in use by pid"):
            build(town.store, town.sources, accept_meanwhile)
        assert isinstance(town.accept(COUNTY), Accepted)


def test_an_entry_that_the_store_has_not_seen_is_applied_by_the_next_change(
    town: Town, tmp_path: Path
) -> None:
    shutil.copytree(town.store, tmp_path / "older")
    town.accept(COUNTY)
    shutil.rmtree(town.store)
    (tmp_path / "older").rename(town.store)
    assert TOWN_GRAPH not in everything(town.store)
    again = town.accept(COUNTY)
    assert isinstance(again, Accepted)
    assert (again.entry, again.report) == (1, None)
    assert TOWN_GRAPH in everything(town.store)


def test_what_was_judged_before_another_changed_the_store_counts_no_more(town: Town) -> None:
    submission, register, library = (
        read(LOCAL / JINCHENG),
        town.register,
        Library(town.sources.root / "queries"),
    )
    shapes, today = ShapesGraph.read(town.sources.shapes()), date(2026, 3, 1)
    town.accept(COUNTY)
    with open_store(town.store) as store:
        for _ in range(2):
            # The first is judged by itself where no plan of a query is kept on this computer.
            register.ready.report(submission, store, shapes, today=today)
        assert register.ready.is_of(store)
    town.accept(amended(submission, "1250.0", "1300.0"))
    register.withdraw(TOWN, by="王芳", at=NOON, reason="")
    with open_store(town.store) as store:
        assert not register.ready.is_of(store)
        report = register.ready.report(submission, store, shapes, today=today)
        alone = validate_submission(submission, store, library, shapes, today=today)
    assert report.verdict_counts() == alone.verdict_counts()
    assert report.findings == alone.findings


def test_a_second_writer_is_said_and_a_reader_goes_on(town: Town) -> None:
    with open_store(town.store, writable=True), pytest.raises(StoreBusy, match="in use by pid"):
        town.accept(COUNTY)
    with open_store(town.store) as reader:
        before = reader.graphs()
        assert isinstance(town.accept(COUNTY), Accepted)
        assert reader.graphs() == before
    assert TOWN_GRAPH in everything(town.store)


@pytest.mark.parametrize("step", ["alter", "commit"])
def test_a_store_that_cannot_be_written_takes_its_entry_back(
    town: Town, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = everything(town.store)

    def full(*_: object) -> None:
        raise StoreUnavailable(town.store, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(EmbeddedStore, step, full)
        with pytest.raises(StoreUnavailable, match="No space left"):
            town.accept(COUNTY)
    assert everything(town.store) == before
    assert Journal(town.journal).entries() == ()
    assert isinstance(town.accept(COUNTY), Accepted)


def test_the_checks_of_the_graph_find_nothing_in_what_is_recorded(town: Town) -> None:
    town.accept(COUNTY)
    town.withdraw("140500/2021", reason="测试")
    recorded = (BASE + "change/", GRAPH + "changes/", GRAPH + "withdrawn/", CITY)
    kept = tuple(GRAPH + kind for kind in ("ontology", "catalogue/", "changes/", "withdrawn/", "agencies"))
    with open_store(town.store) as opened:
        others = tuple(graph for graph in opened.graphs() if not graph.startswith(kept))
        store = opened.copied(without=others)
        assert len(store.graphs()) >= 5
        for file in sorted((town.sources.root / "queries/checks").glob("*.rq")):
            rows = select(store, file.read_text(encoding="utf-8"))
            wrong = [row for row in rows if str(getattr(row["entity"], "value", "")).startswith(recorded)]
            assert wrong == [], file.stem
