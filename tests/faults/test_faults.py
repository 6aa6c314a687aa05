"""Every fault in its short form; `make faults` tries each hundreds of times (docs/faults.md)."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from faults.__main__ import FAULTS
from sampling import LONG

pytestmark = pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="this system has no fork")


@pytest.fixture(scope="module")
def world() -> Iterator[Path]:
    """What all trials begin from, where other users may read it, as pytest's own folders may not be."""
    with tempfile.TemporaryDirectory(prefix="faults-") as place:
        Path(place).chmod(0o755)
        yield made_in(Path(place) / "world")


def made_in(folder: Path) -> Path:
    made = "import sys; from pathlib import Path; from faults.__main__ import make; make(Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", made, folder], check=True, timeout=300)
    return folder


# The power cut is tried in test_durability.py, beside what it rests on; clusters take long to start, and
# tests/batch/test_cluster.py kills a worker of one in every run of the tests.
ELSEWHERE = {"power-cut"} if LONG else {"power-cut", "cluster-kills"}


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in ELSEWHERE])
def test_a_fault_is_withstood(fault: str, world: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "faults", fault, "--short", "--world", world],
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figure = json.loads(done.stdout.splitlines()[0])
    assert figure["tried"] == figure["held"] > 0
    assert figure["failures"] == []
