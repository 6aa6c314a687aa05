"""The site as files: every page and every document at its own address, for hosts that serve files only."""

from bpsgraph.web.static_copy.writing import Exported, export

__all__ = ["Exported", "export"]
