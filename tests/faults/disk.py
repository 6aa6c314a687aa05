"""A disk as POSIX promises it: after a power cut there is what was forced to it, and nothing else need be.

It is filled from the calls of the system that strace has seen a program make. The bytes of a file last once
the file is forced to the disk, and the names in a folder once the folder is.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

CALLS = (
    "openat,open,creat,close,lseek,write,pwrite64,writev,pwritev,sendfile,copy_file_range,truncate,ftruncate,"
    "fallocate,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir"
)
_LINE = re.compile(r"([0-9]+) +(.*)")
_BEGUN = re.compile(r"(\w+)\((.*) <unfinished \.\.\.>")
_ENDED = re.compile(r"<\.\.\. (\w+) resumed>(.*)")
_CALL = re.compile(r"(\w+)\((.*)\) += (-?[0-9]+)(?:<(.*?)>)?(?: .*)?", re.DOTALL)
_HEX = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_HANDLE = re.compile(r"(-?[0-9]+|AT_FDCWD)<((?:\\x[0-9a-f]{2}|[^\\>])*)>")


@dataclass(frozen=True)
class Call:
    """One call that succeeded: handles with their paths, strings, and what it gave."""

    name: str
    text: str
    result: int
    opened: str

    @property
    def strings(self) -> list[bytes]:
        return [bytes.fromhex(found.replace("\\x", "")) for found in _HEX.findall(self.text)]

    @property
    def handles(self) -> list[tuple[str, str]]:
        return [(number, _plain(path)) for number, path in _HANDLE.findall(_HEX.sub('""', self.text))]

    @property
    def numbers(self) -> list[int]:
        """The numbers among the arguments that follow the last string or handle."""
        rest = re.split(r'[">]', _HEX.sub('""', self.text))[-1]
        return [int(number) for number in re.findall(r"-?\b[0-9]+\b", rest)]

    @property
    def paths(self) -> list[str]:
        """The paths that it names; those of a folder that is open are put together."""
        folders = [path for number, path in self.handles if self.name.endswith(("at", "at2"))]
        names = [os.fsdecode(name) for name in self.strings]
        return [str(Path(folder) / name) for folder, name in zip(folders or [""] * 2, names, strict=False)]


def calls_of(command: Sequence[str | Path], log: Path, **options: object) -> tuple[list[Call], int]:
    """Run a program, with its threads and children, and give what it did and how it ended."""
    strace = [
        "strace",
        "-f",
        "--seccomp-bpf",
        "-y",
        "-xx",
        "-s",
        "100000000",
        "-o",
        log,
        "-e",
        f"trace={CALLS}",
    ]
    done = subprocess.run([*strace, *command], **options)  # type: ignore[call-overload]
    return list(_calls(log)), done.returncode


def _calls(log: Path) -> Iterator[Call]:
    begun: dict[str, str] = {}
    with log.open(encoding="ascii", errors="replace") as lines:
        for line in lines:
            found = _LINE.fullmatch(line.rstrip("\n"))
            if found is None:
                continue
            thread, text = found.groups()
            if unfinished := _BEGUN.fullmatch(text):
                begun[thread] = f"{unfinished[1]}({unfinished[2]}"
                continue
            if ended := _ENDED.fullmatch(text):
                text = begun.pop(thread) + ended[2]
            call = _CALL.fullmatch(text)
            if call and int(call[3]) >= 0:
                yield Call(call[1], call[2], int(call[3]), _plain(call[4] or ""))


def _plain(text: str) -> str:
    return os.fsdecode(
        re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), text.encode())
    ).removesuffix(" (deleted)")


@dataclass(eq=False)
class File:
    """The bytes of a file, and those that last; None where nothing of it was forced to the disk."""

    data: bytearray = field(default_factory=bytearray)
    lasting: bytes | None = None


@dataclass(eq=False)
class Folder:
    """The names in a folder, and those that last."""

    names: "dict[str, File | Folder]" = field(default_factory=dict)
    lasting: "dict[str, File | Folder]" = field(default_factory=dict)


class Disk:
    """What is in a folder, to begin with all of it lasting, and what calls make of it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.top = _read(self.root)
        self._open: dict[str, tuple[File, list[int]]] = {}

    def _find(self, path: str) -> tuple[Folder, str] | None:
        """The folder that a path is in, and its name there; None for what is elsewhere."""
        try:
            parts = Path(os.path.normpath(path)).relative_to(self.root).parts
        except ValueError:
            return None
        folder = self.top
        for part in parts[:-1]:
            inner = folder.names.get(part)
            if not isinstance(inner, Folder):
                return None
            folder = inner
        return (folder, parts[-1]) if parts else (Folder({"": self.top}), "")

    def _at(self, path: str) -> File | Folder | None:
        place = self._find(path)
        return place[0].names.get(place[1]) if place else None

    def do(self, call: Call) -> None:
        """Let a call happen; those that do not concern this disk are passed over."""
        name = call.name
        if name in {"openat", "open", "creat"}:
            self._opened(call)
        elif name in {"fsync", "fdatasync"}:
            self._forced(call)
        elif name in {"rename", "renameat", "renameat2", "link", "linkat"}:
            self._named(call)
        elif name in {"unlink", "unlinkat", "rmdir", "mkdir", "mkdirat"}:
            place = self._find(call.paths[0])
            if place and name.startswith("mkdir"):
                place[0].names[place[1]] = Folder()
            elif place:
                place[0].names.pop(place[1], None)
        elif name == "truncate":
            file = self._at(call.paths[0])
            if isinstance(file, File):
                _resize(file, call.numbers[-1])
        elif call.handles and call.handles[0][0] in self._open:
            self._written(call)

    def _opened(self, call: Call) -> None:
        self._open.pop(str(call.result), None)
        place = self._find(call.opened)
        if place is None:
            return
        folder, name = place
        if "O_CREAT" in call.text or call.name == "creat":
            folder.names.setdefault(name, File())
        found = folder.names.get(name)
        if isinstance(found, File):
            if "O_TRUNC" in call.text or call.name == "creat":
                found.data.clear()
            self._open[str(call.result)] = (found, [-1 if "O_APPEND" in call.text else 0])

    def _forced(self, call: Call) -> None:
        number, path = call.handles[0]
        if number in self._open:
            file = self._open[number][0]
            file.lasting = bytes(file.data)
        else:
            folder = self._at(path)
            if isinstance(folder, Folder):
                folder.lasting = dict(folder.names)

    def _named(self, call: Call) -> None:
        before, after = (self._find(path) for path in call.paths)
        if before is None or after is None:
            assert before is None, f"what is renamed out of the disk is not followed: {call}"
            return
        found = before[0].names[before[1]]
        if call.name.startswith("rename"):
            del before[0].names[before[1]]
        after[0].names[after[1]] = found

    def _written(self, call: Call) -> None:
        file, at = self._open[call.handles[0][0]]
        name = call.name
        if name == "close":
            del self._open[call.handles[0][0]]
        elif name == "lseek":
            at[0] = call.result if at[0] >= 0 else -1
        elif name == "ftruncate":
            _resize(file, call.numbers[-1])
        elif name == "fallocate":
            if "KEEP_SIZE" not in call.text and "PUNCH" not in call.text:
                _resize(file, max(len(file.data), sum(call.numbers[-2:])))
        elif name in {"write", "writev"}:
            place = len(file.data) if at[0] < 0 else at[0]
            _put(file, place, b"".join(call.strings)[: call.result])
            at[0] = at[0] if at[0] < 0 else place + call.result
        elif name in {"pwrite64", "pwritev"}:
            _put(file, call.numbers[-1], b"".join(call.strings)[: call.result])
        elif name in {"sendfile", "copy_file_range"} and call.result:
            self._copied(call, file, at)

    def _copied(self, call: Call, file: File, at: list[int]) -> None:
        """Bytes that the system copied from one file to another are read from the source as it is here."""
        target, source = call.handles[0], call.handles[1]
        if call.name == "copy_file_range":
            target, source = source, target
            file, at = self._open[target[0]]
        begin = re.search(r"\[([0-9]+)\] => ", call.text)
        assert begin is not None, f"where it was copied from is not said: {call}"
        held = self._open.get(source[0])
        data = bytes(held[0].data) if held else Path(source[1]).read_bytes()
        _put(file, at[0], data[int(begin[1]) : int(begin[1]) + call.result])
        at[0] += call.result

    def after_power_cut(self, target: Path, chance: Random | None = None) -> None:
        """Write what is left into a new folder: what was forced to the disk, or by chance more of it."""
        _write(self.top, target, chance)


def _read(path: Path) -> Folder:
    folder = Folder()
    for inner in sorted(path.iterdir()):
        if inner.is_dir():
            folder.names[inner.name] = _read(inner)
        else:
            data = inner.read_bytes()
            folder.names[inner.name] = File(bytearray(data), data)
    folder.lasting = dict(folder.names)
    return folder


def _write(folder: Folder, target: Path, chance: Random | None) -> None:
    target.mkdir()
    names = dict(folder.lasting)
    if chance is not None:
        for name in sorted({*folder.names, *folder.lasting}):
            if folder.names.get(name) is not folder.lasting.get(name) and chance.random() < 0.5:
                found = folder.names.get(name)
                names.pop(name, None) if found is None else names.update({name: found})
    for name, found in names.items():
        if isinstance(found, Folder):
            _write(found, target / name, chance)
            continue
        (target / name).write_bytes(_left(found, chance))


def _left(file: File, chance: Random | None) -> bytes:
    lasting, data = file.lasting or b"", bytes(file.data)
    if chance is None or chance.random() < 0.5:
        return lasting
    # What was added since may be there up to anywhere.
    return data[: chance.randint(len(lasting), len(data))] if data.startswith(lasting) else data


def _put(file: File, at: int, data: bytes) -> None:
    if at > len(file.data):
        file.data.extend(bytes(at - len(file.data)))
    file.data[at : at + len(data)] = data


def _resize(file: File, size: int) -> None:
    del file.data[size:]
    file.data.extend(bytes(size - len(file.data)))
