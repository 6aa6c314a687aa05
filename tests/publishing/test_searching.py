"""What is found by which spelling, in which order, and how soon."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from time import perf_counter

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.library.answers import bundled
from bpsgraph.publishing.searching import Hit, Index, Kind, Match, index_of, names
from bpsgraph.publishing.searching.folding import compact, folded, pieces
from bpsgraph.publishing.searching.index import LONGEST_QUERY
from bpsgraph.publishing.searching.tables import Entry, Tables
from bpsgraph.results import Text
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.store.embedded import building
from bpsgraph.terms import BASE, BPS, PREFIXES

ITEM, PLACE = Kind("item", Text("服务事项", "service items")), Kind("place", Text("行政区", "places"))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "store.names"


@pytest.fixture(scope="module")
def index(built: Path, kept: Path) -> Index:
    with open_store(built) as store:
        return index_of(store, bundled(), find_sources().shapes(), kept)


@pytest.fixture(scope="module")
def small() -> Index:
    names = {
        "item/aid": (ITEM, "法律援助", "Legal aid", "legal-aid"),
        "item/aid-law": (ITEM, "中华人民共和国法律援助法", "Legal Aid Law", "K-12"),
        "item/meals": (ITEM, "营养膳食补助", "Meal subsidy", "140500-meals"),
        "place/140500": (PLACE, "晋城市", "Jincheng", "140500"),
        "place/1": (PLACE, "援助市", "Help", "140501"),
    }
    return Index.of(
        [
            Entry(iri, kind, Text(zh, en), ((zh, "label"), (en, "label"), (code, "code")))
            for iri, (kind, zh, en, code) in names.items()
        ],
        [ITEM, PLACE],
    )


def test_the_index_is_kept_until_what_it_is_made_of_changes(built: Path, index: Index, kept: Path) -> None:
    asked = ("救助", "GB/T 43507", "legel aid", "市", "義務教育寄宿生活跃分子", "baseline-below")
    written, shapes = kept.stat().st_mtime_ns, find_sources().shapes()
    with open_store(built) as store:
        again = index_of(store, bundled(), shapes, kept)
        assert kept.stat().st_mtime_ns == written
        # Where nothing can be written, it is made in memory.
        in_memory = index_of(store, bundled(), shapes, kept.parent / "none" / "store.names")
    for text in asked:
        assert again.search(text) == in_memory.search(text) == index.search(text)
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


def test_a_file_that_is_not_the_index_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "store.names"
    assert Tables.kept(file, "one") is None
    Tables.of([], [], file, "one")
    assert Tables.kept(file, "one") is not None
    assert Tables.kept(file, "two") is None
    file.write_bytes(file.read_bytes()[:5000])
    assert Tables.kept(file, "one") is None
    file.write_bytes(b"no table at all")
    assert Tables.kept(file, "one") is None


@pytest.fixture
def little(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the names of one thing."""
    folder = tmp_path_factory.mktemp("little") / "store"
    item = NamedNode(BASE + "item/legal-aid")
    named = Triple(item, NamedNode(PREFIXES["skos"] + "prefLabel"), Literal("法律援助", language="zh"))
    kind = Triple(item, NamedNode(PREFIXES["rdf"] + "type"), NamedNode(BPS + "ServiceItem"))
    with building(folder, "sha256:none") as store:
        store.replace_graph(BASE + "graph/items", [kind, named])
    return folder


def kept_of(store: Path, file: Path) -> Index:
    with open_store(store) as opened:
        index = index_of(opened, bundled(), (), file)
    assert found(index, "法律援助") == [BASE + "item/legal-aid"]
    return index


def test_an_index_that_lost_pages_is_made_again(little: Path, tmp_path: Path) -> None:
    file = tmp_path / "store.names"
    kept_of(little, file)
    whole = file.read_bytes()
    file.write_bytes(whole[:8192] + bytes(len(whole) - 8192))
    kept_of(little, file)
    assert file.read_bytes() == whole


def test_a_page_that_is_lost_while_one_searches_changes_no_answer(
    built: Path, index: Index, kept: Path, tmp_path: Path
) -> None:
    whole, file = kept.read_bytes(), tmp_path / "store.names"
    asked = ("救助", "GB/T 43507", "legel aid", "市", "義務教育寄宿生活跃分子")
    # From a page in the middle on: the names themselves are there, while parts of the full-text index are not.
    file.write_bytes(whole[: len(whole) // 8192 * 4096] + bytes(len(whole) - len(whole) // 8192 * 4096))
    with open_store(built) as store:
        damaged = index_of(store, bundled(), find_sources().shapes(), file)
        assert [damaged.search(text) for text in asked] == [index.search(text) for text in asked]
    assert file.read_bytes()[100:] == whole[100:]


def test_what_is_no_file_is_left_alone(little: Path, tmp_path: Path) -> None:
    file, pipe, folder, link = (tmp_path / name for name in ("file", "pipe", "folder", "link"))
    kept_of(little, file)
    os.mkfifo(pipe)
    folder.mkdir()
    link.symlink_to(file)
    asked: list[Path] = []

    def ask() -> None:
        for place in (pipe, folder, link):
            kept_of(little, place)
            asked.append(place)

    asking = Thread(target=ask, daemon=True)
    asking.start()
    asking.join(20)
    if late := asking.is_alive():
        # Let go of whoever waits for a writer.
        os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
        asking.join()
    assert not late
    assert asked == [pipe, folder, link]
    assert stat.S_ISFIFO(pipe.lstat().st_mode)
    assert folder.is_dir()
    assert link.is_symlink()
    assert {path.name for path in tmp_path.iterdir()} == {"file", "pipe", "folder", "link"}


def test_drafts_of_those_who_were_ended_are_taken_away(little: Path, tmp_path: Path) -> None:
    file = tmp_path / "a[b]*.names"
    left = [file.with_name(f"{file.name}.{number}.draft") for number in (7, 4711)]
    others = {file.with_name("ab.names.7.draft"), file.with_name(f"{file.name}.notes")}
    for path in (*left, *others):
        path.write_text("half")
    kept_of(little, file)
    assert set(tmp_path.iterdir()) == {file, *others}


def test_whoever_loses_a_draft_to_another_has_it_in_memory(
    little: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, drafts = tmp_path / "store.names", list[Path]()

    def while_it_is_written(draft: Path) -> None:
        drafts.append(draft)
        if len(drafts) == 1:
            kept_of(little, file)

    monkeypatch.setattr(names, "make_durable", while_it_is_written)
    kept_of(little, file)
    assert list(tmp_path.iterdir()) == [file]
    # That of the other is whole, and is read.
    written = file.stat().st_mtime_ns
    kept_of(little, file)
    assert file.stat().st_mtime_ns == written
    assert len({path for path in drafts if path.suffix == ".draft"}) == 2
    assert tmp_path in drafts


def found(index: Index, text: str, *kinds: str) -> list[str]:
    return [hit.iri for hit in index.search(text, kinds=kinds).hits]


@pytest.mark.parametrize(
    ("typed", "iri"),
    [
        ("营养餐", BASE + "item/rural-student-nutrition-subsidy"),
        ("營養餐", BASE + "item/rural-student-nutrition-subsidy"),
        ("贫困地区学生营养膳食补助", BASE + "item/rural-student-nutrition-subsidy"),
        ("140500", BASE + "jurisdiction/140500"),
        ("１４０５００", BASE + "jurisdiction/140500"),
        ("晋城", BASE + "jurisdiction/140500"),
        ("晉城市", BASE + "jurisdiction/140500"),
        ("legal-aid", BASE + "item/legal-aid"),
        ("legal aid", BASE + "item/legal-aid"),
        ("LEGAL  AID", BASE + "item/legal-aid"),
        ("法律援助", BASE + "item/legal-aid"),
        ("中办发〔2018〕55号", BASE + "document/zhongbanfa-2018-55"),
        ("中办发[2018]55号", BASE + "document/zhongbanfa-2018-55"),
        ("中办发（2018）55", BASE + "document/zhongbanfa-2018-55"),
        ("GB/T 43507", BASE + "standard/GB-T-43507-2023"),
        ("GB/T 43507—2023", BASE + "standard/GB-T-43507-2023"),
        ("gbt43507", BASE + "standard/GB-T-43507-2023"),
        ("43507", BASE + "standard/GB-T-43507-2023"),
        ("140500/2021", BASE + "catalogue/140500/2021"),
        ("市交通運輸局", BASE + "agency/321200/transport-bureau"),
        ("baseline-below", PREFIXES["bpsh"] + "baseline-below"),
        ("ServiceItem", BPS + "ServiceItem"),
        ("legel aid", BASE + "item/legal-aid"),
    ],
)
def test_it_is_the_first_that_is_found(index: Index, typed: str, iri: str) -> None:
    assert index.search(typed).hits[0].iri == iri


def test_every_kind_is_found(index: Index) -> None:
    for kind in index.kinds:
        of_kind = "SELECT iri, name FROM name JOIN thing ON thing.id = thing WHERE name.kind = ? LIMIT 1"
        [(iri, name)] = index._tables.rows(of_kind, index.kinds.index(kind))
        assert iri in found(index, str(name), kind.key)


def test_a_hit_says_which_name_answers(index: Index) -> None:
    [hit] = index.search("营养餐", kinds=["item"]).hits
    assert (hit.label.zh, hit.matched, hit.role) == ("农村义务教育学生营养膳食补助", "营养餐", "other")
    assert hit.match is Match.EXACT
    assert index.search("中办发[2018]55号").hits[0].matched == "中办发〔2018〕55号"


def test_the_better_match_comes_first(small: Index) -> None:
    hits = small.search("法律援助").hits
    assert [(hit.iri, hit.match) for hit in hits] == [
        ("item/aid", Match.EXACT),
        ("item/aid-law", Match.WITHIN),
    ]
    assert [hit.match for hit in small.search("援助").hits] == [Match.PREFIX, Match.WITHIN, Match.WITHIN]
    assert [hit.match for hit in small.search("援助 法律").hits[:2]] == [Match.ALL, Match.ALL]
    assert small.search("law aid").hits[0].match is Match.ALL
    assert small.search("law aid").hits[0].iri == "item/aid-law"


def test_kinds_are_counted_whichever_is_asked_for(small: Index) -> None:
    everything = small.search("1405")
    assert everything.facets == ((ITEM, 1), (PLACE, 2))
    places = small.search("1405", kinds=["place"])
    assert places.facets == everything.facets
    assert (places.total, {hit.kind for hit in places.hits}) == (2, {PLACE})
    assert found(small, "1405", "item", "place") == found(small, "1405")
    assert found(small, "1405", "other") == []


def test_pages_follow_one_another(index: Index) -> None:
    whole = index.search("市").hits
    assert index.search("市").total == len(whole) > 500
    assert index.search("市", first=20, most=20).hits == whole[20:40]
    assert index.search("市", first=len(whole)).hits == ()
    assert len({hit.iri for hit in whole}) == len(whole)


@pytest.mark.parametrize("typed", ["", "   ", "()", "……", "〔〕", "\x00", "\ud800"])
def test_nothing_typed_finds_nothing(index: Index, typed: str) -> None:
    answer = index.search(typed)
    assert (answer.hits, answer.total, answer.facets, answer.nearest) == ((), 0, (), ())
    assert index.suggest(typed) == ()


def test_what_nobody_is_called_is_not_found(index: Index) -> None:
    assert index.search("zzzzzz").total == 0
    assert index.search("9" * 5 + "x").nearest == ()


def test_where_nothing_answers_something_near_is_named(index: Index) -> None:
    answer = index.search("義務教育寄宿生活跃分子")
    assert answer.total == 0
    assert 0 < len(answer.nearest) <= 5
    assert any("义务教育" in hit.label.zh for hit in answer.nearest)


def test_a_slip_is_no_full_match(small: Index) -> None:
    answer = small.search("legel aid")
    assert answer.hits[0].iri == "item/aid"
    assert {hit.match for hit in answer.hits} == {Match.SOME}
    # Another number is another thing.
    assert small.search("140509").total == 0


def test_a_long_text_is_cut(index: Index) -> None:
    head = "法律援助" + "x" * (LONGEST_QUERY - 4)
    assert index.search(head + "y" * 100_000) == index.search(head)


def test_suggestions_complete_what_is_typed(index: Index) -> None:
    def names(typed: str) -> list[Hit]:
        return list(index.suggest(typed, 5))

    assert all(hit.matched.startswith("晋") for hit in names("晋"))
    assert names("legal a")[0].iri == BASE + "item/legal-aid"
    assert names("aid legal")[0].iri == BASE + "item/legal-aid"
    assert len(names("市")) == 5
    assert names("zzzz") == []


def test_an_answer_comes_within_milliseconds(index: Index) -> None:
    for typed in ("营养餐", "GB/T 43507", "140500", "legal aid", "市", "a", "义务教育学校营养改善计划补助"):
        spent = []
        for _ in range(5):
            begun = perf_counter()
            index.search(typed, most=20)
            spent.append(perf_counter() - begun)
        # Measured below 5 ms; other tests run beside this one.
        assert min(spent) < 0.1, typed


def test_what_makes_no_difference_is_taken_away() -> None:
    texts = ["GB/T 43507—2023", "ＧＢ／Ｔ　43507-2023", "營養餐", "中办发〔2018〕55号", "a\nb", ""]
    assert compact(folded(texts)) == [
        "gbt435072023",
        "gbt435072023",
        "营养餐",
        "中办发201855号",
        "ab",
        "",
    ]
    assert list(_pieces("Legal aid 法律援助 3个")) == ["legal", "aid", "法律", "律援", "援助", "3", "个"]


def _pieces(text: str) -> Iterator[str]:
    yield from pieces(folded([text])[0])
