"""The patch and the copy that --suggest, --apply and --patch of `bpsgraph validate` are for."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.output import choose
from bpsgraph.cli.parameters import Option
from bpsgraph.errors import BadParameter

PATCHES = ("json", "csv", "turtle")

SuggestOption = Annotated[
    Path | None,
    Option(metavar="PATCH.json|.csv|.ttl", help="Write the changes that have one right answer to this file."),
]
ApplyOption = Annotated[
    Path | None,
    Option(metavar="COPY", help="Write a copy of the file with these changes made; never the file itself."),
]
PatchOption = Annotated[
    Path | None,
    Option(metavar="PATCH.json", help="With --apply: make the changes of this patch, and no others."),
]


def refuse_repairs(
    suggest: Path | None, apply: Path | None, patch: Path | None, files: Sequence[str]
) -> None:
    """Raise `BadParameter` where the patch or the copy cannot be written at its place."""
    if suggest is not None:
        if not suggest.suffix:
            raise BadParameter("--suggest", f"{suggest} does not say its format", "name it like patch.json")
        choose(None, suggest, PATCHES, "json", "json")
        _refuse_overwriting("--suggest", suggest, files)
    if patch is not None and apply is None:
        raise BadParameter("--patch", "a patch is applied to a copy", "add --apply COPY")
    if apply is None:
        return
    if len(files) != 1 or files[0] == "-":
        raise BadParameter("--apply", "a copy is of one file", "name one file")
    if Path(files[0]).suffix.lower() != apply.suffix.lower():
        raise BadParameter(
            "--apply",
            f"{apply} is not of the same kind as {files[0]}",
            f"name it like {Path(files[0]).stem}.repaired{Path(files[0]).suffix}",
        )
    _refuse_overwriting("--apply", apply, files)
    if suggest is not None and suggest.absolute() == apply.absolute():
        raise BadParameter("--apply", f"{apply} is the patch", "give the copy a name of its own")


def _refuse_overwriting(option: str, target: Path, files: Sequence[str]) -> None:
    for file in files:
        source = Path(file)
        if target.absolute() == source.absolute() or (
            target.exists() and source.exists() and target.samefile(source)
        ):
            raise BadParameter(option, f"{target} is the file itself", "give it a name of its own")
