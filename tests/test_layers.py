"""A file imports only from rooms in rows above its own: the plan of the house, read from the imports."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "bpsgraph"
ROWS = (
    "errors terms",
    "quantity literals opening endpoint",
    "results",
    "stated formats config turtle",
    "serialisation",
    "sources columns engine store ingest",
    "reasoning closing library resource vocabulary",
    "validation",
    "building generator workbooks repair answers",
    "analysis publishing acceptance batch uploads updating",
    "web",
    "cli",
    "__main__",
)
ROW_OF = {room: number for number, row in enumerate(ROWS) for room in row.split()}
FILES = sorted(file for file in PACKAGE.rglob("*.py") if file != PACKAGE / "__init__.py")


def room_of(file: Path) -> str:
    return file.relative_to(PACKAGE).with_suffix("").parts[0]


def imported_rooms(source: str) -> set[str]:
    """The rooms that a module imports, wherever in the module it does so."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            modules |= {f"{node.module}.{alias.name}" for alias in node.names}
    rooms = {module.split(".")[1] for module in modules if module.startswith("bpsgraph.")}
    return {room for room in rooms if room in ROW_OF or (PACKAGE / room).exists()}


def test_every_room_has_its_row() -> None:
    assert {room_of(file) for file in FILES} <= set(ROW_OF)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(PACKAGE)))
def test_imports_point_upwards(file: Path) -> None:
    room = room_of(file)
    others = imported_rooms(file.read_text(encoding="utf-8")) - {room}
    assert [other for other in sorted(others) if ROW_OF[other] >= ROW_OF[room]] == []


def test_imports_are_found_wherever_they_stand() -> None:
    source = (
        "import bpsgraph.cli.app\nfrom bpsgraph import turtle\n"
        "def f():\n    from bpsgraph.store.base import Store"
    )
    assert imported_rooms(source) == {"cli", "turtle", "store"}
