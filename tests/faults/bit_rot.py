"""One flipped bit, or a lost end, in any file of store or journal: `doctor` names the file, `rebuild` mends it.

Every file counts as often as any other, every byte of it too. What `rebuild` makes must hold the same graphs.
"""

import shutil
from functools import partial
from pathlib import Path
from random import Random

from bpsgraph.acceptance import Register
from bpsgraph.store import open_store
from faults.hamlet import Hamlet, catalogue, figures
from faults.trial import Figure, apart, bpsgraph, side_by_side
from small_world import NOON

PARTS = 4
# A lock holds no more than who wrote last.
NOT_KEPT = {"lock", "LOCK"}


def damaged(path: Path, chance: Random, *, cut: bool) -> str:
    """Flip a bit of the file, or cut its end off, and say what was done."""
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data))
    if cut:
        path.write_bytes(data[:at])
        return f"cut to {at:,} of {len(data):,} bytes"
    bit = chance.randrange(8)
    data[at] ^= 1 << bit
    path.write_bytes(data)
    return f"bit {bit} of byte {at:,} of {len(data):,} flipped"


def files_of(folder: Path) -> list[Path]:
    """The files of the store and its journal in a folder that hold something, by their names there."""
    found = (path for place in ("store", "store.journal") for path in (folder / place).rglob("*"))
    kept = (path for path in found if path.is_file() and path.stat().st_size and path.name not in NOT_KEPT)
    return sorted(path.relative_to(folder) for path in kept)


def graphs_of(store: Path) -> dict[str, str]:
    """The hash of every graph."""
    with open_store(store) as opened:
        return {graph: opened.graph(graph).content_hash() for graph in opened.graphs()}


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure(
        "one flipped bit or lost end", seed, "were found with their file and repaired by `rebuild`"
    )
    whole = work / "whole"
    whole.mkdir()
    shutil.copytree(base, whole / "store")

    def change() -> None:
        register = Register(whole / "store", hamlet.library)
        hamlet.accept(whole / "store", catalogue(work, 1))
        hamlet.accept(whole / "store", catalogue(work, 2, "2022"))
        register.accept_figures(figures(3), by="王芳", at=NOON, file="faults.csv")
        register.withdraw("https://w3id.org/bps/id/catalogue/371323/2021", by="李强", at=NOON)

    apart(change)
    wanted = apart(lambda: graphs_of(whole / "store"))
    files = files_of(whole)
    figure.seen["files"] = len(files)
    chance = Random(f"{seed} rot")
    # All files in turn, each time in another order.
    order = [file for _ in range(-(-count // len(files))) for file in chance.sample(files, len(files))][
        :count
    ]

    def part(first: int, figure: Figure) -> None:
        for trial in range(first, count, PARTS):
            place = work / str(trial)
            shutil.copytree(whole, place)
            cut = trial % 5 == 4
            how = damaged(place / order[trial], Random(f"{seed} rot {trial}"), cut=cut)
            figure.count("ends_lost" if cut else "bits_flipped")
            problems = judged(place, order[trial], hamlet, wanted, figure)
            figure.trial(f"{order[trial]}, {how}", problems)
            shutil.rmtree(place)

    side_by_side(figure, [partial(part, first) for first in range(min(PARTS, count))])
    return figure


def judged(place: Path, file: Path, hamlet: Hamlet, wanted: dict[str, str], figure: Figure) -> list[str]:
    """What is not as it should be with doctor and rebuild on the damaged store in a folder."""
    places = {"store": place / "store", "sources": hamlet.root, "lang": "en"}
    doctor = bpsgraph("doctor", places=places)
    said, problems = doctor.out + doctor.err, [*doctor.problems]
    found = doctor.code in (1, 3) and named(file, said)
    figure.count("found", int(found))
    if not found:
        problems.append(f"doctor ended with {doctor.code} and said {said[-500:]}")
    mended = bpsgraph("rebuild", places=places)
    problems += mended.problems
    if mended.code:
        problems.append(f"rebuild ended with {mended.code}: {mended.err[-500:]}")
        return problems
    again = bpsgraph("doctor", places=places)
    if again.code:
        problems.append(f"doctor after rebuild ended with {again.code}: {again.out[-400:]}{again.err[-300:]}")
    now = apart(lambda: graphs_of(place / "store"))
    if differing := sorted(graph for graph in {*now, *wanted} if now.get(graph) != wanted.get(graph)):
        problems.append(f"other graphs than before: {differing}")
    else:
        figure.count("repaired", int(not again.code))
    return problems


def named(file: Path, said: str) -> bool:
    """Whether words name the file: by its name, or an entry by its number."""
    number = file.name.partition("-")[0]
    return file.name in said or (number.isdigit() and f"entry {int(number)} " in said)
