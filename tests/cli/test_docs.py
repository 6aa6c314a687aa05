"""The commands in the documentation run as they are written, and its tables are those of the help."""

import re
import runpy
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bpsgraph.cli import main, reference
from bpsgraph.cli.app import COMMANDS
from conftest import Run
from sampling import some
from small_world import JINCHENG, Town

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "docs" / "commands"
WRITING = ("build", "rebuild", "accept", "withdraw", "observations", "restore", "replicate")
# What they do they do sooner in a small world.
ANYWHERE = ("build", "rebuild", "withdraw", "restore", "replicate")
# These are run by tests/web/test_serving.py and test_static_copy.py.
ELSEWHERE = ("bpsgraph serve", "bpsgraph export --static", "bpsgraph build --catalogues")
PAGES = [
    ROOT / "README.md",
    ROOT / "docs" / "store.md",
    ROOT / "docs" / "queries.md",
    ROOT / "docs" / "answers.md",
    *sorted(FOLDER.glob("*.md")),
]


def examples() -> list[tuple[str, int]]:
    """Every command once, with its exit code: 0, or what its remark begins with (`# exit 1: why`)."""
    found: dict[str, int] = {}
    for page in PAGES:
        for block in re.findall(r"```(?:sh)?\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL):
            for line in block.splitlines():
                # A server runs until it is ended, and a whole copy of the site takes half an hour.
                if line.startswith("bpsgraph ") and not line.startswith(ELSEWHERE):
                    command, _, remark = re.sub(r"\s+# ", "\n", line, count=1).partition("\n")
                    code = re.match(r"exit ([0-9]+)", remark)
                    found[command] = int(code[1]) if code else 0
    return list(found.items())


@pytest.fixture(scope="module")
def submissions(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files that the examples name: a county's workbook, and a table as it is published."""
    folder = tmp_path_factory.mktemp("submissions")
    jincheng = str(ROOT / "data" / "ttl" / "local" / "140500-2021.ttl")
    for name in ("county.xlsx", "published.csv"):
        assert main(["convert", jincheng, "-o", str(folder / name), "--store", str(built)]) == 0
    for example in (ROOT / "docs" / "analysis").glob("example-*.*"):
        shutil.copy(example, folder)
    return folder


@pytest.mark.parametrize(("command", "code"), some(examples(), 32), ids=lambda value: str(value)[:60])
def test_it_runs(
    run: Run,
    built: Path,
    small_town: Callable[..., Town],
    submissions: Path,
    tmp_path: Path,
    command: str,
    code: int,
) -> None:
    for file in submissions.iterdir():
        shutil.copy(file, tmp_path)
    (tmp_path / "data").symlink_to(ROOT / "data", target_is_directory=True)
    arguments = shlex.split(command)[1:]
    settings = {}
    if arguments[0] in WRITING:
        # The store that the tests share is not built anew, and nothing is written to it.
        settings = {"BPSGRAPH_STORE": "build/store"}
        if arguments[0] in ANYWHERE:
            settings["BPSGRAPH_SOURCES"] = str(small_town(JINCHENG).sources.root)
        if arguments[0] != "build":
            store = small_town(JINCHENG).store if arguments[0] in ANYWHERE else built
            shutil.copytree(store, tmp_path / "build" / "store")
        if arguments[0] == "restore":
            assert run("backup", "backup-2026-03-01", **settings).returncode == 0
    done = run(*arguments, **settings)
    assert done.returncode == code, done.stderr
    if code == 2:
        assert done.stderr.startswith("error: ")
    elif "-o" in arguments:
        written = [arguments[at + 1] for at, word in enumerate(arguments) if word == "-o"]
        assert [name for name in written if not (tmp_path / name).stat().st_size] == []
    else:
        assert done.stdout or done.stderr


def test_the_picture_is_what_the_command_prints(built: Path) -> None:
    made = runpy.run_path(str(ROOT / "docs" / "picture.py"))["picture"](built)
    assert made == (ROOT / "docs" / "finding.svg").read_text(encoding="utf-8"), "run `make docs`"
    assert "http" not in re.sub(r'xmlns="[^"]*"|<!--.*?-->', "", made)


def test_every_command_has_its_page() -> None:
    assert {page.stem for page in FOLDER.glob("*.md")} == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_of_options_is_that_of_the_help(name: str) -> None:
    written = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    assert reference.page(name, written) == written, "run `make docs`"
    assert "Sentinel" not in written
