"""Catalogues that are as large and as various as real ones, with planted faults and the list of them.

The same seed gives the same bytes. Each catalogue answers every floor of the national edition of 2023 on the
bundled divisions; `truth.csv` says which findings validating it against that edition must give, and no other.
Where the catalogues of places higher up are floors too, the same faults are found against each of these as
well, and still no other: places below promise no less than those above.
"""

import csv
from collections.abc import Collection, Iterator
from dataclasses import astuple, fields, replace
from pathlib import Path
from random import Random

from bpsgraph.errors import BadParameter, UnwritableFile, did_you_mean
from bpsgraph.generator.catalogue import Catalogue, draw_up, raises_of, turtle
from bpsgraph.generator.defects import AMONG_PEERS, DEFECTS, OF_LEAVES, Field, Truth, plant
from bpsgraph.generator.setting import EDITION, STATE, NationalProvision, Setting, read_setting
from bpsgraph.quantity import PercentOf

__all__ = [
    "DEFECTS",
    "SIZES",
    "Catalogue",
    "Setting",
    "Truth",
    "catalogues",
    "generate",
    "is_truth",
    "read_setting",
    "small_catalogue",
]

_TRUTH = ",".join(field.name for field in fields(Truth)).encode()
SIZES = {"county": "330106", "province": "330000", "nation": STATE}
# How many faults a catalogue among many gets; a county by itself gets one of each kind.
_FAULTS = (0, 0, 1, 1, 2, 3)


def generate(
    data: Path,
    folder: Path,
    size: str,
    *,
    seed: int = 1,
    defects: Collection[str] = tuple(DEFECTS),
    jurisdiction: str | None = None,
) -> Iterator[tuple[Path, list[Truth]]]:
    """Write one file `<code>-2023.ttl` for each place and `truth.csv` at the end, one file at a time.

    Gives each file with what is planted in it once it is written. `data` is the folder of the bundled Turtle.
    Raises `BadParameter` for an unknown size, fault or place, for a fault that fits no catalogue, and where
    the data lacks the divisions or the national edition; `UnwritableFile`.
    """
    setting = read_setting(data)
    truth: list[Truth] = []
    for catalogue, planted in catalogues(
        setting, size, seed=seed, defects=defects, jurisdiction=jurisdiction
    ):
        path = folder / f"{catalogue.place.code}-{EDITION}.ttl"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(turtle(catalogue), encoding="utf-8", newline="\n")
        except OSError as error:
            raise UnwritableFile(path, error.strerror or str(error)) from error
        truth += planted
        yield path, planted
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(field.name for field in fields(Truth))
        table.writerows(astuple(row) for row in sorted(truth))


def is_truth(path: Path) -> bool:
    """Whether a file begins as `truth.csv` does, whatever its name. Raises `OSError`."""
    with path.open("rb") as file:
        return file.readline(len(_TRUTH) + 2).rstrip(b"\r\n") == _TRUTH


def catalogues(
    setting: Setting,
    size: str,
    *,
    seed: int = 1,
    defects: Collection[str] = tuple(DEFECTS),
    jurisdiction: str | None = None,
) -> Iterator[tuple[Catalogue, list[Truth]]]:
    """The catalogues of that size with what is planted in each; see `generate`."""
    for name in sorted(set(defects) - set(DEFECTS)):
        raise BadParameter(
            "defects", f"{name!r} is none of them", did_you_mean(name, DEFECTS, _list(DEFECTS))
        )
    if size not in SIZES:
        raise BadParameter("size", f"{size!r} is none", _list(SIZES))
    top = jurisdiction or SIZES[size]
    if top not in setting.places:
        raise BadParameter("jurisdiction", f"{top!r} is not in the divisions", "give a code of six digits")
    alone = size == "county"
    places = [p for p in setting.below(top) if p.code == top or not alone]
    places = [place for place in places if place.code != STATE]
    wanted = [name for name in DEFECTS if name in defects and not (alone and name in AMONG_PEERS)]
    above = {place.within for place in places}
    leaves = [place.code for place in places if place.code not in above]
    first: dict[str, list[str]] = {}
    chooser = Random(f"{seed}")
    for name in wanted:
        first.setdefault(chooser.choice(leaves), []).append(name)
    raises: dict[str | None, dict[str, int]] = {}
    left = set(wanted)
    for place in places:
        rng = Random(f"{seed}:{place.code}")
        raises[place.code] = raises_of(place, setting, raises.get(place.within, {}), rng)
        catalogue = draw_up(place, setting, raises[place.code], rng)
        fitting = [name for name in wanted if place.code not in above or name not in OF_LEAVES]
        names = first.get(place.code, [])
        more = [] if alone else rng.sample(fitting, min(rng.choice(_FAULTS), len(fitting)))
        names = [name for name in wanted if name in names or name in more]
        field = Field(catalogue, setting, rng, set())
        planted = [found for name in names if (found := plant(field, name)) is not None]
        left -= {found.defect for found in planted}
        yield catalogue, planted
    if left:
        raise BadParameter(
            "defects", f"no catalogue has a place for {', '.join(sorted(left))}", "leave them out"
        )


def small_catalogue(
    setting: Setting, seed: int, *, items: int = 5, faults: int = 4
) -> tuple[Catalogue, list[Truth]]:
    """The catalogue of some county or district that covers a few items only, with what is planted in it.

    The same seed gives the same place, items and faults.
    """
    rng = Random(f"small:{seed}")
    chosen = rng.sample([p for p in setting.provisions if not _leans_on_others(p)], items)
    few = replace(setting, provisions=tuple(p for p in setting.provisions if p in chosen))
    above = {place.within for place in setting.places.values()}
    place = rng.choice([p for code, p in sorted(setting.places.items()) if code not in above])
    catalogue = draw_up(place, few, raises_of(place, few, {}, rng), rng)
    catalogue.scope = tuple(provision.item for provision in few.provisions)
    field = Field(catalogue, few, rng, set())
    planted: list[Truth] = []
    names = [name for name in DEFECTS if name not in AMONG_PEERS]
    rng.shuffle(names)
    # Most items have no place for some of the faults: these come first.
    for name in sorted(names, key=lambda name: name not in _PARTICULAR):
        if len(planted) < faults and (found := plant(field, name)) is not None:
            planted.append(found)
    return catalogue, planted


_PARTICULAR = frozenset(
    {"below", "below-through-unit", "not-comparable", "duplicate", "narrower", "central-share"}
)


def _leans_on_others(provision: NationalProvision) -> bool:
    """Whether a promise is a share of what the place promises itself on a measure of another item."""
    measures = {guarantee.measure for guarantee in provision.guarantees}
    values = [guarantee.value for guarantee in provision.guarantees]
    return any(isinstance(v, PercentOf) and v.base_measure not in measures for v in values)


def _list(names: Collection[str]) -> str:
    return f"choose from: {', '.join(names)}"
