"""A process with too little of something is told so; the engine would end it without a word."""

import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

OPEN = "import sys; from bpsgraph.cli import main; sys.exit(main(['doctor', '--store', sys.argv[1]]))"


def limited(limit: int, size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(limit, (size, size))


@pytest.mark.parametrize(
    ("limit", "size", "words"),
    [
        (resource.RLIMIT_AS, 300_000_000, "may have 300 MB of addresses (`ulimit -v`), and needs"),
        (resource.RLIMIT_NOFILE, 24, "only 24 allowed"),
    ],
)
def test_a_store_is_not_opened_with_too_little(limit: int, size: int, words: str, built: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", OPEN, built],
        capture_output=True,
        encoding="utf-8",
        preexec_fn=limited(limit, size),
        timeout=60,
    )
    assert done.returncode == 3
    assert words in done.stderr
    assert "docs/errors.md#store-unavailable" in done.stderr
