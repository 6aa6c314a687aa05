"""Repairs a journal: an entry is restored where its bytes are found and their SHA-256 proves them.

The hash of an entry is named by the entry after it, and that of the last by the marker of the store. The
bytes may be in the journal under another name, in a copy that the store keeps, or they are made anew from
the graphs that the entry put into the store. Bytes of another hash never count: the entry is lost then.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pyoxigraph import NamedNode

from bpsgraph.errors import JournalDamaged, JournalLost, StoreError, StoreUnavailable
from bpsgraph.store.base import Store
from bpsgraph.store.copies import Copies
from bpsgraph.store.journal import (
    CATALOGUES,
    CHANGES,
    OBSERVATIONS,
    WITHDRAWN,
    WITHDRAWN_OBSERVATIONS,
    Entry,
    Journal,
    entry_bytes,
    follows,
    graphs_in,
)
from bpsgraph.store.locking import make_durable
from bpsgraph.terms import BASE, PROV

_SUBJECTS = (
    (BASE + "catalogue/", CATALOGUES, WITHDRAWN),
    (BASE + "dataset/", OBSERVATIONS, WITHDRAWN_OBSERVATIONS),
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Bytes that are an entry, with the number and the entry before that they say themselves."""

    number: int
    hash: str
    follows: str | None
    read: Callable[[], bytes]
    # Its file in the journal, under whatever name.
    path: Path | None = None

    @property
    def name(self) -> str:
        """The name of its file."""
        return f"{self.number:06d}-{self.hash.removeprefix('sha256:')}.nq"


def recover(
    journal: Journal,
    copies: Copies,
    last: tuple[int, str] | None,
    stores: Sequence[Store] = (),
) -> list[str]:
    """Repair the journal and the copies of its entries; gives a sentence for whatever was mended.

    `last` is the number and the hash of the last entry that the store says it holds, 0 and nothing where it
    holds none, and None where it cannot say. `stores` are what can still be read of the store, each with
    the graphs as some entry left them. Only whoever is `writing` may call this. What is in the way and
    proves nothing is moved into the folder `<journal>.set-aside`.

    Raises `JournalLost` with the entries that nothing proves, and `JournalDamaged` where two entries say to
    be the same, and has changed nothing then; `StoreUnavailable`.
    """
    evidence = _Evidence(journal, copies, stores)
    chain, unacknowledged = evidence.chain(last)
    mended = _restored(journal, evidence, chain)
    mended += _cleared(journal, chain)
    mended += _copied(journal, copies, chain)
    mended += [
        f"entry {number} was begun, never acknowledged, and is not whole: it was set aside"
        if number == len(chain) + 1
        else f"what was called entry {number} is none, by what the store knows: it was set aside"
        for number in unacknowledged
    ]
    problems = [
        problem for problem in journal.problems() if not problem.endswith("is no entry: take it away")
    ]
    if problems:
        raise StoreUnavailable(journal.folder, f"its repair did not hold: {problems[0]}")
    return mended


class _Evidence:
    """All that tells of entries: files and copies by the hash of what they hold, names, and stores."""

    def __init__(self, journal: Journal, copies: Copies, stores: Sequence[Store]) -> None:
        self.journal = journal
        self.stores = stores
        self.pieces: dict[str, _Piece] = {}
        self.copied: set[str] = set()
        # Number -> hashes under which an entry of that number is or was.
        self.claims: dict[int, set[str]] = {}
        # Numbers that files of the journal have in their name, and of which nothing else is known.
        self.only_named: set[int] = set()
        named = [*copies.listed(), *journal.listed()]
        for copy in copies.listed():
            piece = _piece(partial(_copied_bytes, copies, copy))
            if piece is not None:
                self.copied.add(piece.hash)
                self.pieces[piece.hash] = piece
        with _translated(journal.folder):
            files = sorted(journal.folder.iterdir()) if journal.folder.exists() else []
            for path in files:
                piece = _piece(path.read_bytes, path) if path.is_file() else None
                if piece is not None:
                    self.pieces[piece.hash] = piece
        for digest, piece in self.pieces.items():
            self._claim(piece.number, digest)
        for entry in named:
            # A number in a name counts only where the bytes of that hash cannot say their own.
            if entry.hash not in self.pieces:
                self._claim(entry.number, entry.hash)
        elsewhere = {copy.number for copy in copies.listed()} | {one.number for one in self.pieces.values()}
        for store in stores:
            with suppress(StoreError):
                for graph in store.graphs():
                    number = graph.removeprefix(CHANGES)
                    if graph.startswith(CHANGES) and number.isdecimal():
                        self.claims.setdefault(int(number), set())
                        elsewhere.add(int(number))
        self.only_named = set(self.claims) - elsewhere

    def _claim(self, number: int, digest: str) -> None:
        self.claims.setdefault(number, set()).add(digest)

    def piece(self, number: int, digest: str) -> _Piece | None:
        """The entry of that number and hash, if need be made anew from a store; None where it is lost."""
        known = self.pieces.get(digest)
        if known is not None:
            return known if known.number == number else None
        for store in self.stores:
            with suppress(StoreError):
                for data in _made_anew(store, number):
                    piece = _piece(lambda data=data: data)  # type: ignore[misc]
                    if piece is not None and piece.hash == digest:
                        return piece
        return None

    def chain(self, last: tuple[int, str] | None) -> tuple[list[_Piece], list[int]]:
        """The entries in order, and the numbers of those that were begun and never acknowledged.

        Raises `JournalLost`.
        """
        if last is None:
            chain = self._above(self._below(*self._newest()))
            unacknowledged: list[int] = []
        else:
            chain = self._above(self._below(*last))
            # An entry is acknowledged after the marker names it, so the one after may be half a file. Where
            # that one is not there, what has a higher number and no bytes of an entry was never one.
            following = last[0] + 1
            beyond = {number for number in self.claims if number > last[0]}
            alone = beyond == {following} or following not in beyond
            harmless = alone and len(chain) == last[0] and beyond <= self.only_named
            unacknowledged = sorted(beyond) if harmless else []
        newest = max(set(self.claims) - set(unacknowledged), default=0)
        if newest > len(chain):
            raise JournalLost(self.journal.folder, range(len(chain) + 1, newest + 1))
        return chain, unacknowledged

    def _newest(self) -> tuple[int, str]:
        """The number and hash of the newest entry where the store cannot say it."""
        number = max(self.claims, default=0)
        if number == 0:
            return 0, ""
        known = [digest for digest in sorted(self.claims[number]) if self.piece(number, digest)]
        # Of two that say they are the newest, the one that the store has taken is.
        certain = known if len(known) == 1 else [digest for digest in known if digest in self.copied]
        if len(certain) != 1:
            raise JournalLost(self.journal.folder, [number])
        return number, certain[0]

    def _below(self, number: int, digest: str | None) -> list[_Piece]:
        """The entries up to this one, each named by the one after it."""
        pieces: list[_Piece] = []
        lost: list[int] = []
        for current in range(number, 0, -1):
            piece = self.piece(current, digest) if digest else None
            if piece is None:
                lost.append(current)
                # Whatever is whole further below need not be reported.
                whole = [d for d in sorted(self.claims.get(current - 1, ())) if self.piece(current - 1, d)]
                digest = whole[0] if whole else None
                continue
            pieces.append(piece)
            digest = piece.follows
        if lost:
            raise JournalLost(self.journal.folder, sorted(lost))
        if digest:
            raise JournalDamaged(self.journal.folder, 1, "follows another entry, so that it is not the first")
        return pieces[::-1]

    def _above(self, chain: list[_Piece]) -> list[_Piece]:
        """The chain with the entries that follow it."""
        while True:
            number = len(chain) + 1
            before = chain[-1].hash if chain else None
            found = {digest: self.piece(number, digest) for digest in sorted(self.claims.get(number, ()))}
            next_ones = {d: piece for d, piece in found.items() if piece and piece.follows == before}
            if len(next_ones) > 1:
                next_ones = {d: piece for d, piece in next_ones.items() if d in self.copied}
                if len(next_ones) != 1:
                    raise JournalDamaged(
                        self.journal.folder, number, "is there twice, and nothing says which is right"
                    )
            if not next_ones:
                return chain
            chain.extend(next_ones.values())


def _piece(read: Callable[[], bytes], path: Path | None = None) -> _Piece | None:
    """The entry that these bytes are; None where they are none."""
    data = read()
    try:
        graphs = graphs_in(data)
    except ValueError:
        return None
    said = [graph.removeprefix(CHANGES) for graph in graphs if graph.startswith(CHANGES)]
    if len(said) != 1 or not said[0].isdecimal():
        return None
    return _Piece(int(said[0]), _hash(data), follows(graphs, int(said[0])), read, path)


def _copied_bytes(copies: Copies, copy: Entry) -> bytes:
    return copies.read(copy) or b""


def _hash(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _made_anew(store: Store, number: int) -> Iterator[bytes]:
    """What the entry of that number may have been, by what a store holds of it."""
    change = store.graph(f"{CHANGES}{number}")
    subjects = {
        triple.object.value
        for triple in change
        if triple.predicate.value in {PROV + "generated", PROV + "invalidated"}
        and isinstance(triple.object, NamedNode)
    }
    for subject in sorted(subjects):
        for prefix, *folders in _SUBJECTS:
            if subject.startswith(prefix):
                for graph in (folder + subject.removeprefix(prefix) for folder in folders):
                    yield entry_bytes({graph: store.graph(graph), f"{CHANGES}{number}": change})


def _restored(journal: Journal, evidence: _Evidence, chain: Iterable[_Piece]) -> list[str]:
    mended = []
    for piece in chain:
        path = journal.folder / piece.name
        with _translated(journal.folder):
            there = _hash(path.read_bytes()) if path.exists() else None
            data = piece.read()
        if there == piece.hash:
            continue
        how = "was missing" if there is None else "was not what was written"
        if there is not None:
            set_aside(journal, path)
        if piece.path is not None:
            how = f"was called {piece.path.name}"
            source = "has its name again"
        elif piece.hash in evidence.copied:
            source = "was restored from its copy"
        else:
            source = "was made anew from the graphs of the store, with the same hash"
        journal.put(piece.number, data)
        mended.append(f"entry {piece.number} {how}: it {source}")
    return mended


def _cleared(journal: Journal, chain: Sequence[_Piece]) -> list[str]:
    """Take away what is in the chain under another name, move away what only looks like an entry."""
    names = {piece.name for piece in chain}
    contents = {piece.hash for piece in chain}
    entries = {entry.path.name: entry.number for entry in journal.listed()}
    mended = []
    for path in sorted(journal.folder.iterdir()):
        if path.name in names or not path.is_file():
            continue
        with _translated(journal.folder):
            known = _hash(path.read_bytes()) in contents
            if known:
                path.unlink()
                make_durable(journal.folder)
        if not known and path.name in entries:
            set_aside(journal, path)
            if entries[path.name] <= len(chain):
                mended.append(f"{path.name} is no entry of this journal: it was set aside")
    return mended


def _copied(journal: Journal, copies: Copies, chain: Sequence[_Piece]) -> list[str]:
    mended = []
    listed = {copy.path.name: copy for copy in copies.listed()}
    for piece in chain:
        copy = listed.pop(piece.name + ".gz", None)
        data = (journal.folder / piece.name).read_bytes()
        if copy is None:
            copies.write(piece.number, data)
            mended.append(f"entry {piece.number} had no copy: it was written")
        elif copies.read(copy) != data:
            copies.write(piece.number, data)
            mended.append(f"the copy of entry {piece.number} was not what was written: it was written anew")
    for name, copy in listed.items():
        copies.remove(copy)
        mended.append(f"{name} is no copy of an entry of this journal: it was taken away")
    return mended


def set_aside(journal: Journal, path: Path) -> None:
    """Move a file that is no entry of this journal into the folder `<journal>.set-aside`.

    Raises `StoreUnavailable`.
    """
    folder = journal.folder.with_name(journal.folder.name + ".set-aside")
    with _translated(folder):
        if not folder.exists():
            folder.mkdir()
            make_durable(folder.parent)
        target, again = folder / path.name, 0
        while target.exists():
            again += 1
            target = folder / f"{path.name}.{again}"
        path.rename(target)
        make_durable(folder)
        make_durable(path.parent)


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable(folder, error.strerror or str(error)) from error
