"""Repairs what has one right answer: the list of changes as a patch, and a copy with the changes made."""

from bpsgraph.repair.copying import Copy, Skipped, repaired
from bpsgraph.repair.patch import FORMATS, Change, changes_of, patch_in, read_patch, write_patch

__all__ = [
    "FORMATS",
    "Change",
    "Copy",
    "Skipped",
    "changes_of",
    "patch_in",
    "read_patch",
    "repaired",
    "write_patch",
]
