"""Second readers for what we write: rdflib, and `rapper` of Raptor (Debian: raptor2-utils) where it is installed."""

import logging
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import rdflib
from pyoxigraph import Quad, RdfFormat, Triple, parse

from bpsgraph import serialisation
from bpsgraph.building import build
from bpsgraph.formats import FORMATS, RDF_FORMATS
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.terms import BASE
from conformance.comparing import same_graph

RAPPER = shutil.which("rapper")
_RDFLIB = {"turtle": "turtle", "jsonld": "json-ld", "ntriples": "nt", "rdfxml": "xml"}
# Raptor reads no JSON-LD.
_RAPPER = {"turtle": "turtle", "ntriples": "ntriples", "rdfxml": "rdfxml"}
READERS = ("rdflib", "rapper") if RAPPER else ("rdflib",)


def read_by(reader: str, text: str, format: str) -> list[Triple] | None:
    """The triples that a second reader finds in the text; None where it does not know the format."""
    if reader == "rapper":
        return _by_rapper(text, format) if format in _RAPPER else None
    with as_written():
        graph = rdflib.Graph().parse(data=text, format=_RDFLIB[format], publicID=BASE)
        found = graph.serialize(format="nt", encoding="utf-8")
    return [quad.triple for quad in parse(found, RdfFormat.N_TRIPLES)]


def _by_rapper(text: str, format: str) -> list[Triple]:
    assert RAPPER is not None
    command = [RAPPER, "-q", "-i", _RAPPER[format], "-o", "ntriples", "-I", BASE, "-"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    if done.returncode or done.stderr:
        raise ValueError(done.stderr.decode(errors="replace").strip())
    return [quad.triple for quad in parse(done.stdout, RdfFormat.N_TRIPLES)]


@contextmanager
def as_written() -> Iterator[None]:
    """Let rdflib keep literals as they are written, and be quiet about those it cannot make values of."""
    logger = logging.getLogger("rdflib.term")
    before = logger.disabled, rdflib.NORMALIZE_LITERALS
    logger.disabled, rdflib.NORMALIZE_LITERALS = True, False
    try:
        with warnings.catch_warnings():
            # rdflib's reader of JSON-LD uses what rdflib itself deprecates.
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled, rdflib.NORMALIZE_LITERALS = before


def disagreements(triples: Iterable[Triple], formats: Iterable[str] = RDF_FORMATS) -> list[str]:
    """What second readers find otherwise in the triples as we write them: a sentence each."""
    triples = list(triples)
    said = []
    for format in formats:
        text = serialisation.text(triples, FORMATS[format])
        said += otherwise_read(text, format, triples)
    return said


def otherwise_read(text: str, format: str, triples: Iterable[Triple] | None = None) -> list[str]:
    """Where a second reader finds other triples in a text than these, or than we read in it."""
    if triples is None:
        triples = [quad.triple for quad in parse(text, FORMATS[format].rdf, base_iri=BASE)]
    expected = _quads(triples)
    said = []
    for reader in READERS:
        found = read_by(reader, text, format)
        if found is not None and not same_graph(expected, _quads(found)):
            more, less = set(map(str, found)), {str(quad.triple) for quad in expected}
            examples = sorted(more - less)[:2], sorted(less - more)[:2]
            said.append(f"{reader} reads the {format} otherwise: {examples[0]} for {examples[1]}")
    return said


def _quads(triples: Iterable[Triple]) -> list[Quad]:
    return [Quad(triple.subject, triple.predicate, triple.object) for triple in triples]


def quads_read_by(reader: str, text: str) -> list[Quad]:
    """The quads that a second reader finds in N-Quads."""
    if reader == "rapper":
        assert RAPPER is not None
        command = [RAPPER, "-q", "-i", "nquads", "-o", "nquads", "-I", BASE, "-"]
        done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
        return list(parse(done.stdout, RdfFormat.N_QUADS))
    with as_written():
        dataset = rdflib.Dataset().parse(data=text, format="nquads")
        found = dataset.serialize(format="nquads", encoding="utf-8")
    return list(parse(found, RdfFormat.N_QUADS))


def every_graph() -> list[str]:
    """Build a store, write each of its graphs in every format, and say which a second reader reads otherwise."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "store", find_sources())
        with open_store(Path(folder) / "store") as store:
            graphs = {name: tuple(store.graph(name)) for name in store.graphs()}
    said = [f"{name}: {wrong}" for name, triples in graphs.items() for wrong in disagreements(triples)]
    readings = len(graphs) * (len(RDF_FORMATS) + (len(_RAPPER) if RAPPER else 0))
    print(
        f"what we write, read by {' and '.join(READERS)}: {readings - len(said)} of {readings} readings the same; "
        f"{len(graphs)} graphs ({sum(map(len, graphs.values()))} triples) in {len(RDF_FORMATS)} formats, "
        f"{time.perf_counter() - began:.0f} s"
    )
    if RAPPER is None:
        print("rapper is not installed (Debian: raptor2-utils): rdflib alone was asked", file=sys.stderr)
    return said
