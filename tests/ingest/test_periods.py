"""Periods as people write them, and as they are written once read."""

from datetime import date

import pytest

from bpsgraph.ingest.periods import period_of


@pytest.mark.parametrize(
    ("text", "written", "start", "end", "precision"),
    [
        ("2023", "2023", date(2023, 1, 1), date(2024, 1, 1), "year"),
        ("２０２３年度", "2023", date(2023, 1, 1), date(2024, 1, 1), "year"),
        ("2023-07", "2023-07", date(2023, 7, 1), date(2023, 8, 1), "month"),
        ("2023年12月", "2023-12", date(2023, 12, 1), date(2024, 1, 1), "month"),
        ("202307", "2023-07", date(2023, 7, 1), date(2023, 8, 1), "month"),
        ("2024-02-29", "2024-02-29", date(2024, 2, 29), date(2024, 3, 1), "day"),
        ("2023年第三季度", "2023-Q3", date(2023, 7, 1), date(2023, 10, 1), "month"),
        ("2023Q4", "2023-Q4", date(2023, 10, 1), date(2024, 1, 1), "month"),
        ("2023年上半年", "2023-S1", date(2023, 1, 1), date(2023, 7, 1), "month"),
        ("2023-S2", "2023-S2", date(2023, 7, 1), date(2024, 1, 1), "month"),
        ("2021—2023年", "2021/2023", date(2021, 1, 1), date(2024, 1, 1), "year"),
        ("2021至2023", "2021/2023", date(2021, 1, 1), date(2024, 1, 1), "year"),
        ("“十四五”时期", "2021/2025", date(2021, 1, 1), date(2026, 1, 1), "year"),
        ("十三五", "2016/2020", date(2016, 1, 1), date(2021, 1, 1), "year"),
    ],
)
def test_a_period(text: str, written: str, start: date, end: date, precision: str) -> None:
    period = period_of(text)
    assert period is not None
    assert (period.text, period.start, period.end, period.precision) == (written, start, end, precision)
    again = period_of(written)
    assert again == period
    assert period.years == (end.year - start.year if precision == "year" else 1)


@pytest.mark.parametrize(
    "text",
    ["", "去年", "23年", "2023-13", "2023-02-29", "2023-2021", "2023-2023", "2023Q5", "20231", "十五五年"],
)
def test_what_is_no_period(text: str) -> None:
    assert period_of(text) is None
