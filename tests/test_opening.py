"""Whatever a path leads to, it is read in time or refused with its reason: files, pipes, devices, what changes."""

import io
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bpsgraph import opening
from bpsgraph.errors import TooLarge, UnreadableFile
from bpsgraph.ingest import read
from conftest import Run

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX")


def refused(path: Path | str) -> str:
    with pytest.raises(UnreadableFile) as caught:
        opening.content(path)
    return str(caught.value)


def written_later(path: Path, pieces: list[bytes]) -> threading.Thread:
    def write() -> None:
        time.sleep(0.05)
        with path.open("wb") as pipe:
            for piece in pieces:
                pipe.write(piece)
                pipe.flush()
                time.sleep(0.05)

    thread = threading.Thread(target=write, daemon=True)
    thread.start()
    return thread


@pytest.fixture
def pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(opening, "PATIENCE", 0.4)
    path = tmp_path / "c.ttl"
    os.mkfifo(path)
    return path


def test_a_pipe_without_a_writer_is_not_waited_for_for_ever(pipe: Path) -> None:
    begun = time.monotonic()
    assert "it is a pipe, and nothing came through it for 0.4 seconds; start what writes" in refused(pipe)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("pieces", [[b"a"], [b"a" * 70_000, b"b" * 70_000], []], ids=["one", "large", "none"])
def test_what_comes_through_a_pipe_is_read_to_its_end(pipe: Path, pieces: list[bytes]) -> None:
    writer = written_later(pipe, pieces)
    assert opening.content(pipe) == b"".join(pieces)
    writer.join(5)


def test_a_writer_that_falls_silent_is_given_up(pipe: Path) -> None:
    end = os.open(pipe, os.O_RDWR)
    os.write(end, b"begun")
    assert "nothing came through it" in refused(pipe)
    os.close(end)


def test_a_pipe_has_the_limit_of_a_file(pipe: Path) -> None:
    written_later(pipe, [b"a" * 60_000])
    with pytest.raises(TooLarge):
        opening.content(pipe, 10_000)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder, "it is a folder; name the files in it"),
        (lambda folder: Path("/dev/zero"), "it is a device, not a file"),
        (lambda folder: Path("/dev/null"), "it is a device, not a file"),
        (lambda folder: folder / "nowhere", "No such file or directory; check the path"),
        (lambda folder: folder / "no*.ttl", "no file matches; check the folder and the pattern"),
        (lambda folder: folder / ("a" * 300), "File name too long"),
        (lambda folder: f"{folder}/a\0b", "embedded null byte"),
        (lambda folder: "", "the name is empty"),
    ],
    ids=["folder", "zero", "null", "missing", "pattern", "long", "NUL", "empty"],
)
def test_what_is_no_file_is_refused(tmp_path: Path, make: Callable[[Path], Path | str], said: str) -> None:
    assert said in refused(make(tmp_path))


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("c.ttl")
        assert "it is a socket, not a file" in refused("c.ttl")


def test_a_circle_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    assert "symbolic links" in refused(tmp_path / "a")


@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x", encoding="utf-8")
    (tmp_path / "a").chmod(0)
    assert "Permission denied" in refused(tmp_path / "a")


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100)
    real = os.read

    def read_and_append(descriptor: int, length: int) -> bytes:
        with path.open("ab") as file:
            file.write(b"y")
        return real(descriptor, length)

    monkeypatch.setattr(os, "read", read_and_append)
    with pytest.raises((UnreadableFile, TooLarge), match=r"it changed while it was read|larger than"):
        opening.content(path, 1_000)


def test_a_file_that_is_removed_while_it_is_read_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 100)
    real = os.read

    def read_and_remove(descriptor: int, length: int) -> bytes:
        path.unlink(missing_ok=True)
        return real(descriptor, length)

    monkeypatch.setattr(os, "read", read_and_remove)
    assert opening.content(path) == b"x" * 100


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c.ttl"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(TooLarge):
        read(path)


def test_closed_standard_input_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(UnreadableFile, match="standard input: cannot read the file: it is closed"):
        opening.standard_input()


def test_a_terminal_is_told_that_it_is_read(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Terminal(io.TextIOWrapper):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Terminal(io.BytesIO(b"a")))
    assert opening.standard_input() == b"a"
    assert capsys.readouterr().err.startswith("note: reading standard input; Ctrl-D")


@pytest.mark.parametrize(
    "arguments", [("validate", "c.ttl"), ("convert", "c.ttl", "-o", "d.ttl"), ("sparql", "c.ttl")]
)
def test_every_command_gives_a_silent_pipe_up(run: Run, pipe: Path, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("error: c.ttl: cannot read the file: it is a pipe, and nothing came")
