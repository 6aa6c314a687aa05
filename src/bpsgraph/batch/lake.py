"""The lake: what a folder of submissions came to, as Parquet that other programs read.

```
manifest/part-00000.parquet                         a row for each submission, and which run judged it
results/run=<id>/edition=<E>/part-00000.parquet     a row for each finding of what that run judged
aggregates/<name>.parquet                           counts by place, province, rule and item
```

The name of a run is a hash of what it judged, so that the same run has the same name wherever it is done. The
manifest is what holds: it is replaced in one step, after the results it speaks of are there and before those
that it no longer speaks of are taken away.
"""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bpsgraph.batch import aggregates, tables
from bpsgraph.batch.outcome import Outcome
from bpsgraph.batch.records import Records
from bpsgraph.batch.shelf import RECORDS, Shelf
from bpsgraph.batch.tables import FINDINGS, MANIFEST, Entry
from bpsgraph.errors import UnwritableFile

if TYPE_CHECKING:
    import pyarrow

RESULTS, AGGREGATES = "results", "aggregates"
_MANIFEST = "manifest/part-00000.parquet"
# So that one part is read at once and a folder has few.
_LARGEST = 500_000
# How partitions without a value are called, https://cwiki.apache.org/confluence/display/Hive/DynamicPartitions.
_NULL = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True, slots=True)
class Lake:
    """The tables below one shelf."""

    shelf: Shelf

    def entries(self) -> dict[str, Entry]:
        """What the manifest says, by file; nothing where there is none that this version reads."""
        try:
            manifest = tables.from_bytes((self.shelf.folder / _MANIFEST).read_bytes())
            runs = dict(zip(manifest["file"].to_pylist(), manifest["run"].to_pylist(), strict=True))
            return tables.entries(manifest, self._findings(runs))
        except (OSError, ValueError, KeyError):
            return {}

    def forget(self) -> None:
        """Know nothing of the submissions any more: what is there stays until it is judged again."""
        held = self.entries()
        if held:
            self._write_manifest(
                [replace(entry, outcome=replace(entry.outcome, key="")) for entry in held.values()]
            )

    def put(
        self,
        kept: Mapping[str, Entry],
        judged: Collection[Outcome],
        contents: Mapping[str, str],
        records: Records,
    ) -> None:
        """Make the tables those of a run: what it kept of earlier ones, and what it has judged.

        `contents` are the SHA-256 of the submissions by file; `records` hold the findings of what was judged.
        Raises `UnwritableFile`.
        """
        new = {outcome.key for outcome in judged if outcome.key}
        run = hashlib.sha256(json.dumps(sorted(new)).encode()).hexdigest()[:12]
        entries = [
            *kept.values(),
            *(Entry(one, contents.get(one.file), run if one.key else None) for one in judged),
        ]
        entries.sort(key=lambda entry: entry.outcome.file)
        findings = tables.table(FINDINGS, records.findings(new))
        if findings.num_rows != sum(len(one.findings) for one in judged if one.key):
            raise UnwritableFile(
                self.shelf.folder / RECORDS, "a part of what was judged is not there any more"
            )
        written = self._write_results(run, entries, findings)
        self._write_manifest(entries)
        runs = {entry.outcome.file: entry.run for entry in entries}
        self._take_away(written, run if new else None, runs)
        manifest = tables.table(MANIFEST, map(tables.manifest_row, entries))
        for name, rows in aggregates.of(manifest, self._findings(runs)).items():
            self.shelf.write(f"{AGGREGATES}/{name}.parquet", tables.to_bytes(rows))

    def _write_results(self, run: str, entries: Collection[Entry], findings: "pyarrow.Table") -> set[str]:
        import pyarrow
        from pyarrow import compute

        written = set()
        editions: dict[str | None, list[str]] = {}
        for entry in entries:
            if entry.run == run:
                editions.setdefault(entry.outcome.edition, []).append(entry.outcome.file)
        for edition, files in editions.items():
            rows = findings.filter(compute.is_in(findings["file"], pyarrow.array(files)))
            for number, at in enumerate(range(0, rows.num_rows, _LARGEST)):
                name = f"{RESULTS}/run={run}/edition={edition or _NULL}/part-{number:05}.parquet"
                self.shelf.write(name, tables.to_bytes(rows.slice(at, _LARGEST)))
                written.add(name)
        return written

    def _write_manifest(self, entries: Collection[Entry]) -> None:
        self.shelf.write(
            _MANIFEST, tables.to_bytes(tables.table(MANIFEST, map(tables.manifest_row, entries)))
        )

    def _take_away(self, written: Collection[str], new: str | None, runs: Mapping[str, str | None]) -> None:
        """Leave what the new run has written, and of earlier ones what no later one has judged again."""
        for run, path in list(self._parts()):
            name = path.relative_to(self.shelf.folder).as_posix()
            if run == new:
                if name not in written:
                    self.shelf.remove(name)
                continue
            rows = tables.from_bytes(path.read_bytes())
            left = _of(rows, run, runs)
            if not left.num_rows:
                self.shelf.remove(name)
            elif left.num_rows < rows.num_rows:
                self.shelf.write(name, tables.to_bytes(left))

    def _findings(self, runs: Mapping[str, str | None]) -> "pyarrow.Table":
        """All findings that hold, with their edition; `runs` has the run that judged each submission."""
        import pyarrow

        found = [tables.table({**FINDINGS, "edition": MANIFEST["edition"]}, ())]
        for run, path in self._parts():
            rows = _of(tables.from_bytes(path.read_bytes()), run, runs)
            said = path.parent.name.removeprefix("edition=")
            edition = [None if said == _NULL else int(said)] * rows.num_rows
            found.append(rows.append_column("edition", pyarrow.array(edition, pyarrow.int32())))
        return pyarrow.concat_tables(found)

    def _parts(self) -> Iterator[tuple[str, Path]]:
        for path in sorted((self.shelf.folder / RESULTS).glob("run=*/edition=*/part-*.parquet")):
            yield path.parent.parent.name.removeprefix("run="), path


def _of(rows: "pyarrow.Table", run: str, runs: Mapping[str, str | None]) -> "pyarrow.Table":
    """The findings in submissions that no later run has judged again."""
    import pyarrow
    from pyarrow import compute

    own = pyarrow.array([file for file, last in runs.items() if last == run], pyarrow.string())
    return rows.filter(compute.is_in(rows["file"], own))
