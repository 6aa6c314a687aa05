"""Where files are found, and which graph each of them is."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bpsgraph.errors import BadParameter, MalformedFile
from bpsgraph.sources import find_sources, graph_of
from bpsgraph.terms import GRAPH

ROOT = Path(__file__).resolve().parents[1]


def test_a_checkout_uses_its_own_files() -> None:
    sources = find_sources()
    assert sources.root == ROOT
    assert ROOT / "ontology" / "bps.ttl" in sources.ontology()
    assert sources.ontology() == sorted(sources.ontology())
    assert sources.data()[ROOT / "data" / "ttl" / "divisions.ttl"] == GRAPH + "divisions"
    assert all(file.suffix == ".rq" for file in sources.queries())
    assert all(file.suffix == ".ttl" for file in sources.shapes())


def test_an_installed_package_uses_the_copy_inside_it(tmp_path: Path) -> None:
    installed = tmp_path / "site-packages" / "bpsgraph"
    shutil.copytree(ROOT / "src" / "bpsgraph", installed)
    (installed / "_bundled" / "data" / "ttl").mkdir(parents=True)
    (installed / "_bundled" / "data" / "ttl" / "divisions.ttl").touch()
    script = "from bpsgraph.sources import find_sources; print(list(find_sources().data())[0])"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(installed.parent)},
    )
    assert Path(done.stdout.strip()) == installed / "_bundled" / "data" / "ttl" / "divisions.ttl"


def test_no_two_data_files_are_one_graph() -> None:
    graphs = list(find_sources().data().values())
    assert len(graphs) == len(set(graphs))


def test_another_folder_can_be_named(tmp_path: Path) -> None:
    with pytest.raises(BadParameter, match="there is no folder ontology/"):
        find_sources(tmp_path)
    (tmp_path / "ontology").mkdir()
    assert find_sources(tmp_path).root == tmp_path
    assert find_sources(tmp_path).data() == {}


@pytest.mark.parametrize(
    ("file", "graph"),
    [
        ("divisions.ttl", "divisions"),
        ("vocabulary/segments.ttl", "vocabulary/segments"),
        ("documents/sac-2023-61.ttl", "document/sac-2023-61"),
        ("national/2021.ttl", "catalogue/100000/2021"),
        ("national/2024-02-01.ttl", "catalogue/100000/2024-02-01"),
        ("local/140500-2021.ttl", "catalogue/140500/2021"),
        ("local/310000-2022-03-01.ttl", "catalogue/310000/2022-03-01"),
    ],
)
def test_the_name_of_a_graph_follows_from_the_path(file: str, graph: str) -> None:
    assert graph_of(Path("x") / file, Path("x")) == GRAPH + graph


@pytest.mark.parametrize(
    "file", ["local/jincheng.ttl", "local/1405-2021.ttl", "local/140500.ttl", "local/a/140500-2021.ttl"]
)
def test_a_local_catalogue_says_code_and_edition(file: str) -> None:
    with pytest.raises(MalformedFile, match="140500-2021"):
        graph_of(Path("x") / file, Path("x"))
