"""Tiles, shades, and boundaries from files of all sorts."""

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from bpsgraph.errors import MalformedFile, TooLarge, UnreadableFile
from bpsgraph.publishing.mapping.boundaries import WIDTH, Outline, boundaries
from bpsgraph.publishing.mapping.drawing import Place, draw_outlines, draw_tiles
from bpsgraph.publishing.mapping.shades import Shade, shaded, shades
from bpsgraph.publishing.mapping.tiles import tiles

SQUARE = [[110, 30], [112, 30], [112, 32], [110, 32], [110, 30]]
HOLE = [[110.5, 30.5], [111, 30.5], [111, 31], [110.5, 30.5]]


def feature(geometry: Any, **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {}, "geometry": geometry, **more}


def collection(*features: dict[str, Any]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features)}


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def read(tmp_path: Path, content: Any) -> tuple[Outline, ...]:
    file = tmp_path / "boundaries.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return boundaries(file)


def test_each_division_has_a_tile_of_its_own() -> None:
    assert len(tiles()) == 34
    assert len({tile.code for tile in tiles()}) == 34
    assert len({(tile.column, tile.row) for tile in tiles()}) == 34
    assert len({tile.letters for tile in tiles()}) == 34
    assert all(1 < len(tile.short_name("zh")) <= 3 for tile in tiles())
    assert all(re.fullmatch("[A-Z]{2}", tile.short_name("en")) for tile in tiles())


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], []),
        ([0, 0], [(0, 0, 0)]),
        ([3], [(4, 3, 3)]),
        ([0, 1, 1, 2], [(0, 0, 0), (3, 1, 1), (4, 2, 2)]),
        ([1, 2, 3, 4, 5, 6, 7, 8], [(1, 1, 2), (2, 3, 4), (3, 5, 6), (4, 7, 8)]),
        ([1, 1, 1, 1, 1, 100], [(3, 1, 1), (4, 100, 100)]),
        ([5, 5, 5, 5], [(4, 5, 5)]),
    ],
)
def test_shades_part_the_places_evenly(values: list[int], expected: list[tuple[int, int, int]]) -> None:
    assert [(shade.step, shade.least, shade.most) for shade in shades(values)] == expected


def test_every_number_has_the_shade_that_holds_it() -> None:
    values = {str(number): number * number % 97 for number in range(60)}
    known = shades(list(values.values()))
    for code, shade in shaded(values, known).items():
        assert shade in known
        assert shade.least <= values[code] <= shade.most


def test_a_tile_shows_number_words_and_link() -> None:
    places = {tile.code: Place(tile.name.zh, tile.name.zh, "–", tile.name.zh) for tile in tiles()}
    places["140000"] = Place("<山西>", "山西", "9", "山西省：9", '/doc/jurisdiction/140000?a=1&b="', Shade(4))
    drawn = draw_tiles(tiles(), places, "标题")
    assert drawn.count("<rect") == 34
    assert drawn.count("<a ") == 1
    assert '<g class="place shade-4"><title>山西省：9</title>' in drawn
    assert "&amp;b=" in drawn
    assert "<style>" not in drawn
    assert "<style>" in draw_tiles(tiles(), places, "标题", alone=True)


def test_a_square_is_drawn_where_it_is(tmp_path: Path) -> None:
    [outline] = read(tmp_path, collection(feature(polygon(SQUARE, HOLE), id="420000")))
    assert outline.code == "420000"
    assert outline.path.count("M") == outline.path.count("z") == 2
    numbers = [int(number) for number in re.findall(r"-?\d+", outline.path)]
    assert min(numbers) == 0
    assert max(numbers) == WIDTH
    assert 0 < outline.x < outline.right
    assert 0 < outline.y < outline.bottom


def test_north_is_up_and_areas_are_kept(tmp_path: Path) -> None:
    south = [[100, 20], [102, 20], [102, 22], [100, 22], [100, 20]]
    north = [[100, 48], [102, 48], [102, 50], [100, 50], [100, 48]]
    found = read(
        tmp_path,
        collection(feature(polygon(south), id="530000"), feature(polygon(north), id="150000")),
    )
    assert found[1].y < found[0].y

    def area(outline: Outline) -> float:
        ring = [tuple(map(int, pair.split())) for pair in re.findall(r"\d+ \d+", outline.path)]
        sides = zip(ring, [*ring[1:], ring[0]], strict=True)
        return abs(sum(x * v - u * y for (x, y), (u, v) in sides)) / 2

    on_earth = [math.sin(math.radians(b)) - math.sin(math.radians(a)) for a, b in ((20, 22), (48, 50))]
    # Sides are drawn straight, and in whole units.
    assert area(found[0]) / area(found[1]) == pytest.approx(on_earth[0] / on_earth[1], rel=0.03)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"id": 420000}, "420000"),
        ({"id": "420000"}, "420000"),
        ({"properties": {"adcode": 420000}}, "420000"),
        ({"properties": {"ADCODE": "420000"}}, "420000"),
        ({"properties": {"gb": "156420000"}}, "420000"),
        ({"id": 7, "properties": {"code": "420000"}}, "420000"),
        ({"id": "100000_JD"}, ""),
        ({"properties": None}, ""),
    ],
)
def test_the_code_is_found_where_files_have_it(tmp_path: Path, said: dict[str, Any], code: str) -> None:
    whole = collection(feature(polygon(SQUARE), id="110000"), feature(polygon(SQUARE), **said))
    assert read(tmp_path, whole)[1].code == code


def test_topojson_is_the_same_as_geojson(tmp_path: Path) -> None:
    # Two squares with a side in common, which is stored once and used backwards.
    left = [[110, 30], [112, 30], [112, 32], [110, 32], [110, 30]]
    right = [[112, 30], [114, 30], [114, 32], [112, 32], [112, 30]]
    plain = collection(feature(polygon(left), id="420000"), feature(polygon(right), id="430000"))
    arcs = [
        [[2, 0], [0, 2]],
        [[2, 2], [-2, 0], [0, -2], [2, 0]],
        [[2, 0], [2, 0], [0, 2], [-2, 0]],
    ]
    topology = {
        "type": "Topology",
        "transform": {"scale": [1, 1], "translate": [110, 30]},
        "arcs": arcs,
        "objects": {
            "provinces": {
                "type": "GeometryCollection",
                "geometries": [
                    {"type": "Polygon", "id": "420000", "arcs": [[0, 1]]},
                    {"type": "MultiPolygon", "id": "430000", "arcs": [[[2, -1]]]},
                ],
            }
        },
    }
    expected = read(tmp_path, plain)
    found = read(tmp_path, topology)
    assert [outline.code for outline in found] == ["420000", "430000"]
    for one, other in zip(found, expected, strict=True):
        assert sorted(re.findall(r"\d+ \d+", one.path)) == sorted(re.findall(r"\d+ \d+", other.path))


def test_what_is_projected_already_is_only_fitted(tmp_path: Path) -> None:
    metres = [[0, 0], [1_000_000, 0], [1_000_000, 500_000], [0, 500_000], [0, 0]]
    [outline] = read(tmp_path, collection(feature(polygon(metres), id="110000")))
    assert outline.path == "M0 1000L2000 1000 2000 0 0 0z"


def test_lines_at_sea_are_drawn_and_stand_for_no_place(tmp_path: Path) -> None:
    line = feature({"type": "MultiLineString", "coordinates": [[[109, 16], [110, 12]], [[111, 9], [112, 6]]]})
    tiny = feature(polygon([[113.5, 22.1], [113.501, 22.1], [113.5, 22.101], [113.5, 22.1]]), id="820000")
    wide = feature(polygon([[80, 20], [130, 20], [130, 50], [80, 20]]), id="140000")
    outlines = read(
        tmp_path,
        collection(wide, line, tiny, feature(None), feature({"type": "Point", "coordinates": [1, 2]})),
    )
    assert [outline.code for outline in outlines] == ["140000", "", "820000"]
    assert not outlines[1].area
    assert outlines[2].path
    places = {"140000": Place("山西", "山西", "9", "山西：9", "/x", Shade(4))}
    drawn = draw_outlines(outlines, places, "标题")
    assert drawn.count('class="context"') == 1
    assert ">9</text>" in drawn


def test_a_county_is_shown_like_its_province(tmp_path: Path) -> None:
    outlines = read(
        tmp_path, collection(feature(polygon(SQUARE), id="140502"), feature(polygon(HOLE), id="990000"))
    )
    places = {"140000": Place("山西", "山西", "9", "山西：9", "/x", Shade(4))}
    drawn = draw_outlines(outlines, places, "标题")
    assert drawn.count("shade-4") == 1
    assert drawn.count("shade-none") == 1
    # The number is said once per place of its own, not in each county.
    assert ">9</text>" not in drawn


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no JSON",
        "[]",
        "null",
        "7",
        '"text"',
        "{}",
        '{"type": "FeatureCollection"}',
        '{"type": "FeatureCollection", "features": [1]}',
        '{"type": "FeatureCollection", "features": [{"geometry": {"type": "Circle", "coordinates": []}}]}',
        json.dumps(collection(feature(polygon(SQUARE)))),
        json.dumps(collection(feature(polygon(SQUARE), id="42"))),
        json.dumps(collection(feature({"type": "Polygon", "coordinates": [[["1", "2"]]]}, id="420000"))),
        json.dumps(collection(feature({"type": "Polygon", "coordinates": 7}, id="420000"))),
        json.dumps(collection(feature(polygon([[math.nan, 1], [2, 3], [4, 5]]), id="420000"))),
        json.dumps(collection(feature(polygon([["9", 1], [2, 3], [4, 5]]), id="420000"))).replace(
            '"9"', "1e999"
        ),
        '{"type": "Topology", "arcs": [], "objects": {"a": {"type": "Polygon", "id": "420000", "arcs": [[9]]}}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_file_of_boundaries_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(MalformedFile) as refused:
        read(tmp_path, content)
    assert "boundaries.json" in str(refused.value)
    assert "six-digit code" in refused.value.cure


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        boundaries(tmp_path / "none.json")
    file = tmp_path / "large.json"
    file.write_text(json.dumps(collection(feature(polygon(SQUARE), id="110000"))), encoding="utf-8")
    with pytest.raises(TooLarge):
        boundaries(file, 20)
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MalformedFile):
        boundaries(file)
