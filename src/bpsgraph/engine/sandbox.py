"""What a worker gives up before it reads a byte of a stranger: network, files, privileges, memory, time.

Every part stands alone, and one that the kernel refuses is named in the report, never passed over. Sources:
unshare(2), user_namespaces(7), prctl(2), setrlimit(2), landlock(7), capset(2).
"""

import ctypes
import os
import resource
import struct
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

NETWORK, PRIVILEGES, FILES, MEMORY, SIZES, PRIORITY, PARENT = (
    "network",
    "privileges",
    "files",
    "memory",
    "sizes",
    "priority",
    "parent",
)
HELD = "held"
PARTS: Mapping[str, str] = {
    NETWORK: "no network: an empty network namespace",
    PRIVILEGES: "no new privileges",
    FILES: "reads the store and the program only, writes nothing (Landlock)",
    MEMORY: "a limit on memory",
    SIZES: "no files are made, few are opened, none is dumped",
    PRIORITY: "others go first",
    PARENT: "ends with the process that started it",
}
"""What each part of the report means where it says `held`."""

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_SIGKILL = 9
_CAPABILITY_VERSION, _CAP_DAC_READ_SEARCH = 0x20080522, 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION, _PATH_BENEATH = 1, 1
_EXECUTE, _READ_FILE, _READ_DIR = 1, 1 << 2, 1 << 3
_SYSTEM_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
_SYSTEM_FACTS = ("/dev/null", "/dev/urandom", "/usr/share/zoneinfo", "/etc/localtime")


class _RefusedError(Exception):
    pass


def confine(
    readable: Iterable[str], *, memory: int, descriptors: int, niceness: int, parent: int
) -> dict[str, str]:
    """Give all of it up; for each part `held`, or why not.

    `readable` are the folders and files that stay readable beside the program itself, `memory` is in bytes,
    `parent` the number of the process after which this one ends.
    """
    parts: dict[str, Callable[[], None]] = {
        NETWORK: _leave_network,
        PRIVILEGES: _refuse_privileges,
        FILES: lambda: _keep_to_files(readable),
        MEMORY: lambda: _limit(resource.RLIMIT_AS, memory),
        SIZES: lambda: _limit_sizes(descriptors),
        PRIORITY: lambda: _yield_to_others(niceness),
        # After the new user namespace, which forgets it.
        PARENT: lambda: _end_with(parent),
    }
    return _given_up(parts)


def confine_writer(*, memory: int) -> dict[str, str]:
    """Give up what a process that has files to write can do without; for each part `held`, or why not."""
    return _given_up(
        {
            NETWORK: lambda: _leave_network(writing=True),
            PRIVILEGES: _refuse_privileges,
            MEMORY: lambda: _limit(resource.RLIMIT_AS, memory),
            SIZES: lambda: _limit(resource.RLIMIT_CORE, 0),
        }
    )


def _given_up(parts: Mapping[str, Callable[[], None]]) -> dict[str, str]:
    report = {}
    for name, give_up in parts.items():
        try:
            give_up()
            report[name] = HELD
        except (_RefusedError, OSError, ValueError) as error:
            report[name] = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return report


def limit_time(seconds: float) -> None:
    """Let the kernel end this process once it has used that much more processor time: a second line only."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime + 2 * seconds) + 2
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (until if most < 0 else min(until, most), most))


def _call(number: int, *arguments: int | bytes | None) -> int:
    """A system call that has no function in Python; raises `OSError`."""
    library = ctypes.CDLL(None, use_errno=True)
    given = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return _checked(library.syscall(ctypes.c_long(number), *given))


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def _on_linux() -> ctypes.CDLL:
    if not sys.platform.startswith("linux"):
        raise _RefusedError(f"{sys.platform} has none")
    return ctypes.CDLL(None, use_errno=True)


def _leave_network(*, writing: bool = False) -> None:
    library = _on_linux()
    if os.geteuid() == 0:
        try:
            # In a namespace of users of its own, root could not read the store of another user any more.
            _checked(library.unshare(_CLONE_NEWNET))
            if not writing:
                _keep_only_reading(library)
            return
        except OSError:
            pass
    _checked(library.unshare(_CLONE_NEWUSER | _CLONE_NEWNET))


def _keep_only_reading(library: ctypes.CDLL) -> None:
    """Of what root may do beyond others, keep that it reads what belongs to them: capabilities(7)."""
    kept = 1 << _CAP_DAC_READ_SEARCH
    sets = struct.pack("=6I", kept, kept, 0, 0, 0, 0)
    _checked(library.capset(struct.pack("=Ii", _CAPABILITY_VERSION, 0), sets))


def _refuse_privileges() -> None:
    _checked(_on_linux().prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))


def _end_with(parent: int) -> None:
    _checked(_on_linux().prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0))
    if os.getppid() != parent:
        os._exit(1)


def _keep_to_files(readable: Iterable[str]) -> None:
    _on_linux()
    try:
        version = _call(_CREATE_RULESET, None, 0, _VERSION)
    except OSError as error:
        raise _RefusedError(f"the kernel has no Landlock ({error.strerror})") from error
    files = (1 << 13) - 1
    for since, right in ((2, 13), (3, 14), (5, 15)):
        if version >= since:
            files |= 1 << right
    network = 0b11 if version >= 4 else 0
    scoped = 0b11 if version >= 6 else 0
    known = struct.pack("=QQQ", files, network, scoped)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = _call(_CREATE_RULESET, known, len(known), 0)
    try:
        for place in dict.fromkeys([*_program(), *readable]):
            _let_read(ruleset, place)
        _call(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _let_read(ruleset: int, place: str) -> None:
    try:
        opened = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = _READ_FILE | (_READ_DIR if Path(place).is_dir() else 0)
        _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
    finally:
        os.close(opened)


def _program() -> list[str]:
    """The folders of the interpreter, of its libraries and of what it may import."""
    standard = str(Path(os.__file__).parent)
    return [
        *_SYSTEM_LIBRARIES,
        *_SYSTEM_FACTS,
        standard,
        f"{sys.base_prefix}/lib",
        *(p for p in sys.path if p),
    ]


def _limit(which: int, most: int) -> None:
    _, before = resource.getrlimit(which)
    if before >= 0:
        most = min(most, before)
    resource.setrlimit(which, (most, most))


def _limit_sizes(descriptors: int) -> None:
    _limit(resource.RLIMIT_NOFILE, descriptors)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)


def _yield_to_others(niceness: int) -> None:
    os.nice(niceness)
