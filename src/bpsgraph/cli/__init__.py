"""The command line: `main` runs one command and turns every error into one sentence and an exit code.

Exit codes: 0 fine, 1 the answer is no, 2 what was given could not be used, 3 the store failed, 130
interrupted, 141 whoever was reading the output went away.
"""

import os
import sys

import bpsgraph

# Read by type checkers, as that of `typing`, which takes a third of what Python itself takes to start.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Sequence


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run the command line given, else the one of this process, and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    _stand_in_for_closed_streams()
    try:
        if arguments == ["--version"]:
            # Before anything is loaded: programs ask for it, and wait.
            print(f"bpsgraph {bpsgraph.__version__}")
            code = 0
        else:
            from bpsgraph.cli.app import run

            code = run(arguments)
        _flush()
        return code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        _let_go_of_output()
        return 141
    except Exception as error:
        from bpsgraph.errors import BpsError

        if not isinstance(error, BpsError):
            raise
        print(f"error: {error} See docs/errors.md#{error.code}", file=sys.stderr)
        _let_go_of_output()
        return error.exit_code


def _stand_in_for_closed_streams() -> None:
    """Take the places of streams that are closed (`>&-`), lest the next file opened gets their numbers.

    What is written to standard output then fails as it does in other programs; messages are lost.
    """
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")


def _flush() -> None:
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        from bpsgraph.errors import UnwritableFile

        raise UnwritableFile("standard output", error.strerror or str(error)) from error


def _let_go_of_output() -> None:
    """Python flushes standard output once more when it ends; where that fails, it must not fail again."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
