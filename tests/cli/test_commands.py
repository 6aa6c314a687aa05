"""What build, sparql, describe and doctor print."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import RdfFormat, parse

from bpsgraph.store import open_store
from bpsgraph.store.marker import Marker
from bpsgraph.terms import GRAPH
from conftest import Run
from small_world import JINCHENG, Town, small_sources

NAME = "SELECT ?code ?name { <jurisdiction/140500> bps:code ?code ; skos:prefLabel ?name }"
CONSTRUCT = "CONSTRUCT WHERE { <jurisdiction/140500> skos:prefLabel ?name }"


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of some of our sources that a test may change."""
    return small_sources(tmp_path / "sources", JINCHENG).root


class TestSparql:
    def test_a_pipe_gets_csv(self, run: Run) -> None:
        done = run("sparql", NAME)
        assert (done.returncode, done.stdout, done.stderr) == (0, "code,name\n140500,晋城市\n", "")

    @pytest.mark.parametrize(
        ("format", "said"),
        [
            ("csv", "code,name\n140500,晋城市\n"),
            ("tsv", '?code\t?name\n"140500"\t"晋城市"@zh\n'),
            ("table", "code    name\n140500  晋城市\n"),
        ],
    )
    def test_every_format_of_rows(self, run: Run, format: str, said: str) -> None:
        assert run("sparql", NAME, "--format", format).stdout == said

    def test_json(self, run: Run) -> None:
        said = json.loads(run("sparql", NAME, "--format", "json").stdout)
        assert said["head"] == {"vars": ["code", "name"]}
        assert said["results"]["bindings"][0]["name"] == {
            "type": "literal",
            "value": "晋城市",
            "xml:lang": "zh",
        }

    def test_a_file_a_text_and_standard_input_are_the_same(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "name.rq").write_text(NAME, encoding="utf-8")
        assert (
            run("sparql", "name.rq").stdout
            == run("sparql", NAME).stdout
            == run("sparql", "-", input=NAME).stdout
        )

    def test_the_suffix_of_the_output_says_the_format(self, run: Run, tmp_path: Path) -> None:
        done = run("sparql", NAME, "-o", "name.tsv")
        assert (done.returncode, done.stdout) == (0, "")
        assert (tmp_path / "name.tsv").read_text(encoding="utf-8").startswith("?code\t")

    def test_a_format_against_the_suffix_holds_and_is_said(self, run: Run, tmp_path: Path) -> None:
        done = run("sparql", NAME, "-o", "name.csv", "--format", "json")
        assert done.stderr == "note: name.csv is written as SPARQL results JSON, as --format says\n"
        assert json.loads((tmp_path / "name.csv").read_text(encoding="utf-8"))["results"]

    @pytest.mark.parametrize(
        ("format", "rdf"),
        [
            ("turtle", RdfFormat.TURTLE),
            ("ntriples", RdfFormat.N_TRIPLES),
            ("jsonld", RdfFormat.JSON_LD),
            ("rdfxml", RdfFormat.RDF_XML),
        ],
    )
    def test_triples_in_every_rdf_format(self, run: Run, format: str, rdf: RdfFormat) -> None:
        done = run("sparql", CONSTRUCT, "--format", format)
        (quad,) = parse(done.stdout, rdf)
        assert getattr(quad.object, "value", None) == "晋城市"

    def test_triples_with_shared_blank_nodes_are_still_turtle(self, run: Run) -> None:
        text = "CONSTRUCT { <a> <p> _:x . <b> <p> _:x } WHERE {}"
        done = run("sparql", text)
        assert len({quad.object for quad in parse(done.stdout, RdfFormat.TURTLE)}) == 1

    def test_triples_are_not_a_table(self, run: Run) -> None:
        done = run("sparql", CONSTRUCT, "--format", "csv")
        assert (done.returncode, done.stdout) == (2, "")

    @pytest.mark.parametrize(
        ("text", "said"), [("ASK { ?s a bps:Catalogue }", "true"), ("ASK { <x> <y> <z> }", "false")]
    )
    def test_ask(self, run: Run, text: str, said: str) -> None:
        assert run("sparql", text).stdout == said + "\n"
        assert json.loads(run("sparql", text, "--format", "json").stdout)["boolean"] is (said == "true")


class TestDescribe:
    def test_a_pipe_gets_turtle(self, run: Run) -> None:
        done = run("describe", "140500")
        assert done.stdout.startswith("@base <https://w3id.org/bps/id/> .\n")
        assert "<jurisdiction/140500>\n  a bps:Jurisdiction" in done.stdout

    def test_a_page_has_labels_and_counts_what_points_here(self, run: Run) -> None:
        done = run("describe", "晋城市", "--format", "table")
        assert done.stdout.startswith("晋城市\nhttps://w3id.org/bps/id/jurisdiction/140500\n\n")
        assert "山西省 (jurisdiction/140000)" in done.stdout
        (link,) = [line for line in done.stdout.splitlines() if line.startswith("← 隶属 (bps:within)")]
        assert link.split()[-1] == "6"

    def test_it_is_written_to_a_file(self, run: Run, tmp_path: Path) -> None:
        assert run("describe", "140500", "-o", "j.nt").returncode == 0
        assert list(parse((tmp_path / "j.nt").read_bytes(), RdfFormat.N_TRIPLES))


class TestBuildAndDoctor:
    def test_what_is_built_answers_and_is_sound(self, run: Run, copied: Path) -> None:
        sources = {"BPSGRAPH_SOURCES": str(copied)}
        done = run("build", "--store", "new/store", **sources)
        assert (done.returncode, done.stdout) == (0, "")
        assert "graphs" in done.stderr
        assert run("sparql", NAME, "--store", "new/store").stdout.endswith("140500,晋城市\n")
        done = run("doctor", "--store", "new/store", **sources)
        assert done.returncode == 0
        assert "as built" in done.stdout
        assert "pyoxigraph" in done.stdout

    def test_a_slip_in_the_data_names_file_and_line_and_exits_with_2(self, run: Run, copied: Path) -> None:
        file = copied / "data" / "ttl" / "divisions.ttl"
        text = file.read_text(encoding="utf-8")
        file.write_text(text + "<x> bps:code 140500", encoding="utf-8")
        done = run("build", "--store", "new", BPSGRAPH_SOURCES=str(copied))
        line = text.count("\n") + 1
        assert done.returncode == 2
        assert f"{file}, line {line}, column " in done.stderr
        assert not (copied.parent / "new").exists()

    def test_a_folder_with_other_things_is_left_alone(self, run: Run, copied: Path, tmp_path: Path) -> None:
        (tmp_path / "letters").mkdir()
        (tmp_path / "letters" / "a.txt").write_text("dear")
        done = run("build", "--store", "letters", BPSGRAPH_SOURCES=str(copied))
        assert done.returncode == 2
        assert "this holds something else than a store" in done.stderr

    def test_doctor_sees_changed_sources_lost_triples_and_stale_graphs(
        self, run: Run, small_town: Callable[..., Town], copied: Path, tmp_path: Path
    ) -> None:
        store = tmp_path / "store"
        shutil.copytree(small_town(JINCHENG).store, store)
        same = {"BPSGRAPH_SOURCES": str(small_town(JINCHENG).sources.root)}
        with (copied / "data" / "ttl" / "divisions.ttl").open("a", encoding="utf-8") as file:
            file.write("# a note\n")
        done = run("doctor", "--store", "store", BPSGRAPH_SOURCES=str(copied))
        assert done.returncode == 1
        assert "changed since the store was built" in done.stdout
        source = GRAPH + "divisions"
        derived = (
            f"<{GRAPH}test> <http://www.w3.org/ns/prov#wasDerivedFrom> <{source}> ; "
            '<https://w3id.org/bps/ns#sourceHash> "sha256:0" .'
        )
        with open_store(store, writable=True) as opened:
            opened.replace_graph(GRAPH + "test", (quad.triple for quad in parse(derived, RdfFormat.TURTLE)))
        done = run("doctor", "--store", "store", "--derived", "1", **same)
        assert done.returncode == 1
        assert "graph/test is stale" in done.stdout
        assert "drawn by chance: each is what follows from its sources" in done.stdout
        marker = Marker.read(store)
        replace(marker, triples=marker.triples + 1).write(store)
        assert "were written" in run("doctor", "--store", "store", **same).stdout


def test_the_csv_of_many_rows_is_whole(run: Run) -> None:
    text = "SELECT ?s ?p ?o WHERE { ?s ?p ?o }"
    rows = list(csv.reader(io.StringIO(run("sparql", text).stdout)))
    count = run("sparql", "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }").stdout.split()[-1]
    assert len(rows) == int(count) + 1 > 10_000
