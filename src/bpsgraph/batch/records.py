"""What a run has judged and not yet put into the lake: files of a few submissions each.

Whatever a run was doing when it was ended, the next one goes on from what is there. Workers write plain JSON:
the libraries that write tables take more memory than judging does.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from bpsgraph.batch.outcome import Outcome
from bpsgraph.batch.shelf import RECORDS, Shelf
from bpsgraph.batch.tables import Judged, finding_rows

_SUFFIX = ".json"
# What no reader of records understands is no record.
_NOT_A_RECORD = (OSError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(slots=True)
class Records:
    """The records below one shelf; what was read of them is not read again."""

    shelf: Shelf
    _read: dict[str, dict[str, Outcome]] = field(default_factory=dict)

    def keep(self, judged: Sequence[Judged]) -> None:
        """Remember submissions as one file, after their reports; raises `UnwritableFile`.

        What has no key is not remembered: it was perhaps the machine's fault.
        """
        kept = [one for one in judged if one.outcome.key]
        if kept:
            name = hashlib.sha256("".join(one.outcome.key for one in kept).encode()).hexdigest()[:16]
            said = [{"outcome": one.outcome.to_dict(), "findings": list(finding_rows(one))} for one in kept]
            content = json.dumps(said, ensure_ascii=False, default=date.isoformat)
            self.shelf.write(f"{RECORDS}/{name}{_SUFFIX}", content)

    def outcomes(self) -> dict[str, Outcome]:
        """What is remembered, by key; a file that is damaged says nothing."""
        names = sorted(path.name for path in self._folder.glob(f"*{_SUFFIX}"))
        self._read = {name: self._read.get(name) or dict(_outcomes(self._folder / name)) for name in names}
        return {key: outcome for part in self._read.values() for key, outcome in part.items()}

    def findings(self, keys: Collection[str]) -> list[dict[str, Any]]:
        """The rows of all findings of the outcomes with these keys, by file, each in its order."""
        self.outcomes()
        # Where two workers have judged a submission, one of them is enough.
        chosen = {key: name for name, part in self._read.items() for key in part if key in keys}
        found = []
        for name in sorted(set(chosen.values())):
            for record in json.loads((self._folder / name).read_text(encoding="utf-8")):
                if chosen.get(record["outcome"]["key"]) == name:
                    found.append((record["outcome"]["file"], record["findings"]))
        return [row for _, rows in sorted(found, key=lambda one: one[0]) for row in map(_with_days, rows)]

    def clear(self) -> None:
        """Forget everything."""
        self.shelf.empty(RECORDS)
        self._read.clear()

    @property
    def _folder(self) -> Path:
        return self.shelf.folder / RECORDS


@lru_cache(maxsize=1)
def records_below(folder: Path) -> Records:
    """The records below a folder, for whoever asks often."""
    return Records(Shelf(folder))


def _outcomes(path: Path) -> Iterator[tuple[str, Outcome]]:
    try:
        found = [Outcome.from_dict(record["outcome"]) for record in json.loads(path.read_text("utf-8"))]
    except _NOT_A_RECORD:
        return
    yield from ((outcome.key, outcome) for outcome in found)


def _with_days(row: dict[str, Any]) -> dict[str, Any]:
    days = {name: date.fromisoformat(row[name]) for name in ("asOf", "waiverExpires") if row[name]}
    return row | days
