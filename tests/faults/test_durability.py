"""What is acknowledged was forced to the disk before: seen by strace, and tried on a model of a disk."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from faults.disk import Disk, calls_of


def _can_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True).returncode == 0


pytestmark = pytest.mark.skipif(not _can_trace(), reason="strace is not installed or may not trace here")

PROGRAM = """
import os, shutil, sys
os.chdir(sys.argv[1])
def force(path):
    handle = os.open(path, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
def write(path, data):
    with open(path, "ab") as file:
        file.write(data)
root = os.getcwd() + "/"
write(root + "old", b" and more")
write(root + "forced", b"bytes and name")
force(root + "forced")
os.mkdir(root + "folder")
write(root + "folder/inner", b"inner")
force(root + "folder/inner")
force(root + "folder")
force(root)
write(root + "named", b"bytes, no name")
force(root + "named")
write(root + "folder/none", b"no bytes")
force(root + "folder")
os.rename(root + "gone", root + "moved")
shutil.copyfile(root + "forced", root + "folder/copy")
force(root + "folder/copy")
force(root + "folder")
os.link(root + "forced", root + "folder/link")
os.unlink(root + "forced")
"""


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    """The disk after the program."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "old").write_bytes(b"old")
    (root / "gone").write_bytes(b"gone")
    made = Disk(root)
    calls, code = calls_of([sys.executable, "-c", PROGRAM, root], tmp_path / "log")
    assert code == 0
    for call in calls:
        made.do(call)
    return made


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_only_what_was_forced_to_the_disk_is_left(disk: Disk, tmp_path: Path) -> None:
    disk.after_power_cut(tmp_path / "left")
    assert files(tmp_path / "left") == {
        "old": b"old",
        "gone": b"gone",
        "forced": b"bytes and name",
        "folder/inner": b"inner",
        "folder/none": b"",
        "folder/copy": b"bytes and name",
    }


def test_by_chance_there_is_more_and_nothing_else(disk: Disk, tmp_path: Path) -> None:
    found: dict[str, set[bytes | None]] = {}
    names = ("old", "gone", "moved", "forced", "named", "folder/none", "folder/link", "folder/inner")
    for seed in range(40):
        disk.after_power_cut(tmp_path / str(seed), Random(seed))
        there = files(tmp_path / str(seed))
        for name in names:
            found.setdefault(name, set()).add(there.get(name))
    assert found["folder/inner"] == {b"inner"}
    assert found["forced"] == found["folder/link"] == {b"bytes and name", None}
    assert found["named"] == {b"bytes, no name", None}
    assert {b"old", b"old and more"} < found["old"]
    assert all(data is not None and b"old and more".startswith(data) for data in found["old"])
    assert found["gone"] == found["moved"] == {b"gone", None}
    assert {b"", b"no bytes"} < found["folder/none"]


def test_the_disk_is_as_the_program_left_it(disk: Disk, tmp_path: Path) -> None:
    """Where everything is forced to the disk, the model is the real folder."""

    def force(folder: object) -> None:
        from faults.disk import Folder

        assert isinstance(folder, Folder)
        folder.lasting = dict(folder.names)
        for inner in folder.names.values():
            if isinstance(inner, Folder):
                force(inner)
            else:
                inner.lasting = bytes(inner.data)

    force(disk.top)
    disk.after_power_cut(tmp_path / "left")
    assert files(tmp_path / "left") == files(tmp_path / "root")


def test_a_power_cut_loses_nothing_acknowledged() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "faults", "power-cut", "--short"],
        capture_output=True,
        encoding="utf-8",
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    figure = json.loads(done.stdout.splitlines()[0])
    assert figure["tried"] == figure["held"] > 6
    assert figure["acknowledged_by_then"] > 6
    assert figure["failures"] == []
