"""A small world to accept and withdraw in: the national standard of 2021, 晋城, and nobody else."""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.acceptance import Accepted, Refused, Register
from bpsgraph.ingest import Submission, read
from bpsgraph.library import Library
from bpsgraph.results import Report, Severity, Triples
from bpsgraph.sources import Sources, find_sources
from bpsgraph.store import Store
from bpsgraph.terms import BASE, BPS
from bpsgraph.validation import validate_submission
from bpsgraph.validation.shapes import ShapesGraph

LOCAL = find_sources().root / "data/ttl/local"
JINCHENG = "140500-2021.ttl"
COUNTY = "371323-2021.ttl"
KEPT = {"checks", "derive", "observations", "provenance", "vocabulary"}
NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def small_sources(root: Path, *local: str) -> Sources:
    """A copy of our sources with the national standard of 2021 alone, and with the local files named.

    Of the saved queries it has those that accepting, withdrawing and building need: the others would be
    half of the store.
    """
    for name in ("ontology", "shapes", "queries", "data"):
        shutil.copytree(find_sources().root / name, root / name)
    for place, kept in (("national", ("2021.ttl",)), ("local", local)):
        for file in (root / "data/ttl" / place).iterdir():
            if file.name not in kept:
                file.unlink()
    for folder in (root / "queries").iterdir():
        if folder.name not in KEPT:
            shutil.rmtree(folder)
    divisions = root / "data/ttl/divisions.ttl"
    blocks = divisions.read_text(encoding="utf-8").split("\n\n")
    needed = re.compile(r"<jurisdiction/(100000|140000|140500|370000|371300|371323)>\n")
    divisions.write_text(
        "\n\n".join(b for b in blocks if not b.startswith("<") or needed.match(b)), encoding="utf-8"
    )
    return Sources(root)


@dataclass
class Town:
    """A store in a folder of its own, and how one accepts and withdraws in it."""

    folder: Path
    sources: Sources

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def journal(self) -> Path:
        return self.folder / "store.journal"

    @property
    def register(self) -> Register:
        return Register(self.store, Library(self.sources.root / "queries"), wait=0.1)

    def judge(self, submission: Submission) -> Callable[[Store], Report]:
        shapes = ShapesGraph.read(self.sources.shapes())
        library = Library(self.sources.root / "queries")
        return lambda store: validate_submission(
            submission, store, library, shapes, edition="2021", today=date(2026, 3, 1)
        )

    def accept(
        self,
        submission: Submission | str,
        *,
        by: str = "王芳",
        at: datetime = NOON,
        threshold: Severity = Severity.VIOLATION,
        national: bool = False,
    ) -> Accepted | Refused:
        given = read(LOCAL / submission) if isinstance(submission, str) else submission
        return self.register.accept(
            given, self.judge(given), by=by, at=at, threshold=threshold, national=national
        )

    def withdraw(self, key: str, *, reason: str = "", at: datetime = NOON, national: bool = False) -> int:
        catalogue = f"{BASE}catalogue/{key}"
        done = self.register.withdraw(catalogue, by="王芳", at=at, reason=reason, national=national)
        return done.entry

    def bytes(self) -> dict[str, bytes]:
        """Every file of the store and the journal."""
        return {
            str(file.relative_to(self.folder)): file.read_bytes()
            for place in (self.store, self.journal)
            for file in sorted(place.rglob("*"))
            if file.is_file()
        }


def amended(submission: Submission, old: str, new: str) -> Submission:
    """The submission with another value wherever `old` is one, such as "1250.0" → "1300.0"."""
    value = NamedNode(BPS + "value")
    triples = {
        Triple(t.subject, t.predicate, Literal(new, datatype=t.object.datatype))
        if t.predicate == value and isinstance(t.object, Literal) and t.object.value == old
        else t
        for t in submission.triples
    }
    assert triples != submission.triples.triples
    return replace(submission, triples=Triples(frozenset(triples)))
