"""A few broken, odd and hostile files through isolated judging; `make fuzz-files` tries 2,000."""

import shutil
from pathlib import Path

import pytest

from faults.file_fuzz import SEED, run, whole


def test_broken_and_hostile_files_are_withstood(built: Path, tmp_path: Path) -> None:
    figures = run(built, tmp_path, SEED, number=32, traced=0)
    assert whole(figures), figures
    assert figures["files"] == 32
    assert figures["codes"]["judged"] > 3  # type: ignore[index]


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_worker_opens_no_foreign_file_and_connects_nowhere(built: Path, tmp_path: Path) -> None:
    figures = run(built, tmp_path, SEED + 1, number=0, traced=8)
    if figures["traced"] == 0:
        pytest.skip("strace may not trace here")
    assert whole(figures), figures
