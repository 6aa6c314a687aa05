"""What has changed since the last run: which findings are new, which are gone, which are still open."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from bpsgraph.batch.outcome import Brief, Outcome
from bpsgraph.errors import MalformedFile, UnreadableFile
from bpsgraph.results import Severity, Text

FORMAT = 1


class Mark(StrEnum):
    """How a submission stands to its own last turn."""

    IMPROVED = "improved"
    WORSE = "worse"
    UNCHANGED = "unchanged"
    FIRST = "first"
    NOT_COMPARED = "notCompared"


MARKING = Text(
    "错误减少（相同时警告减少）为“改进”，增加为“退步”；上次没有的为“首次”，本次或上次未能判定的不作比较。"
    "问题按指纹逐条对应，与所在行列无关。",
    "fewer violations (then fewer warnings) is improved, more is worse; what was not there last time is "
    "first, what could not be judged this time or last time is not compared. Findings are matched by their "
    "fingerprints, wherever they stand in the file.",
)


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one submission since the last run."""

    mark: Mark
    new: tuple[Brief, ...] = ()
    fixed: tuple[Brief, ...] = ()
    open: tuple[Brief, ...] = ()


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier run: what was asked for, and its outcomes by file."""

    asked: Mapping[str, Any]
    outcomes: Mapping[str, Outcome]

    def same_as(self, outcomes: Iterable[Outcome]) -> bool:
        """Whether it judged the same files in the same state by the same rules, for the same days."""
        return {o.file: (o.key, o.as_of, o.problem) for o in self.outcomes.values()} == {
            o.file: (o.key, o.as_of, o.problem) for o in outcomes
        }


def read_earlier(path: Path) -> Earlier | None:
    """The run of which `path` is the summary, or the folder of its reports; None where there is none.

    Raises `UnreadableFile`, and `MalformedFile` where the file is no summary of this version.
    """
    file = path / "summary.json" if path.is_dir() else path
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise ValueError
        outcomes = [Outcome.from_dict(row) for row in said["submissions"]]
        return Earlier(dict(said["asked"]), {outcome.file: outcome for outcome in outcomes})
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnreadableFile(file, error.strerror or str(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedFile(
            file,
            "this is no summary of `bpsgraph batch` that this version reads",
            "remove it, or name the folder of another run",
        ) from error


def changes(outcomes: Iterable[Outcome], earlier: Earlier) -> dict[str, Change]:
    """The change of each submission, by file.

    A submission is the same as before where file and catalogue are, else where its catalogue was and is in
    exactly one file: so a file may be renamed.
    """
    outcomes = list(outcomes)
    now, before = _by_catalogue(outcomes), _by_catalogue(earlier.outcomes.values())
    found = {}
    for outcome in outcomes:
        last = earlier.outcomes.get(outcome.file)
        if outcome.catalogue and (last is None or (last.catalogue and last.catalogue != outcome.catalogue)):
            alone = len(now[outcome.catalogue]) == 1 and len(before.get(outcome.catalogue, ())) == 1
            last = before[outcome.catalogue][0] if alone else None
        found[outcome.file] = _change(outcome, last)
    return found


def gone(outcomes: Iterable[Outcome], earlier: Earlier) -> list[str]:
    """The files of the last run that are not there any more, under this or another name; sorted."""
    outcomes = list(outcomes)
    files, catalogues = {o.file for o in outcomes}, {o.catalogue for o in outcomes if o.catalogue}
    return sorted(
        o.file for o in earlier.outcomes.values() if o.file not in files and o.catalogue not in catalogues
    )


def _by_catalogue(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.catalogue:
            found.setdefault(outcome.catalogue, []).append(outcome)
    return found


def _change(outcome: Outcome, last: Outcome | None) -> Change:
    if last is None:
        return Change(Mark.FIRST)
    if outcome.problem or last.problem:
        return Change(Mark.NOT_COMPARED)
    before, now = ({f.fingerprint for f in o.findings} for o in (last, outcome))
    return Change(
        _mark(outcome, last),
        new=tuple(f for f in outcome.findings if f.fingerprint not in before),
        fixed=tuple(f for f in last.findings if f.fingerprint not in now),
        open=tuple(f for f in outcome.findings if f.fingerprint in before),
    )


def _mark(outcome: Outcome, last: Outcome) -> Mark:
    now, before = ((o.counts()[Severity.VIOLATION], o.counts()[Severity.WARNING]) for o in (outcome, last))
    return Mark.IMPROVED if now < before else Mark.WORSE if now > before else Mark.UNCHANGED
