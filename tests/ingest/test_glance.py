"""A glance at triples sees whatever is there; what it takes literals for is looked at more closely."""

import pickle
from pathlib import Path

import pyoxigraph as ox
import pytest

from bpsgraph.errors import ForeignVocabulary
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import Place, parse, read, with_names
from bpsgraph.ingest.glance import Glance
from bpsgraph.ingest.submission import Submission
from bpsgraph.terms import BASE, BPS, RDF

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "data" / "ttl" / "local").glob("*.ttl"))
HEAD = f"@base <{BASE}> . @prefix bps: <{BPS}> .\n<i> a bps:ServiceItem .\n"
IN_WORDS = f" <{RDF}type> <{BPS}Item> . _:a <javascript:a> _:b << \\n_:c <{RDF}type> <{BPS}Item>"


def written(folder: Path, text: str) -> Submission:
    path = folder / "c.ttl"
    path.write_text(text, encoding="utf-8")
    return read(path)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_it_sees_every_iri_of_our_files(file: Path) -> None:
    triples = parse(file.read_bytes(), file.name, FORMATS["turtle"])
    terms = {term for triple in triples for term in triple}
    iris = {term.value for term in terms if isinstance(term, ox.NamedNode)}
    iris |= {term.datatype.value for term in terms if isinstance(term, ox.Literal) and not term.language}
    implied = {"http://www.w3.org/2001/XMLSchema#string"}
    assert Glance(triples).foreign_iris == {i for i in iris if not i.startswith((BASE, BPS))} - implied
    assert Glance(triples).has_class_of_ours


def test_words_in_a_literal_are_taken_for_nothing_else(tmp_path: Path) -> None:
    submission = written(tmp_path, HEAD + f'<i> <p> "{IN_WORDS}" .\n')
    assert (submission.remarks, len(submission.triples)) == ((), 2)
    assert with_names(submission.triples) == submission.triples
    with pytest.raises(ForeignVocabulary, match="no rdf:type at all"):
        written(tmp_path, f'<x:i> <x:p> "{IN_WORDS}" .\n')


def test_what_stands_behind_such_words_is_still_seen(tmp_path: Path) -> None:
    submission = written(tmp_path, HEAD + f'<i> <p> "{IN_WORDS} <", <javascript:b> ; <q> 1e999, [] .\n')
    assert [(remark.reason, remark.value, remark.place) for remark in submission.remarks] == [
        ("infinite-number", "1e999", Place(line=2)),
        ("suspicious-iri", "javascript:b", Place(line=2)),
    ]
    objects = {triple.object for triple in with_names(submission.triples)}
    assert ox.NamedNode(BASE + "unnamed/1") in objects


def test_a_submission_travels_with_the_lines_of_its_subjects(tmp_path: Path) -> None:
    submission = written(tmp_path, HEAD + "<j> a bps:ServiceItem .\n<i> <p> 1 .\n")
    assert submission.places.things == {BASE + "i": Place(line=2), BASE + "j": Place(line=3)}
    assert pickle.loads(pickle.dumps(submission.places)) == submission.places
