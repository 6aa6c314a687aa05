"""The tables of a run: each finding and each submission once, whatever happens while they are written."""

import hashlib
from collections import Counter
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from bpsgraph.batch import aggregates, tables
from bpsgraph.batch.lake import Lake
from bpsgraph.batch.outcome import Brief, Outcome, Problem
from bpsgraph.batch.records import Records
from bpsgraph.batch.shelf import Shelf
from bpsgraph.batch.tables import Judged
from bpsgraph.results import Finding, Repair, Severity, Text, Waiver

ROOT = Path(__file__).resolve().parents[2]
BELOW = ("baseline-below", "baseline", Severity.VIOLATION)
MISSING = ("completeness-item", "completeness", Severity.VIOLATION)
VALIDITY = ("sustainability-validity", "sustainability", Severity.WARNING)


def judged(file: str, *rules: tuple[str, str, Severity], state: str = "1", **more: Any) -> Judged:
    """A submission that was judged with these findings; `state` is what its content is."""
    catalogue = f"https://w3id.org/bps/id/catalogue/{file}/2023"
    findings = tuple(
        Finding(
            rule=rule,
            severity=severity,
            message=Text(f"第{number}条", f"number {number}"),
            focus=f"{catalogue}#{number}",
            fingerprint=f"{file} {state} {number}",
            item=Text("项目", "item") if number else None,
            catalogue=catalogue,
            edition=more.get("edition", "2023"),
            as_of=more.get("as_of"),
            row=number or None,
            waived=Waiver(reason="过渡", author="张三", expires=date(2999, 12, 31)) if number == 2 else None,
            repair=Repair(path=f"{catalogue}#p", old="", new="4") if number == 1 else None,
        )
        for number, (rule, _, severity) in enumerate(rules)
    )
    outcome = Outcome(
        file=file,
        key=hashlib.sha256(f"{file} {state}".encode()).hexdigest(),
        catalogue=catalogue,
        code=file.removesuffix(".ttl"),
        title=Text("标准", "standard"),
        findings=tuple(
            Brief(f.fingerprint, f.severity, f.rule, assurance, f.item, f.waived is not None)
            for f, (_, assurance, _) in zip(findings, rules, strict=True)
        ),
        verdicts=(("meets", 3), ("below", 1)),
        **{"edition": "2023", **more},
    )
    return Judged(outcome, findings)


FIRST = (
    judged("330106.ttl", BELOW, VALIDITY, MISSING),
    judged("330108.ttl", VALIDITY),
    judged("140500.ttl", BELOW, BELOW, edition=None, as_of=date(2026, 3, 1)),
    Judged(Outcome(file="cut.ttl", key="of cut", problem=Problem("malformed-file", "cut.ttl: …"))),
    Judged(Outcome(file="late.ttl", key="", problem=Problem("took-too-long", "late.ttl: …"))),
)
AGAIN = judged("330106.ttl", MISSING, state="2")


def put(shelf: Shelf, all_: Collection[Judged]) -> None:
    """What a run does with its outcomes: those that the lake holds already are kept."""
    lake, records = Lake(shelf), Records(shelf)
    held = lake.entries()
    new = [
        one for one in all_ if (e := held.get(one.outcome.file)) is None or e.outcome.key != one.outcome.key
    ]
    files = {one.outcome.file for one in new}
    kept = {one.outcome.file: held[one.outcome.file] for one in all_ if one.outcome.file not in files}
    records.keep(new[:2])
    records.keep(new[1:])
    lake.put(kept, [one.outcome for one in new], {file: f"content of {file}" for file in files}, records)
    records.clear()


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def fingerprints(folder: Path) -> list[str]:
    return sorted(parquet.read_table(folder / "results")["fingerprint"].to_pylist())


def said(*all_: Judged) -> list[str]:
    return sorted(finding.fingerprint for one in all_ for finding in one.findings)


def test_the_tables_say_what_was_found(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "lake")
    with shelf.held():
        put(shelf, FIRST)
    rows = parquet.read_table(tmp_path / "lake" / "results").to_pylist()
    assert len(rows) == 6
    row = next(row for row in rows if row["fingerprint"] == "330106.ttl 1 1")
    assert {name: row[name] for name in ("code", "assurance", "severity", "message_zh", "row", "edition")} == {
        "code": "330106", "assurance": "sustainability", "severity": "warning", "message_zh": "第1条",
        "row": 1, "edition": 2023,
    }  # fmt: skip
    assert (row["repairNew"], row["waived"], row["asOf"]) == ("4", False, None)
    of_a_day = [row for row in rows if row["code"] == "140500"]
    assert {(row["edition"], row["asOf"]) for row in of_a_day} == {(None, date(2026, 3, 1))}
    manifest = parquet.read_table(tmp_path / "lake" / "manifest").to_pylist()
    assert [(row["file"], row["status"], row["violation"], row["waived"]) for row in manifest] == [
        ("140500.ttl", "judged", 2, 0), ("330106.ttl", "judged", 1, 1), ("330108.ttl", "judged", 0, 0),
        ("cut.ttl", "not-judged", None, None), ("late.ttl", "not-judged", None, None),
    ]  # fmt: skip
    runs = {row["run"] for row in manifest if row["key"]}
    assert runs == {row["run"] for row in rows}
    assert len(runs) == 1
    assert {row["content"] for row in manifest} == {f"content of {one.outcome.file}" for one in FIRST}


def test_what_is_put_in_comes_out_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "lake")
    with shelf.held():
        put(shelf, FIRST)
        entries = Lake(shelf).entries()
        assert {file: entry.outcome for file, entry in entries.items()} == {
            one.outcome.file: one.outcome for one in FIRST
        }
        before = content(shelf.folder)
        put(shelf, FIRST)
        assert content(shelf.folder) == before
        Lake(shelf).forget()
        assert {entry.outcome.key for entry in Lake(shelf).entries().values()} == {""}


def test_the_aggregates_count_what_is_in_the_tables(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "lake")
    with shelf.held():
        put(shelf, FIRST)
    found = {
        name: parquet.read_table(shelf.folder / f"aggregates/{name}.parquet") for name in aggregates.TABLES
    }
    counted = {(r["code"], r["rule"]): r["findings"] for r in found["findings"].to_pylist()}
    assert counted == Counter((o.outcome.code, f.rule) for o in FIRST for f in o.findings)
    gaps = [tuple(row.values()) for row in found["gaps"].to_pylist()]
    day = date(2026, 3, 1)
    assert gaps == [
        (2023, None, "330000", "baseline", "baseline-below", None, None, 1, 1),
        (None, day, "140000", "baseline", "baseline-below", "项目", "item", 1, 1),
        (None, day, "140000", "baseline", "baseline-below", None, None, 1, 1),
    ], "what is waived is no gap, nor is a warning of another kind"
    provinces = {(r["province"], r["edition"]): r for r in found["provinces"].to_pylist()}
    assert provinces["330000", 2023]["warning"] == 2
    assert provinces["330000", 2023]["submissions"] == provinces["330000", 2023]["judged"] == 2
    assert (provinces["330000", 2023]["floors"], provinces["330000", 2023]["share"]) == (8, 0.75)
    assert (provinces[None, None]["submissions"], provinces[None, None]["judged"]) == (2, 0)
    assert provinces[None, None]["share"] is None


def test_a_later_run_replaces_what_it_judged_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "lake")
    with shelf.held():
        put(shelf, FIRST)
        put(shelf, (AGAIN, *FIRST[1:4]))
    assert fingerprints(shelf.folder) == said(AGAIN, *FIRST[1:4])
    runs = {file: entry.run for file, entry in Lake(shelf).entries().items()}
    assert runs["330106.ttl"] != runs["140500.ttl"] == runs["330108.ttl"]
    with shelf.held():
        put(shelf, [AGAIN])
    assert fingerprints(shelf.folder) == said(AGAIN)
    assert len(list((shelf.folder / "results").iterdir())) == 1


class Ended(Exception):  # noqa: N818
    """In the place of the end of the process."""


@pytest.mark.parametrize("turns", range(7))
def test_whenever_it_is_ended_the_next_run_makes_it_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, turns: int
) -> None:
    after = (AGAIN, *FIRST[1:4])
    whole, shelf = Shelf(tmp_path / "whole"), Shelf(tmp_path / "lake")
    for folder in (whole, shelf):
        with folder.held():
            put(folder, FIRST)
    with whole.held():
        put(whole, after)
    with monkeypatch.context() as patched, shelf.held():
        written: list[str] = []

        def write(self: Shelf, name: str, content: str | bytes) -> None:
            if len(written) == turns:
                raise Ended
            written.append(name)
            writes(self, name, content)

        writes = Shelf.write
        patched.setattr(Shelf, "write", write)
        with pytest.raises(Ended):
            put(shelf, after)
    manifest = {file: entry.run for file, entry in Lake(shelf).entries().items()}
    shown = parquet.read_table(shelf.folder / "results", columns=["file", "fingerprint", "run"]).to_pylist()
    held = sorted(row["fingerprint"] for row in shown if manifest[row["file"]] == row["run"])
    assert held in (said(*FIRST), said(*after)), "with its manifest a lake is that of one run or the other"
    with shelf.held():
        put(shelf, after)
    assert content(shelf.folder) == content(whole.folder)


def test_the_documentation_names_every_column() -> None:
    page = (ROOT / "docs" / "lake.md").read_text(encoding="utf-8")
    for title, columns in (
        ("results", tables.FINDINGS),
        ("manifest", tables.MANIFEST),
        *((f"aggregates/{name}", columns) for name, columns in aggregates.TABLES.items()),
    ):
        part = page.partition(f"## `{title}`\n")[2].partition("\n## ")[0]
        names = [line.split("|")[1].strip(" `") for line in part.splitlines() if line.startswith("| `")]
        assert [name for row in names for name in row.split("`, `")] == list(columns), title
