"""Charts: what is drawn, what is not and is said, and that the specifications compile."""

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest
import vl_convert
from pyoxigraph import Literal, NamedNode

import bpsgraph.answers.charts as charts
import sample_answers as samples
from bpsgraph.answers import Answer, drawing
from bpsgraph.errors import NothingToDraw
from bpsgraph.library import Chart, Column
from bpsgraph.library.header import MARKS
from bpsgraph.results import Rows, Text
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
    assert drawn(samples.BAR)["title"]["subtitle"] == ["date：2024-06-01", "1行没有数值，没有画出"]
    assert drawn(samples.BAR, "en")["title"]["subtitle"] == [
        "date: 2024-06-01",
        "Rows without a figure, not drawn: 1",
    ]
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
    assert drawn(samples.MANY)["title"]["subtitle"] == ["date：2024-06-01", "画出前40项，另有15项没有画出"]


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
        "<title>低于下限的数额</title><desc>低于下限的数额: 差额 (元), 事项 (3) date：2024-06-01. "
        "1行没有数值，没有画出.</desc>" in svg
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


def test_a_year_has_a_place_of_its_own_and_counts_have_whole_ticks() -> None:
    years = (
        Column("year", Text("发布年份", "year of issue")),
        Column("standards", Text("标准数", "standards")),
    )
    stated = [(samples.integer(2019), samples.integer(0)), (samples.integer(2016), samples.integer(0))]
    encoding = drawn(samples.answer(Text("逐年", "By year"), years, stated, _YEARS))["layer"][0]["encoding"]
    assert encoding["x"]["type"] == "ordinal"
    assert encoding["x"]["scale"]["domain"] == [2016, 2017, 2018, 2019]
    ticks = encoding["y"]["axis"]
    assert (ticks["format"], ticks["tickMinStep"]) == (",d", 1)
    assert "floor(datum.value)" in ticks["labelExpr"]
    assert drawn(samples.COUNT)["layer"][0]["encoding"]["x"]["axis"]["tickCount"] == 6
    assert encoding["y"]["scale"] == {"domain": [0, 1]}
    # Two thousand yuan are no year.
    amounts = (replace(years[0], name="amount", label=Text("数额", "amount")), years[1])
    money = samples.answer(
        Text("数额", "Amounts"), amounts, stated, Chart("bar", {"x": "amount", "y": "standards"})
    )
    assert drawn(money)["layer"][0]["encoding"]["x"]["type"] == "quantitative"


_YEARS = Chart("bar", {"x": "year", "y": "standards"})


def test_no_axis_goes_below_zero_where_no_figure_does() -> None:
    assert drawn(samples.DUMBBELL)["layer"][0]["encoding"]["x"]["scale"] == {"zero": True, "nice": True}


def test_long_names_in_a_legend_stand_below_it_in_full() -> None:
    by_item = replace(samples.GROUPED, charts=(Chart("bar", {"x": "amount", "y": "place", "color": "item"}),))
    legend = drawn(by_item, "en")["layer"][0]["encoding"]["color"]["legend"]
    assert (legend["orient"], legend["columns"], legend["labelLimit"]) == ("bottom", 1, 0)
    assert "orient" not in drawn(samples.GROUPED, "zh")["layer"][0]["encoding"]["color"]["legend"]


def _with_items(answer: Answer, key: str) -> Rows:
    """Its rows, the item of each called so."""
    place = answer.rows.columns.index("item")
    rows = ((*row[:place], NamedNode(BASE + key), *row[place + 1 :]) for row in answer.rows.rows)
    return replace(answer.rows, rows=tuple(rows))


def test_figures_of_unknown_units_share_no_axis() -> None:
    columns = (
        *samples.PLACE,
        Column("before", Text("之前", "before")),
        Column("after", Text("之后", "after")),
        Column("unit_zh", Text("单位", "unit")),
    )
    rows = [
        (*samples.place(n), samples.decimal(n), samples.decimal(n + 1), Literal("元") if n else None)
        for n in range(3)
    ]
    chart = Chart("dumbbell", {"x": "before", "x2": "after", "y": "place", "facet": "unit"})
    drawing = drawn(samples.answer(Text("数值", "Values"), columns, rows, chart))
    assert "（未写明）" not in str(drawing)
    assert drawing["title"]["subtitle"][-1] == "1行没有数值，没有画出"


def test_the_subtitle_has_the_parameters_by_name_and_the_one_unit() -> None:
    asked = replace(samples.BAR.provenance, parameters={"item": ("1",), "date": ("2024-06-01",)})
    named = drawn(replace(samples.BAR, provenance=asked), "en")["title"]["subtitle"][0]
    assert named == "item: Legal aid; date: 2024-06-01"
    # What only ends like a key is none: an edition is not the name of a catalogue of that edition.
    edition = replace(samples.BAR.provenance, parameters={"b": ("aid",)})
    ended = replace(samples.BAR, provenance=edition, rows=_with_items(samples.BAR, "item/2023/aid"))
    assert drawn(ended, "en")["title"]["subtitle"][0] == "b: aid"
    columns = (
        *samples.PLACE,
        Column("value", Text("数值", "value")),
        Column("unit_zh", Text("单位", "unit")),
    )
    rows = [(*samples.place(n), samples.decimal(n), Literal("元")) for n in range(2)]
    one = samples.answer(Text("数值", "Values"), columns, rows, Chart("bar", {"x": "value", "y": "place"}))
    assert drawn(one)["title"]["subtitle"][1] == "单位：元"
    rows[1] = (*rows[1][:-1], Literal("人"))
    assert "单位" not in str(
        drawn(replace(one, rows=replace(one.rows, rows=tuple(rows))))["title"]["subtitle"]
    )


def test_cells_are_coloured_from_nearly_white_at_zero() -> None:
    scale = drawn(samples.HEATMAP)["layer"][1]["encoding"]["color"]["scale"]
    assert scale == {"domain": [0, 22], "range": ["#f4f8fb", "#08519c"]}
    assert drawn(samples.HEATMAP)["title"]["subtitle"][-1] == "灰格（1）：没有数值"


def test_percent_of_the_floor_has_a_rule_at_the_floor() -> None:
    columns = (*samples.PLACE, Column("percent_of_floor", Text("相当于下限", "percent of the floor"), "%"))
    rows = [(*samples.place(n), samples.decimal(80 + n)) for n in range(2)]
    chart = Chart("bar", {"x": "percent_of_floor", "y": "place"})
    layers = drawn(samples.answer(Text("对照", "Beside"), columns, rows, chart))["layer"]
    assert layers[-1]["encoding"] == {"x": {"datum": 100.0, "type": "quantitative"}}
    assert not any(layer["mark"]["type"] == "rule" for layer in drawn(samples.BAR)["layer"])


def test_a_step_runs_on_unless_it_has_ended() -> None:
    assert [(record["from"], record["floor"]) for record in records(samples.STEP)[-2:]] == [
        ("2023-01-01", 720),
        ("2023-05-08", 720),
    ]
    columns = (*samples.STEP.columns, Column("until", Text("止", "until")))
    ended = [(samples.day("2020-01-01"), samples.decimal(5), samples.day("2020-01-11"))]
    step = samples.answer(Text("下限", "Floor"), columns, ended, samples.STEP.charts[0])
    assert [record["from"] for record in records(step)] == ["2020-01-01", "2020-01-11"]
    undated = replace(step, rows=replace(step.rows, rows=((None, samples.decimal(4), None), *ended)))
    assert [record["from"] for record in records(undated)] == [None, "2020-01-01", "2020-01-11"]


def test_steps_of_a_walk_are_colours_in_order() -> None:
    columns = (
        *samples.PLACE,
        Column("distance", Text("步数", "steps")),
        Column("things", Text("个数", "things")),
    )
    rows = [(*samples.place(n % 2), samples.integer(3 - n // 2), samples.integer(n + 1)) for n in range(6)]
    chart = Chart("bar", {"x": "things", "y": "place", "color": "distance"})
    encoding = drawn(samples.answer(Text("触及", "Touched"), columns, rows, chart))["layer"][0]["encoding"]
    assert encoding["color"]["type"] == "ordinal"
    assert encoding["color"]["scale"]["domain"] == [1, 2, 3]
    assert encoding["x"]["stack"] == "zero"


def test_bars_of_few_colours_a_name_stand_beside_their_own_name() -> None:
    rows = tuple(samples.GROUPED.rows.rows[place] for place in (0, 1, 5))
    few = replace(samples.GROUPED, rows=replace(samples.GROUPED.rows, rows=rows))
    assert "yOffset" not in drawn(few)["layer"][0]["encoding"]
    names = [record["item"] for record in records(few)]
    assert [" · " in name for name in names] == [True, True, False]
    assert len(set(names)) == 3


def test_names_of_several_columns_stand_together() -> None:
    joined = replace(
        samples.GROUPED, charts=(Chart("dumbbell", {"x": "amount", "x2": "amount", "y": "place+item"}),)
    )
    one = records(joined)[0]
    assert one["place_item"] == "晋城市 · 义务教育家庭经济困难学生生活补助"
    assert joined.only(["place_zh", "item_zh", "amount"]).charts
    assert not joined.only(["place_zh", "amount"]).charts
