"""The line of a subject is where its description begins, however its IRI is written."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpsgraph.ingest.lines import subject_lines
from bpsgraph.terms import BASE

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "data" / "ttl").rglob("*.ttl")) + sorted((ROOT / "ontology").rglob("*.ttl"))

TRICKY = '''# <comment> a <x:C> .
@prefix : <https://example.org/> .
PREFIX b.c: <https://example.org/bc#>
@base <https://example.org/base/> .
:one :p """<not> a <x:C> .
<nor> this . """ ; :q <two>, :three . # <four> a :C .

<two> :p 1.5, 2., .5 , 1e3 ; :q "a.b"@zh-Hans , 'it''s' .
:three :p [ :q <five> ; :r ( :six [ :s 1 ] ) ] ; :t true .
[ :p :seven ] :q :eight .
[] :p 1 .
( 1 2 ) :p 3 .
b.c:nine.ten a :C . b.c:el\\,even :p "\\"x\\" . <z> ." .
base <https://example.org/other/>
<two>
  :p 1 .
<tw\\u0065lve> :p :one .
_:b :p 1 .
:one :p 2 .
'''


def test_every_way_to_write_a_subject() -> None:
    text = TRICKY.replace("'it''s'", "'it\\'s'").replace("2., ", "2 , ")
    subjects = {
        q.subject.value for q in ox.parse(text, ox.RdfFormat.TURTLE) if isinstance(q.subject, ox.NamedNode)
    }
    home = "https://example.org/"
    assert subject_lines(text, BASE) == {
        home + "one": 5,
        home + "base/two": 8,
        home + "three": 9,
        home + "bc#nine.ten": 13,
        home + "bc#el,even": 13,
        home + "other/two": 15,
        home + "other/twelve": 17,
    }
    assert subjects - set(subject_lines(text, BASE)) == {home + "five", home + "six"} & subjects


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_subject_of_our_files_has_its_line(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    triples = ox.parse(text, ox.RdfFormat.TURTLE, base_iri=BASE)
    subjects = {quad.subject.value for quad in triples if isinstance(quad.subject, ox.NamedNode)}
    lines = subject_lines(text, BASE)
    assert set(lines) == subjects
    written = text.splitlines()
    for iri, line in lines.items():
        begins = written[line - 1].strip(" <>")
        assert iri.endswith(begins.partition(":")[2] or begins) or begins == iri


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"https://example\.org/[a-z0-9/.]{1,8}#?", fullmatch=True),
            st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=30),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_n_triples_are_one_statement_a_line_whatever_the_text(pairs: list[tuple[str, str]]) -> None:
    p = ox.NamedNode("https://example.org/p")
    statements = [f"{ox.NamedNode(iri)} {p} {ox.Literal(words)} ." for iri, words in pairs]
    expected: dict[str, int] = {}
    for line, (iri, _) in enumerate(pairs, 1):
        expected.setdefault(iri, line)
    assert subject_lines("\n".join(statements), BASE) == expected
