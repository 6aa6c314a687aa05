"""The real cases of the design, on the bundled data, through the same calls as `bpsgraph validate`."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

import bpsgraph
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import Submission, parse, read
from bpsgraph.library import Library
from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import Finding, Report, Severity, Verdict
from bpsgraph.sources import find_sources
from bpsgraph.store import Store, open_store
from bpsgraph.terms import BASE
from bpsgraph.validation import Engine, validate_submission, verdicts_on
from bpsgraph.validation.shapes import ShapesGraph

SOURCES = find_sources()
JINCHENG = SOURCES.root / "data/ttl/local/140500-2021.ttl"
LIBRARY = Library(SOURCES.root / "queries")
SHAPES = ShapesGraph.read(SOURCES.shapes())
TODAY = date(2026, 11, 21)
FUNDS = "guarantee/140500/2021/compulsory-education-tuition-waiver/operating-funds/{}-students"


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[Store]:
    with open_store(built) as opened:
        yield opened


def judged(
    store: Store,
    submission: Submission | None = None,
    *,
    edition: str | None = None,
    as_of: date | None = None,
) -> Report:
    return validate_submission(
        submission or read(JINCHENG), store, LIBRARY, SHAPES, edition=edition, as_of=as_of, today=TODAY
    )


def of_rule(report: Report, rule: str) -> list[Finding]:
    return [finding for finding in report.findings if finding.rule == rule]


def below(report: Report) -> list[str]:
    """Both operands in the common unit, as verdicts show them."""
    return sorted(
        verdict.conversion or "" for verdict in report.verdicts if verdict.value_verdict is ValueVerdict.BELOW
    )


def test_jincheng_meets_the_text_of_2021(store: Store) -> None:
    report = judged(store, edition="2021")
    assert not report.fails(Severity.VIOLATION)
    counts = report.verdict_counts()
    assert (
        counts[ValueVerdict.MISSING],
        counts[ValueVerdict.BELOW],
        counts[ValueVerdict.NOT_COMPARABLE],
    ) == (
        0,
        0,
        0,
    )
    assert {finding.rule for finding in report.findings} == {
        "funding-expenditure",
        "baseline-deferred",
        "coverage-wider",
        "sustainability-review",
    }


def test_the_catalogue_names_its_own_edition(store: Store) -> None:
    assert judged(store).edition == "2021"


def test_jincheng_covers_more_people_in_three_items(store: Store) -> None:
    wider = of_rule(judged(store, edition="2021"), "coverage-wider")
    assert sorted(finding.item.zh for finding in wider if finding.item) == [
        "中等职业教育免除学费",
        "中等职业教育国家助学金",
        "普通高中免学杂费",
    ]


def test_it_is_said_that_the_floors_come_from_the_document_itself(store: Store) -> None:
    report = judged(store, edition="2021")
    floors = [v for v in report.verdicts if v.measure.zh != "提供该事项"]
    assert 0 < report.self_sourced <= len(floors)


FOUR = ["200 < 300元/生·年", "4 < 5元/生·天", "650 < 720元/生·年", "850 < 940元/生·年"]
SIX = [*FOUR, "1000 < 1250元/生·年", "1250 < 1500元/生·年"]
NINE = [*SIX, "2000 < 2300元/生·年", "2000 < 2300元/生·年", "6000 < 7000元/生·年"]


@pytest.mark.parametrize(
    ("edition", "day", "expected"),
    [
        ("2023", None, FOUR),
        (None, date(2021, 11, 2), ["4 < 5元/生·天"]),
        (None, date(2024, 6, 1), SIX),
        (None, date(2025, 6, 1), NINE),
    ],
)
def test_jincheng_falls_below_as_floors_rise(
    store: Store, edition: str | None, day: date | None, expected: list[str]
) -> None:
    report = judged(store, edition=edition, as_of=day)
    unit = {text.partition(" < ")[0]: text for text in below(report)}
    assert Counter(text.split("元")[0] for text in below(report)) == Counter(
        text.split("元")[0] for text in expected
    ), unit
    assert len(of_rule(report, "baseline-below")) == len(expected)


def test_only_as_of_2025_one_grant_leaves_people_out(store: Store) -> None:
    narrower = of_rule(judged(store, as_of=date(2025, 6, 1)), "coverage-narrower")
    assert [finding.item.zh for finding in narrower if finding.item] == ["中等职业教育国家助学金"]
    assert of_rule(judged(store, as_of=date(2024, 6, 1)), "coverage-narrower") == []


def test_a_floor_that_is_only_inferred_gives_no_more_than_a_warning(store: Store) -> None:
    severities = {
        finding.verification: finding.severity
        for finding in of_rule(judged(store, edition="2023"), "baseline-below")
    }
    assert severities == {"inferred": Severity.WARNING, "paraphrase": Severity.VIOLATION}


def test_a_percentage_of_the_state_stays_right_when_the_floor_rises(store: Store) -> None:
    """晋城's 50 % of the national figure meets on every day; 嵩明's fixed 500 and 625 do not."""
    fixed = _day_pupils(_verdicts(store, "530127/2020", as_of=date(2024, 6, 1)))
    assert {v.conversion for v in fixed} == {"500 < 625元/生·年", "625 < 750元/生·年"}
    assert {v.value_verdict for v in _day_pupils(_verdicts(store, "530127/2020", edition="2021"))} == {
        ValueVerdict.MEETS
    }
    share = _day_pupils(_verdicts(store, "140500/2021", as_of=date(2024, 6, 1)))
    assert {v.conversion for v in share} == {"625 = 625元/生·年", "750 = 750元/生·年"}


def test_a_sum_per_term_is_twice_that_a_year(store: Store) -> None:
    found = [
        verdict
        for verdict in _verdicts(store, "341722/2021", edition="2021")
        if verdict.item.zh == "学前教育幼儿资助" and verdict.promise and verdict.promise.amount
    ]
    assert [verdict.promise.amount for verdict in found if verdict.promise] == [1000]


def test_the_central_share_of_shitai_fits_its_tier(store: Store) -> None:
    submission = read(SOURCES.root / "data/ttl/local/341722-2021.ttl")
    assert of_rule(judged(store, submission, edition="2021"), "funding-central-share") == []


def _verdicts(
    store: Store, key: str, *, edition: str | None = None, as_of: date | None = None
) -> list[Verdict]:
    return verdicts_on(f"{BASE}catalogue/{key}", store, LIBRARY, edition=edition, as_of=as_of, today=TODAY)


def _day_pupils(verdicts: list[Verdict]) -> list[Verdict]:
    return [v for v in verdicts if v.segment and v.segment.en.startswith("day ")]


# One slip at a time: exactly one finding more, and none other's.

Change = Callable[[str], str]


def replaced(old: str, new: str) -> Change:
    def change(text: str) -> str:
        assert text.count(old) == 1, (old, text.count(old))
        return text.replace(old, new)

    return change


def of_block(subject: str, old: str, new: str) -> Change:
    """Change the description of one thing only."""

    def change(text: str) -> str:
        start = text.index(f"<{subject}>\n")
        end = text.index(" .\n", start)
        block = text[start:end]
        assert block.count(old) == 1, (old, block)
        return text[:start] + block.replace(old, new) + text[end:]

    return change


def added(turtle: str) -> Change:
    return lambda text: text + turtle


PRIMARY = FUNDS.format("primary-school")
HEALTH = "provision/140500/2021/elderly-health-management"
OLDER = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<segment/140500-70-and-over> a bps:Segment ; skos:broader <segment/residents> ; bps:minimumAge 70 ;
  skos:prefLabel "70岁及以上老年人"@zh .
"""


DUPLICATE = f"""
<provision/140500/2021/compulsory-education-tuition-waiver> bps:guarantee <{PRIMARY}/again> .
<{PRIMARY}/again> a bps:Guarantee ; bps:measure <measure/operating-funds> ;
  bps:segment <segment/primary-school-students> ; bps:kind <kind/floor> ; bps:value 900.0 ;
  bps:unit <unit/yuan-per-student-year> ; bps:statedAs "生均公用经费小学900元"@zh .
"""
UNKNOWN_ITEM = """
<provision/140500/2021/moon-travel> a bps:Provision ; bps:catalogue <catalogue/140500/2021> ;
  bps:item <item/moon-travel> ; bps:beneficiary <segment/residents> ; bps:expenditure "地方财政负责"@zh ;
  bps:leadAgency <agency/140500/education-bureau> .
"""


@pytest.mark.parametrize(
    ("edition", "change", "rule"),
    [
        pytest.param(
            "2021",
            of_block(PRIMARY, "<unit/yuan-per-student-year>", "<unit/square-metres-per-hundred-households>"),
            "baseline-not-comparable",
            id="a unit that cannot be compared",
        ),
        pytest.param("2021", added(DUPLICATE), "structure-promise-duplicate", id="a promise made twice"),
        pytest.param("2021", added(UNKNOWN_ITEM), "structure-item-unknown", id="an unknown item"),
        pytest.param(
            "2021",
            lambda text: added(OLDER)(
                of_block(
                    HEALTH,
                    "bps:beneficiary <segment/residents-65-and-over>",
                    "bps:beneficiary <segment/140500-70-and-over>",
                )(text)
            ),
            "coverage-narrower",
            id="a higher starting age",
        ),
        pytest.param(
            "2021",
            of_block(PRIMARY, "bps:value 650.0", "bps:value 0.06"),
            "baseline-below",
            id="far too little",
        ),
        pytest.param(
            "2021",
            lambda text: of_block(
                PRIMARY, "<unit/yuan-per-student-year>", "<unit/ten-thousand-yuan-per-student-year>"
            )(of_block(PRIMARY, "bps:value 650.0", "bps:value 0.06")(text)),
            "baseline-below",
            id="0.06万元 where 650元 is due",
        ),
        pytest.param(
            "2021",
            of_block(
                "provision/140500/2021/compulsory-education-free-textbooks",
                "  bps:leadAgency <agency/140500/education-bureau> ;\n",
                "",
            ),
            "sustainability-lead-agency",
            id="no lead agency",
        ),
        pytest.param(
            "2021",
            of_block(
                "provision/140500/2021/compulsory-education-free-textbooks",
                "  bps:leadAgency",
                "  bps:standard <standard/GB-T-28220-2011> ;\n  bps:leadAgency",
            ),
            "sustainability-standard-withdrawn",
            id="a withdrawn standard",
        ),
    ],
)
def test_one_slip_is_one_finding(store: Store, edition: str, change: Change, rule: str) -> None:
    before = {finding.fingerprint for finding in judged(store, edition=edition).findings}
    after = judged(store, changed(change), edition=edition).findings
    new = [finding for finding in after if finding.fingerprint not in before]
    assert [finding.rule for finding in new] == [rule], [finding.message.zh for finding in new]
    assert before <= {finding.fingerprint for finding in after}


def with_unit(unit: str, value: str) -> Change:
    return lambda text: of_block(PRIMARY, "<unit/yuan-per-student-year>", f"<unit/{unit}>")(
        of_block(PRIMARY, "bps:value 650.0", f"bps:value {value}")(text)
    )


@pytest.mark.parametrize(
    ("change", "falls_short"),
    [
        pytest.param(with_unit("ten-thousand-yuan-per-student-year", "0.072"), False, id="0.072万元"),
        pytest.param(with_unit("ten-thousand-yuan-per-student-year", "0.0719"), True, id="0.0719万元"),
        pytest.param(with_unit("yuan-per-student-month", "60.0"), False, id="60元/月"),
        pytest.param(with_unit("yuan-per-student-month", "50.0"), True, id="50元/月"),
    ],
)
def test_720_yuan_a_year_may_be_written_in_other_units(
    store: Store, change: Change, falls_short: bool
) -> None:
    report = judged(store, changed(change), edition="2023")
    focused = [finding for finding in report.findings if finding.focus == BASE + PRIMARY]
    assert [finding.rule for finding in focused] == (["baseline-below"] if falls_short else [])


def changed(change: Change) -> Submission:
    text = change(JINCHENG.read_text(encoding="utf-8"))
    return Submission("changed", parse(text.encode(), "changed", FORMATS["turtle"]))


TOTAL = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<provision/140500/2021/compulsory-education-tuition-waiver>
  bps:guarantee <guarantee/140500/2021/compulsory-education-tuition-waiver/operating-funds/boarders> .
<guarantee/140500/2021/compulsory-education-tuition-waiver/operating-funds/boarders> a bps:Guarantee ;
  bps:measure <measure/operating-funds> ; bps:segment <segment/boarding-primary-school-students> ;
  bps:kind <kind/floor> ; bps:value AMOUNT ; bps:unit <unit/yuan-per-student-year> ;
  bps:statedAs "寄宿小学生生均公用经费"@zh .
"""


@pytest.mark.parametrize(
    ("amount", "expected"), [("850.0", ValueVerdict.MEETS), ("840.0", ValueVerdict.BELOW)]
)
def test_a_total_answers_a_supplement(store: Store, amount: str, expected: ValueVerdict) -> None:
    """Without its own supplement for boarders, the total for them has to reach 650 + 200."""
    supplement = (
        "guarantee/140500/2021/compulsory-education-tuition-waiver/boarding-supplement/boarding-students"
    )
    row = "provision/140500/2021/compulsory-education-tuition-waiver"
    change = of_block(row, f"<{supplement}>, ", "")
    submission = changed(lambda text: added(TOTAL.replace("AMOUNT", amount))(change(text)))
    report = judged(store, submission, edition="2021")
    (verdict,) = [v for v in report.verdicts if v.measure.zh == "寄宿制学校公用经费增加额"]
    assert verdict.value_verdict is expected
    assert verdict.conversion == f"{amount[:-2]} {'=' if expected is ValueVerdict.MEETS else '<'} 850元/生·年"


def test_the_same_from_python(built: Path) -> None:
    report = bpsgraph.validate(JINCHENG, edition="2023", store=built)
    assert report.verdict_counts()[ValueVerdict.BELOW] == 4


@pytest.mark.parametrize("subject", [PRIMARY, "provision/140500/2021/compulsory-education-tuition-waiver"])
def test_a_blank_node_is_judged_like_anything_else(store: Store, tmp_path: Path, subject: str) -> None:
    file = tmp_path / "blank.ttl"
    text = of_block(PRIMARY, "bps:value 650.0", "bps:value 1.0")(JINCHENG.read_text(encoding="utf-8"))
    file.write_text(text.replace(f"<{subject}>", "_:blank"), encoding="utf-8")
    (finding,) = of_rule(judged(store, read(file), edition="2021"), "baseline-below")
    assert finding.message.zh.startswith(
        "“义务教育阶段免除学杂费”的“生均公用经费基准定额”（小学生）为1元/生·年"
    )


@pytest.mark.parametrize("number", ["1." + "0" * 45 + "1", "-" + "9" * 25, "649." + "9" * 19, "9" * 40])
def test_a_number_with_more_digits_than_compare_is_never_passed_over(store: Store, number: str) -> None:
    before = {finding.fingerprint for finding in judged(store, edition="2021").findings}
    after = judged(store, changed(of_block(PRIMARY, "650.0", number)), edition="2021").findings
    assert [f.rule for f in after if f.fingerprint not in before] == ["structure-value-digits"]


def test_what_would_steer_a_terminal_is_written_out(store: Store) -> None:
    title = '"\\u001B[31m红\\u202E"@zh'
    text = JINCHENG.read_text(encoding="utf-8")
    start = text.index("dct:title", text.index("<catalogue/140500/2021>\n"))
    end = text.index(";", start)
    given = f"{text[:start]}dct:title {title} {text[end:]}"
    report = judged(store, changed(lambda _: given), edition="2021")
    assert report.title.zh == "\\u001b[31m红\\u202e"


@pytest.mark.parametrize("engine", [Engine.PYSHIFTY, Engine.SPARQL])
def test_a_percentage_of_a_figure_that_nobody_states_is_said(store: Store, engine: Engine) -> None:
    share = (
        "guarantee/140500/2021/compulsory-education-living-subsidy/living-subsidy/"
        "day-primary-students-in-financial-difficulty"
    )
    base = "<segment/boarding-primary-students-in-financial-difficulty>"
    given = changed(of_block(share, base, "<segment/residents>"))
    report = validate_submission(given, store, LIBRARY, SHAPES, edition="2021", today=TODAY, engine=engine)
    assert [finding.focus for finding in of_rule(report, "baseline-not-comparable")] == [BASE + share]
