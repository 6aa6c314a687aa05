"""Files that people hand in: judged in this process, or wholly in a worker process of its own.

One function judges (`judging.judge`); what it has to say is a stream of items, which an isolated worker
sends over its pipe (`wire`), so that both ways say the same.
"""

from bpsgraph.uploads.asked import Asked, Beside, Given, Terminal, given
from bpsgraph.uploads.items import Document, Item, Note, Said, Verdict
from bpsgraph.uploads.judging import judge

__all__ = [
    "Asked",
    "Beside",
    "Document",
    "Given",
    "Item",
    "Note",
    "Said",
    "Terminal",
    "Verdict",
    "given",
    "judge",
]
