"""What the pages run in a browser and others wrote is what was recorded, and of the versions that are locked."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from assets.vendoring import FILES, dependencies, vendored

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ROOT / "assets"
VENDOR = ROOT / "src/bpsgraph/web/static/vendor"
MANIFEST: dict[str, dict[str, Any]] = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
LOCK: dict[str, Any] = json.loads((ASSETS / "package-lock.json").read_text(encoding="utf-8"))["packages"]


def test_nothing_else_is_in_the_folder() -> None:
    present = {file.name for file in VENDOR.iterdir()}
    assert present == {*MANIFEST, "manifest.json", "LICENCES.md"}
    assert set(MANIFEST) == {file.name for file in FILES}


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_a_file_is_the_one_recorded(name: str) -> None:
    content = (VENDOR / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == MANIFEST[name]["sha256"]
    assert len(content) == MANIFEST[name]["bytes"]
    assert b"sourceMappingURL" not in content


@pytest.mark.parametrize("name", sorted(MANIFEST))
def test_a_file_is_of_the_locked_version(name: str) -> None:
    package, version = MANIFEST[name]["package"], MANIFEST[name]["version"]
    stated = json.loads((ASSETS / "package.json").read_text(encoding="utf-8"))["dependencies"]
    assert stated[package] == version == LOCK[f"node_modules/{package}"]["version"]


def test_the_lock_names_no_registry() -> None:
    assert not [place for place, package in LOCK.items() if "resolved" in package]
    assert all("integrity" in package for place, package in LOCK.items() if place)
    assert "omit-lockfile-registry-resolved=true" in (ASSETS / ".npmrc").read_text(encoding="utf-8").split()


def test_all_that_was_built_in_has_its_licence() -> None:
    licences = (VENDOR / "LICENCES.md").read_text(encoding="utf-8")
    for file in FILES:
        for place in dependencies(LOCK, file.package):
            name = place.rpartition("node_modules/")[2]
            if not name.startswith("@types/"):
                assert f"| {name} | {LOCK[place]['version']} |" in licences


def test_the_wheel_stays_small() -> None:
    assert sum(entry["bytes"] for entry in MANIFEST.values()) < 2_500_000


def test_an_interpreter_written_otherwise_is_refused() -> None:
    file = next(file for file in FILES if file.package == "vega-interpreter")
    with pytest.raises(ValueError, match="other names"):
        vendored(file, "import { ascending } from 'vega-util';\nexport { expression };\n")
    copied = (VENDOR / file.name).read_text(encoding="utf-8")
    assert "import " not in copied
    assert "globalThis.vegaInterpreter = { expressionInterpreter: expression };" in copied
