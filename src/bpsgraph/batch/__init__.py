"""A folder of submissions: a report for each, a ranking, and what has changed since the last run."""

from bpsgraph.batch.desk import Plan
from bpsgraph.batch.run import Progress, Step, default_output, default_workers, run
from bpsgraph.batch.summary import Summary

__all__ = ["Plan", "Progress", "Step", "Summary", "default_output", "default_workers", "run"]
