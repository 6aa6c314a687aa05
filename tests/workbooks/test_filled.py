"""From triples to a workbook and back: nothing is lost, and nothing is added."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import MalformedFile
from bpsgraph.formats import FORMATS
from bpsgraph.generator import generate
from bpsgraph.ingest import parse
from bpsgraph.ingest.delimited import read_delimited
from bpsgraph.ingest.names import Names
from bpsgraph.ingest.table import read_table
from bpsgraph.ingest.workbook import read_workbook
from bpsgraph.sources import find_sources
from bpsgraph.terms import BASE, BPS, RDFS, XSD
from bpsgraph.workbooks.draft import book_of
from bpsgraph.workbooks.files import to_bytes
from bpsgraph.workbooks.filled import draft_of, normalised

ROOT = find_sources().root
LOCAL = sorted((ROOT / "data/ttl/local").glob("*.ttl"))


def triples_in(path: Path) -> frozenset[Triple]:
    return parse(path.read_bytes(), str(path), FORMATS["turtle"]).triples


def through(form: str, triples: frozenset[Triple], names: Names) -> frozenset[Triple]:
    """The triples after a way through a file of that form."""
    draft = draft_of(triples, "c", names)
    if form == "xlsx":
        book = read_workbook(to_bytes(draft, "xlsx", {}), "c.xlsx")
    else:
        book = read_delimited(to_bytes(draft, "csv", {}, form), "c.csv")
    return read_table(book, names).triples.triples


@pytest.mark.parametrize("path", LOCAL, ids=lambda path: path.stem)
def test_every_bundled_catalogue_comes_back_from_cells(names: Names, path: Path) -> None:
    wanted = normalised(triples_in(path))
    draft = draft_of(wanted, path.name, names)
    sheets: dict[str | None, Any] = {layout.title.zh: lines for layout, lines in draft.sheets()}
    for book in (book_of("c", sheets), book_of("c", {None: draft.flat()})):
        assert read_table(book, names).triples.triples == wanted


@pytest.mark.parametrize("form", ["xlsx", "gb18030", "utf-8-sig", "utf-8"])
@pytest.mark.parametrize("name", ["140500-2021", "341722-2021"])
def test_files_give_back_the_triples(names: Names, form: str, name: str) -> None:
    triples = triples_in(ROOT / f"data/ttl/local/{name}.ttl")
    assert through(form, triples, names) == normalised(triples)


def test_what_a_workbook_has_columns_for_stands_in_them(names: Names) -> None:
    draft = draft_of(triples_in(ROOT / "data/ttl/local/140500-2021.ttl"), "c", names)
    assert draft.rows["statements"] == []
    assert len(draft.rows["provisions"]) == 13
    grant = next(row for row in draft.rows["guarantees"] if row["item"] == "普通高中国家助学金")
    assert (grant["kind"], str(grant["value"]), str(grant["lower"])) == ("区间", "2000", "1000")


@pytest.fixture(scope="module")
def counties(tmp_path_factory: pytest.TempPathFactory) -> list[frozenset[Triple]]:
    """Generated counties, each with one fault of every kind."""
    made = []
    for seed in (1, 2):
        folder = tmp_path_factory.mktemp("county")
        made += [triples_in(path) for path, _ in generate(ROOT / "data/ttl", folder, "county", seed=seed)]
    return made


@pytest.mark.parametrize("form", ["xlsx", "gb18030"])
def test_generated_counties_come_back(names: Names, counties: list[frozenset[Triple]], form: str) -> None:
    for triples in counties:
        assert through(form, triples, names) == normalised(triples)


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12
) | st.sampled_from(["=1+1", "-5", '"引号"', " 两端空格 ", "一行\n两行", "、；", "1250", "@x", "item/x"])


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 10**6), texts=st.lists(WORDS, min_size=1, max_size=4), edits=st.integers(1, 8))
def test_edited_catalogues_come_back(names: Names, seed: int, texts: list[str], edits: int) -> None:
    rng = Random(seed)
    triples = sorted(triples_in(ROOT / "data/ttl/local/140500-2021.ttl"), key=str)
    iris = sorted({t.object.value for t in triples if isinstance(t.object, NamedNode)})
    for _ in range(edits):
        at = rng.randrange(len(triples))
        old = triples[at]
        text = rng.choice(texts)
        choices: list[Literal | NamedNode] = [
            Literal(text, language=rng.choice(["zh", "en", "zh-hant"])),
            Literal(text),
            Literal(
                str(rng.randrange(-5, 10**18)),
                datatype=NamedNode(XSD + rng.choice(["decimal", "integer"])),
            ),
            Literal("2024-02-30", datatype=NamedNode(XSD + "date")),
            NamedNode(rng.choice(iris)),
            NamedNode(BASE + "segment/no-such-people"),
        ]
        changed = rng.choice(choices)
        if old.predicate.value in (BPS + "jurisdiction", BPS + "edition") or "#type" in old.predicate.value:
            triples.append(Triple(old.subject, NamedNode(RDFS + "comment"), Literal(text, language="zh")))
        elif rng.random() < 0.5:
            triples[at] = Triple(old.subject, old.predicate, changed)
        else:
            triples.append(Triple(old.subject, old.predicate, changed))
    wanted = normalised(triples)
    draft = draft_of(wanted, "c", names)
    sheets: dict[str | None, Any] = {layout.title.zh: lines for layout, lines in draft.sheets()}
    for book in (book_of("c", sheets), book_of("c", {None: draft.flat()})):
        assert read_table(book, names).triples.triples == wanted


def test_what_cells_would_say_beside_is_stated_elsewhere(names: Names) -> None:
    extent = NamedNode(BPS + "extent")
    triples = {t for t in triples_in(ROOT / "data/ttl/local/341722-2021.ttl") if t.predicate != extent}
    assert any("节选" in str(triple.object) for triple in triples)
    for form in ("xlsx", "gb18030"):
        assert through(form, frozenset(triples), names) == normalised(triples)


def test_a_workbook_holds_one_catalogue(names: Names) -> None:
    with pytest.raises(MalformedFile, match="a workbook holds one catalogue"):
        draft_of(triples_in(ROOT / "data/ttl/groups.ttl"), "c", names)
