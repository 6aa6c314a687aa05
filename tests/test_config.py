"""Settings: a flag holds, else the environment, else the file, else the default; nothing unknown passes."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from bpsgraph.config import FILE_NAME, Settings, load_settings
from bpsgraph.errors import BadConfig


def settings(
    folder: Path, file: str = "", environment: dict[str, str] | None = None, **flags: object
) -> Settings:
    if file:
        (folder / FILE_NAME).write_text(file, encoding="utf-8")
    return load_settings(flags, environment=environment or {}, folder=folder)


def test_the_defaults(tmp_path: Path) -> None:
    found = settings(tmp_path)
    assert found == Settings()
    assert (found.store, found.lang) == (Path("build/store"), "zh")


def test_every_setting_is_documented_with_its_default() -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \| .* \|$", page, re.MULTILINE))
    assert list(rows) == [entry.name for entry in fields(Settings)]
    for entry in fields(Settings):
        assert entry.default is None or rows[entry.name] == f"`{entry.default}`"


def test_each_source_goes_before_the_next(tmp_path: Path) -> None:
    file, environment = (
        'store = "of-file"\nlang = "en"\nmax_file_size = 5',
        {"BPSGRAPH_STORE": "of-env", "PATH": "x"},
    )
    assert settings(tmp_path, file).store == Path("of-file")
    assert settings(tmp_path, file, environment).store == Path("of-env")
    assert settings(tmp_path, file, environment, store=Path("of-flag")).store == Path("of-flag")
    rest = settings(tmp_path, file, environment, store=None)
    assert (rest.store, rest.lang, rest.max_file_size) == (Path("of-env"), "en", 5)


def test_where_the_tests_find_the_w3c_suites_is_no_setting(tmp_path: Path) -> None:
    assert settings(tmp_path, "", {"BPSGRAPH_W3C_TESTS": "elsewhere"}) == Settings()


@pytest.mark.parametrize(
    ("file", "environment", "said"),
    [
        ('stoer = "x"', {}, "did you mean store or sources?"),
        ("", {"BPSGRAPH_STOER": "x"}, "did you mean store or sources?"),
        ("zzzz = 1", {}, "the settings are: store, sources, library, lang"),
        ('lang = "de"', {}, "'de' is not zh or en"),
        ("", {"BPSGRAPH_LANG": "de"}, "BPSGRAPH_LANG: 'de' is not zh or en"),
        ("max_file_size = 0", {}, "0 is not a whole number above 0"),
        ('max_file_size = "many"', {}, "'many' is not a whole number above 0"),
        ("timeout = -1", {}, "-1 is not a number above 0"),
        ("timeout = nan", {}, "nan is not a number above 0"),
        ("timeout = inf", {}, "inf is not a number above 0"),
        ("timeout = true", {}, "True is not a number above 0"),
        ("[store]\nx = 1", {}, "is not a path"),
        ("store =", {}, "this is not TOML"),
    ],
)
def test_what_cannot_be_used_stops_with_its_place(
    tmp_path: Path, file: str, environment: dict[str, str], said: str
) -> None:
    with pytest.raises(BadConfig) as caught:
        settings(tmp_path, file, environment)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith((str(tmp_path / FILE_NAME), *environment))


def test_a_flag_that_cannot_be_read_is_named_as_it_is_typed(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match="--timeout"):
        settings(tmp_path, timeout=-1)
