"""Editions, catalogues and drafts compared: the real cases, drafts with a known impact, and what must mirror."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.analysis.editions import Comparison, compare
from bpsgraph.analysis.editions.differences import Change, Differences, Kind, Reason, differences
from bpsgraph.analysis.editions.impact import Shortfall
from bpsgraph.analysis.editions.statements import Backing, Basis, Named, Promise, Row, Side
from bpsgraph.answers import Answer
from bpsgraph.answers.text import markdown_table
from bpsgraph.errors import BadParameter, UnknownCatalogue, UnknownEdition
from bpsgraph.ingest import Submission, read
from bpsgraph.library import bundled
from bpsgraph.quantity import Dimension, Fixed, Unit
from bpsgraph.results import Text, Triples
from bpsgraph.store import EmbeddedStore, open_store
from bpsgraph.terms import BASE, BPS
from conftest import Run

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "analysis" / "editions.md"
TODAY = date(2026, 3, 1)
JINCHENG = f"{BASE}catalogue/140500/2021"
SONGMING = f"{BASE}catalogue/530127/2020"
MIRROR = {
    Kind.ADDED: Kind.REMOVED,
    Kind.WIDENED: Kind.NARROWED,
    Kind.RAISED: Kind.LOWERED,
    Kind.GUARANTEE_ADDED: Kind.GUARANTEE_REMOVED,
}
MIRROR |= {value: key for key, value in MIRROR.items()}


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[EmbeddedStore]:
    with open_store(built) as opened:
        yield opened


@pytest.fixture(scope="module")
def editions(store: EmbeddedStore) -> Comparison:
    return compared(store, "2021", "2023", impact=True)


def compared(
    store: EmbeddedStore, a: str, b: str, *, impact: bool = False, draft: Submission | None = None
) -> Comparison:
    def read_file(name: str) -> Submission:
        return draft or read(name)

    return compare(store, bundled(), a, b, today=TODAY, with_impact=impact, read_file=read_file)


def key(iri: str) -> str:
    return iri.rpartition("/")[2]


def short_in(found: Comparison, catalogue: str) -> list[Shortfall]:
    assert found.impact is not None
    return found.impact.of(catalogue)


def values(found: Comparison, catalogue: str) -> list[tuple[int, int]]:
    """What is promised and required wherever the catalogue is below, lowest first."""
    return sorted(
        (int(one.promised or 0), int(one.required or 0))
        for one in short_in(found, catalogue)
        if "below" in one.ways
    )


# --- the real cases of the design ---


def test_what_is_found_stands_beside_what_was_announced(editions: Comparison) -> None:
    found = {
        one.kind.value: (
            one.number,
            len(one.named),
            len(editions.differences.items(one.kind)),
            len(editions.differences.items(one.kind, inferred=True)),
        )
        for one in editions.announced
    }
    assert found == {
        "added": (1, 1, 1, 0),
        "raised": (3, 3, 3, 1),
        "widened": (2, 2, 0, 0),
        "reworded": (41, 2, 0, 0),
        "re-led": (10, 2, 0, 0),
        "renamed": (1, 1, 0, 1),
    }
    assert [key(item) for item in editions.differences.items(Kind.RAISED)] == [
        "compulsory-education-tuition-waiver",
        "family-planning-special-support",
        "rural-student-nutrition-subsidy",
    ]
    assert [key(item) for item in editions.differences.items(Kind.ADDED)] == ["folic-acid-supplementation"]
    assert editions.differences.items(Kind.REMOVED) == []


def test_the_raises_of_2023_have_both_amounts_in_the_canonical_unit(editions: Comparison) -> None:
    raised = {
        (key(c.subject.measure.iri), key(c.subject.segment.iri)): (  # type: ignore[union-attr]
            int(c.before.amount),  # type: ignore[union-attr, arg-type]
            int(c.after.amount),  # type: ignore[union-attr, arg-type]
            int(c.difference or 0),
            c.inferred,
        )
        for c in editions.differences.changes
        if c.kind is Kind.RAISED
    }
    assert len(raised) == 9
    assert raised["operating-funds", "primary-school-students"] == (650, 720, 70, False)
    assert raised["operating-funds", "junior-secondary-students"] == (850, 940, 90, False)
    assert raised["boarding-supplement", "boarding-students"] == (200, 300, 100, True)
    assert raised["meal-subsidy", "nutrition-pilot-rural-students"] == (4, 5, 1, False)
    # 450 and 590 yuan a month.
    assert raised["special-support", "families-bereft-of-only-child"] == (5400, 7080, 1680, False)


def test_a_recalled_cell_is_never_compared(editions: Comparison) -> None:
    for change in editions.differences.changes:
        for side in (change.before, change.after):
            assert side is None or side.backing.basis is not Basis.RECALLED
    recalled = [one for one in editions.differences.not_compared if one.reason is Reason.RECALLED]
    assert recalled
    for one in recalled:
        assert Basis.RECALLED in {side.backing.basis for side in (one.before, one.after) if side}


def test_jincheng_falls_short_of_2023_in_four_values_that_its_education_bureau_leads(
    editions: Comparison,
) -> None:
    short = short_in(editions, JINCHENG)
    assert values(editions, JINCHENG) == [(4, 5), (200, 300), (650, 720), (850, 940)]
    assert not any(one.already for one in short)
    assert {lead.agency.name.zh for one in short for lead in one.leads} == {"晋城市教育局"}
    assert {body.name.zh for one in short for lead in one.leads for body in lead.counterparts} == {
        "中华人民共和国教育部"
    }
    assert sorted(one.rise for one in short if one.rise) == [1, 70, 90, 100]
    assert editions.impact is not None
    [jincheng] = [one for one in editions.impact.locals if one.catalogue == JINCHENG]
    assert jincheng.cites_former


@pytest.mark.parametrize(
    ("day", "expected", "narrower"),
    [
        ("2021-11-02", [(4, 5)], 0),
        ("2024-06-01", [(4, 5), (200, 300), (650, 720), (850, 940), (1000, 1250), (1250, 1500)], 0),
        (
            "2025-06-01",
            [
                *[(4, 5), (200, 300), (650, 720), (850, 940), (1000, 1250), (1250, 1500)],
                *[(2000, 2300), (2000, 2300), (6000, 7000)],
            ],
            1,
        ),
    ],
)
def test_on_a_day_the_amendments_count_too(
    store: EmbeddedStore, day: str, expected: list[tuple[int, int]], narrower: int
) -> None:
    found = compared(store, "2021", day, impact=True)
    assert values(found, JINCHENG) == expected
    assert sum("narrower" in one.ways for one in short_in(found, JINCHENG)) == narrower


def test_a_percentage_follows_the_raise_and_a_fixed_figure_does_not(store: EmbeddedStore) -> None:
    found = compared(store, "2023", "2024-06-01", impact=True)
    assert found.impact is not None
    assert [(one.catalogue, key(one.segment.iri), int(one.percent)) for one in found.impact.followers] == [
        (JINCHENG, "day-junior-students-in-financial-difficulty", 50),
        (JINCHENG, "day-primary-students-in-financial-difficulty", 50),
    ]
    assert values(found, SONGMING) == [(500, 625), (625, 750), (1000, 1250), (1250, 1500)]
    assert all(not one.leads for one in short_in(found, SONGMING))
    already = {(int(one.promised or 0), one.already) for one in short_in(found, JINCHENG)}
    assert already == {(4, True), (200, True), (650, True), (850, True), (1000, False), (1250, False)}


def test_two_local_catalogues_compare_in_the_same_way(store: EmbeddedStore) -> None:
    found = compared(store, "140500/2021", "530127/2020").differences
    changed = {(c.kind, key(c.subject.segment.iri)) for c in found.changes if c.subject.segment}
    assert (Kind.KIND_CHANGED, "day-primary-students-in-financial-difficulty") in changed
    assert not found.items(Kind.RAISED)
    assert not found.items(Kind.REMOVED)
    assert found.unlisted == 12
    with pytest.raises(BadParameter, match="two places"):
        compared(store, "140500/2021", "530127/2020", impact=True)


# --- what must hold of any two sides ---


@pytest.mark.parametrize("one", ["2021", "2023", "current", "140500/2021", "310000/2024"])
def test_nothing_differs_from_itself(store: EmbeddedStore, one: str) -> None:
    assert compared(store, one, one).differences.changes == ()


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("2021", "2023"),
        ("2023", "2025-06-01"),
        ("140500/2021", "530127/2020"),
        ("500000/2021", "500000/2024"),
    ],
)
def test_the_way_back_mirrors_the_way_there(store: EmbeddedStore, a: str, b: str) -> None:
    there, back = compared(store, a, b).differences, compared(store, b, a).differences
    assert seen(there) == seen(back, mirrored=True)
    assert there.unlisted == back.unlisted


def seen(found: Differences, *, mirrored: bool = False) -> list[str]:
    def one(change: Change) -> str:
        kind, sides, gap = change.kind, [change.before, change.after], change.difference
        if mirrored:
            kind, sides, gap = MIRROR.get(kind, kind), sides[::-1], None if gap is None else -gap
        subject = change.subject
        words = [side.words.zh if side else None for side in sides]
        amounts = [side.amount if side else None for side in sides]
        return repr((kind.value, subject.item.iri, subject.cell.zh, words, amounts, gap, change.inferred))

    return sorted(one(change) for change in found.changes)


YUAN = Unit("yuan", Dimension("money"), Fraction(1))
SURE, UNSURE = Backing(Basis.WORDS, "verbatim"), Backing(Basis.RECALLED, "recalled")


def made_up(figures: dict[str, int], backing: Backing = SURE) -> Side:
    """A complete side with one promise of so many yuan for each item."""
    name = Text("", "")
    rows = {
        item: Row(
            Named(item, name),
            SURE,
            (),
            (
                Promise(
                    f"guarantee/{item}",
                    Named("measure", name),
                    Named("segment", name),
                    Named("kind/fixed", name),
                    "more",
                    f"{figure}元",
                    Fixed(Fraction(figure), YUAN),
                    name,
                    backing,
                ),
            ),
        )
        for item, figure in figures.items()
    }
    return Side("made up", name, "place", name, "catalogue", complete=True, rows=rows)


@pytest.mark.parametrize("seed", range(20))
def test_planted_changes_are_found_and_no_others(seed: int) -> None:
    chance = Random(seed)
    items = [f"item/{number}" for number in range(60)]
    figures = {item: chance.randrange(100, 2000) for item in items}
    raised, lowered, removed = (set(chance.sample(items, 12)) for _ in range(3))
    lowered -= raised
    after = {
        item: figure + chance.randrange(1, 90) * ((item in raised) - (item in lowered))
        for item, figure in figures.items()
        if item not in removed
    } | {"item/new": 5}
    found = differences(made_up(figures), made_up(after), lambda narrow, wide: narrow == wide)
    assert set(found.items(Kind.RAISED)) == raised - removed
    assert set(found.items(Kind.LOWERED)) == lowered - removed
    assert set(found.items(Kind.REMOVED)) == removed
    assert found.items(Kind.ADDED) == ["item/new"]
    assert len(found.changes) == len(raised - removed) + len(lowered - removed) + len(removed) + 1
    for change in found.changes:
        if change.kind in (Kind.RAISED, Kind.LOWERED):
            assert change.difference == after[change.subject.item.iri] - figures[change.subject.item.iri]


def test_figures_that_are_recalled_differ_in_nothing() -> None:
    figures = {"item/1": 100, "item/2": 200}
    doubled = {item: 2 * figure for item, figure in figures.items()}
    found = differences(made_up(figures), made_up(doubled, UNSURE), lambda narrow, wide: narrow == wide)
    assert found.changes == ()
    assert [one.reason for one in found.not_compared] == [Reason.RECALLED] * 2


# --- drafts ---

DRAFT = """
@base <https://w3id.org/bps/id/> .
@prefix bps: <https://w3id.org/bps/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .

<catalogue/100000/draft> a bps:NationalBaseline ; dct:title "征求意见稿"@zh, "Draft"@en ; bps:edition "draft" ;
  bps:extent <extent/excerpt> ; bps:jurisdiction <jurisdiction/100000> ; bps:verification <verification/verbatim> .
<provision/100000/draft/school> a bps:Provision ; bps:catalogue <catalogue/100000/draft> ; bps:item <item/{item}> ;
  bps:guarantee <guarantee/100000/draft/school> .
<guarantee/100000/draft/school> a bps:Guarantee ; bps:measure <measure/{measure}> ; bps:segment <segment/{segment}> ;
  bps:kind <kind/fixed> ; bps:statedAs "{value}元"@zh ; bps:unit <unit/yuan-per-student-year> ; bps:value {value} .
"""


def test_a_planned_rise_is_assessed_before_it_is_made(store: EmbeddedStore, tmp_path: Path) -> None:
    """800 for a pupil: 晋城 promises 650, met in 2021, so that it must rise by 150; nobody else states one."""
    draft = tmp_path / "draft.ttl"
    words = {
        "item": "compulsory-education-tuition-waiver",
        "measure": "operating-funds",
        "segment": "primary-school-students",
        "value": "800.0",
    }
    draft.write_text(DRAFT.format(**words), encoding="utf-8")
    before = [(graph, len(store.graph(graph))) for graph in store.graphs()]
    found = compared(store, "2021", str(draft), impact=True)
    assert found.impact is not None
    [change] = found.differences.changes
    assert change.kind is Kind.RAISED
    assert change.difference == 150
    [short] = [one for one in found.impact.shortfalls if one.counts]
    assert short.catalogue == JINCHENG
    assert [str(number) for number in (short.promised, short.required, short.rise)] == ["650", "800", "150"]
    assert not short.already
    assert short.central_share == 60
    assert [lead.agency.name.en for lead in short.leads] == ["Education Bureau of Jincheng"]
    assert [(graph, len(store.graph(graph))) for graph in store.graphs()] == before


def test_what_is_a_percentage_of_a_planned_figure_moves_with_it(store: EmbeddedStore, tmp_path: Path) -> None:
    """1600 for a boarder makes 800 for a day pupil: 嵩明's fixed 500 falls short, 晋城's 50 % does not."""
    draft = tmp_path / "draft.ttl"
    words = {
        "item": "compulsory-education-living-subsidy",
        "measure": "living-subsidy",
        "segment": "boarding-primary-students-in-financial-difficulty",
        "value": "1600.0",
    }
    draft.write_text(DRAFT.format(**words), encoding="utf-8")
    found = compared(store, "2023", str(draft), impact=True)
    assert found.impact is not None
    assert values(found, SONGMING) == [(500, 800), (1000, 1600)]
    assert values(found, JINCHENG) == [(1000, 1600)]
    assert [(one.catalogue, key(one.segment.iri)) for one in found.impact.followers] == [
        (JINCHENG, "day-primary-students-in-financial-difficulty")
    ]


def test_a_copy_of_an_edition_with_one_figure_raised_is_that_edition_raised(store: EmbeddedStore) -> None:
    submission = read(ROOT / "data/ttl/national/2023.ttl")
    figure = NamedNode(BPS + "value")
    raised = {
        replaced(t, "5.5") if t.predicate == figure and "meal-subsidy" in str(t.subject) else t
        for t in submission.triples
    }
    draft = replace(submission, triples=Triples(frozenset(raised)))
    found = compared(store, "2023", "draft.ttl", impact=True, draft=draft)
    [change] = found.differences.changes
    assert (change.kind, change.difference) == (Kind.RAISED, Fraction(1, 2))
    meals = [one for one in short_in(found, JINCHENG) if one.required == Fraction(11, 2)]
    assert [str(one.promised) for one in meals] == ["4"]
    assert [str(one.rise) for one in meals] == ["3/2"]
    assert len(short_in(found, JINCHENG)) == 4


def replaced(triple: Triple, value: str) -> Triple:
    assert isinstance(triple.object, Literal)
    return Triple(triple.subject, triple.predicate, Literal(value, datatype=triple.object.datatype))


def test_a_workbook_is_a_draft_too(run: Run, tmp_path: Path) -> None:
    assert run("convert", ROOT / "data/ttl/local/140500-2021.ttl", "-o", "next.xlsx").returncode == 0
    done = run("diff", "140500/2021", "next.xlsx", "--format", "csv", "--lang", "zh")
    assert done.returncode == 0, done.stderr
    assert [line for line in done.stdout.splitlines()[1:] if ",raised," in line or "lowered" in line] == []


# --- the command and its page ---


@pytest.mark.parametrize(
    ("a", "b", "error"),
    [
        ("2021", "2032", UnknownEdition),
        ("140500/2021", "140500/2020", UnknownCatalogue),
        ("2021", "2024-13-01", BadParameter),
        ("2021", "1800-01-01", BadParameter),
        ("1800-01-01", "2021", BadParameter),
    ],
)
def test_what_is_not_there_is_said(store: EmbeddedStore, a: str, b: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        compared(store, a, b)


def table(answer: Answer, columns: str) -> str:
    return markdown_table(replace(answer.only(columns.split(",")), notes=()), "en").strip()


def test_the_figures_on_the_page_are_those_of_the_command(editions: Comparison) -> None:
    page = PAGE.read_text(encoding="utf-8")
    tables = {one.name: one for one in editions.answer().all()}
    summary = "difference_en,announced,named,found,named_found,inferred,cells,verification"
    raised = "difference_en,item_en,segment_en,before_amount,after_amount,change,unit_en,basis_en"
    assert table(tables["diff/summary"], summary) in page
    assert table(tables["diff"], raised) in page
    [jincheng] = {row["jurisdiction"] for row in tables["diff/agencies"].rows if row["agency"]}
    values = tables["diff/values"]
    ours = tuple(row for row in values.rows.rows if row[0] == jincheng)
    assert len(ours) == 4
    columns = "measure_en,segment_en,promise_amount,floor_amount,rise,unit_en,central_share,verification"
    kept = replace(values, rows=replace(values.rows, rows=ours))
    assert table(kept, columns) in page
    agencies = "jurisdiction_en,agency_en,counterpart_en,newly_short,already_short,items"
    assert table(tables["diff/agencies"], agencies) in page
    for note in editions.answer().notes:
        assert note.en in page
