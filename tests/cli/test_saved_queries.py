"""`bpsgraph queries` and `bpsgraph query`: what an analyst types and what comes back."""

import csv
import io
import re
import shutil
from pathlib import Path

import pytest
from pyoxigraph import parse

from bpsgraph.cli import main
from bpsgraph.library import Library, bundled
from bpsgraph.store.embedded import building
from bpsgraph.terms import BASE

ROOT = Path(__file__).parents[2]
CASE = ROOT / "tests" / "queries" / "floors" / "below-floor"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("store") / "store"
    with building(path, "sha256:test") as draft:
        for number, data in enumerate(
            [CASE / "data.ttl", ROOT / "ontology" / "codelists" / "verification.ttl"]
        ):
            triples = [quad.triple for quad in parse(path=data, base_iri=BASE)]
            draft.replace_graph(f"https://w3id.org/bps/graph/test/{number}", triples)
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_the_list_names_every_question_with_its_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "queries", "--lang", "en")
    library = bundled()
    assert code == 0
    for saved in library.of_kind("query"):
        assert f"  {saved.name}\n      {saved.summary.en}\n" in out
    assert "-p jurisdiction=140500  the place whose catalogues are asked" in out


def test_the_list_is_narrowed_by_topic_and_by_words_in_either_language(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = re.compile(r"^  (\S+)$", re.MULTILINE)
    _, out, _ = run(capsys, "queries", "--topic", "gaps")
    assert names.findall(out) == [
        "gaps/items-without-lead-agency",
        "gaps/missing-guarantees",
        "gaps/missing-items",
    ]
    _, out, _ = run(capsys, "queries", "--search", "缺项")
    assert names.findall(out) == ["gaps/missing-items"]
    _, out, _ = run(capsys, "queries", "--search", "WITHDRAWN standards that")
    assert names.findall(out) == ["standards/withdrawn-relied-on"]
    code, _, err = run(capsys, "queries", "--topic", "gap")
    assert (code, "did you mean gaps?" in err) == (2, True)


def test_the_tests_of_queries_run_for_users_and_fail_on_a_changed_value(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, out, _ = run(capsys, "queries", "--test", "--topic", "floors")
    assert code == 0
    assert "ok    floors/below-floor (edition)" in out
    (tmp_path / "ontology").mkdir()
    for folder in ("queries/floors", "tests/queries/floors/below-floor"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    expected = tmp_path / "tests/queries/floors/below-floor/expected.csv"
    text = expected.read_text(encoding="utf-8")
    expected.write_text(text.replace(",120,", ",121,"), encoding="utf-8")
    monkeypatch.setenv("BPSGRAPH_SOURCES", str(tmp_path))
    code, out, _ = run(capsys, "queries", "--test")
    assert code == 1
    assert out.count("fail") == 2  # the one test, and the line that counts them
    assert ", 121, dimension" in next(line for line in out.splitlines() if line.startswith("      - "))
    assert ", 120, dimension" in next(line for line in out.splitlines() if line.startswith("      + "))


def test_the_same_inputs_give_the_same_bytes_in_every_format(
    capsys: pytest.CaptureFixture[str], store: str
) -> None:
    for name in ("table", "csv", "tsv", "json", "markdown", "html", "turtle"):
        command = ("query", "floors/below-floor", "--store", store, "--format", name)
        code, first, err = run(capsys, *command)
        assert (code, err) == (0, "")
        assert run(capsys, *command)[1] == first
        assert "720元" in first


def test_csv_has_every_column_and_only_the_rows_asked_for(
    capsys: pytest.CaptureFixture[str], store: str
) -> None:
    _, out, _ = run(capsys, "query", "floors/below-floor", "-p", "date=2022-01-01", "--store", store)
    heading, *rows = list(csv.reader(io.StringIO(out)))
    assert heading == list(bundled()["floors/below-floor"].scan.columns)
    assert [row[heading.index("floor_words")] for row in rows] == ["650元"]
    assert [row[heading.index("item")] for row in rows] == [BASE + "item/operating-funds"]


def test_several_values_are_any_of_them(capsys: pytest.CaptureFixture[str], store: str) -> None:
    given = ("-p", "jurisdiction=140500", "-p", "jurisdiction=530127")
    _, out, _ = run(capsys, "query", "floors/below-floor", *given, "--store", store)
    assert len(out.splitlines()) == 3


def test_a_table_speaks_one_language_and_keeps_names_that_have_no_other(
    capsys: pytest.CaptureFixture[str], store: str
) -> None:
    command = ("query", "floors/below-floor", "--format", "markdown", "--store", store, "--lang")
    _, chinese, _ = run(capsys, *command, "zh")
    _, english, _ = run(capsys, *command, "en")
    assert "公用经费标准" in chinese
    assert "operating funds" not in chinese
    assert "operating funds" in english
    assert "晋城市" in english
    _, table, _ = run(
        capsys, "query", "catalogues/places", "--format", "table", "--lang", "en", "--store", store
    )
    assert table.splitlines()[0].split() == ["place", "name", "of", "the", "place", "catalogues"]
    # Rows too wide for a table are blocks, one line per value.
    _, blocks, _ = run(capsys, "query", "floors/below-floor", "--format", "table", "--store", store)
    assert blocks.startswith("1/2\n  行政区")
    assert "\n  下限原文      720元\n" in blocks
    assert "\n| place | name of the place | catalogue |" in english


def test_a_file_is_written_in_the_format_of_its_suffix(
    capsys: pytest.CaptureFixture[str], store: str, tmp_path: Path
) -> None:
    path = tmp_path / "rows.md"
    code, out, _ = run(capsys, "query", "floors/below-floor", "-o", str(path), "--store", store)
    assert (code, out) == (0, "")
    assert "\n| 行政区 |" in path.read_text(encoding="utf-8")


def test_show_prints_what_would_be_asked_without_a_store(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "query", "floors/below-floor", "-p", "jurisdiction=140500", "--show")
    assert code == 0
    assert f"VALUES $jurisdiction {{ <{BASE}jurisdiction/140500> }}" in out


def test_help_teaches_a_query_with_a_parameter_that_then_runs(
    capsys: pytest.CaptureFixture[str], store: str
) -> None:
    code, out, _ = run(capsys, "query", "--help")
    assert code == 0
    examples = re.findall(r"bpsgraph (query \S+/\S+ (?:-p \S+ ?)+)", out)
    assert len(examples) >= 4
    library: Library = bundled()
    for example in examples:
        words = example.split()
        assert words[1] in library
        assert main([*words, "--show"]) == 0
    capsys.readouterr()
    code, out, _ = run(capsys, "query", "floors/below-floor", "--help", "--lang", "en")
    assert code == 0
    example = out.strip().splitlines()[-1].split()
    assert example == ["bpsgraph", "query", "floors/below-floor", "-p", "jurisdiction=140500"]
    code, out, _ = run(capsys, *example[1:], "--store", store)
    assert (code, len(out.splitlines())) == (0, 2)


def test_a_required_parameter_left_out_is_explained(capsys: pytest.CaptureFixture[str], store: str) -> None:
    code, out, err = run(capsys, "query", "vocabulary/codes", "--store", store, "--lang", "en")
    assert (code, out) == (2, "")
    assert "-p list=verification  the code list [required]" in err
    assert "bpsgraph query vocabulary/codes -p list=verification" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["floors/below"], "did you mean floors/below-floor"),
        (["floors/below-floor", "-p", "place=140500"], "it takes jurisdiction, date, edition, item"),
        (["floors/below-floor", "-p", "itme=films"], "did you mean item"),
        (["floors/below-floor", "-p", "date=tomorrow"], "write a day such as 2024-06-01"),
        (["floors/below-floor", "-p", "item=film"], "did you mean films"),
        (["floors/below-floor", "-p", "date"], "write -p NAME=VALUE"),
        (
            ["floors/below-floor", "--format", "docx"],
            "choose one of: table, csv, tsv, json, xlsx, parquet, markdown",
        ),
        (
            ["provenance/recalled-cells", "-p", "verification=sure"],
            "choose of inferred, paraphrase, recalled",
        ),
    ],
)
def test_a_slip_is_one_sentence_that_says_what_would_be_right(
    capsys: pytest.CaptureFixture[str], store: str, arguments: list[str], says: str
) -> None:
    code, out, err = run(capsys, "query", *arguments, "--store", store)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert len(err.splitlines()) == 1
    assert says in err


@pytest.mark.parametrize("value", ['x" } UNION { ?s ?p ?o', "> . ?s ?p ?o #", "a\nb", "a\\b", '"""'])
def test_hostile_text_is_a_value_that_nothing_has(
    capsys: pytest.CaptureFixture[str], store: str, value: str
) -> None:
    code, out, err = run(capsys, "query", "floors/below-floor", "-p", f"item={value}", "--store", store)
    assert (code, out) == (2, "")
    assert "item: " in err
