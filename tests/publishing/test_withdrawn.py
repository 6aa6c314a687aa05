"""What stays of a catalogue that was withdrawn."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from bpsgraph.publishing.versions import Versions, versions_of
from bpsgraph.publishing.withdrawn import tombstone
from bpsgraph.store import open_store
from bpsgraph.terms import BASE
from small_world import COUNTY, JINCHENG, NOON, Town

CITY = BASE + "catalogue/140500/2021"


@pytest.fixture(scope="module")
def town(small_town: Callable[..., Town], tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A store out of which the catalogue of 晋城 was taken."""
    made = small_town(JINCHENG)
    folder = tmp_path_factory.mktemp("withdrawn")
    shutil.copytree(made.store, folder / "store")
    town = Town(folder, made.sources)
    town.accept(COUNTY)
    town.withdraw("140500/2021", reason="以新版代替")
    return town


def test_it_says_what_when_by_whom_and_why(town: Town) -> None:
    with open_store(town.store) as store:
        stone = tombstone(store, CITY)
    assert stone is not None
    assert stone.title.zh.startswith("晋城市")
    assert stone.title.en.startswith("Basic public services of Jincheng")
    assert (stone.by, stone.reason, stone.entry) == ("王芳", "以新版代替", 2)
    assert stone.at == NOON.isoformat().replace("+00:00", "Z")
    assert stone.content_hash.startswith("sha256:")
    assert {NamedNode(CITY), NamedNode(BASE + "change/2")} <= {t.subject for t in stone.triples}


def test_its_rows_and_verdicts_went_with_it(town: Town) -> None:
    with open_store(town.store) as store:
        for part in (
            "provision/140500/2021/x",
            "guarantee/140500/2021/x/y",
            "verdict/140500/2021/x/y/z/100000/d",
        ):
            stone = tombstone(store, BASE + part)
            assert stone is not None
            assert (stone.thing, stone.withdrawn) == (BASE + part, CITY)
            assert NamedNode(BASE + part) in {t.subject for t in stone.triples}


@pytest.mark.parametrize(
    "key",
    [
        "catalogue/371323/2021",
        "provision/371323/2021/x",
        "catalogue/1/2",
        "item/legal-aid",
        "dataset/x",
        'catalogue/{}/"',
        "x",
    ],
)
def test_what_was_not_withdrawn_has_none(town: Town, key: str) -> None:
    with open_store(town.store) as store:
        assert tombstone(store, BASE + key) is None


def test_what_was_accepted_again_has_none(town: Town, tmp_path: Path) -> None:
    shutil.copytree(town.folder, tmp_path / "again")
    again = Town(tmp_path / "again", town.sources)
    again.accept(JINCHENG)
    with open_store(again.store) as store:
        assert tombstone(store, CITY) is None


def test_versions_are_the_editions_of_one_place(built: Path) -> None:
    with open_store(built) as store:

        def around(key: str) -> tuple[str | None, ...]:
            versions = versions_of(store, f"{BASE}catalogue/{key}")
            return tuple(
                iris[0].removeprefix(BASE + "catalogue/") if iris else None
                for iris in (versions.predecessors, versions.successors)
            )

        assert around("100000/2021") == (None, "100000/2023")
        assert around("100000/2023") == ("100000/2021", None)
        assert around("140500/2021") == (None, None)
        # Excerpts of different documents are no versions of each other, amendments none of the standard.
        assert around("310000/2021") == (None, None)
        assert around("100000/2021-09-01") == (None, None)
        # One that is not held any more has its place too.
        assert around("100000/2022") == ("100000/2021", "100000/2023")


def test_a_standard_that_replaces_another_is_its_successor(built: Path) -> None:
    old, new = BASE + "standard/GB-T-28220-2011", BASE + "standard/GB-T-28220-2023"
    with open_store(built) as store:
        assert versions_of(store, old) == Versions((), (new,))
        assert versions_of(store, new) == Versions((old,), ())
        assert versions_of(store, BASE + "item/legal-aid") == Versions()
