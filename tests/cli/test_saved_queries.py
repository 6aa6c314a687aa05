"""`bpsgraph queries` and `bpsgraph query`: what an analyst types and what comes back."""

import csv
import io
import json
import re
import shutil
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest
from pyoxigraph import Literal, parse

from bpsgraph.cli import main
from bpsgraph.library import Library, bundled, catalogue_triples
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
        assert re.search(
            rf"^  {re.escape(saved.name)} +{re.escape(saved.summary.en)}(  |$)", out, re.MULTILINE
        )
    assert re.search(r"^  gaps/missing-items .*  \(jurisdiction, date, edition\)$", out, re.MULTILINE)
    topics = {saved.topic for saved in library.of_kind("query")}
    counts = (len(library.of_kind("query")), len(topics), len(library.of_kind("check")))
    assert "{} questions in {} topics, {} checks.".format(*counts) in out
    assert counts[0] >= 60


def test_the_list_is_narrowed_by_topic_and_by_words_in_either_language(
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = re.compile(r"^  (\S+)  ", re.MULTILINE)
    _, out, _ = run(capsys, "queries", "--topic", "gaps")
    assert names.findall(out) == [name for name in bundled() if name.startswith("gaps/")]
    _, out, _ = run(capsys, "queries", "--search", "缺项")
    assert "gaps/missing-items" in names.findall(out)
    assert "items/all" not in names.findall(out)
    _, out, _ = run(capsys, "queries", "--search", "WITHDRAWN standards that")
    assert "standards/withdrawn-relied-on" in names.findall(out)
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
    columns, wanted, got = [line.strip() for line in out.splitlines() if line.startswith("      ")]
    assert columns.startswith("列 columns: jurisdiction, ")
    assert wanted.startswith("期望 expected: ")
    assert got.startswith("实得 found: ")
    assert ", 121, dimension" in wanted
    assert ", 120, dimension" in got


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("expected.csv", b"", "is empty"),
        ("expected.csv", "名称\n".encode("gb18030"), "is no CSV in UTF-8"),
        ("parameters.yaml", "名称: 项\n".encode("gb18030"), "is no YAML"),
        ("parameters-x.yaml", b"date: 2024-01-01\n", "expected-x.csv"),
    ],
)
def test_a_file_of_a_case_that_cannot_be_used_is_one_failed_test(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: bytes,
    says: str,
) -> None:
    (tmp_path / "ontology").mkdir()
    for folder in ("queries/floors", "tests/queries/floors/in-force"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    file = tmp_path / "tests/queries/floors/in-force" / name
    file.write_bytes(content)
    monkeypatch.setenv("BPSGRAPH_SOURCES", str(tmp_path))
    code, out, err = run(capsys, "queries", "--test")
    assert (code, err) == (1, "")
    assert out.count("fail  floors/in-force") == 1
    [line] = [line for line in out.splitlines() if line.startswith("      ")]
    assert str(file.parent) in line
    assert says in line


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
    assert re.search("\n  下限原文 +720元\n", blocks)
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


def test_the_list_is_had_by_programs_and_as_the_catalogue_of_the_store(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    _, out, _ = run(capsys, "queries", "--topic", "gaps", "--format", "json")
    [missing] = [one for one in json.loads(out) if one["name"] == "gaps/missing-items"]
    assert [one["name"] for one in missing["parameters"]] == ["jurisdiction", "date", "edition"]
    assert missing["summary"] == {"zh": "缺项", "en": "Items missing from a catalogue"}
    _, out, _ = run(capsys, "queries", "--topic", "gaps", "--format", "csv")
    assert {row["topic"] for row in csv.DictReader(out.splitlines())} == {"gaps"}
    _, out, _ = run(capsys, "queries", "--topic", "gaps", "--format", "markdown", "--lang", "en")
    assert "| gaps/missing-items | Items missing from a catalogue | jurisdiction, date, edition |" in out
    file = tmp_path / "queries.ttl"
    assert run(capsys, "queries", "--topic", "gaps", "-o", str(file))[0] == 0
    triples = {quad.triple for quad in parse(path=file)}
    library = bundled()
    assert triples == set(catalogue_triples(library, [name for name in library if name.startswith("gaps/")]))


def test_ones_own_queries_are_listed_and_tested_with_junit(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    own = tmp_path / "own"
    for topic in ("mine", "tests/mine"):
        (own / topic).mkdir(parents=True)
    text = (ROOT / "queries/items/all.rq").read_text(encoding="utf-8")
    (own / "mine/all.rq").write_text(text, encoding="utf-8")
    shutil.copytree(ROOT / "tests/queries/items/all", own / "tests/mine/all")
    file = tmp_path / "tests.xml"
    arguments = ("queries", "--library", str(own), "--topic", "mine", "--test", "-o", str(file))
    assert run(capsys, *arguments)[0] == 0
    suites = Xml.parse(file).getroot()
    assert suites.get("failures") == "0"
    assert {one.get("classname") for one in suites.iter("testcase")} == {"mine"}
    expected = own / "tests/mine/all/expected.csv"
    heading, first, *rest = expected.read_text(encoding="utf-8").splitlines()
    expected.write_text("\n".join([heading, f"x{first}", *rest]), encoding="utf-8")
    assert run(capsys, *arguments)[0] == 1
    [failure] = Xml.parse(file).getroot().iter("failure")
    assert f"期望 expected: x{first.split(',')[0]}" in (failure.text or "")
    assert failure.get("message") == "2 differences"
    code, out, _ = run(capsys, "queries", "--library", str(own), "--topic", "mine", "--lang", "en")
    assert (code, "1 questions in 1 topics, 0 checks." in out) == (0, True)
    (own / "items").mkdir()
    (own / "items/all.rq").write_text(text, encoding="utf-8")
    code, _, err = run(capsys, "queries", "--library", str(own))
    assert (code, "items/all is at" in err) == (2, True)
    code, _, err = run(capsys, "queries", "--library", str(tmp_path / "nowhere"))
    assert (code, "there is no such folder" in err) == (2, True)


PARAMETER = """\
#+ summary: {zh: 问, en: question}
#+ description: {zh: 行, en: rows}
#+ tags: [mine]
#+ parameters:
#+   value: {type: %s, help: {zh: 值, en: the value}}
#+ columns:
#+   given: {zh: 值, en: value}
#+ key: [given]
SELECT ?given WHERE { VALUES $value { %s } BIND($value AS ?given) } ORDER BY ?given
"""
EXAMPLES = {
    "iri": "<urn:a>",
    "string": '"a"',
    "lang-string": '"a"@zh',
    "integer": "1",
    "decimal": "1.5",
    "date": '"2024-01-01"^^<http://www.w3.org/2001/XMLSchema#date>',
    "boolean": "true",
}
HOSTILE = (
    'x" } UNION { ?s ?p ?o',
    "> . ?s ?p ?o #",
    "a\nb",
    "\\",
    '"""',
    "'''",
    "\\u0022 }",
    "$value",
    "}",
    "教育",
)


@pytest.mark.parametrize("type_", EXAMPLES)
def test_hostile_values_are_bound_as_terms_or_refused_by_name(
    type_: str,
    store: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/one.rq").write_text(PARAMETER % (type_, EXAMPLES[type_]), encoding="utf-8")
    monkeypatch.setenv("BPSGRAPH_LIBRARY", str(tmp_path))
    for value in HOSTILE:
        given = f"value={value}@en" if type_ == "lang-string" else f"value={value}"
        code, out, err = run(capsys, "query", "mine/one", "-p", given, "--format", "tsv", "--store", store)
        if type_ in ("string", "lang-string"):
            assert code == 0, err
            heading, *rows = out.splitlines()
            # The term as N-Triples: what was typed, and nothing else in the one row.
            language = "@en" if type_ == "lang-string" else ""
            wanted = str(Literal(value, language="en") if language else Literal(value))
            assert (heading, rows) == ("?given", [wanted])
        elif code == 0:  # a key, which may hold these
            assert (type_, value) in {("iri", "$value"), ("iri", "教育"), ("iri", "'''")}
        else:
            assert (code, out) == (2, "")
            assert err.startswith("error: value: ")
            assert "bad-parameter" in err
