"""Answers that people read: the rows of a query or an analysis, with their words, charts and provenance.

Every saved query and every analysis gives an `Answer`; its writers are one table, so that whatever can be
asked can be had in every format.
"""

from bpsgraph.answers.answer import Answer, Provenance, state_of
from bpsgraph.answers.saved import answered

__all__ = ["Answer", "Provenance", "answered", "state_of"]
