"""A table as places publish them, filled with 晋城's own sentences: the verdicts are those of its bundled file."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from bpsgraph.ingest import Submission, read
from bpsgraph.ingest.names import Names
from bpsgraph.library import Library
from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import Report, Severity, Verdict
from bpsgraph.sources import find_sources
from bpsgraph.store import Store, open_store
from bpsgraph.validation import validate_submission
from bpsgraph.validation.shapes import ShapesGraph
from jincheng import COLUMNS, ROWS

SOURCES = find_sources()
JINCHENG = SOURCES.root / "data/ttl/local/140500-2021.ttl"
LIBRARY = Library(SOURCES.root / "queries")
SHAPES = ShapesGraph.read(SOURCES.shapes())
TODAY = date(2026, 11, 21)
ABOUT = [
    ["晋城市基本公共服务标准（2021年版）"],
    ["行政区划代码", "140500"],
    ["版本", "2021"],
    ["来源文件", "晋市政办函〔2021〕45号"],
    ["印发日期", "2021-11-02"],
    ["对照的国家版本", "2021"],
    ["范围", "学有所教、老有所养"],
    ["完整程度", "完整"],
]


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[Store]:
    with open_store(built) as opened:
        yield opened


@pytest.fixture(scope="module")
def published(names: Names, tmp_path_factory: pytest.TempPathFactory) -> Submission:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in ABOUT:
        sheet.append(line)
    sheet.append(["序号", *COLUMNS])
    for number, row in enumerate(ROWS, 1):
        sheet.append(
            [
                number,
                row.name,
                row.beneficiaries,
                row.content,
                row.standard,
                row.expenditure,
                row.lead,
                row.supporting,
            ]
        )
    path = tmp_path_factory.mktemp("published") / "140500.xlsx"
    book.save(path)
    return read(path, names=names)


def judged(
    submission: Submission, store: Store, *, edition: str | None = None, as_of: date | None = None
) -> Report:
    return validate_submission(submission, store, LIBRARY, SHAPES, edition=edition, as_of=as_of, today=TODAY)


def compared(verdict: Verdict) -> tuple[object, ...]:
    segment = verdict.segment.zh if verdict.segment else None
    return (verdict.item.zh, verdict.measure.zh, segment, verdict.value_verdict, verdict.conversion)


def test_every_cell_is_read(published: Submission) -> None:
    # Three items bear the name that the State's table gave them before.
    assert {remark.reason for remark in published.remarks} == {"former-name"}
    assert len(published.remarks) == 3


def test_it_meets_the_text_of_2021(published: Submission, store: Store) -> None:
    report = judged(published, store, edition="2021")
    assert [f.message.zh for f in report.findings if f.severity is Severity.VIOLATION] == []
    counts = report.verdict_counts()
    none = (ValueVerdict.MISSING, ValueVerdict.BELOW, ValueVerdict.NOT_COMPARABLE)
    assert [counts[verdict] for verdict in none] == [0, 0, 0]
    assert len(report.verdicts) > 40


@pytest.mark.parametrize(
    ("edition", "day", "below"),
    [
        ("2021", None, 0),
        (None, date(2021, 11, 2), 1),
        ("2023", None, 4),
        (None, date(2024, 6, 1), 6),
        (None, date(2025, 6, 1), 9),
    ],
)
def test_the_verdicts_are_those_of_the_bundled_file(
    published: Submission, store: Store, edition: str | None, day: date | None, below: int
) -> None:
    report = judged(published, store, edition=edition, as_of=day)
    bundled = judged(read(JINCHENG), store, edition=edition, as_of=day)
    assert Counter(map(compared, report.verdicts)) == Counter(map(compared, bundled.verdicts))
    found = [finding for finding in report.findings if finding.rule == "baseline-below"]
    assert len(found) == below
    standard = COLUMNS.index("服务标准") + 2
    assert {finding.cell[0] for finding in found if finding.cell} <= {chr(ord("A") + standard - 1)}


def test_a_finding_points_at_the_cell_of_the_sentence(published: Submission, store: Store) -> None:
    report = judged(published, store, as_of=date(2025, 6, 1))
    cells = Counter(finding.cell for finding in report.findings if finding.rule == "baseline-below")
    first = len(ABOUT) + 2
    rows = {row.item: first + number for number, row in enumerate(ROWS)}
    assert cells == {
        f"E{rows['compulsory-education-tuition-waiver']}": 4,
        f"E{rows['compulsory-education-living-subsidy']}": 2,
        f"E{rows['rural-student-nutrition-subsidy']}": 1,
        f"E{rows['senior-high-national-grant']}": 1,
        f"E{rows['vocational-national-grant']}": 1,
    }
    narrower = [finding for finding in report.findings if finding.rule == "coverage-narrower"]
    assert [finding.item.zh for finding in narrower if finding.item] == ["中等职业教育国家助学金"]
