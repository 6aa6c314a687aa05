"""The patch and the copy that --suggest, --apply and --patch of `bpsgraph validate` are for."""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.output import choose, write
from bpsgraph.cli.parameters import Option
from bpsgraph.errors import BadParameter, UnreadableFile
from bpsgraph.formats import FORMATS, INPUT_FORMATS, Format, by_suffix
from bpsgraph.ingest import Submission
from bpsgraph.ingest.rdf import hash_of
from bpsgraph.results import Report

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

Judged = tuple[Report, Submission]


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


def write_repairs(
    judged: Sequence[Judged],
    suggest: Path | None,
    apply: Path | None,
    patch: Path | None,
    limit: int,
    lang: str,
    again: Callable[[Path], Report],
) -> None:
    """Write the patch and the copy, and say on standard error what was done and what was not.

    `limit` is how many bytes a file may have; `again` judges the copy as the file itself was judged.
    """
    from bpsgraph.repair import changes_of, read_patch, repaired, write_patch

    changes = [change for report, submission in judged for change in changes_of(report, submission.places)]
    if suggest is not None:
        write(write_patch(changes, choose(None, suggest, PATCHES, "json", "json").name), suggest)
        print(f"note: {_count(len(changes), 'change')} suggested in {suggest}", file=sys.stderr)
    if apply is None or not judged:
        return
    ((report, submission),) = judged
    if patch is not None:
        changes = [
            change for change in read_patch(patch, limit) if Path(change.file).name == Path(report.file).name
        ]
    source = Path(report.file)
    data = source.read_bytes()
    if hash_of(data) != submission.hash:
        raise UnreadableFile(source, "it was changed meanwhile", "run the command again")
    copy = repaired(data, _format(source), submission, changes)
    write(copy.content, apply)
    print(f"note: {_count(len(copy.applied), 'change')} made in {apply}", file=sys.stderr)
    for skipped in copy.skipped:
        change = skipped.change
        where = f"{change.sheet}!{change.cell}" if change.sheet else change.cell or f"line {change.line}"
        why = skipped.why.in_language(lang)
        print(
            f"note: not made: {where}: {change.old or '∅'} → {change.new} ({change.rule}): {why}",
            file=sys.stderr,
        )
    if copy.applied:
        before, after = _findings(report), _findings(again(apply))
        gone, new = (before - after).total(), (after - before).total()
        print(f"note: {apply}: {_count(gone, 'finding')} fewer, {new} new", file=sys.stderr)


def _findings(report: Report) -> Counter[str]:
    return Counter(finding.fingerprint for finding in report.findings)


def _format(source: Path) -> Format:
    if source.suffix.lower() == ".json":
        return FORMATS["jsonld"]
    found = by_suffix(source, INPUT_FORMATS)
    assert found is not None, "a file of another kind is not read"
    return found


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
