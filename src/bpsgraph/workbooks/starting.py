"""The workbook that somebody starts from: the rows of the national standard, to be filled in."""

from collections.abc import Sequence

from bpsgraph.errors import BadParameter
from bpsgraph.ingest.names import Names
from bpsgraph.store import Store
from bpsgraph.workbooks import national
from bpsgraph.workbooks.files import to_bytes
from bpsgraph.workbooks.lists import lists_of

FORMATS = ("xlsx", "csv")


def starting_workbook(
    store: Store,
    names: Names,
    format: str,
    *,
    edition: str | None = None,
    jurisdiction: str | None = None,
    domains: Sequence[str] = (),
    items: Sequence[str] = (),
    encoding: str = "utf-8-sig",
) -> bytes:
    """The bytes of the workbook (`xlsx`) or flat table (`csv`) for a place, by code or name.

    It has the items of the edition, the newest unless one is named, in these domains, and these items. Raises
    `UnknownEdition`, and `BadParameter` for a place, a domain or an item that is not known.
    """
    code = None
    if jurisdiction is not None:
        found = names.find("jurisdiction", jurisdiction)
        if len(found) != 1:
            near = names.near("jurisdiction", jurisdiction)
            cure = f"did you mean {' or '.join(near)}?" if near else "write its six digits, such as 140500"
            raise BadParameter("--jurisdiction", f"{jurisdiction!r} is no known place", cure)
        code = found[0].rpartition("/")[2]
    text = national.edition_of(store, names, edition or national.editions(store)[-1])
    chosen = national.in_scope(text, names, domains, items)
    about = national.about(text, names, code, domains, items, chosen)
    draft = national.empty_draft(text, chosen, about)
    return to_bytes(draft, format, lists_of(names, code), encoding)
