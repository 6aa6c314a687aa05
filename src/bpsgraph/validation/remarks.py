"""What readers of files remark, as triples: the shapes of `shapes/reading/` make findings of them."""

from dataclasses import replace

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.ingest import Remark, Submission, with_names
from bpsgraph.results import Triples
from bpsgraph.terms import BASE, BPS, RDF_TYPE

_CLASS = NamedNode(BPS + "Remark")


def to_judge(submission: Submission) -> Submission:
    """The submission with a name for whatever it leaves unnamed, and with its remarks among its triples.

    A remark stands where its place says. It is judged with the rest and is no part of what is stored.
    """
    named = with_names(submission.triples)
    if not submission.remarks:
        # Lines of things are found when they are asked for, and nothing asks here.
        return submission if named is submission.triples else replace(submission, triples=named)
    remarks = {NamedNode(f"{BASE}remark/{n}"): remark for n, remark in enumerate(submission.remarks, 1)}
    return replace(
        submission,
        triples=Triples(named.triples.union(*(_triples(node, remark) for node, remark in remarks.items()))),
        places=replace(
            submission.places,
            things={**submission.places.things, **{node.value: r.place for node, r in remarks.items()}},
        ),
        remarks=(),
    )


def _triples(node: NamedNode, remark: Remark) -> set[Triple]:
    said = {
        "reason": NamedNode(f"{BASE}reading/{remark.reason}"),
        "given": Literal(remark.value) if remark.value else None,
        "expected": Literal(remark.expected) if remark.expected else None,
        "replacement": Literal(remark.replacement) if remark.replacement else None,
        "item": NamedNode(remark.item) if remark.item else None,
        "concerns": NamedNode(remark.path) if remark.path else None,
    }
    return {
        Triple(node, RDF_TYPE, _CLASS),
        *(Triple(node, NamedNode(BPS + name), term) for name, term in said.items() if term is not None),
    }
