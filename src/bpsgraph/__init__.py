"""An open knowledge graph of China's basic public service standards."""

# Read by type checkers, as that of `typing`, which takes a third of what Python itself takes to start.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any

    from bpsgraph.library import Library as Library
    from bpsgraph.library import query as query
    from bpsgraph.store import open_store as open_store
    from bpsgraph.validation import validate as validate

# Public name -> the module it lives in; loaded at first use, so that `import bpsgraph` is quick.
_HOMES = {
    "Library": "bpsgraph.library",
    "open_store": "bpsgraph.store",
    "query": "bpsgraph.library",
    "validate": "bpsgraph.validation",
}
__all__ = ["Library", "open_store", "query", "validate"]
__version__ = "0.1.0"


def __getattr__(name: str) -> "Any":
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
