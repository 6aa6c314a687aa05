"""What the last run of the watch told, kept in a file, so that the next one tells only what is new."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from bpsgraph import opening
from bpsgraph.analysis.monitoring.alerts import Watch
from bpsgraph.errors import BadParameter, MalformedFile, UnreadableFile, UnwritableFile

_FORMAT = "bpsgraph-monitor-1"


@dataclass(frozen=True, slots=True)
class Told:
    """The day of the last run, the place that it was about, and the keys of all alerts known then."""

    as_of: date
    jurisdiction: str | None
    alerts: frozenset[str]


def read_told(file: Path) -> Told | None:
    """What the file keeps; None where there is no file yet. Raises `UnreadableFile` and `MalformedFile`."""
    if not file.exists():
        return None
    try:
        said = opening.content(file).decode()
    except UnicodeDecodeError as error:
        raise UnreadableFile(file, str(error), "name a file that `--state` wrote") from error
    try:
        kept = json.loads(said)
        if kept["format"] != _FORMAT:
            raise ValueError(kept["format"])
        return Told(
            date.fromisoformat(kept["as_of"]), kept["jurisdiction"], frozenset(map(str, kept["alerts"]))
        )
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedFile(
            file, "is no state of bpsgraph monitor", "name a file that `--state` wrote, or a new one"
        ) from error


def only_new(found: Watch, told: Told | None, jurisdiction: str | None) -> Watch:
    """The watch with the alerts that were not told yet, and how many of those told are gone.

    Raises `BadParameter` where the last run was about another place.
    """
    if told is None:
        return found
    if told.jurisdiction != jurisdiction:
        raise BadParameter(
            "--state",
            f"it is about {told.jurisdiction or 'all places'}, not {jurisdiction or 'all places'}",
            "keep one file for each place",
        )
    known = {alert.key for alert in found.alerts}
    # What was coming and has come by now is no alert that is gone.
    come = {alert.key.removeprefix("come/") for alert in found.alerts}
    gone = [key for key in told.alerts if key not in known and key.removeprefix("coming/") not in come]
    return replace(
        found, alerts=tuple(one for one in found.alerts if one.key not in told.alerts), gone=len(gone)
    )


def keep(file: Path, as_of: date, jurisdiction: str | None, keys: Iterable[str]) -> None:
    """Write the state; the file is replaced as a whole. Raises `UnwritableFile`."""
    content = {
        "format": _FORMAT,
        "as_of": as_of.isoformat(),
        "jurisdiction": jurisdiction,
        "alerts": sorted(keys),
    }
    draft = file.with_name(f".{file.name}.draft")
    try:
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        raise UnwritableFile(file, error.strerror or str(error)) from error
