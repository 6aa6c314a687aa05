"""Monitoring and early warning: what turned between two days, what is coming, which targets will be missed.

`watch` finds the alerts, `watch_answer` gives the tables, `atom` the feed; `read_told`, `only_new` and `keep`
hold what the last run told.
"""

from bpsgraph.analysis.monitoring.alerts import Alert, Named, Shortfall, Standing, Watch, labels_of, watch
from bpsgraph.analysis.monitoring.answer import watch_answer
from bpsgraph.analysis.monitoring.feed import atom
from bpsgraph.analysis.monitoring.state import Told, keep, only_new, read_told

__all__ = [
    "Alert",
    "Named",
    "Shortfall",
    "Standing",
    "Told",
    "Watch",
    "atom",
    "keep",
    "labels_of",
    "only_new",
    "read_told",
    "watch",
    "watch_answer",
]
