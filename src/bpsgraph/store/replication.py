"""Replicas: stores that hold the newest generation of another one, and are changed by nothing else.

A replica has the same marker and the same files as the store that it follows, so that whatever reads it
answers the same to the byte. The store followed may be the writer's own, on this machine or mounted, or a
copy of it that any tool has brought here: what is half there, or damaged on the way, is not taken over.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bpsgraph.errors import BadParameter, BpsError, StoreBusy, StoreDamaged, UnwritableFile
from bpsgraph.store import locking
from bpsgraph.store.generations import OWN, REPLICA, Generations, Held
from bpsgraph.store.locking import WAIT, WriterLock, make_durable
from bpsgraph.store.manifest import EXTRACT, MANIFEST, TABLE, hash_of
from bpsgraph.store.marker import MARKER, Marker


@dataclass(frozen=True, slots=True)
class Replicated:
    """What became of a replica: the marker that it has now, and how many files and bytes were copied.

    `linked` files were there already, or are shared with the store that is followed. All three are 0 where
    the replica was up to date.
    """

    marker: Marker
    copied: int = 0
    size: int = 0
    linked: int = 0

    @property
    def changed(self) -> bool:
        """Whether the replica was another before."""
        return bool(self.copied or self.linked)


def replicate(source: Path, target: Path, *, keep: int = 1, wait: float = WAIT) -> Replicated:
    """Bring the replica in `target`, which is made where there is none, to the newest generation of `source`.

    Of the generations it had, as many as make `keep` with the newest stay, and those that somebody reads.
    Whoever reads the replica reads on, and finds the new generation once all of it is on the disk. Each file
    that is copied is compared with its hash. Raises `BadParameter` where another store or something else is
    in the place of the replica, `UnwritableFile`, `StoreDamaged` where a file of the source is not what was
    written, `StoreBusy` where another process brings it up to date, and what opening the source raises. The
    replica is then as it was.
    """
    _refuse_others(source, target)
    try:
        target.mkdir(parents=True, exist_ok=True)
        if not (target / REPLICA).exists():
            (target / REPLICA).write_text(f"{source.resolve()}\n", encoding="utf-8")
    except OSError as error:
        raise UnwritableFile(target, error.strerror or str(error)) from error
    newest = Marker.read(source)
    with suppress(BpsError), _held(Generations(target)) as held:
        if held.marker == newest:
            return Replicated(newest)
    lock = WriterLock.take(target, wait)
    try:
        return _brought_over(source, target, keep)
    except OSError as error:
        raise UnwritableFile(target, error.strerror or str(error)) from error
    finally:
        lock.release()


def _refuse_others(source: Path, target: Path) -> None:
    if target.resolve() == source.resolve():
        raise BadParameter(str(target), "a store is no replica of itself", "name another folder with --store")
    try:
        there = {path.name for path in target.iterdir()} if target.exists() else set()
    except OSError as error:
        raise UnwritableFile(target, error.strerror or str(error)) from error
    if there and REPLICA not in there:
        what = "a store that is no replica" if MARKER in there else "something else than a replica"
        raise BadParameter(str(target), f"this holds {what}", "name a new folder with --store")
    if there - OWN:
        raise BadParameter(str(target), f"{min(there - OWN)!r} is no file of a replica", "take it away")


def _brought_over(source: Path, target: Path, keep: int) -> Replicated:
    generations = Generations(target)
    generations.root.mkdir(exist_ok=True)
    generations.clear()
    with _held(Generations(source), checked=False) as held:
        modified = (source / MARKER).stat().st_mtime_ns
        if Marker.read(source) != held.marker:
            # Its day of change is shown to readers, so that it must be that of this marker.
            return _brought_over(source, target, keep)
        number = held.marker.generation
        draft, folder = generations.draft(number), generations.folder(number)
        try:
            with ExitStack() as reading:
                before = None
                # Where there is none yet, or it is damaged, everything is copied.
                with suppress(BpsError):
                    before = reading.enter_context(_held(generations))
                done = _laid_out(held, draft, before)
            if folder.exists() and not generations.take_away(number):
                raise StoreBusy(
                    target, f"its generation {number} is another than that of {source}, and is read"
                )
            draft.rename(folder)
            make_durable(generations.root)
            held.marker.write(target, modified=modified)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    with suppress(OSError):
        earlier = [one for one in generations.numbers() if one != number]
        for one in earlier[: len(earlier) - (keep - 1)]:
            generations.take_away(one)
    return done


@contextmanager
def _held(generations: Generations, *, checked: bool = True) -> Iterator[Held]:
    held = generations.hold_newest(checked=checked)
    try:
        yield held
    finally:
        locking.unlock(held.lock)


def _laid_out(held: Held, draft: Path, before: Held | None) -> Replicated:
    """Put the files of a generation into a folder: what the one before has too is linked, all else copied."""
    draft.mkdir()
    store, here = held.folder.parents[1], f"{held.folder.name}/"
    linked, copied, size = 0, 0, 0
    # What other tools have brought to the source may be changed by them in its place.
    lasting = held.manifest.as_hashed(held.folder)
    for name, (length, digest) in held.manifest.files.items():
        target = draft / name
        kept = None if before is None else before.manifest.files.get(name)
        if (before is not None and kept == (length, digest) and _linked(before.folder / name, target)) or (
            name.endswith((TABLE, EXTRACT)) and name in lasting and _linked(held.folder / name, target)
        ):
            linked += 1
        else:
            try:
                shutil.copyfile(held.folder / name, target)
            except FileNotFoundError:
                raise StoreDamaged(store, f"{here}{name} is missing") from None
            if hash_of(target) != digest:
                raise StoreDamaged(store, f"{here}{name} is not what was written")
            copied, size = copied + 1, size + length
    (draft / MANIFEST).write_bytes(held.manifest.to_bytes())
    held.manifest.write_stamps(draft)
    for path in (*draft.iterdir(), draft):
        make_durable(path)
    return Replicated(held.marker, copied, size, linked)


def _linked(source: Path, target: Path) -> bool:
    """Whether the file has a second name now; not where it lies on another disk."""
    with suppress(OSError):
        os.link(source, target)
        return True
    return False
