"""Shapes that others publish, by which what we publish is judged; they are no part of the project."""

import os
from pathlib import Path

import pytest

VARIABLE = "BPSGRAPH_SHAPES_JUDGES"
_PROJECT = Path(__file__).resolve().parents[1]


def shapes_of_others(name: str) -> Path:
    """The file of shapes of that name in `$BPSGRAPH_SHAPES_JUDGES`, else in `../shared/shapes-judges`.

    Skips the test where it is not there.
    """
    named = os.environ.get(VARIABLE)
    place = Path(named) if named else _PROJECT.parent / "shared" / "shapes-judges"
    file = place.resolve() / name
    if not file.is_file():
        pytest.skip(f"{name} is not here: name its folder in {VARIABLE}")
    return file
