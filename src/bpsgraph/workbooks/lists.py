"""What the drop-down lists of a place's workbook offer."""

from bpsgraph.ingest.bureaus import Bureaus
from bpsgraph.ingest.layout import BASE_OWNERS, SHEETS
from bpsgraph.ingest.names import Names
from bpsgraph.terms import BASE

# Kinds with thousands of names, or whose names are titles that nobody looks for in a list.
_TYPED = frozenset({"jurisdiction", "document", "clause", "scope"})


def lists_of(names: Names, code: str | None) -> dict[str, list[str]]:
    """The labels to choose from, by kind of name; agencies are those of the place and such as others have."""
    kinds = {column.names for layout in SHEETS for column in layout.columns if column.names}
    lists = {
        kind: _labels(names, kind) for kind in sorted(kinds - _TYPED - {"agency", "base-owner", "catalogue"})
    }
    lists["base-owner"] = list(BASE_OWNERS)
    if code is not None:
        home = f"{BASE}agency/{code}/"
        own = [label for iri, label in names.labels("agency").items() if iri.startswith(home)]
        usual = Bureaus(names, code).usual_names()
        lists["agency"] = list(dict.fromkeys([*own, *usual]))
    return {kind: labels for kind, labels in lists.items() if labels}


def _labels(names: Names, kind: str) -> list[str]:
    return list(dict.fromkeys(names.written(iri) for iri in names.labels(kind)))
