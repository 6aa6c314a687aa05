"""Scores computed by hand, questionnaires, and the page of the evaluation."""

import re
import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from bpsgraph.analysis.evaluation import evaluate
from bpsgraph.errors import BadParameter, MalformedFile
from bpsgraph.ingest.files import read_book
from bpsgraph.ingest.observations import problems_of
from bpsgraph.ingest.questionnaire import Questionnaire, read_questionnaire
from bpsgraph.library import bundled
from bpsgraph.store import open_store
from conftest import Run

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "analysis"


def asked(tmp_path: Path, text: str, **options: object) -> Questionnaire:
    file = tmp_path / "answers.csv"
    file.write_text(text, encoding="utf-8")
    book, _ = read_book(str(file), limit=1_000_000)
    return read_questionnaire(book, **{"place": "140500", **options})  # type: ignore[arg-type]


def said(found: Questionnaire) -> list[tuple[str, str, int, int, Decimal | None]]:
    return [(one.text, one.place, one.answers, one.silent, one.score) for one in found.questions]


def test_a_column_for_each_question(tmp_path: Path) -> None:
    found = asked(tmp_path, "编号,态度,便捷\n1,5,1\n2,4,\n3,拒答,\n")
    # (4.5 - 1) / 4 and (1 - 1) / 4: the worst answer is 0, and no answer is none.
    assert said(found) == [
        ("态度", "140500", 2, 1, Decimal("87.5")),
        ("便捷", "140500", 1, 2, Decimal(0)),
    ]
    assert said(asked(tmp_path, "编号,态度\n1,\n2,—\n")) == [("态度", "140500", 0, 2, None)]


def test_a_row_for_each_answer_with_words_and_places(tmp_path: Path) -> None:
    text = "受访者,行政区,问题,回答\na,140500,态度,满意\nb,140500,态度,一般\nb,140500,便捷,满意\nc,321200,态度,不满意\n"
    found = asked(tmp_path, text, answers=("满意", "一般", "不满意"), place=None)
    # Whoever has no row for a question did not answer it.
    assert said(found) == [
        ("态度", "140500", 2, 0, Decimal(75)),
        ("便捷", "140500", 1, 1, Decimal(100)),
        ("态度", "321200", 1, 0, Decimal(0)),
    ]


def test_cells_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    found = asked(tmp_path, "编号,性别,态度\n1,男,6\n1,女,3.5\n,男,4\n")
    told = {cell: text.zh for cell, text in problems_of(found)}
    assert list(told) == ["B2", "C2", "B3", "C3", "A4"]
    assert told["C2"].startswith("“6”不是1到5的整数")
    assert "已有回答" in told["C3"]
    assert "没有写受访者" in told["A4"]
    assert said(asked(tmp_path, "编号,性别,态度\n1,男,3\n", questions=("态度",))) == [
        ("态度", "140500", 1, 0, Decimal(50))
    ]
    with pytest.raises(MalformedFile):
        asked(tmp_path, "编号\n1\n")
    with pytest.raises(MalformedFile):
        asked(tmp_path, "编号,态度\n1,3\n", place=None)


def test_what_the_texts_say_is_not_scored_where_they_give_no_weights(built: Path) -> None:
    with open_store(built) as store:
        for name, leaves in (("capability", 3), ("institutions", 5), ("satisfaction", 3)):
            found = evaluate(store, bundled(), f"jincheng-2021-45/{name}")
            assert len(found.rows) == leaves + 1
            assert {row["score"] for _, row in found.rows} == {None}
            assert any("没有权重" in note.zh for note in found.answer().notes)
        taizhou = evaluate(store, bundled(), "taizhou-pilot-2020").answer()
        assert len(taizhou.notes) == 1  # nothing is known, and no weight is lacking
        with pytest.raises(BadParameter):
            evaluate(store, bundled(), "no-such-model")


def test_the_page_shows_what_the_commands_say(run: Run, built: Path, tmp_path: Path) -> None:
    shutil.copytree(built, tmp_path / "store")
    here = {"BPSGRAPH_STORE": str(tmp_path / "store")}
    answers = tmp_path / "answers.csv"
    done = run(
        "evaluation", "--questionnaire", EXAMPLES / "example-answers.csv", "--jurisdiction", "140500",
        "--period", "2022", "-o", answers, **here,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (
        run("observations", answers, "--dataset", "example-answers", "--by", "王芳", **here).returncode == 0
    )
    assert run("observations", EXAMPLES / "example-model-figures.csv", "--by", "王芳", **here).returncode == 0
    done = run(
        "evaluation", EXAMPLES / "example-model.ttl", "--jurisdiction", "140500", "--jurisdiction", "321200",
        "--period", "2022", "--lang", "en", "--format", "markdown", **here,
    )  # fmt: skip
    page = (EXAMPLES / "evaluation.md").read_text(encoding="utf-8")
    (table,) = re.findall(r"(?:^\|.*\n)+", done.stdout, re.MULTILINE)
    assert table in page


def test_slips_of_the_command(run: Run, tmp_path: Path) -> None:
    answers = tmp_path / "bad.csv"
    answers.write_text("编号,态度\n1,很好\n", encoding="utf-8")
    done = run("evaluation", "--questionnaire", answers, "--jurisdiction", "140500", "--period", "2022")
    assert done.returncode == 1
    assert "B2" in done.stdout
    assert run("evaluation", "--questionnaire", answers, "--jurisdiction", "140500").returncode == 2
    assert run("evaluation").returncode == 2
