"""`bpsgraph check`: problems of the store in every format, severities and waivers of a profile, errors."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from xml.etree import ElementTree as Xml

import pytest
from pyoxigraph import parse

from bpsgraph.library import Library
from bpsgraph.sources import find_sources
from bpsgraph.store import EmbeddedStore
from bpsgraph.store.embedded import building
from bpsgraph.terms import BASE
from bpsgraph.validation.checks import checks_of
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.shapes import ShapesGraph

ROOT = Path(__file__).parents[2]
Run = Callable[..., "CompletedProcess[str]"]
TWICE = ("same-name-twice", "standard-number-twice")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the bad examples of two checks: two warnings and a violation."""
    path = tmp_path_factory.mktemp("faulty") / "store"
    with building(path, "test", entry=0, entry_hash="") as store:
        for name in TWICE:
            data = ROOT / "tests/checks" / name / "bad.ttl"
            store.replace_graph(f"urn:{name}", [quad.triple for quad in parse(path=data, base_iri=BASE)])
    return path


def test_the_bundled_store_passes_every_check(run: Run) -> None:
    done = run("check", "--format", "csv", "--lang", "en")
    assert done.returncode == 0
    rows = list(csv.DictReader(done.stdout.splitlines()))
    names = [path.stem for path in (ROOT / "queries/checks").glob("*.rq")]
    assert [row["check"] for row in rows] == sorted(names)
    assert {row["outcome_en"] for row in rows} == {"passed"}
    assert f"{len(names)} checks: {len(names)} passed, 0 failed (0 problems)" in done.stderr


def test_problems_decide_the_exit_code_from_the_severity_that_is_asked_for(run: Run, faulty: Path) -> None:
    on = ("--store", faulty)
    assert run("check", "same-name-twice", *on).returncode == 0
    assert run("check", "checks/same-name-twice", "--fail-on", "warning", *on).returncode == 1
    assert run("check", *TWICE, *on).returncode == 1
    assert run("check", *TWICE, "--fail-on", "never", *on).returncode == 0
    assert run("check", "cycle", *on).returncode == 0


def test_the_rows_say_what_is_wrong_and_what_to_do(run: Run, faulty: Path, tmp_path: Path) -> None:
    done = run("check", *TWICE, "--store", faulty, "-o", tmp_path / "a.csv", "--lang", "en")
    assert "2 checks: 0 passed, 2 failed (3 problems)" in done.stderr
    with (tmp_path / "a-2.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["check"], row["severity_en"]) for row in rows] == [
        ("same-name-twice", "warning"),
        ("same-name-twice", "warning"),
        ("standard-number-twice", "violation"),
    ]
    assert rows[2]["entity"] in (BASE + "standard/gb-t-1", "standard/gb-t-1")
    assert (rows[2]["value"], rows[2]["solution_en"]) == ("standard/gbt1", "Keep one of them.")


def test_junit_has_a_case_per_check_and_sarif_a_result_per_row(
    run: Run, faulty: Path, tmp_path: Path
) -> None:
    files = ("-o", tmp_path / "a.xml", "-o", tmp_path / "a.sarif")
    assert run("check", *TWICE, "cycle", "--store", faulty, *files).returncode == 1
    suites = Xml.parse(tmp_path / "a.xml").getroot()
    assert (suites.get("name"), suites.get("tests"), suites.get("failures")) == ("bpsgraph check", "3", "1")
    cases = {case.get("name"): [child.tag for child in case] for case in suites.iter("testcase")}
    assert cases == {
        "cycle": [],
        "same-name-twice": ["system-out"],
        "standard-number-twice": ["failure"],
    }
    run("check", *TWICE, "--fail-on", "warning", "--store", faulty, "-o", tmp_path / "b.xml")
    assert Xml.parse(tmp_path / "b.xml").getroot().get("failures") == "2"
    [sarif] = json.loads((tmp_path / "a.sarif").read_text(encoding="utf-8"))["runs"]
    assert sarif["automationDetails"]["id"] == "bpsgraph/check/"
    assert [(one["ruleId"], one["level"]) for one in sarif["results"]] == [
        ("same-name-twice", "warning"),
        ("same-name-twice", "warning"),
        ("standard-number-twice", "error"),
    ]
    assert len(sarif["tool"]["driver"]["rules"]) == 3


PROFILE = """\
[severity]
same-name-twice = {to = "violation", reason = "名称须唯一"}
baseline-below = {to = "warning", reason = "of validate"}

[[waiver]]
rule = "standard-number-twice"
item = "standard/gb-t-1"
reason = "being merged"
author = "张三"
expires = 2999-12-31
"""


def test_a_profile_changes_severities_and_waives_rows(run: Run, faulty: Path, tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    on = ("--store", faulty, "--profile", profile, "--format", "csv", "--lang", "en")
    done = run("check", "standard-number-twice", *on)
    assert done.returncode == 0
    [row] = csv.DictReader(done.stdout.splitlines())
    assert (row["violations"], row["waived"]) == ("0", "1")
    assert "same-name-twice" not in done.stderr
    assert "baseline-below" not in done.stderr
    done = run("check", *TWICE, *on)
    assert done.returncode == 1
    assert "the severity of same-name-twice is violation" in done.stderr
    profile.write_text('[severity]\nchecks = {to = "off", reason = "none"}\n', encoding="utf-8")
    done = run("check", *TWICE, *on)
    assert (done.returncode, "2 off" in done.stderr) == (0, True)
    profile.write_text('[severity]\ncycles = {to = "off", reason = "none"}\n', encoding="utf-8")
    done = run("check", *on)
    assert (done.returncode, "did you mean cycle" in done.stderr) == (2, True)


def test_validate_takes_the_same_profile(run: Run, tmp_path: Path) -> None:
    profile = tmp_path / "profile.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    file = ROOT / "data/ttl/local/140500-2021.ttl"
    done = run("validate", file, "--profile", profile, "--summary", "--lang", "en", "--fail-on", "never")
    assert done.returncode == 0
    assert "the severity of baseline-below is warning" in done.stdout
    assert "same-name-twice" not in done.stdout
    assert "standard-number-twice" not in done.stdout


CHECK = """\
#+ summary: {zh: 我的, en: mine}
#+ description: {zh: 行, en: rows}
#+ problem: {zh: 错, en: wrong}
#+ solution: {zh: 改, en: mend}
#+ severity: info
#+ columns:
#+   entity: {zh: 对象, en: Entity}
#+   property: {zh: 属性, en: Property}
#+   value: {zh: 值, en: Value}
PREFIX bps: <https://w3id.org/bps/ns#>
SELECT ?entity ?property ?value WHERE { ?entity a bps:Standard ; ?property ?value } ORDER BY ?entity ?property ?value
"""


def test_checks_of_ones_own_stand_beside_the_bundled_ones(run: Run, faulty: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "checks").mkdir(parents=True)
    (own / "checks" / "mine.rq").write_text(CHECK, encoding="utf-8")
    settings = {"BPSGRAPH_LIBRARY": str(own)}
    done = run(
        "check", "mine", "cycle", "--store", faulty, "--fail-on", "info", "--format", "csv", **settings
    )
    assert done.returncode == 1
    assert [row["infos"] for row in csv.DictReader(done.stdout.splitlines())] == ["0", "6"]


def test_what_is_no_check_is_an_error_and_the_others_run(run: Run, faulty: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    (own / "checks").mkdir(parents=True)
    (own / "checks" / "broken.rq").write_text(
        CHECK.replace("severity: info", "severity: bad"), encoding="utf-8"
    )
    settings = {"BPSGRAPH_LIBRARY": str(own)}
    done = run("check", "broken", "cycle", "--store", faulty, "--format", "junit", "--lang", "en", **settings)
    assert done.returncode == 2
    assert "2 checks: 1 passed, 0 failed (0 problems), 1 could not run" in done.stderr
    assert "broken.rq, line 5: `severity` cannot take `bad`" in done.stderr
    suites = Xml.fromstring(done.stdout.encode())
    assert (suites.get("errors"), suites.get("tests")) == ("1", "2")


def test_a_query_that_fails_on_the_store_is_an_error(
    run: Run, faulty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = EmbeddedStore.query

    def failing(store: EmbeddedStore, text: str) -> object:
        if "?entity rdfs:subClassOf ?value" in text:
            from bpsgraph.errors import QueryTimeout

            raise QueryTimeout(1)
        return asked(store, text)

    monkeypatch.setattr(EmbeddedStore, "query", failing)
    done = run("check", "cycle", "same-name-twice", "--store", faulty, "--format", "csv", "--lang", "en")
    assert done.returncode == 3
    assert "the rule cycle did not run" in done.stderr
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [row["outcome_en"] for row in rows] == ["error", "failed"]


def test_a_name_that_there_is_not_is_told_the_nearest(run: Run, faulty: Path) -> None:
    done = run("check", "cycel", "--store", faulty)
    assert (done.returncode, "did you mean cycle" in done.stderr) == (2, True)


def test_no_check_is_called_like_a_rule() -> None:
    rules = {rule.id for rule in rules_of(ShapesGraph.read(find_sources(ROOT).shapes())).values()}
    checks = checks_of(Library(ROOT / "queries"))
    assert rules & set(checks) == set()
    assert {getattr(check, "assurance", None) for check in checks.values()} == {"checks"}
