"""The same catalogue in every form that is read gives the same findings."""

import json
from pathlib import Path

import pytest

from bpsgraph.generator import DEFECTS, generate
from bpsgraph.generator.defects import AMONG_PEERS
from clerk import JINCHENG, ROOT
from conftest import Run
from sampling import some

FORMS = {
    "x.ttl": (),
    "x.jsonld": (),
    "x.nt": (),
    "x.rdf": (),
    "x.csv": ("--encoding", "gb18030"),
    "x.xlsx": (),
}
KEYS = ("rule", "severity", "focus", "item", "value", "expected", "fingerprint")
# How a file was read is said of that file.
ABOUT_THE_FILE = {"reading-assumed-encoding"}


TRIED = some(FORMS, 3)


def told(run: Run, path: Path, *compared: str) -> list[str]:
    done = run("validate", path, *compared, "--format", "json", "--limit", "0")
    assert done.returncode in (0, 1, 2), done.stderr
    findings = json.loads(done.stdout)[0]["findings"]
    return sorted(
        json.dumps([finding[key] for key in KEYS], ensure_ascii=False)
        for finding in findings
        if finding["rule"] not in ABOUT_THE_FILE
    )


@pytest.mark.parametrize("edition", some(["2023", "current"], 1))
def test_jincheng_in_every_form(edition: str, run: Run, tmp_path: Path) -> None:
    published = told(run, JINCHENG, "--edition", edition)
    assert published
    for name in TRIED:
        assert run("convert", JINCHENG, "-o", tmp_path / name, *FORMS[name]).returncode == 0
        assert told(run, tmp_path / name, "--edition", edition) == published, name


@pytest.mark.parametrize("place", some(["330106", "140525", "341722"], 1))
def test_a_county_with_every_fault_in_every_form(place: str, run: Run, tmp_path: Path) -> None:
    faults = set(DEFECTS) - AMONG_PEERS
    ((path, truth),) = generate(ROOT / "data/ttl", tmp_path, "county", seed=7, jurisdiction=place)
    assert {row.defect for row in truth} == faults
    published = told(run, path, "--edition", "2023")
    assert len(published) >= len(truth)
    for name in TRIED:
        run("convert", path, "-o", tmp_path / name, *FORMS[name])
        assert told(run, tmp_path / name, "--edition", "2023") == published, name
