"""What is not trusted is not evaluated: SHACL in data, queries of one's own folder, shapes that reach out."""

import ast
import http.server
import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

import bpsgraph
from bpsgraph.errors import BadQuery, MalformedFile
from bpsgraph.library import Library
from bpsgraph.sources import find_sources
from bpsgraph.store import EmbeddedStore
from bpsgraph.uploads import Asked, Beside, Document, Given, judge
from bpsgraph.validation import Engine
from bpsgraph.validation.desk import Desk, open_desk
from bpsgraph.validation.shapes import ShapesGraph
from sampling import LONG

ROOT = find_sources().root
CATALOGUE = ROOT / "data/ttl/local/211200-2021.ttl"
HEADER = """#---
# summary: {zh: 问, en: a question}
# columns: {s: {zh: 物, en: thing}}
#---
"""


@pytest.fixture(scope="module")
def recorder() -> Iterator[tuple[str, list[str]]]:
    """An address on this machine, and what was asked there."""
    asked: list[str] = []

    class Recorder(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<urn:a> <urn:b> <urn:c> .")

        do_POST = do_GET  # noqa: N815 - the name is that of the library

        def log_message(self, format: str, *words: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
        server.shutdown()


@pytest.fixture(scope="module")
def desk(built: Path) -> Iterator[Desk]:
    with open_desk(built, ROOT) as desk:
        yield desk


def shapes(address: str, secret: Path) -> str:
    """SHACL that would fetch, read a file, switch rules off, and find something in every catalogue."""
    query = "SELECT $this ?value {} WHERE {{ {} }}"
    queries = (
        query.format(f"FROM <file://{secret}>", "?s ?p ?value"),
        query.format(f"FROM <{address}/from>", "?s ?p ?value"),
        query.format("", f"SERVICE <{address}/service> {{ ?s ?p ?value }}"),
        query.format("", f"SER\\\\u0056ICE <{address}/escape> {{ ?s ?p ?value }}"),
        query.format("", "BIND(1 AS ?value)"),
    )
    constraints = " , ".join(f'[ sh:select "{text}" ]' for text in queries)
    rule = "https://w3id.org/bps/shapes#completeness-item"
    return f"""
        @prefix sh: <http://www.w3.org/ns/shacl#> .
        @prefix owl: <http://www.w3.org/2002/07/owl#> .
        <urn:o> a owl:Ontology ; owl:imports <{address}/imports>, <file://{secret}> ; sh:shapesGraph <{address}/g> .
        <urn:s> a sh:NodeShape ; sh:targetClass <https://w3id.org/bps/ns#Catalogue> ;
          sh:sparql {constraints} ; sh:js [ sh:jsLibrary [ sh:jsLibraryURL "{address}/x.js" ] ] ;
          sh:rule [ sh:construct "CONSTRUCT {{ ?s ?p ?o }} FROM <{address}/rule> WHERE {{ ?s ?p ?o }}" ] ;
          sh:target [ sh:select "SELECT ?this WHERE {{ SERVICE <{address}/target> {{ ?this ?p ?o }} }}" ] ;
          sh:property [ sh:path <urn:p> ; sh:minCount 1 ] .
        <{rule}> sh:deactivated true .
    """


@pytest.mark.parametrize("engine", [Engine.PYSHIFTY, Engine.PYSHACL])
def test_shapes_in_a_submission_are_data(
    engine: Engine, desk: Desk, recorder: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, asked = recorder
    secret = tmp_path / "secret.ttl"
    secret.write_text('<urn:s> <urn:p> "what nobody may read" .', encoding="utf-8")
    plain = CATALOGUE.read_bytes()
    hostile = plain + shapes(address, secret).encode()

    assert isinstance(desk.store, EmbeddedStore)
    place = Path(desk.store.name)

    def said(content: bytes, beside: Beside) -> set[str]:
        request = Asked(
            store=place, sources=ROOT, today=date(2026, 3, 1), engine=engine,
            reports=(("shown", "csv"),),
        )  # fmt: skip
        items = judge(request, [Given("county.ttl", content)], desk, beside)
        (document,) = [item.content for item in items if isinstance(item, Document)]
        return set(str(document).splitlines())

    without, beside = said(plain, Beside()), Beside(context=Given("context.ttl", hostile))
    # pyshacl takes long: it is given both at once.
    apart = LONG or engine is not Engine.PYSHACL
    for lines in [said(hostile, Beside()), said(plain, beside)] if apart else [said(hostile, beside)]:
        assert {line for line in lines - without if "reading-" not in line} == set()
        assert without <= lines
        assert "what nobody may read" not in "\n".join(lines)
    assert asked == []


@pytest.mark.parametrize(
    ("said", "part"),
    [
        (
            'sh:sparql [ sh:select "SELECT $this FROM <file:///etc/hostname> {}" ]',
            "FROM is not accepted in sh:select",
        ),
        ('sh:sparql [ sh:select "SELECT $this { SERVICE <x:y> {} }" ]', "SERVICE"),
        ('sh:sparql [ sh:select "SELECT $this { SER\\\\u0056ICE <x:y> {} }" ]', "in sh:select, line 1"),
        ('sh:sparql [ sh:ask "ASK FROM NAMED <x:y> {}" ]', "FROM is not accepted in sh:ask"),
        ('sh:sparql [ sh:select "LOAD <x:y>" ]', "in sh:select, line 1"),
        ('sh:js [ sh:jsFunctionName "f" ]', "is not accepted in shapes"),
        ('sh:rule [ sh:construct "CONSTRUCT {} WHERE {}" ]', "sh:rule is not accepted"),
        ('sh:target [ sh:select "SELECT ?this {}" ]', "sh:target is not accepted"),
    ],
)
def test_shapes_that_reach_out_are_refused(said: str, part: str, tmp_path: Path) -> None:
    file = tmp_path / "shapes.ttl"
    head = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
    file.write_text(f"{head}<urn:s> a sh:NodeShape ; {said} .", encoding="utf-8")
    with pytest.raises(MalformedFile) as raised:
        ShapesGraph.read([file])
    assert part in str(raised.value)
    assert str(file) in str(raised.value)


def test_words_in_names_strings_and_comments_of_a_query_reach_nobody(tmp_path: Path) -> None:
    file = tmp_path / "shapes.ttl"
    file.write_text(
        "@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
        "<urn:s> sh:sparql [ sh:select \"SELECT $this { $this <x:FROM> 'FROM', ?from } # FROM <x:y>\" ] .",
        encoding="utf-8",
    )
    assert len(ShapesGraph.read([file]).triples) == 2


def test_shapes_are_read_from_the_sources_alone() -> None:
    """Wherever shapes are read in the package, they are those of `Sources.shapes`."""
    given = []
    for file in Path(bpsgraph.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "ShapesGraph.read":
                given.append((file.name, ast.unparse(node.args[0])))
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "index_of" and len(node.args) > 2:
                given.append((file.name, ast.unparse(node.args[2])))
    # `docs.py` goes through the files of the sources one by one, `names.py` is given them by its callers.
    others = {("docs.py", "[file]"), ("names.py", "shapes")}
    assert len(given) >= 5
    assert [one for one in given if not one[1].endswith(".shapes()") and one not in others] == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT ?s { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }", "SERVICE"),
        ("SELECT ?s { ?s ?p ?o } ; DROP ALL", "DROP"),
        ("SELECT ?s { " + "{" * 5_000, "deep"),
        ("SELECT ?s { ?s ?p " + "(1 " * 100 + ")" * 100 + " }", "deep"),
    ],
)
def test_saved_queries_of_ones_own_are_guarded(query: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own/question.rq").write_text(HEADER + query, encoding="utf-8")
    with pytest.raises(BadQuery, match=said) as raised:
        Library(tmp_path)["own/question"]
    assert "question.rq, line" in str(raised.value)
