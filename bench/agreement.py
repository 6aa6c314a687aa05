"""The long form of tests/validate/test_agreement.py: counties, every bundled catalogue, every example.

pyshifty, pyshacl and the queries in SPARQL have to find the same in each, and in generated counties what the
truth file says. What differs is printed, and the exit code is 1.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bench.county import EDITION, NOT_PLANTED, named
from bpsgraph.building import build
from bpsgraph.generator import Truth, generate
from bpsgraph.ingest import read
from bpsgraph.library import Library
from bpsgraph.sources import Sources, find_sources
from bpsgraph.store import open_store
from bpsgraph.validation import Engine, Moment, catalogue_in, judge
from bpsgraph.validation.second_opinion import derive_findings
from bpsgraph.validation.shapes import ShapesGraph, run_shapes
from bpsgraph.validation.workspace import SUBMITTED

# Counties of east, centre and west, a district and a county-level city.
PLACES = ("330106", "140525", "510727", "341722", "330681")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1, help="how many counties of each place")
    options = parser.parse_args(arguments)
    sources = find_sources()
    library, shapes = Library(sources.root / "queries"), ShapesGraph.read(sources.shapes())
    edition = Moment(edition=EDITION)
    day = Moment(day=date(2026, 11, 21))
    differing = judged = 0
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "store", sources)
        with open_store(Path(folder) / "store") as store:
            for path, moment, truth in cases(sources, Path(folder), options.seeds, edition, day):
                submission = read(path)
                beside = path.parent / "context.ttl"
                judgement = judge(
                    submission,
                    catalogue_in(submission),
                    moment,
                    store,
                    library,
                    shapes,
                    context=read(beside) if beside.exists() else None,
                    engine=Engine.PYSHIFTY,
                )
                subjects = {t.subject for t in submission.triples}
                pyshacl = run_shapes(shapes, judgement.data, Engine.PYSHACL, focus=subjects)  # type: ignore[arg-type]
                queries = derive_findings(judgement.work, library, judgement.catalogue, SUBMITTED)
                given = {(r.shape, r.focus, r.value) for r in judgement.results}
                found = {
                    "pyshacl": given ^ {(r.shape, r.focus, r.value) for r in pyshacl},
                    "sparql": given ^ {(r.shape, r.focus, r.value) for r in queries},
                }
                wrong = [f"{engine}: {item}" for engine, items in found.items() for item in items]
                if truth is not None:
                    planted = {(row.rule, row.focus, row.value) for row in truth}
                    results = {f for f in named(judgement.results) if f[0] not in NOT_PLANTED}
                    wrong += [f"truth: {item}" for item in planted ^ results]
                judged += 1
                differing += bool(wrong)
                print(
                    f"{path.parent.name}/{path.name}: {len(given)} findings", *wrong, sep="\n  ", flush=True
                )
    print(f"{judged} catalogues judged, {differing} differ")
    return int(differing > 0)


def cases(
    sources: Sources, folder: Path, seeds: int, edition: Moment, day: Moment
) -> Iterator[tuple[Path, Moment, list[Truth] | None]]:
    """Each file with the floors it is compared with, and what is planted in it where that is known."""
    for seed in range(1, seeds + 1):
        for place in PLACES:
            made = generate(
                sources.root / "data" / "ttl",
                folder / f"seed-{seed}",
                "county",
                seed=seed,
                jurisdiction=place,
            )
            for path, truth in made:
                yield path, edition, truth
    for path in sorted((sources.root / "data/ttl/local").glob("*.ttl")):
        yield path, day, None
    for path in sorted((sources.root / "tests/shapes").glob("*/*.ttl")):
        if path.stem != "context":
            yield path, edition, None


if __name__ == "__main__":
    sys.exit(main())
