"""Copies of the entries of a journal, in the folder `entries` of the store, to repair a journal from.

A copy is `<number>-<sha256 of the entry>.nq.gz`: a gzip file (RFC 1952) without a time or a name, whose
comment is the SHA-256 of all that follows it; unpacking alone does not notice every flipped byte.
"""

import hashlib
import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bpsgraph.errors import JournalDamaged, StoreUnavailable
from bpsgraph.store.journal import Entry, Journal, write_durably
from bpsgraph.store.locking import make_durable

ENTRIES = "entries"
_NAME = re.compile(r"([0-9]{6,})-([0-9a-f]{64})\.nq\.gz")
_DRAFT = re.compile(r"\.[0-9]{6,}\.draft")
# Deflated, with a comment; no time; packed as small as can be; by no system in particular.
_HEAD = struct.pack("<4BI2B", 0x1F, 0x8B, 8, 0x10, 0, 2, 255)
_COMMENT = 64


def copies_of(store: Path) -> Path:
    """The folder with the copies that a store keeps."""
    return store / ENTRIES


class Copies:
    """The copies in a folder, which need not exist before the first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def listed(self) -> tuple[Entry, ...]:
        """The copies in the order of their numbers, as far as names tell; raises `StoreUnavailable`."""
        names = ((path, _NAME.fullmatch(path.name)) for path in self._files())
        found = [Entry(int(name[1]), "sha256:" + name[2], path) for path, name in names if name]
        return tuple(sorted(found, key=lambda copy: (copy.number, copy.hash)))

    def read(self, copy: Entry) -> bytes | None:
        """What a copy holds, None where it is not whole; raises `StoreUnavailable`."""
        with self._translated():
            return unpacked(copy.path.read_bytes())

    def write(self, number: int, data: bytes) -> Entry:
        """Keep the bytes of an entry, and return the copy once it is on the disk.

        Only whoever writes to the journal may call this. Raises `StoreUnavailable`, and then there is none.
        """
        with self._translated():
            if not self.folder.exists():
                self.folder.mkdir()
                make_durable(self.folder.parent)
        digest = hashlib.sha256(data).hexdigest()
        path = self.folder / f"{number:06d}-{digest}.nq.gz"
        write_durably(path, packed(data), self.folder / f".{number:06d}.draft")
        return Entry(number, "sha256:" + digest, path)

    def complete(self, entries: Iterable[Entry]) -> None:
        """Write the copies that are missing of these entries, and clear away what a crash left half written.

        Raises `StoreUnavailable`.
        """
        there = {copy.path.name for copy in self.listed()}
        with self._translated():
            for path in self._files():
                if _DRAFT.fullmatch(path.name):
                    path.unlink()
        for entry in entries:
            if entry.path.name + ".gz" in there:
                continue
            with self._translated():
                data = entry.path.read_bytes()
            # A damaged entry is no copy of what was written.
            if "sha256:" + hashlib.sha256(data).hexdigest() == entry.hash:
                self.write(entry.number, data)

    def remove(self, entry: Entry) -> None:
        """Take away the copy of an entry that does not count, if there is one; raises `StoreUnavailable`."""
        with self._translated():
            if self.folder.exists():
                (self.folder / f"{entry.number:06d}-{entry.hash.removeprefix('sha256:')}.nq.gz").unlink(
                    missing_ok=True
                )
                make_durable(self.folder)

    def refuse_other_entries(self, journal: Journal) -> None:
        """Raise `JournalDamaged` where there is a copy of an entry, by its name, that the journal lacks.

        Raises what `Journal.entries` raises, and `StoreUnavailable`.
        """
        copied: dict[int, set[str]] = {}
        for copy in self.listed():
            copied.setdefault(copy.number, set()).add(copy.hash)
        known = {entry.number: entry.hash for entry in journal.entries()}
        for number, hashes in sorted(copied.items()):
            if known.get(number) not in hashes:
                problem = "is not the one that the store has a copy of"
                if number not in known:
                    problem = "is missing, and the store has a copy of it"
                raise JournalDamaged(journal.folder, number, problem)

    def problems(self, entries: Sequence[Entry]) -> list[str]:
        """A sentence for whatever is wrong with the copies of these entries; none where they are whole."""
        try:
            listed, files = self.listed(), self._files()
            sentences = [
                f"{ENTRIES}/{path.name} is no copy of an entry: take it away"
                for path in files
                if not _NAME.fullmatch(path.name) and not _DRAFT.fullmatch(path.name)
            ]
            known = {entry.number: entry.hash for entry in entries}
            for copy in listed:
                data = self.read(copy)
                if data is None or "sha256:" + hashlib.sha256(data).hexdigest() != copy.hash:
                    sentences.append(f"the copy of entry {copy.number} does not hold what was written")
                elif copy.number not in known:
                    sentences.append(f"entry {copy.number} is missing, and there is a copy of it")
                elif known[copy.number] != copy.hash:
                    sentences.append(f"the copy of entry {copy.number} is of another entry {copy.number}")
            copied = {(copy.number, copy.hash) for copy in listed}
            sentences += [
                f"entry {entry.number} has no copy: the next change or build writes it"
                for entry in entries
                if (entry.number, entry.hash) not in copied
            ]
        except StoreUnavailable as error:
            return [str(error)]
        return sentences

    def _files(self) -> list[Path]:
        with self._translated():
            return sorted(self.folder.iterdir()) if self.folder.exists() else []

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StoreUnavailable(self.folder, error.strerror or str(error)) from error


def packed(data: bytes) -> bytes:
    """The bytes as a gzip file that says its own hash, the same for the same version of zlib."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflate.compress(data) + deflate.flush()
    body += struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF)
    return _HEAD + hashlib.sha256(body).hexdigest().encode() + b"\0" + body


def unpacked(data: bytes) -> bytes | None:
    """What `packed` was given; None where a single bit is not as it made it."""
    start = len(_HEAD) + _COMMENT + 1
    head, body = data[:start], data[start:]
    if head != _HEAD + hashlib.sha256(body).hexdigest().encode() + b"\0":
        return None
    try:
        return zlib.decompress(data, wbits=16 + zlib.MAX_WBITS)
    except zlib.error:
        return None
