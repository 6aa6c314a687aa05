"""Profiles change severities and waive findings, never silently; and a rule that cannot run is said to have failed."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from pyoxigraph import Literal, Triple

from bpsgraph.errors import BadConfig, UnreadableFile
from bpsgraph.ingest import read
from bpsgraph.library import bundled
from bpsgraph.results import Outcome, Report, Severity
from bpsgraph.sources import find_sources
from bpsgraph.store import Store, open_store
from bpsgraph.terms import BASE
from bpsgraph.validation import Engine, Judgement, Moment, catalogue_in, read_profile, report_of
from bpsgraph.validation import judge as judge_by
from bpsgraph.validation.rules import rules_of
from bpsgraph.validation.running import run_rules
from bpsgraph.validation.shapes import SH, ShapesGraph
from conftest import Run

JINCHENG = find_sources().root / "data/ttl/local/140500-2021.ttl"
SHAPES = ShapesGraph.read(find_sources().shapes())
RULES = list(rules_of(SHAPES).values())
SHAPE = "https://w3id.org/bps/shapes#"
TODAY = date(2026, 11, 21)
WAIVER = '[[waiver]]\nrule = "baseline-below"\nreason = "过渡期"\nauthor = "张三"\nexpires = 2027-01-01\n'

Judge = Callable[..., Report]


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[Store]:
    with open_store(built) as opened:
        yield opened


def judgement_of(store: Store, shapes: ShapesGraph = SHAPES, engine: Engine = Engine.AUTO) -> Judgement:
    submission = read(JINCHENG)
    catalogue = catalogue_in(submission)
    moment = Moment(edition=BASE + "catalogue/100000/2023")
    return judge_by(submission, catalogue, moment, store, bundled(), shapes, engine=engine)


@pytest.fixture(scope="module")
def judgement(store: Store) -> Judgement:
    return judgement_of(store)


@pytest.fixture
def judge(judgement: Judgement, tmp_path: Path) -> Judge:
    def judge(text: str = "", *, today: date = TODAY) -> Report:
        file = tmp_path / "province.toml"
        file.write_text(text, encoding="utf-8")
        profile = read_profile(file, RULES)
        return report_of(judgement, read(JINCHENG), SHAPES, today=today, profile=profile)

    return judge


def of_rule(report: Report, rule: str) -> set[Severity]:
    return {finding.severity for finding in report.findings if finding.rule == rule}


class TestSeverities:
    def test_a_rule_is_raised_and_the_report_says_so(self, judge: Judge) -> None:
        plain, report = (
            judge(),
            judge('[severity]\nfunding-expenditure = {to = "violation", reason = "省里要求"}'),
        )
        assert of_rule(plain, "funding-expenditure") == {Severity.WARNING}
        assert of_rule(report, "funding-expenditure") == {Severity.VIOLATION}
        assert plain.notices == ()
        (notice,) = report.notices
        assert notice.words.zh == "按“province.toml”，funding-expenditure的级别由警告改为错误：省里要求"
        assert report.counts()[Severity.VIOLATION] > plain.counts()[Severity.VIOLATION]

    def test_a_whole_assurance_and_one_rule_of_it(self, judge: Judge) -> None:
        report = judge(
            '[severity]\nbaseline = {to = "info", reason = "试运行"}\n'
            'coverage-wider = {to = "warning", reason = "要核对"}\ncoverage = {to = "violation", reason = "严格"}'
        )
        assert of_rule(report, "baseline-below") == {Severity.INFO}
        assert of_rule(report, "coverage-wider") == {Severity.WARNING}
        assert len(report.notices) == 3

    def test_off_is_skipped_and_counted(self, judge: Judge) -> None:
        number = sum(finding.rule == "funding-expenditure" for finding in judge().findings)
        report = judge('[severity]\nfunding-expenditure = {to = "off", reason = "另行核对"}')
        assert of_rule(report, "funding-expenditure") == set()
        (status,) = (status for status in report.rules if status.rule == "funding-expenditure")
        assert (status.outcome, status.problem) == (Outcome.SKIPPED, "另行核对")
        assert f"改为停用，{number}项发现未列出：另行核对" in report.notices[0].words.zh

    def test_a_floor_that_nobody_verified_stays_a_warning_at_most(self, judge: Judge) -> None:
        lines = [f'{name} = {{to = "violation", reason = "严格"}}' for name in ("baseline", "completeness")]
        report = judge("[severity]\n" + "\n".join(lines))
        unsure = [f for f in report.findings if f.verification in {"inferred", "recalled"}]
        assert unsure
        assert {finding.severity for finding in unsure} <= {Severity.WARNING, Severity.INFO}


class TestWaivers:
    def test_a_waived_finding_is_kept_and_does_not_count(self, judge: Judge) -> None:
        plain, report = judge(), judge(WAIVER)
        assert len(plain.findings) == len(report.findings)
        waived = [finding for finding in report.findings if finding.waived]
        assert {finding.rule for finding in waived} == {"baseline-below"}
        assert (len(waived), report.waived) == (4, 4)
        assert plain.counts()[Severity.VIOLATION] == report.counts()[Severity.VIOLATION] + sum(
            finding.severity is Severity.VIOLATION for finding in waived
        )
        assert (plain.fails(Severity.VIOLATION), report.fails(Severity.VIOLATION)) == (True, False)
        assert "豁免4项，至2027-01-01：baseline-below（张三：过渡期）" in [n.words.zh for n in report.notices]
        assert waived[0].to_dict()["waived"] == {
            "reason": "过渡期",
            "author": "张三",
            "expires": "2027-01-01",
        }

    @pytest.mark.parametrize(
        ("line", "number"),
        [
            ('item = "义务教育阶段免除学杂费"', 3),
            ('item = "compulsory-education-tuition-waiver"', 3),
            ('segment = "primary-school-students"\nmeasure = "measure/operating-funds"', 1),
            ('catalogue = "140500/2021"', 4),
            ('catalogue = "140500/2020"', 0),
            ('item = "法律援助"', 0),
        ],
    )
    def test_what_a_waiver_covers(self, judge: Judge, line: str, number: int) -> None:
        report = judge(WAIVER.replace("reason", f"{line}\nreason", 1))
        assert report.waived == number
        assert any("没有对应的发现" in notice.words.zh for notice in report.notices) is (number == 0)

    def test_a_fingerprint_names_one_finding(self, judge: Judge) -> None:
        mark = next(f.fingerprint for f in judge().findings if f.rule == "funding-expenditure")
        report = judge(WAIVER.replace('rule = "baseline-below"', f'fingerprint = "{mark}"'))
        assert [finding.fingerprint for finding in report.findings if finding.waived] == [mark]

    def test_it_holds_until_its_last_day_and_then_says_that_it_ended(self, judge: Judge) -> None:
        assert judge(WAIVER, today=date(2027, 1, 1)).waived == 4
        report = judge(WAIVER, today=date(2027, 1, 2))
        assert report.waived == 0
        (notice,) = report.notices
        assert notice.severity is Severity.WARNING
        assert "2027-01-01到期" in notice.words.zh
        assert report.fails(Severity.WARNING)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('[severity]\nbaseline-belwo = {to = "info", reason = "x"}', 2, "did you mean baseline-below"),
        ('[severity]\n\nbaseline-below = {to = "info"}', 3, "has no reason"),
        (
            '[severity]\nbaseline-below = {to = "error", reason = "x"}',
            2,
            "'error' is no severity; choose one of",
        ),
        ('[severity]\nbaseline-below = "info"', 2, "needs a severity and a reason"),
        ('[severity]\nbaseline-below = {to = "info", reason = ""}', 2, "is empty"),
        ('[severity]\nbaseline-below = {to = ["info"], reason = "x"}', 2, "is no severity"),
        ('[severity]\nreading-unknown-item = {to = "info", reason = "x"}', 2, "could not be read"),
        ('[severity]\nreading = {to = "off", reason = "x"}', 2, "could not be read"),
        ('[severities]\nbaseline-below = {to = "info", reason = "x"}', 1, "did you mean severity"),
        (WAIVER.replace("baseline-below", "baseline-blow"), 2, "did you mean baseline-below"),
        (WAIVER + WAIVER.replace('author = "张三"\n', ""), 6, "has no author"),
        (WAIVER + WAIVER.replace("2027-01-01", '"soon"'), 10, "'soon' is no date"),
        (WAIVER + WAIVER.replace("2027-01-01", "2027-01-01T00:00:00"), 10, "is no date"),
        (WAIVER.replace('rule = "baseline-below"\n', ""), 1, "says what it waives"),
        (WAIVER.replace("baseline-below", "reading-unknown-unit"), 2, "cannot be waived"),
        (WAIVER + 'until = "x"\n', 6, "'until' is unknown here"),
        ('waiver = "all"', 1, "begin each waiver with a line [[waiver]]"),
        ("severity = 3", 1, "severity is no table"),
    ],
)
def test_what_is_wrong_with_a_profile_is_said_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    file = tmp_path / "province.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadConfig) as error:
        read_profile(file, RULES)
    assert error.value.where == f"{file}, line {line}"
    assert said in str(error.value)


@pytest.mark.parametrize("content", [b"[severity", b"\xff\xfe", b"a = " + b"[" * 5000])
def test_what_is_no_profile_at_all(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "province.toml"
    file.write_bytes(content)
    with pytest.raises(BadConfig, match="this is not"):
        read_profile(file, RULES)
    with pytest.raises(UnreadableFile):
        read_profile(tmp_path / "nowhere.toml", RULES)


class TestRulesThatCannotRun:
    def test_it_is_an_error_and_the_others_run(self, store: Store, judge: Judge) -> None:
        shapes = broken(SHAPES, "overreach-assessment")
        report = report_of(judgement_of(store, shapes, Engine.PYSHIFTY), read(JINCHENG), shapes, today=TODAY)
        errors = {status.rule: status.problem for status in report.rules if status.outcome is Outcome.ERROR}
        assert list(errors) == ["overreach-assessment"]
        assert errors["overreach-assessment"]
        assert report.notices[0].severity is Severity.VIOLATION
        assert "overreach-assessment没有运行，不等于通过" in report.notices[0].words.zh
        assert [f.fingerprint for f in report.findings] == [f.fingerprint for f in judge().findings]

    def test_pyshacl_says_the_same(self, judgement: Judgement) -> None:
        files = [
            file for file in find_sources().shapes() if file.stem in {"prefixes", "funding", "overreach"}
        ]
        shapes = broken(ShapesGraph.read(files), "overreach-assessment")
        results, failed = run_rules(shapes, judgement.data, Engine.PYSHACL)
        assert list(failed) == [SHAPE + "overreach-assessment"]
        ours = {result for result in judgement.results if result.shape == SHAPE + "funding-expenditure"}
        assert ours
        assert ours <= results

    def test_each_rule_has_one_status_with_its_count(self, judge: Judge) -> None:
        report = judge()
        assert [status.rule for status in report.rules] == sorted(rule.id for rule in RULES)
        for status in report.rules:
            found = [finding for finding in report.findings if finding.rule == status.rule]
            assert status.total == len(found)
            assert status.outcome is (Outcome.FAILED if found else Outcome.PASSED)


def broken(shapes: ShapesGraph, rule: str) -> ShapesGraph:
    """The shapes with a slip in the SPARQL of one rule."""
    (shape,) = (t.subject for t in shapes.triples if t.object == Literal(rule))
    node = next(t.object for t in shapes.triples if t.subject == shape and t.predicate.value == SH + "sparql")

    def slip(triple: Triple) -> Triple:
        if triple.subject == node and triple.predicate.value == SH + "select":
            return Triple(triple.subject, triple.predicate, Literal("SELECT $this WHERE { $this"))
        return triple

    return ShapesGraph(tuple(slip(triple) for triple in shapes.triples))


class TestOnTheCommandLine:
    def test_waivers_and_the_exit_code(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "p.toml").write_text(WAIVER, encoding="utf-8")
        given = ("validate", JINCHENG, "--edition", "2023")
        assert run(*given).returncode == 1
        done = run(*given, "--profile", "p.toml")
        assert done.returncode == 0
        assert "已豁免 4" in done.stdout
        assert "已豁免（张三，至2027-01-01）：过渡期" in done.stdout
        assert run(*given, "--profile", "p.toml", "--fail-on", "warning").returncode == 1
        csv = run(*given, "--profile", "p.toml", "--format", "csv").stdout
        assert "waived_reason,waived_author,waived_expires" in csv.splitlines()[0]
        assert csv.count("过渡期,张三,2027-01-01") == 4

    def test_a_slip_in_a_profile(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "p.toml").write_text(
            '[severity]\nbaselin = {to = "info", reason = "x"}', encoding="utf-8"
        )
        done = run("validate", JINCHENG, "--profile", "p.toml")
        assert done.returncode == 2
        assert done.stderr.startswith(
            "error: p.toml, line 2: there is no rule or assurance 'baselin'; did you mean baseline"
        )

    def test_a_limit_lists_less_and_counts_all(self, run: Run) -> None:
        given = ("validate", JINCHENG, "--edition", "2023", "--format", "json")
        (whole,) = json.loads(run(*given, "--limit", "0").stdout)
        (less,) = json.loads(run(*given, "--limit", "1").stdout)
        assert len(less["findings"]) == len({finding["rule"] for finding in whole["findings"]})
        assert less["rules"] == whole["rules"]
        said = run("validate", JINCHENG, "--edition", "2023", "--limit", "1").stdout
        assert "低于下限：另有3项没有列出" in said
        assert "不低于国家标准 4" in said
