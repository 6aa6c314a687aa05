"""What people call things leads to their IRIs, however it is typed."""

from pathlib import Path

import pytest

from bpsgraph.ingest.names import Names, folded
from bpsgraph.results import Rows, Triples
from bpsgraph.store import open_store
from bpsgraph.terms import BASE, expand
from bpsgraph.vocabulary import names_of


@pytest.mark.parametrize(
    ("kind", "text", "iri"),
    [
        ("item", "义务教育阶段免除学杂费", "item/compulsory-education-tuition-waiver"),
        ("item", "義務教育階段免除學雜費", "item/compulsory-education-tuition-waiver"),
        ("item", " 义务教育 阶段免除学杂费。", "item/compulsory-education-tuition-waiver"),
        ("item", "贫困地区学生营养膳食补助", "item/rural-student-nutrition-subsidy"),
        ("unit", "元／生•年", "unit/yuan-per-student-year"),
        ("delegate", "县(市、区)人民政府", "delegate/county-governments"),
        ("agency", "教育部", "agency/100000/moe"),
        (
            "document",
            "《国务院关于建立统一的城乡居民基本养老保险制度的意见》",
            "document/resident-pension-opinions",
        ),
        ("document", "ＧＢ/T 43507—2023", "standard/GB-T-43507-2023"),
        ("document", "晋市政办函[2021]45号", "document/jincheng-2021-45"),
        ("jurisdiction", "晋城市", "jurisdiction/140500"),
        ("jurisdiction", "140500", "jurisdiction/140500"),
        ("segment", "初中寄宿生", "segment/boarding-junior-secondary-students"),
        ("measure", "全年开放天数", "measure/annual-opening-days"),
        ("kind", "按文件执行", "kind/byReference"),
        ("extent", "节选", "extent/excerpt"),
        ("domain", "学有所教", "domain/2"),
    ],
)
def test_a_name_leads_to_its_thing(names: Names, kind: str, text: str, iri: str) -> None:
    assert names.find(kind, text) == (expand(iri),)


def test_names_that_nothing_or_several_things_bear(names: Names) -> None:
    assert names.find("item", "义务教育免学费") == ()
    assert names.find("item", "") == ()
    assert names.find("no such kind", "完整") == ()
    assert len(names.find("jurisdiction", "市辖区")) != 1


def test_near_names_are_offered(names: Names) -> None:
    assert names.near("item", "义务教育阶段免学杂费")[0] == "义务教育阶段免除学杂费"
    assert len(names.near("item", "义务教育", limit=2)) == 2
    assert names.near("item", "量子力学") == []


def test_everything_in_the_vocabulary_can_be_written_and_found_again(names: Names) -> None:
    for kind in (
        "item",
        "measure",
        "segment",
        "unit",
        "agency",
        "document",
        "clause",
        "catalogue",
        "delegate",
    ):
        labels = names.labels(kind)
        assert labels, kind
        for iri in labels:
            written = names.written(iri)
            assert (names.find(kind, written) == (iri,)) or expand(written) == iri
    assert names.label(BASE + "item/no-such-item") == "item/no-such-item"
    assert (
        names.label(BASE + "document/public-services-plan-14th/3-1")
        != "document/public-services-plan-14th/3-1"
    )


def test_the_promises_that_the_state_makes_for_an_item(names: Names) -> None:
    expected = names.expected(BASE + "item/senior-high-national-grant")
    assert {short.kind for short in expected} == {BASE + "kind/range"}
    assert {short.unit for short in expected} == {BASE + "unit/yuan-per-student-year"}
    assert any("1000" in short.words for short in expected)
    assert names.expected(BASE + "item/no-such-item") == ()


def test_only_what_is_asked_for_is_read(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_store(built) as store:
        asked: list[str] = []
        query = store.query

        def counted(text: str) -> Rows | bool | Triples:
            asked.append(text)
            return query(text)

        monkeypatch.setattr(store, "query", counted)
        names = names_of(store)
        assert asked == []
        assert names.label(BASE + "jurisdiction/140500") == "晋城市"
        assert names.find("unit", "元/生·年")
        assert names.find("unit", "元/人·年")
        assert len(asked) == 2


def test_what_folding_leaves_alone() -> None:
    assert folded("１，２５０元") == "1,250元"
    assert folded("65—70岁") == folded("65-70岁") != folded("6570岁")
    assert folded("一般") == "一般"
