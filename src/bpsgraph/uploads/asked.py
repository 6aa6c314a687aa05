"""What is asked about files, and the files that are given with it; both travel to a worker."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Self

from bpsgraph.errors import InputError
from bpsgraph.ingest import content_of
from bpsgraph.results import Severity
from bpsgraph.validation import Engine

THRESHOLDS = {
    "violation": Severity.VIOLATION,
    "warning": Severity.WARNING,
    "info": Severity.INFO,
    "never": None,
}
SHOWN = {severity.label: severity for severity in Severity}


@dataclass(frozen=True, slots=True)
class Given:
    """A file by its name, and its bytes, or why they could not be had."""

    name: str
    content: bytes | InputError

    def read(self) -> bytes:
        """The bytes; raises the error that stands in their place."""
        if isinstance(self.content, InputError):
            raise self.content
        return self.content


def given(name: str, limit: int) -> Given:
    """The file of that name with its bytes, at most `limit`, or with what `content_of` raises."""
    try:
        return Given(name, content_of(name, limit=limit))
    except InputError as error:
        return Given(name, error)


@dataclass(frozen=True, slots=True)
class Beside:
    """What is given beside the files to judge.

    `context` is used and not judged, `profile` changes severities and waives, `patch` has the changes to
    make.
    """

    context: Given | None = None
    profile: Given | None = None
    patch: Given | None = None


@dataclass(frozen=True, slots=True)
class Terminal:
    """What a report in text is shown on: its width in columns, and the colours it has, as rich names them."""

    width: int
    colours: str | None
    plain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How files are judged, and what is written about them.

    `library` is a folder of further saved queries, whose checks a profile may name. `alone` says that one
    file was named, so that what is wrong with it is the answer. `reports` are formats, each by the key of the
    document to make; `annotated`, `suggest` and `apply` are the names of the files to make, as notes call
    them. `limit` is how many findings of a rule are listed, 0 for all. The threshold and the least severity
    to show are those of `THRESHOLDS` and `SHOWN`.
    """

    store: Path
    sources: Path
    today: date
    library: Path | None = None
    lang: str = "zh"
    edition: str | None = None
    as_of: date | None = None
    against: tuple[str, ...] = ()
    jurisdiction: str | None = None
    engine: Engine = Engine.AUTO
    alone: bool = True
    fail_on: str = "violation"
    limit: int = 100
    summary: bool = False
    show: str = "info"
    terminal: Terminal | None = None
    reports: tuple[tuple[str, str], ...] = ()
    annotated: str | None = None
    suggest: str | None = None
    suggested: str = "json"
    apply: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The fields, ready for JSON."""
        return {name: _plain(value) for name, value in asdict(self).items()}

    @classmethod
    def from_dict(cls, said: Mapping[str, Any]) -> Self:
        """What `to_dict` made the fields of."""
        found = {entry.name: said[entry.name] for entry in fields(cls)}
        for name in ("store", "sources", "library"):
            found[name] = found[name] and Path(found[name])
        for name in ("today", "as_of"):
            found[name] = found[name] and date.fromisoformat(found[name])
        found["engine"] = Engine(found["engine"])
        found["against"] = tuple(found["against"])
        found["reports"] = tuple((key, kind) for key, kind in found["reports"])
        found["terminal"] = found["terminal"] and Terminal(**found["terminal"])
        return cls(**found)


def _plain(value: Any) -> Any:
    if isinstance(value, Path):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value
