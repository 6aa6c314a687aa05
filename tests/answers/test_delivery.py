"""From the command to the file: formats by name and suffix, several files, several tables, and what is loaded."""

import codecs
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import sample_answers as samples
from bpsgraph.cli.answering import deliver, offered, picked
from bpsgraph.errors import BadParameter, NothingToDraw
from bpsgraph.results import Text
from conftest import Run

NOTED = replace(
    samples.BAR, notes=(Text("三地没有报送。", "Three did not report."),), further=(samples.SHARE,)
)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_every_file_has_the_format_of_its_suffix(tmp_path: Path) -> None:
    files = [tmp_path / f"a.{end}" for end in ("xlsx", "html", "vl.json", "json", "svg")]
    deliver(NOTED, offered(None, files), "zh")
    assert names(tmp_path) == [
        "a-2.json",
        "a-2.svg",
        "a-2.vl.json",
        "a.html",
        "a.json",
        "a.svg",
        "a.vl.json",
        "a.xlsx",
    ]
    assert '"$schema"' in (tmp_path / "a-2.vl.json").read_text(encoding="utf-8")


def test_further_tables_are_files_of_their_own_and_said_in_a_pipe(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deliver(NOTED, offered(None, tmp_path / "a.csv"), "en")
    assert names(tmp_path) == ["a-2.csv", "a.csv"]
    assert capsys.readouterr().err == "Note: Three did not report.\n"
    deliver(NOTED, offered(None, None), "en")
    captured = capsys.readouterr()
    assert captured.out.startswith("item,item_zh,item_en,gap")
    assert "there is more: Items reported; -o FILE gives them" in captured.err


def test_a_byte_order_mark_is_there_where_it_is_asked_for(tmp_path: Path) -> None:
    places = offered(None, [tmp_path / "a.csv", tmp_path / "a.tsv"])
    deliver(samples.BAR, places, "zh", bom=True)
    assert (tmp_path / "a.csv").read_bytes().startswith(codecs.BOM_UTF8 + b"item,")
    assert (tmp_path / "a.tsv").read_bytes().startswith(b"?item")
    deliver(samples.BAR, places, "zh")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"item,")


def test_no_rows_are_said_and_a_chart_of_them_is_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    deliver(samples.EMPTY, offered("table", None), "en")
    assert capsys.readouterr() == ("", "No rows.\n")
    with pytest.raises(NothingToDraw):
        deliver(samples.EMPTY, offered("svg", None), "en")


def test_a_slip_is_said() -> None:
    with pytest.raises(BadParameter, match="parquet, markdown, html, turtle, vega-lite, svg, png"):
        offered("docx", None)
    with pytest.raises(BadParameter, match="did you mean item_zh"):
        picked(samples.BAR, "item_hz")


def test_the_command_writes_each_format_and_reads_nothing_heavy(
    run: Run, built: Path, tmp_path: Path
) -> None:
    files = [f"a.{end}" for end in ("xlsx", "parquet", "md", "html", "ttl", "json")]
    outputs = [word for file in files for word in ("-o", file)]
    done = run("query", "items/all", "-p", "domain=2", *outputs)
    assert (done.returncode, done.stdout) == (0, "")
    assert all((tmp_path / file).stat().st_size for file in files)
    assert run("query", "items/all", "--format", "png").returncode == 2


def test_a_table_loads_nothing_that_only_other_formats_need(built: Path) -> None:
    code = (
        "import sys; from bpsgraph.cli import main; "
        f"main(['query', 'items/all', '-p', 'domain=2', '--format', 'table', '--store', {str(built)!r}]); "
        "print(*sorted({'pyarrow', 'vl_convert', 'openpyxl', 'jinja2', 'rdflib', 'networkx'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout
    assert done.stderr == "\n"
