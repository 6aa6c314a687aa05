"""Broken files are read, or refused in one sentence: here a few of each kind; `make fuzz-files` tries thousands."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from bpsgraph.config import load_settings
from bpsgraph.errors import BpsError, InputError
from bpsgraph.ingest import read
from bpsgraph.ingest.names import Names
from bpsgraph.library import Library, bundled
from bpsgraph.sources import find_sources
from bpsgraph.validation.checks import profile_of
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.shapes import ShapesGraph
from faults.broken_files import SUBMISSIONS, SUFFIXES, broken_file, broken_files, whole

SEED = 20261122
Reader = Callable[[Path], object]


def test_the_same_seed_gives_the_same_files() -> None:
    def hashed() -> str:
        return hashlib.sha256(b"|".join(file.content for file in broken_files(SEED, 48))).hexdigest()

    assert hashed() == hashed()
    assert broken_file("turtle", 1, 0) != broken_file("turtle", 2, 0)


@pytest.mark.parametrize("kind", [kind for kind in SUBMISSIONS if kind not in {"trig", "nquads"}])
def test_what_is_broken_was_whole(kind: str, names: Names, tmp_path: Path) -> None:
    path = tmp_path / f"whole{SUFFIXES[kind]}"
    path.write_bytes(whole(kind))
    found = read(path, names=names, jurisdiction="341722/2021")
    assert len(found.triples) > 20


@pytest.fixture(scope="module")
def readers(names: Names) -> dict[str, Reader]:
    """How each kind of file is read."""
    rules = list(rules_of(ShapesGraph.read(find_sources().shapes())).values())
    library = bundled()

    def settings(path: Path) -> object:
        (path.parent / "bpsgraph.toml").write_bytes(path.read_bytes())
        return load_settings(environment={}, folder=path.parent)

    def query(path: Path) -> object:
        (path.parent / "queries/topic").mkdir(parents=True, exist_ok=True)
        (path.parent / "queries/topic/name.rq").write_bytes(path.read_bytes())
        return Library(path.parent / "queries")["topic/name"]

    readers: dict[str, Reader] = dict.fromkeys(
        SUBMISSIONS, lambda path: read(path, names=names, jurisdiction="341722/2021")
    )
    return readers | {
        "settings": settings,
        "profile": lambda path: profile_of(path, rules, library),
        "query": query,
        "shapes": lambda path: ShapesGraph.read([path]),
    }


@pytest.mark.parametrize("kind", SUFFIXES)
def test_whatever_is_broken_is_read_or_refused(kind: str, readers: dict[str, Reader], tmp_path: Path) -> None:
    whole_one = tmp_path / f"whole{SUFFIXES[kind]}"
    whole_one.write_bytes(whole(kind))
    if kind not in {"trig", "nquads"}:
        readers[kind](whole_one)
    for number in range(100):
        file = broken_file(kind, SEED, number)
        path = tmp_path / file.name
        path.write_bytes(file.content)
        refused = refusal(readers[kind], path)
        assert refused is None or isinstance(refused, InputError), (file.name, file.how)
        assert "\n" not in str(refused), (file.name, file.how)
        assert len(str(refused)) < 1_500, (file.name, file.how)
        path.unlink()


def refusal(reader: Reader, path: Path) -> BpsError | None:
    try:
        reader(path)
    except BpsError as error:
        return error
    return None
