"""The commands in the documentation of the store run as they are written."""

import re
import shlex
from pathlib import Path

import pytest

from conftest import Run

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "store.md").read_text(encoding="utf-8")
(BLOCK,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [shlex.split(line)[1:] for line in BLOCK.splitlines() if not line.startswith("bpsgraph build")]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: arguments[1][:20])
def test_it_runs(run: Run, tmp_path: Path, arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout or (tmp_path / arguments[-1]).stat().st_size
