"""Charts: what is drawn, what is not and is said, and that the specifications compile."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
import vl_convert

import bpsgraph.answers.charts as charts
import sample_answers as samples
from bpsgraph.answers import Answer, drawing
from bpsgraph.errors import NothingToDraw
from bpsgraph.library import Chart
from bpsgraph.library.header import MARKS
from bpsgraph.terms import BASE
from sample_answers import CHARTS


def drawn(answer: Answer, language: str = "zh") -> dict[str, Any]:
    return charts.first([answer], language)


def records(answer: Answer, language: str = "zh") -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = drawn(answer, language)["data"]["values"]
    return values


def test_every_mark_has_a_sample() -> None:
    assert {answer.charts[0].mark for answer in CHARTS.values()} == set(MARKS)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", CHARTS)
def test_it_compiles_and_asks_nobody(name: str, language: str) -> None:
    specification = drawn(CHARTS[name], language)
    vega = vl_convert.vegalite_to_vega(specification, vl_version="5.21")
    assert vega["marks"]
    without_schema = {key: value for key, value in specification.items() if key != "$schema"}
    assert "url" not in json.dumps(without_schema)


def test_what_is_not_known_is_never_zero() -> None:
    assert [(record["item"], record["gap"]) for record in records(samples.BAR)] == [
        ("义务教育家庭经济困难学生生活补助", 120.0),
        ("法律援助", 70.5),
        ("临时救助", 0.0),
    ]
    assert drawn(samples.BAR)["title"]["subtitle"] == ["1行没有数值，没有画出"]
    assert drawn(samples.BAR, "en")["title"]["subtitle"] == ["Rows without a figure, not drawn: 1"]
    # A line breaks where a year has no figure; a cell is grey; a name with one end has one point.
    assert [record["rate"] for record in records(samples.LINE) if record["year"] == 2021] == [69, None, 79]
    assert sum(record["gap"] is None for record in records(samples.HEATMAP)) == 1
    assert [(record["promise"], record["floor"]) for record in records(samples.DUMBBELL)] == [
        (650, 720),
        (900, 750),
        (None, 300),
    ]


def test_a_name_in_the_other_language_stands_in() -> None:
    assert [record["item"] for record in records(samples.BAR, "en")][-1] == "临时救助"


def test_axes_have_the_labels_and_units_of_the_columns() -> None:
    encoding = drawn(samples.BAR, "en")["layer"][0]["encoding"]
    assert encoding["x"]["axis"]["title"] == "shortfall (元)"
    assert drawn(samples.LINE)["encoding"]["x"]["axis"] == {"title": "年份", "format": "d", "tickMinStep": 1}


def test_a_figure_has_its_denominator_beside_it() -> None:
    assert [record["figure"] for record in records(samples.SHARE)] == ["88 / 88", "70 / 88"]


def test_rows_are_counted_the_most_first() -> None:
    assert [(record["place"], record["count"]) for record in records(samples.COUNT)] == [
        ("泰州市", 6),
        ("晋城市", 3),
    ]


def test_forty_bars_are_drawn_and_the_rest_is_said() -> None:
    assert [record["value"] for record in records(samples.MANY)] == list(range(1000, 960, -1))
    assert drawn(samples.MANY)["title"]["subtitle"] == ["画出前40项，另有15项没有画出"]


def test_an_end_that_is_not_stated_runs_to_the_edge() -> None:
    first, second = records(samples.TIMELINE)
    assert "open" not in first
    assert (second["open"], second["until"] > "2024-01-01") == (True, True)
    assert "▸ 没有写明止期" in drawn(samples.TIMELINE)["title"]["subtitle"]


def test_two_things_of_one_name_are_told_apart() -> None:
    twice = replace(
        samples.BAR,
        rows=replace(
            samples.BAR.rows, rows=(samples.BAR.rows.rows[1], (*samples.item(9), samples.decimal(3)))
        ),
    )
    same = tuple((row[0], samples.BAR.rows.rows[1][1], *row[2:]) for row in twice.rows.rows)
    twice = replace(twice, rows=replace(twice.rows, rows=same))
    assert [record["item"] for record in records(twice)] == ["法律援助 · item/1", "法律援助 · item/9"]
    again = replace(twice, rows=replace(twice.rows, rows=(same[0], same[0])))
    assert [record["item"] for record in records(again)] == ["法律援助", "法律援助 (2)"]


def test_amounts_of_several_places_are_beside_each_other_and_never_added() -> None:
    layer = drawn(samples.GROUPED)["layer"][0]
    assert layer["encoding"]["yOffset"]["field"] == "place"
    assert layer["encoding"]["x"]["stack"] is None


def test_long_names_are_broken_and_highlighted_ones_bold() -> None:
    marked = replace(samples.BAR, highlighted=frozenset([BASE + "item/1"]))
    axis = drawn(marked, "en")["layer"][0]["encoding"]["y"]["axis"]
    assert '"Living subsidy for compulsory education students", "in financial difficulty"' in axis[
        "labelExpr"
    ] or ("split" in axis["labelExpr"] or "[datum.label]" in axis["labelExpr"])
    assert "Legal aid" in axis["labelFontWeight"]["condition"]["test"]
    assert [record.get("highlighted", False) for record in records(marked)] == [False, True, False]


def test_nothing_to_draw_is_said() -> None:
    with pytest.raises(NothingToDraw, match="there are no rows"):
        drawn(samples.EMPTY)
    with pytest.raises(NothingToDraw, match="it has no chart"):
        drawn(replace(samples.BAR, charts=()))
    unknown = replace(samples.BAR, rows=replace(samples.BAR.rows, rows=(samples.BAR.rows.rows[2],)))
    with pytest.raises(NothingToDraw, match="no row has a figure"):
        drawn(unknown)


def test_a_picture_has_words_for_those_who_do_not_see_it() -> None:
    svg = drawing.to_svg([samples.BAR], "zh")
    assert svg.startswith('<svg role="img"')
    assert (
        "<title>低于下限的数额</title><desc>低于下限的数额: 差额 (元), 事项 (3) 1行没有数值，没有画出.</desc>"
        in svg
    )
    assert "http" not in svg.replace("http://www.w3.org/", "")
    assert drawing.to_png([samples.BAR], "zh").startswith(b"\x89PNG")


def test_no_address_is_fetched() -> None:
    specification = drawn(samples.STEP) | {"data": {"url": "http://127.0.0.1:9/data.json"}}
    with pytest.raises(ValueError, match=r"127\.0\.0\.1"):
        drawing.svg_of(specification)


def test_days_are_those_of_the_data_in_every_time_zone() -> None:
    code = "import sample_answers as samples; from bpsgraph.answers import drawing; print(drawing.to_svg([samples.STEP], 'zh'))"
    pictures = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": ":".join(sys.path), "TZ": zone},
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout
        for zone in ("Asia/Shanghai", "America/Los_Angeles")
    }
    assert len(pictures) == 1


def test_a_chart_of_other_channels_is_drawn_too() -> None:
    upright = replace(samples.COUNT, charts=(Chart("bar", {"y": "count", "x": "place"}),))
    assert drawn(upright)["layer"][0]["encoding"]["x"]["field"] == "place"
    named = replace(samples.BAR, charts=(Chart("bar", {"x": "gap", "y": "item_zh"}),))
    assert next(record["item"] for record in records(named, "en")).startswith("Living")
