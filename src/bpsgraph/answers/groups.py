"""Groups of places to compare with: a province, a tier of cost sharing, a level, a list of one's own.

Which groups there are and who is in them says the saved query `catalogues/comparison-groups`.
"""

from pathlib import Path

from pyoxigraph import NamedNode

from bpsgraph import opening
from bpsgraph.errors import BadParameter, UnreadableFile, did_you_mean
from bpsgraph.library import Library, Query, answer
from bpsgraph.results import Rows
from bpsgraph.store import Store
from bpsgraph.terms import BASE

QUESTION = "catalogues/comparison-groups"
PARAMETER = "jurisdiction"
_KINDS = ("province", "tier", "level")
_PREFIXES = {"province": "jurisdiction/", "tier": "cost-sharing/", "level": "level/"}


def members(store: Store, library: Library, saved: Query, group: str) -> list[str]:
    """The codes of the places in a group that have a catalogue: `province=140000`, `level=county`.

    A tier may be named without its scheme where all schemes agree: `tier=2`. `list=FILE` is a file with a
    code per line. Raises `BadParameter` with the groups there are, and for a question without places.
    """
    if PARAMETER not in {parameter.name for parameter in saved.parameters}:
        raise BadParameter(
            "--group", f"{saved.name} is not asked by place", f"choose a query with {PARAMETER}"
        )
    kind, equals, name = group.partition("=")
    if kind == "list" and equals:
        return _listed(Path(name))
    if kind not in _KINDS or not equals:
        kinds = "write province=140000, tier=2, level=county or list=FILE"
        raise BadParameter("--group", f"{group!r} names no kind of group", kinds)
    rows = answer(store, library, library[QUESTION], {})
    assert isinstance(rows, Rows)
    found: dict[str, list[str]] = {}
    for row in rows:
        if row["kind"] and row["kind"].value == kind and row["group"] and row["place"]:
            key = str(row["group"].value).removeprefix(BASE).removeprefix(_PREFIXES[kind])
            found.setdefault(key, []).append(str(row["place"].value).rpartition("/")[2])
    if name in found:
        return found[name]
    ending = [key for key in found if key.endswith(f"/{name}")]
    if ending and all(found[key] == found[ending[0]] for key in ending):
        return found[ending[0]]
    known = ", ".join(ending or found)
    cure = f"choose of {known}" if ending else did_you_mean(name, found, f"choose of {known}")
    problem = (
        f"several groups are called {name!r}" if ending else f"there is no {kind} {name!r} with a catalogue"
    )
    raise BadParameter("--group", problem, cure)


def _listed(path: Path) -> list[str]:
    try:
        lines = opening.content(path).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UnreadableFile(path, "it is not UTF-8", "name a file with a code per line") from error
    codes = [code for line in lines if (code := line.partition("#")[0].strip())]
    if not codes:
        raise BadParameter("--group", f"{path} lists no place", "write a code per line, such as 140500")
    return list(dict.fromkeys(codes))


def named(key: str) -> frozenset[str]:
    """The IRIs that a key may mean: `140500` is the place, `item/legal-aid` the item."""
    if key.startswith(("http://", "https://")):
        return frozenset([key])
    return frozenset(
        [BASE + key, NamedNode(f"{BASE}jurisdiction/{key}").value if key.isdigit() else BASE + key]
    )
