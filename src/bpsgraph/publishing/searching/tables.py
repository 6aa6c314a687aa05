"""The tables of an index of names: SQLite in memory or a file; its full-text index finds parts of names."""

import sqlite3
import stat
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bpsgraph.publishing.searching.folding import compact, folded, pieces
from bpsgraph.publishing.searching.found import Kind
from bpsgraph.results import Text

# A number is as much a name as a label is.
ROLES = {"label": 0, "code": 0, "other": 1, "key": 2}
# The tokenizer takes every character beyond ASCII for part of a word, whichever version of Unicode it knows.
_SCHEMA = """
CREATE TABLE made_of (digest TEXT);
CREATE TABLE kind (id INTEGER PRIMARY KEY, key TEXT, zh TEXT, en TEXT);
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT, kind INTEGER, zh TEXT, en TEXT);
CREATE TABLE name (
  id INTEGER PRIMARY KEY, thing INTEGER, kind INTEGER, name TEXT, role TEXT, compact TEXT, standing INTEGER);
CREATE VIRTUAL TABLE neighbours USING fts5(text, content='', columnsize=0, tokenize='ascii');
CREATE VIRTUAL TABLE parts USING fts5(text, content='', columnsize=0, detail=none, tokenize='ascii');
CREATE VIRTUAL TABLE words USING fts5vocab(parts, row);
"""
_INDEXES = "CREATE INDEX name_compact ON name (compact); CREATE INDEX name_thing ON name (thing);"


@dataclass(frozen=True, slots=True)
class Entry:
    """A thing with its names, each with its role; the label is among them."""

    iri: str
    kind: Kind
    label: Text
    names: tuple[tuple[str, str], ...]


class Tables:
    """The tables, to be read; many threads may, one after another.

    `anew` makes the same tables again, for when a part of their file turns out to be lost.
    """

    def __init__(self, connection: sqlite3.Connection, anew: "Callable[[], Tables] | None" = None) -> None:
        self._connection = connection
        self._anew = anew
        self._made_again: Tables | None = None
        self._turn = threading.Lock()
        weakref.finalize(self, connection.close)

    @classmethod
    def of(
        cls, entries: Iterable[Entry], kinds: Sequence[Kind], file: Path | None = None, digest: str = ""
    ) -> "Tables":
        """The tables of these things, in memory or in a new file; raises `sqlite3.Error` and `OSError`."""
        connection = sqlite3.connect(file or ":memory:", check_same_thread=False, isolation_level=None)
        try:
            if file is not None:
                # Who is interrupted here leaves a draft that nobody reads.
                connection.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")
            connection.executescript(_SCHEMA)
            connection.execute("BEGIN")
            _fill(connection, tuple(entries), kinds)
            connection.execute("INSERT INTO made_of VALUES (?)", (digest,))
            connection.execute("COMMIT")
            connection.executescript(_INDEXES)
        except BaseException:
            connection.close()
            raise
        return cls(connection)

    @classmethod
    def kept(cls, file: Path, digest: str, anew: "Callable[[], Tables] | None" = None) -> "Tables | None":
        """The tables in a file; None where it is missing, is none, or was made of something else.

        To look through all of it first would take longer than a search (42 ms for the country).
        """
        # To open a pipe would wait for whoever writes into it.
        if not is_file(file):
            return None
        try:
            connection = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
        except sqlite3.Error:
            return None
        try:
            if connection.execute("SELECT digest FROM made_of").fetchall() == [(digest,)]:
                return cls(connection, anew)
        except sqlite3.Error:
            pass
        connection.close()
        return None

    def rows(self, text: str, *values: str | int) -> list[tuple[str | int, ...]]:
        """The rows of a query, of tables that are made again where a part of the file is lost."""
        with self._turn:
            if self._made_again is None:
                try:
                    return self._connection.execute(text, values).fetchall()
                except sqlite3.DatabaseError:
                    if self._anew is None:
                        raise
                    # Made of the same, they number things and names alike.
                    self._made_again = self._anew()
            return self._made_again.rows(text, *values)


def is_file(path: Path) -> bool:
    """Whether a file stands there, and neither a link nor anything that is opened in another way."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def grams(text: str) -> list[str]:
    """Each character of a text with the one after it, and the last alone.

    A text holds another where it has all of these but the last, one after another.
    """
    return [text[place : place + 2] for place in range(len(text))]


def _fill(connection: sqlite3.Connection, entries: Sequence[Entry], kinds: Sequence[Kind]) -> None:
    places = {kind: place for place, kind in enumerate(kinds)}
    connection.executemany(
        "INSERT INTO kind VALUES (?, ?, ?, ?)",
        ((place, kind.key, kind.name.zh, kind.name.en) for kind, place in places.items()),
    )
    connection.executemany(
        "INSERT INTO thing VALUES (?, ?, ?, ?, ?)",
        (
            (thing, entry.iri, places[entry.kind], entry.label.zh, entry.label.en)
            for thing, entry in enumerate(entries)
        ),
    )
    named = [(thing, *name) for thing, entry in enumerate(entries) for name in entry.names]
    spelled = folded(name for _, name, _ in named) if named else []
    plain = compact(spelled) if named else []

    def rank(name: int) -> tuple[object, ...]:
        thing, _, role = named[name]
        text = plain[name]
        entry = entries[thing]
        return role == "key", places[entry.kind], ROLES[role], len(text), text, entry.iri, role

    # By its kind, its role, its length, and its letters; keys last.
    standing = [0] * len(named)
    for place, name in enumerate(sorted(range(len(named)), key=rank)):
        standing[name] = place
    connection.executemany(
        "INSERT INTO name VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            (number, thing, places[entries[thing].kind], name, role, plain[number], standing[number])
            for number, (thing, name, role) in enumerate(named)
        ),
    )
    connection.executemany(
        "INSERT INTO neighbours (rowid, text) VALUES (?, ?)",
        ((number, " ".join(grams(text))) for number, text in enumerate(plain)),
    )
    of_thing: dict[int, dict[str, None]] = {}
    for (thing, _, _), text in zip(named, spelled, strict=True):
        of_thing.setdefault(thing, {}).update(dict.fromkeys(pieces(text)))
    connection.executemany(
        "INSERT INTO parts (rowid, text) VALUES (?, ?)",
        ((thing, " ".join(found)) for thing, found in of_thing.items()),
    )
