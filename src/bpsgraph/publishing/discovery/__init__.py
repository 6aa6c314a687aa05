"""What a machine reads first: which endpoint there is, what is in the graph, where the files of it are."""

from bpsgraph.publishing.discovery.dcat import dcat
from bpsgraph.publishing.discovery.description import HOME, Published
from bpsgraph.publishing.discovery.service import service_description
from bpsgraph.publishing.discovery.void import void

__all__ = ["HOME", "Published", "dcat", "service_description", "void"]
