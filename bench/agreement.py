"""The long form of tests/validate/test_agreement.py: pyshacl, pyshifty and the queries on many catalogues.

Generated catalogues of a few items with planted faults come first, one for each seed: the three have to find
the same, finding by finding, and what was planted. pyshacl, which is slow, is given what the submission leads
to, and with `--whole` all the data that pyshifty is given. With `--bundled` every bundled catalogue and every
example of a rule follows. What agrees is kept in a file, so that a run that was broken off goes on where it
stopped; where shapes, queries or data have changed, all begins anew. What differs is printed, and the exit
code is 1.
"""

import argparse
import hashlib
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, Triple

from bench.county import EDITION, NOT_PLANTED
from bpsgraph.building import build
from bpsgraph.formats import FORMATS
from bpsgraph.generator import Setting, Truth, read_setting, small_catalogue
from bpsgraph.generator.catalogue import turtle
from bpsgraph.ingest import Submission, parse, read
from bpsgraph.library import Library
from bpsgraph.sources import Sources, find_sources
from bpsgraph.store import Store, open_store
from bpsgraph.terms import RDF_TYPE
from bpsgraph.validation import Engine, Moment, catalogue_in, judge
from bpsgraph.validation.second_opinion import derive_findings
from bpsgraph.validation.shapes import Result, ShapesGraph, run_shapes
from bpsgraph.validation.workspace import SUBMITTED

Found = set[tuple[str, str, str]]


@dataclass(frozen=True)
class Outcome:
    """What one catalogue gave: how many findings, which faults are in it, and what is not as it should be."""

    name: str
    findings: int
    defects: tuple[str, ...]
    wrong: tuple[str, ...]
    seconds: float


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=200, help="how many catalogues are generated")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--workers", type=int, default=2, help="how many processes")
    parser.add_argument("--whole", action="store_true", help="give pyshacl all data (six times as slow)")
    parser.add_argument("--bundled", action="store_true", help="bundled catalogues and examples too")
    parser.add_argument("--folder", type=Path, default=Path("build/agreement"), help="where results are kept")
    options = parser.parse_args(arguments)
    sources = find_sources()
    folder = options.folder / _fingerprint(sources)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "store").exists():
        build(folder / "store", sources)
    names = [f"seed {seed}" for seed in range(options.first, options.first + options.submissions)]
    names += [str(path.relative_to(sources.root)) for path in bundled(sources)] if options.bundled else []
    kept = folder / "agreed.txt"
    agreed = kept.read_text(encoding="utf-8").splitlines() if kept.exists() else []
    left = [name for name in names if name not in set(agreed)]
    print(f"{len(names)} catalogues, {len(names) - len(left)} of them agreed before", flush=True)
    differing = 0
    defects: Counter[str] = Counter()
    with ProcessPoolExecutor(options.workers) as pool, kept.open("a", encoding="utf-8") as file:
        jobs = pool.map(compared, left, [folder / "store"] * len(left), [options.whole] * len(left))
        for number, outcome in enumerate(jobs, len(names) - len(left) + 1):
            differing += bool(outcome.wrong)
            defects.update(outcome.defects)
            told = (
                f"{number}/{len(names)} {outcome.name}: {outcome.findings} findings, {outcome.seconds:.0f} s"
            )
            print(told, *outcome.wrong, sep="\n  ", flush=True)
            if not outcome.wrong:
                file.write(outcome.name + "\n")
                file.flush()
    print("planted:", ", ".join(f"{name} {count}" for name, count in sorted(defects.items())))
    print(f"{len(names)} catalogues judged by three engines, {differing} differ")
    return int(differing > 0)


def compared(name: str, store: Path, whole: bool) -> Outcome:
    """Judge one catalogue by every engine; the catalogue is `seed 17` or a file of the project."""
    start = time.perf_counter()
    sources, library, shapes, setting = _made()
    truth: list[Truth] | None = None
    context = None
    if name.startswith("seed "):
        submission, truth = generated(setting, int(name.removeprefix("seed ")))
        moment = Moment(edition=EDITION)
    else:
        path = sources.root / name
        beside = path.parent / "context.ttl"
        submission, context = read(path), read(beside) if beside.exists() else None
        is_local = "local" in path.parts
        moment = Moment(day=date(2026, 11, 21)) if is_local else Moment(edition=EDITION)
    with open_store(store) as opened:
        findings, wrong = disagreements(submission, moment, opened, library, shapes, truth, context, whole)
    defects = tuple(row.defect for row in truth or ())
    return Outcome(name, findings, defects, tuple(wrong), time.perf_counter() - start)


def disagreements(
    submission: Submission,
    moment: Moment,
    store: Store,
    library: Library,
    shapes: ShapesGraph,
    truth: list[Truth] | None = None,
    context: Submission | None = None,
    whole: bool = True,
) -> tuple[int, list[str]]:
    """How many findings there are, and each that not every engine has or that the truth says otherwise."""
    judgement = judge(
        submission,
        catalogue_in(submission),
        moment,
        store,
        library,
        shapes,
        context=context,
        engine=Engine.PYSHIFTY,
    )
    subjects = {triple.subject for triple in submission.triples}
    data = judgement.data if whole else led_to(judgement.data, subjects)
    found = {
        "pyshifty": _found(judgement.results),
        "pyshacl": _found(run_shapes(shapes, data, Engine.PYSHACL, focus=subjects)),  # type: ignore[arg-type]
        "sparql": _found(derive_findings(judgement.work, library, judgement.catalogue, SUBMITTED)),
    }
    every = set.union(*found.values())
    wrong = [f"{engine} lacks {one}" for engine, given in found.items() for one in sorted(every - given)]
    if truth is not None:
        planted = {(row.rule, row.focus, row.value) for row in truth}
        told = {
            (result.shape.partition("#")[2], str(result.focus.value), _named(result))
            for result in judgement.results
        }
        told = {one for one in told if one[0] not in NOT_PLANTED}
        wrong += [f"not found though planted: {one}" for one in sorted(planted - told)]
        wrong += [f"found though not planted: {one}" for one in sorted(told - planted)]
    return len(found["pyshifty"]), wrong


def led_to(data: Iterable[Triple], start: Collection[object]) -> list[Triple]:
    """The triples that lead away from some nodes, and from whatever points at these, step by step."""
    about: dict[object, list[Triple]] = {}
    waiting = set(start)
    for triple in data:
        about.setdefault(triple.subject, []).append(triple)
        if triple.object in start:
            waiting.add(triple.subject)
    seen: set[object] = set()
    found: list[Triple] = []
    while waiting:
        node = waiting.pop()
        seen.add(node)
        for triple in about.get(node, ()):
            found.append(triple)
            if triple.predicate != RDF_TYPE and triple.object not in seen:
                waiting.add(triple.object)
    return found


def generated(setting: Setting, seed: int) -> tuple[Submission, list[Truth]]:
    """The small catalogue of a seed, read as a file would be, and what is planted in it."""
    catalogue, truth = small_catalogue(setting, seed)
    name = f"seed {seed}"
    return Submission(name, parse(turtle(catalogue).encode(), name, FORMATS["turtle"])), truth


def bundled(sources: Sources) -> Iterator[Path]:
    """Every bundled catalogue, and the good and the bad example of every rule."""
    yield from sorted((sources.root / "data/ttl/local").glob("*.ttl"))
    for path in sorted((sources.root / "tests/shapes").glob("*/*.ttl")):
        if path.stem != "context":
            yield path


def _found(results: Iterable[Result]) -> Found:
    return {
        (result.shape.partition("#")[2], str(result.focus), "" if result.value is None else str(result.value))
        for result in results
    }


def _named(result: Result) -> str:
    named = isinstance(result.value, NamedNode) and result.value != result.focus
    return str(result.value.value) if named and result.value is not None else ""


@cache
def _made() -> tuple[Sources, Library, ShapesGraph, Setting]:
    sources = find_sources()
    setting = read_setting(sources.root / "data" / "ttl")
    return sources, Library(sources.root / "queries"), ShapesGraph.read(sources.shapes()), setting


def _fingerprint(sources: Sources) -> str:
    """The start of the hash of everything that a finding rests on, the code of the package included."""
    package = Path(sys.modules["bpsgraph"].__file__ or "").parent
    hashed = hashlib.sha256()
    folders = [sources.root / name for name in ("data/ttl", "ontology", "queries", "shapes")]
    for folder in (*folders, package / "generator", package / "validation"):
        for path in sorted(p for p in folder.rglob("*") if p.suffix in (".ttl", ".rq", ".py")):
            hashed.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return hashed.hexdigest()[:12]


if __name__ == "__main__":
    sys.exit(main())
