"""Answers as Turtle: result sets in the vocabulary of the SPARQL tests, with where they came from.

http://www.w3.org/2001/sw/DataAccess/tests/result-set# is what rdflib and Jena read and write too; the
provenance is PROV-O (https://www.w3.org/TR/prov-o/).
"""

from collections.abc import Iterator, Sequence

from pyoxigraph import BlankNode, Literal

from bpsgraph.answers.answer import Answer
from bpsgraph.library.catalogue import query_iri
from bpsgraph.results import Text
from bpsgraph.terms import Term

_PREFIXES = {
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rs": "http://www.w3.org/2001/sw/DataAccess/tests/result-set#",
    "schema": "https://schema.org/",
    "sh": "http://www.w3.org/ns/shacl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def to_turtle(answers: Sequence[Answer], language: str) -> str:
    """Each answer as a `rs:ResultSet`, a solution per row; the same answers give the same text."""
    prefixes = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in _PREFIXES.items())
    return prefixes + "".join(
        f"\n{''.join(_result_set(answer, f'answer{number}'))}" for number, answer in enumerate(answers, 1)
    )


def _result_set(answer: Answer, label: str) -> Iterator[str]:
    made = answer.provenance
    yield f"_:{label} a rs:ResultSet , prov:Entity ;\n"
    yield f"  dct:title {_words(answer.title)} ;\n"
    yield f"  dct:description {_words(answer.description)} ;\n"
    for note in answer.notes:
        yield f"  rdfs:comment {_words(note)} ;\n"
    yield f"  prov:wasDerivedFrom [ a prov:Entity ; dct:identifier {Literal(made.store)} ] ;\n"
    yield "  prov:wasGeneratedBy [\n    a prov:Activity ;\n"
    yield f"    prov:hadPlan {query_iri(answer.name)} ;\n"
    yield f"    schema:version {Literal(made.version)} ;\n"
    for name, values in made.parameters.items():
        for value in values:
            yield f"    prov:used [ a prov:Entity ; rdfs:label {Literal(name)} ; "
            yield f"prov:value {Literal(value)} ] ;\n"
    if made.text is not None:
        yield f"    sh:select {Literal(made.text)} ;\n"
    yield "  ] ;\n"
    yield f"  rs:size {len(answer.rows)} ;\n"
    names = " , ".join(str(Literal(column)) for column in answer.rows.columns)
    yield f"  rs:resultVariable {names} .\n"
    for index, row in enumerate(answer.rows.rows, 1):
        yield f"\n_:{label} rs:solution [\n  rs:index {index} ;\n"
        for column, term in zip(answer.rows.columns, row, strict=True):
            if term is not None:
                yield f"  rs:binding [ rs:variable {Literal(column)} ; rs:value {_term(term)} ] ;\n"
        yield "] .\n"


def _words(text: Text) -> str:
    return f"{Literal(text.zh, language='zh')} , {Literal(text.en, language='en')}"


def _term(term: Term) -> str:
    # The names of blank nodes are those of the store; here they must not meet the names of the answers.
    return f"_:node{term.value}" if isinstance(term, BlankNode) else str(term)
