"""Puts a backup in the place of a store and its journal, so that a crash leaves the old or the new.

The state of the backup becomes the newest generation, and its journal waits beside the old one. The marker
is the one commit point, as always: once it names an entry that the journal lacks and the waiting one has,
whoever writes next lets the waiting one take its place; else the waiting one is thrown away.
"""

import shutil
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bpsgraph.errors import BadParameter, BpsError, StoreUnavailable
from bpsgraph.store.backup import Backup, checked
from bpsgraph.store.copies import Copies, copies_of
from bpsgraph.store.embedded import writing_anew
from bpsgraph.store.journal import Entry, Journal
from bpsgraph.store.locking import WAIT, make_durable
from bpsgraph.store.marker import Marker
from bpsgraph.store.migrations import any_marker
from bpsgraph.store.recovery import set_aside
from bpsgraph.store.writing import Writer


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the newest entry, and where what it does not hold lies now, if there was any."""

    entry: int
    triples: int
    set_aside: Path | None


def restore(
    folder: Path, store: Path, journal: Journal, *, replace: bool = False, wait: float = WAIT
) -> Restored:
    """Put the backup in that folder in the place of the store and its journal.

    All of the backup is checked before anything is touched. Where the store or its journal hold an entry
    that the backup does not, `replace` has to say that this is meant; such a journal is kept beside the new
    one. Raises `BackupDamaged`, `BadParameter` for entries that would be lost, and what opening a store for
    writing raises; all is then as it was.
    """
    backup = checked(folder)
    is_new = not journal.folder.exists()
    try:
        return _restored(backup, store, journal, replace, wait)
    except BaseException:
        if is_new:
            with suppress(OSError):
                journal.folder.rmdir()
        raise


def _restored(backup: Backup, store: Path, journal: Journal, replace: bool, wait: float) -> Restored:
    with writing_anew(store, wait=wait) as writer, journal.writing(wait):
        # Only now is nothing accepted any more that would be lost.
        settle(store, journal)
        held = _held_entries(store, journal)
        kept = {(entry.number, entry.hash) for entry in backup.entries}
        beyond = sorted(held - kept)
        if beyond and not replace:
            raise BadParameter(
                "--replace",
                f"the store holds entry {beyond[0][0]}, and the backup does not hold the same one",
                "give --replace if that is meant, what the backup lacks is then set aside",
            )
        return _put(backup, writer, journal, beyond)


def is_waiting(journal: Journal) -> bool:
    """Whether a restored journal waits for the old one to be put aside."""
    return _waiting(journal).exists()


def settle(store: Path, journal: Journal) -> None:
    """End what a crash left of a restore: the store and its journal are the old or the new afterwards.

    Only the writer of both may call this. Raises `StoreUnavailable`.
    """
    waiting, draft = _waiting(journal), _draft(journal)
    try:
        if draft.exists():
            shutil.rmtree(draft)
        if not waiting.exists():
            return
        try:
            marker: Marker | None = any_marker(store)
        except BpsError:
            marker = None
        if marker is not None and _has(Journal(waiting), marker) and not _has(journal, marker):
            _exchange(journal, waiting)
        else:
            shutil.rmtree(waiting)
            make_durable(waiting.parent)
    except OSError as error:
        raise StoreUnavailable(journal.folder, error.strerror or str(error)) from error


def _put(backup: Backup, writer: Writer, journal: Journal, beyond: Collection[tuple[int, str]]) -> Restored:
    copies = Copies(copies_of(writer.store))
    waiting = _waiting(journal)
    try:
        _lay_out(backup.entries, journal)
        for copy in copies.listed():
            if (copy.number, copy.hash) in beyond:
                # Else it would say that the restored journal has lost an entry. The old journal has it.
                set_aside(journal, copy.path)
        writer.adopt(backup.generation, backup.manifest, backup.marker)
        old = _exchange(journal, waiting)
        copies.complete(journal.entries())
    except OSError as error:
        with suppress(BpsError):
            settle(writer.store, journal)
        raise StoreUnavailable(writer.store, error.strerror or str(error)) from error
    return Restored(backup.inventory.entry, backup.marker.triples, old)


def _waiting(journal: Journal) -> Path:
    return journal.folder.with_name(f".{journal.folder.name}.restored")


def _draft(journal: Journal) -> Path:
    return journal.folder.with_name(f".{journal.folder.name}.restoring")


def _has(journal: Journal, marker: Marker) -> bool:
    """Whether the journal has the entry that is the last for this marker."""
    return marker.entry == 0 or any(
        (entry.number, entry.hash) == (marker.entry, marker.entry_hash) for entry in journal.listed()
    )


def _held_entries(store: Path, journal: Journal) -> set[tuple[int, str]]:
    """Whatever says that there is an entry: the names in the journal and of the copies, and the marker."""
    listed = (*journal.listed(), *Copies(copies_of(store)).listed())
    held = {(entry.number, entry.hash) for entry in listed}
    with suppress(BpsError):
        marker = any_marker(store)
        held |= {(marker.entry, marker.entry_hash)} if marker.entry else set()
    return held


def _lay_out(entries: Iterable[Entry], journal: Journal) -> None:
    """Put the restored journal beside the old one, where it waits, whole and on the disk."""
    draft, waiting = _draft(journal), _waiting(journal)
    draft.mkdir()
    for entry in entries:
        target = draft / entry.path.name
        shutil.copyfile(entry.path, target)
        make_durable(target)
    problems = Journal(draft).problems()
    if problems:
        raise StoreUnavailable(draft, f"what was copied is not what was written: {problems[0]}")
    make_durable(draft)
    draft.rename(waiting)
    make_durable(waiting.parent)


def _names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def _exchange(journal: Journal, waiting: Path) -> Path | None:
    """Let the waiting journal take the place of the old one; where that is kept, if it had anything else."""
    old: Path | None = None
    if journal.folder.exists():
        others = _names(journal.folder) - _names(waiting)
        number = 1
        while True:
            old = journal.folder.with_name(f"{journal.folder.name}.replaced-{number}")
            if not old.exists():
                break
            number += 1
        journal.folder.rename(old)
        waiting.rename(journal.folder)
        make_durable(journal.folder.parent)
        if not others:
            shutil.rmtree(old)
            old = None
    else:
        waiting.rename(journal.folder)
        make_durable(journal.folder.parent)
    return old
