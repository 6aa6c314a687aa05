"""From a table of figures into the store and out of it again, and what is said on the way."""

import csv
import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from bpsgraph.building import build
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.results import Triples
from bpsgraph.store import open_store
from bpsgraph.terms import GRAPH
from conftest import Run
from small_world import Town

Bpsgraph = Callable[..., "subprocess.CompletedProcess[str]"]
FIGURES = "指标,行政区,时期,数值\nnurses-per-thousand,140500,2021,3.5\nnurses-per-thousand,140500,2022,\n"
EXAMPLE = GRAPH + "observations/example"


@pytest.fixture(scope="module")
def made(small_town: Callable[..., Town]) -> Town:
    return small_town()


@pytest.fixture
def town(made: Town, tmp_path: Path) -> Town:
    shutil.copytree(made.store, tmp_path / "store")
    return Town(tmp_path, made.sources)


@pytest.fixture
def bpsgraph(run: Run, town: Town) -> Bpsgraph:
    def bpsgraph(*arguments: str | Path, **settings: str) -> "subprocess.CompletedProcess[str]":
        places = {"BPSGRAPH_STORE": str(town.store), "BPSGRAPH_SOURCES": str(town.sources.root)}
        return run(*arguments, **(places | settings))

    return bpsgraph


def graphs(town: Town) -> dict[str, Triples]:
    """All that the store holds; the names of unnamed nodes in the ontology differ from build to build."""
    with open_store(town.store) as store:
        return {
            g: store.graph(g)
            for g in store.graphs()
            if not g.startswith((GRAPH + "ontology", GRAPH + "queries"))
        }


def test_an_import_is_replaced_withdrawn_and_built_again(
    bpsgraph: Bpsgraph, town: Town, tmp_path: Path
) -> None:
    before = graphs(town)
    (tmp_path / "example.csv").write_text(FIGURES, encoding="utf-8")
    done = bpsgraph("observations", "example.csv", "--by", "王芳")
    assert (done.returncode, done.stderr) == (0, "已导入1个数值，1个缺失：第1条\n")
    entry, dataset, content_hash = done.stdout.split()
    assert (entry, dataset) == ("1", "dataset/example")
    first = graphs(town)
    assert first[EXAMPLE].content_hash() == content_hash
    # Nothing else changes but the record of the change.
    assert {g: t for g, t in first.items() if g not in {EXAMPLE, GRAPH + "changes/1"}} == before

    again = bpsgraph("observations", "example.csv", "--lang", "en")
    assert (again.returncode, again.stdout) == (0, done.stdout)
    assert again.stderr == "the same content has been imported before: entry 1\n"

    (tmp_path / "other.csv").write_text(FIGURES.replace("3.5", "3.25"), encoding="gb18030")
    second = bpsgraph("observations", "other.csv", "--dataset", "example", "--by", "李强")
    assert second.returncode == 0
    replaced = graphs(town)
    assert len(replaced[EXAMPLE]) == len(first[EXAMPLE])
    assert replaced[EXAMPLE] != first[EXAMPLE]
    build(town.store, town.sources)
    assert graphs(town) == replaced

    history = list(csv.DictReader(io.StringIO(bpsgraph("history").stdout)))
    assert [(row["by"], row["file"], row["change_zh"]) for row in history] == [
        ("王芳", "example.csv", "受理"),
        ("李强", "other.csv", "受理"),
    ]

    gone = bpsgraph("observations", "--withdraw", "example", "--reason", "有误", BPSGRAPH_BY="王芳")
    assert (gone.returncode, gone.stdout, gone.stderr) == (0, "3 dataset/example\n", "已撤回：第3条\n")
    withdrawn = graphs(town)
    assert EXAMPLE not in withdrawn
    build(town.store, town.sources)
    assert graphs(town) == withdrawn
    twice = bpsgraph("observations", "--withdraw", "example", "--by", "王芳")
    assert twice.returncode == 2
    assert "unknown-dataset" in twice.stderr
    assert bpsgraph("observations", "example.csv", "--by", "王芳").stdout.startswith("4 ")
    assert graphs(town)[EXAMPLE] == first[EXAMPLE]


def test_the_turtle_is_what_the_store_would_hold(bpsgraph: Bpsgraph, town: Town, tmp_path: Path) -> None:
    (tmp_path / "example.csv").write_text(FIGURES, encoding="utf-8")
    done = bpsgraph("observations", "example.csv", "-o", "example.ttl", "--title", "示例")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1个数值，1个缺失\n")
    assert not town.journal.exists()
    written = set(parse((tmp_path / "example.ttl").read_bytes(), "example.ttl", FORMATS["turtle"]))
    bpsgraph("observations", "example.csv", "--by", "王芳", "--title", "示例")
    assert {str(t) for t in graphs(town)[EXAMPLE]} == {str(t) for t in written}


def test_cells_that_cannot_be_used_change_nothing(bpsgraph: Bpsgraph, town: Town, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_text(FIGURES.replace("3.5", "约3").replace("2022", "22"), encoding="utf-8")
    done = bpsgraph("observations", "bad.csv", "--lang", "en", "--by", "王芳")
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        (
            "D2: '约3' is no number; write the number alone and its unit under 单位, "
            "or the status missing where it is not known."
        ),
        "C3: the period '22' cannot be read; write 2023, 2023-07, 2023-Q3 or 2021/2023.",
    ]
    assert done.stderr == "2 problems, nothing was imported\n"
    assert not town.journal.exists()


def test_the_template_filled_in_is_imported(bpsgraph: Bpsgraph, town: Town, tmp_path: Path) -> None:
    for name in ("t.csv", "t.xlsx"):
        assert bpsgraph("observations", "--template", "--period", "2023", "-o", name).returncode == 0
        content = (tmp_path / name).read_bytes()
        bpsgraph("observations", "--template", "--period", "2023", "-o", name)
        assert (tmp_path / name).read_bytes() == content
    rows = list(csv.DictReader(io.StringIO((tmp_path / "t.csv").read_bytes().decode("utf-8-sig"))))
    book = load_workbook(tmp_path / "t.xlsx")
    sheet = book.worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    assert heads == list(rows[0])
    number = next(i for i, row in enumerate(rows) if row["指标"] == "每千人口拥有注册护士数")
    assert rows[number]["单位"] == "人/千人"
    # The rows of other indicators stay empty, and are stated as missing.
    sheet.cell(number + 2, heads.index("数值") + 1).value = 3.5
    book.save(tmp_path / "t.xlsx")
    done = bpsgraph("observations", "t.xlsx", "--jurisdiction", "140500", "--by", "王芳")
    assert (done.returncode, done.stderr) == (0, f"已导入1个数值，{len(rows) - 1}个缺失：第1条\n")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "there is nothing to import"),
        (("a.csv", "--template"), "FILE and --template cannot be given together"),
        (("--template",), "there is no place to write it to"),
        (("年鉴.csv",), "cannot be the key of a data set"),
        (("example.csv", "--jurisdiction", "晋城"), "did you mean 晋城市"),
        (("example.ttl", "--dataset", "x"), "this is no table"),
    ],
)
def test_what_cannot_be_meant(
    bpsgraph: Bpsgraph, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    for name in ("example.csv", "example.ttl", "年鉴.csv"):
        (tmp_path / name).write_text(FIGURES, encoding="utf-8")
    done = bpsgraph("observations", *arguments)
    assert done.returncode == 2
    assert words in done.stderr


def test_a_negative_figure_is_imported_and_remarked(bpsgraph: Bpsgraph, tmp_path: Path) -> None:
    file = tmp_path / "figures.csv"
    file.write_text(FIGURES.replace("3.5", "-3.5"), encoding="utf-8")
    done = bpsgraph("observations", file, "-o", tmp_path / "figures.ttl", BPSGRAPH_LANG="en")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "warning: D2: '-3.5' is negative; check it.",
        "1 values, 1 missing",
    ]
