"""What is acknowledged survives the death of its process at any step, and nothing is ever half there."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bpsgraph.building import build
from bpsgraph.sources import Sources
from small_world import small_sources

pytestmark = pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system has no fork")


def tried(folder: Path) -> list[dict[str, object]]:
    """What was found after each kill; without a national standard, since every step is a whole acceptance."""
    sources = small_sources(folder / "sources")
    shutil.rmtree(sources.root / "data/ttl/national")
    build(folder / "store", Sources(sources.root))
    driver = Path(__file__).with_name("crashes.py")
    done = subprocess.run(
        [sys.executable, driver, folder / "store", sources.root, folder / "work"],
        capture_output=True,
        text=True,
        timeout=1_500,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_is_found_after_a_kill_at_any_step(tmp_path: Path) -> None:
    # One test, because the kills take long and what shares them may be run in several processes.
    found = tried(tmp_path)

    # Folder of the journal, entry, its name, its folder; the store; the generation with its manifest, its
    # name, their folder; the marker, its name, its folder.
    assert len(found) >= 30
    assert all(step["killed"] and not step["acknowledged"] for step in found)

    # The store is as before or as after, and the journal is whole.
    states = [str(step["found"]) for step in found]
    assert set(states) == {"before", "after"}
    assert states == sorted(states, reverse=True), "once it is there it stays"
    assert [step["problems"] for step in found] == [[]] * len(found)

    # The next process completes it.
    for step in found:
        assert (step["again"], step["entry"], step["mended"]) == (None, "1", True)
        assert step["files"] == ["000001"]
        assert step["store"] == []
