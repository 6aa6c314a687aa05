"""What all tests share: a built store, and the command as people run it, in a process of its own."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bpsgraph.building import build
from bpsgraph.cli import main
from bpsgraph.sources import find_sources

_HERE = Path(__file__).resolve().parent
# Programs that the tests start find the same code as the tests.
os.environ["PYTHONPATH"] = os.pathsep.join([str(_HERE.parent / "src"), str(_HERE)])

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the bundled sources, to be read only."""
    path = tmp_path_factory.mktemp("cli") / "store"
    build(path, find_sources())
    return path


@pytest.fixture
def spawn(tmp_path: Path, built: Path) -> Run:
    """Run `bpsgraph` as a process in an empty folder, with the built store unless another is named."""

    def spawn(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "bpsgraph", *map(str, arguments)],
            capture_output=True,
            encoding="utf-8",
            cwd=tmp_path,
            env=os.environ | {"BPSGRAPH_STORE": str(built)},
            timeout=120,
        )

    return spawn


@pytest.fixture
def run(
    tmp_path: Path, built: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Like `spawn`, in this process, which is quicker; with settings and standard input. Line ends are LF."""

    def run(*arguments: str | Path, input: str = "", **settings: str) -> "subprocess.CompletedProcess[str]":
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            patch.setattr(sys, "stdin", io.StringIO(input))
            for name, value in ({"BPSGRAPH_STORE": str(built)} | settings).items():
                patch.setenv(name, value)
            code = main([str(argument) for argument in arguments])
        words = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, code, words.out.replace("\r\n", "\n"), words.err)

    return run
