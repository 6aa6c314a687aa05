"""Boundaries from a file that is given: GeoJSON (RFC 7946) or TopoJSON 1.0, keyed by six-digit codes.

The project has no boundaries of its own. What a feature without a code shows, a line at sea for example, is
drawn with the others and stands for no place.
"""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bpsgraph import opening
from bpsgraph.errors import MalformedFile

KEYS = ("adcode", "code", "gb", "id")
"""The properties in which a code is looked for, after the `id` of the feature; capitals do not matter."""
WIDTH = 2_000
"""How wide a drawing is, in whole units; what is finer than one is left out."""
_CODE = re.compile(r"(?:156)?([1-9][0-9]{5})")
_CURE = "give GeoJSON or TopoJSON whose features have a six-digit code (GB/T 2260) as id, adcode, code or gb"
# Albers' equal-area conic projection with the parallels and the meridian that are usual for China.
_PARALLELS, _MERIDIAN = (25.0, 47.0), 105.0

Point = tuple[float, float]
Line = list[Point]


@dataclass(frozen=True, slots=True)
class Outline:
    """One feature: its code or an empty text, the path to draw, where its number stands, and its far corner.

    `area` says that it may be filled.
    """

    code: str
    path: str
    x: float
    y: float
    right: float
    bottom: float
    area: bool


@dataclass(frozen=True, slots=True)
class _Shape:
    code: str
    polygons: list[list[Line]]
    lines: list[Line]


def boundaries(path: Path, limit: int = opening.LIMIT) -> tuple[Outline, ...]:
    """The outlines of a file, projected and fitted into `WIDTH`.

    Raises `UnreadableFile`, `TooLarge`, and `MalformedFile` where it is no GeoJSON or TopoJSON, has
    coordinates that are no numbers, or no feature with a code.
    """
    try:
        read = json.loads(opening.content(path, limit), parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise MalformedFile(path, "is no JSON", _CURE, line=error.lineno) from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise MalformedFile(path, "is no JSON", _CURE) from error
    try:
        shapes = [shape for shape in _shapes(read) if shape.polygons or shape.lines]
    except (TypeError, KeyError, IndexError, ValueError, AttributeError, OverflowError) as error:
        raise MalformedFile(path, "is no GeoJSON or TopoJSON as their specifications say", _CURE) from error
    if not any(shape.code for shape in shapes):
        raise MalformedFile(path, "has no feature with a six-digit code", _CURE)
    return tuple(_fitted(shapes))


def _refuse(name: str) -> float:
    raise ValueError(name)


def _shapes(read: Any) -> Iterator[_Shape]:
    kind = read["type"]
    if kind == "FeatureCollection":
        for feature in read["features"]:
            if feature["geometry"] is not None:
                yield _shape(feature, _geometry(feature["geometry"]))
    elif kind == "Topology":
        arcs = _arcs(read)
        for name in sorted(read["objects"]):
            for one in _members(read["objects"][name]):
                yield _shape(one, _topology(one, arcs))
    else:
        raise ValueError(kind)


def _shape(feature: Mapping[str, Any], parts: tuple[list[list[Line]], list[Line]]) -> _Shape:
    properties = feature.get("properties") or {}
    said = {str(key).lower(): value for key, value in properties.items()}
    for value in (feature.get("id"), *(said.get(key) for key in KEYS)):
        if not isinstance(value, bool) and (match := _CODE.fullmatch(str(value))):
            return _Shape(match[1], *parts)
    return _Shape("", *parts)


def _geometry(geometry: Mapping[str, Any]) -> tuple[list[list[Line]], list[Line]]:
    """The polygons and the lines of a geometry; points are left out."""
    kind = geometry["type"]
    if kind == "GeometryCollection":
        return _joined(map(_geometry, geometry["geometries"]))
    coordinates = geometry["coordinates"]
    if kind == "Polygon":
        return [[_line(ring) for ring in coordinates]], []
    if kind == "MultiPolygon":
        return [[_line(ring) for ring in polygon] for polygon in coordinates], []
    if kind == "LineString":
        return [], [_line(coordinates)]
    if kind == "MultiLineString":
        return [], [_line(line) for line in coordinates]
    if kind in ("Point", "MultiPoint"):
        return [], []
    raise ValueError(kind)


def _joined(parts: Iterable[tuple[list[list[Line]], list[Line]]]) -> tuple[list[list[Line]], list[Line]]:
    polygons: list[list[Line]] = []
    lines: list[Line] = []
    for more_polygons, more_lines in parts:
        polygons += more_polygons
        lines += more_lines
    return polygons, lines


def _line(coordinates: Sequence[Any]) -> Line:
    return [_point(position[0], position[1]) for position in coordinates]


def _point(x: Any, y: Any) -> Point:
    point = float(x), float(y)
    if isinstance(x, str) or isinstance(y, str) or not all(map(math.isfinite, point)):
        raise ValueError((x, y))
    return point


def _arcs(topology: Mapping[str, Any]) -> list[Line]:
    """The arcs with absolute positions (TopoJSON 1.0, sections 2.1.2 to 2.1.4)."""
    transform = topology.get("transform")
    if transform is None:
        return [_line(arc) for arc in topology["arcs"]]
    (wide, high), (left, bottom) = transform["scale"], transform["translate"]
    found = []
    for arc in topology["arcs"]:
        x = y = 0
        line = []
        for position in arc:
            x += position[0]
            y += position[1]
            line.append(_point(x * wide + left, y * high + bottom))
        found.append(line)
    return found


def _members(geometry: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if geometry["type"] == "GeometryCollection":
        for one in geometry["geometries"]:
            yield from _members(one)
    elif geometry["type"] is not None:
        yield geometry


def _topology(geometry: Mapping[str, Any], arcs: list[Line]) -> tuple[list[list[Line]], list[Line]]:
    kind = geometry["type"]
    if kind == "Polygon":
        return [[_stitched(ring, arcs) for ring in geometry["arcs"]]], []
    if kind == "MultiPolygon":
        return [[_stitched(ring, arcs) for ring in polygon] for polygon in geometry["arcs"]], []
    if kind == "LineString":
        return [], [_stitched(geometry["arcs"], arcs)]
    if kind == "MultiLineString":
        return [], [_stitched(line, arcs) for line in geometry["arcs"]]
    if kind in ("Point", "MultiPoint"):
        return [], []
    raise ValueError(kind)


def _stitched(indexes: Sequence[int], arcs: list[Line]) -> Line:
    """Arcs joined to a line; a negative index is the arc of its complement, backwards."""
    line: Line = []
    for index in indexes:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        line += arc[1:] if line else arc
    return line


def _fitted(shapes: Sequence[_Shape]) -> Iterator[Outline]:
    on_earth = all(
        abs(x) <= 180 and abs(y) <= 90 for shape in shapes for line in _all(shape) for x, y in line
    )
    place = _projected if on_earth else _upside_down
    placed = [
        _Shape(
            shape.code,
            [[[place(*point) for point in ring] for ring in polygon] for polygon in shape.polygons],
            [[place(*point) for point in line] for line in shape.lines],
        )
        for shape in shapes
    ]
    points = [point for shape in placed for line in _all(shape) for point in line]
    if not points:
        return
    left, top = min(x for x, _ in points), min(y for _, y in points)
    wide = max(x for x, _ in points) - left
    high = max(y for _, y in points) - top
    scale = WIDTH / max(wide, high, 1e-12)
    right, bottom = math.ceil(wide * scale) or 1, math.ceil(high * scale) or 1
    for shape in placed:
        rings = [
            [(round((x - left) * scale), round((y - top) * scale)) for x, y in ring]
            for polygon in shape.polygons
            for ring in polygon
        ]
        lines = [
            [(round((x - left) * scale), round((y - top) * scale)) for x, y in line] for line in shape.lines
        ]
        x, y = _centre(max(rings or lines, key=_extent))
        drawn = [*(_path(ring, 3, "z") for ring in rings), *(_path(line, 2, "") for line in lines)]
        # Too small to be seen, but a place.
        path = "".join(drawn) or f"M{x - 3:.0f} {y - 3:.0f}h6v6h-6z"
        yield Outline(shape.code, path, round(x, 1), round(y, 1), right, bottom, bool(rings))


def _all(shape: _Shape) -> Iterator[Line]:
    for polygon in shape.polygons:
        yield from polygon
    yield from shape.lines


def _projected(longitude: float, latitude: float) -> Point:
    """Albers' equal-area conic projection of the sphere (Snyder 1987, 14-1 to 14-6), y downwards."""
    first, second = (math.radians(parallel) for parallel in _PARALLELS)
    n = (math.sin(first) + math.sin(second)) / 2
    c = math.cos(first) ** 2 + 2 * n * math.sin(first)
    radius = math.sqrt(max(0.0, c - 2 * n * math.sin(math.radians(latitude)))) / n
    # The shorter way around the earth.
    angle = n * math.radians((longitude - _MERIDIAN + 180) % 360 - 180)
    return radius * math.sin(angle), radius * math.cos(angle)


def _upside_down(x: float, y: float) -> Point:
    """What is projected already, with y downwards."""
    return x, -y


def _path(points: Sequence[Point], least: int, end: str) -> str:
    """A line as a path in whole units; empty where fewer points than `least` are told apart."""
    kept = [point for place, point in enumerate(points) if not place or point != points[place - 1]]
    if end and len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    if len(kept) < least:
        return ""
    first, *others = (f"{x:.0f} {y:.0f}" for x, y in kept)
    return f"M{first}L{' '.join(others)}{end}"


def _extent(points: Sequence[Point]) -> float:
    return abs(_twice_area(points)) or float(len(points)) / 1e6


def _twice_area(points: Sequence[Point]) -> float:
    return sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in _sides(points))


def _sides(points: Sequence[Point]) -> Iterator[tuple[Point, Point]]:
    return zip(points, [*points[1:], *points[:1]], strict=True)


def _centre(points: Sequence[Point]) -> Point:
    """The centroid of a ring; of what has no area the middle point."""
    area = _twice_area(points)
    if not area:
        return points[len(points) // 2]
    x = sum((x + next_x) * (x * next_y - next_x * y) for (x, y), (next_x, next_y) in _sides(points))
    y = sum((y + next_y) * (x * next_y - next_x * y) for (x, y), (next_x, next_y) in _sides(points))
    return x / (3 * area), y / (3 * area)
