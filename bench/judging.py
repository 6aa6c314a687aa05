"""One engine of others for SHACL: it validates one file of N-Triples after another.

`python bench/judging.py pyshifty|pyshacl FOLDER`, in the environment of the peers, needs nothing of bpsgraph.
The shapes are the file `shapes` of the folder. It prints as JSON the processor and wall time of reading and
validating the data (of reading the shapes not), the most memory in MiB, and shape and focus of each result.
"""

import json
import logging
import resource
import sys
import time
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

SH = "http://www.w3.org/ns/shacl#"


def main() -> int:
    """Validate each file."""
    import rdflib

    engine, folder = sys.argv[1], Path(sys.argv[2])
    # What is malformed is for the shapes to say: rdflib would log it, and write false for a bad boolean.
    logging.getLogger("rdflib.term").disabled = True
    rdflib.NORMALIZE_LITERALS = False
    validate = {"pyshifty": _pyshifty, "pyshacl": _pyshacl}[engine]((folder / "shapes").read_bytes())
    taken = {"seconds": 0.0, "wall": 0.0}
    found = set()
    for file in sorted(folder.glob("*.nt")):
        data = file.read_bytes()
        began, wall = time.process_time(), time.perf_counter()
        report = validate(data)
        taken["seconds"] += time.process_time() - began
        taken["wall"] += time.perf_counter() - wall
        for node in report.subjects(rdflib.RDF.type, rdflib.URIRef(SH + "ValidationResult")):
            shape, focus = (
                str(report.value(node, rdflib.URIRef(SH + name))) for name in ("sourceShape", "focusNode")
            )
            found.add((shape.partition("#")[2], focus))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**taken, "peak": peak, "found": sorted(found)}))
    return 0


def _pyshifty(shapes: bytes) -> Callable[[bytes], Any]:
    import shifty

    validator = shifty.PreparedValidator(shapes)

    def validate(data: bytes) -> Any:
        with warnings.catch_warnings():
            # A shape that could not run must not look like one that passed.
            warnings.simplefilter("error")
            return validator.validate(
                data, graph_mode="data", infer=False, sort_results=False, on_unsupported="error"
            )[1]

    return validate


def _pyshacl(shapes: bytes) -> Callable[[bytes], Any]:
    import pyshacl
    import rdflib
    from rdflib.plugins.sparql import prepareQuery

    rules = rdflib.Graph().parse(shapes, format="nt")
    read = lru_cache(maxsize=None)(prepareQuery)

    class Graph(rdflib.Graph):
        """Reads each query once: pyshacl asks it anew for every focus node, which takes minutes."""

        def query(self, query_object: Any, *args: Any, **others: Any) -> Any:
            prepared = read(query_object) if isinstance(query_object, str) else query_object
            return super().query(prepared, *args, **others)

    def validate(data: bytes) -> Any:
        graph = Graph().parse(data, format="nt")
        return pyshacl.validate(graph, shacl_graph=rules, inference="none", inplace=True)[1]

    return validate


if __name__ == "__main__":
    sys.exit(main())
