"""What a machine reads first: which endpoint there is, what is in the graph, where the files of it are."""

from bpsgraph.publishing.discovery.service import service_description

__all__ = ["service_description"]
