"""Another program on the newest generation of a store, which no writer takes away while it runs.

`python -m bpsgraph.store.holding STORE PROGRAM ARGUMENT...` becomes the program, with the folder of the
generation as its last argument. The lock goes with it, so that nothing else is needed for it.
"""

import os
import sys
from pathlib import Path

from bpsgraph.errors import BpsError, UnreadableFile
from bpsgraph.store.generations import Generations


def main() -> None:
    """Run the program; raises what `Generations.hold_newest` raises, and `UnreadableFile`."""
    store, *command = sys.argv[1:]
    held = Generations(Path(store)).hold_newest()
    if held.lock >= 0:
        os.set_inheritable(held.lock, True)
    try:
        os.execvp(command[0], [*command, str(held.folder)])
    except OSError as error:
        raise UnreadableFile(command[0], error.strerror or str(error)) from error


if __name__ == "__main__":
    try:
        main()
    except BpsError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
