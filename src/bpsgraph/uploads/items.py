"""What is said about files, one thing after the other: documents, notes, errors, and the verdict last."""

from dataclasses import dataclass

from bpsgraph.errors import BpsError


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was asked for, by its key: `annotated`, `suggest`, `apply`, or that of a report."""

    key: str
    content: str | bytes


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know of the document before it, or of the one to come."""

    words: str


@dataclass(frozen=True, slots=True)
class Said:
    """What is wrong with one file of several, or with a part of one, while the rest was judged."""

    error: BpsError


@dataclass(frozen=True, slots=True)
class Verdict:
    """The last item: whether a finding is at or above the threshold."""

    fails: bool


Item = Document | Note | Said | Verdict
