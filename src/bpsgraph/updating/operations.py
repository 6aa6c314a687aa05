"""An update request as its operations, each with the prologue.

https://www.w3.org/TR/sparql11-update/#updateLanguage: operations are parted by `;`. They are run one by one,
so that each sees the union of the graphs as the one before left them; only tokens and brackets are read for
that, after the parser has taken the whole. pyoxigraph 0.5 takes a prologue at the beginning only.
"""

from collections.abc import Iterator, Sequence

from bpsgraph.engine.guard import tokens
from bpsgraph.errors import BadParameter, BadQuery

_OPENING, _CLOSING = frozenset("{(["), frozenset("})]")


def operations(update: str, using: Sequence[str] = (), using_named: Sequence[str] = ()) -> list[str]:
    """The operations of an update that parses; those with WHERE ask the dataset that is named, if one is.

    Raises `BadParameter` where the update names a dataset too
    (https://www.w3.org/TR/sparql11-protocol/#update-operation), `BadQuery` for `DELETE WHERE` over one.
    """
    clauses = "".join(f" USING <{iri}>" for iri in using)
    clauses += "".join(f" USING NAMED <{iri}>" for iri in using_named)
    return list(_split(update, clauses))


def _split(update: str, clauses: str) -> Iterator[str]:
    prologue: str | None = None
    text, before = "", ""
    written = depth = expected = 0
    for token, word, at in tokens(update):
        if token in _OPENING:
            depth += 1
        elif token in _CLOSING:
            depth -= 1
        elif depth == 0:
            if prologue is None:
                if word in ("PREFIX", "BASE"):
                    # A prefix is followed by its name and an IRI, a base by an IRI.
                    expected = 2 if word == "PREFIX" else 1
                elif expected:
                    expected -= 1
                else:
                    prologue, written = update[:at], at
            if clauses and word in ("USING", "WITH"):
                problem = f"the update names a dataset itself with {word}"
                raise BadParameter("using-graph-uri", problem, "leave out one of both")
            if clauses and word == "WHERE":
                if before == "DELETE":
                    raise BadQuery("DELETE WHERE asks no dataset", "write DELETE { … } WHERE { … }")
                text += update[written:at] + clauses + " "
                written = at
            if token == ";" and prologue is not None:
                yield prologue + text + update[written:at]
                text, written = "", at + 1
        before = word or token
    if prologue is not None and update[written:].strip():
        yield prologue + text + update[written:]
