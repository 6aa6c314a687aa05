"""Tiles and boundaries as SVG: shaded, with the numbers written in, each leading to its place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from bpsgraph.publishing.mapping.boundaries import Outline
from bpsgraph.publishing.mapping.shades import UNKNOWN, Shade
from bpsgraph.publishing.mapping.tiles import Tile

_SIDE, _GAP = 64, 4
# For a picture that stands alone; a page has the same in its stylesheet.
STYLE = (
    "text{font-family:'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif;"
    "text-anchor:middle;fill:#1d2326}.name{font-size:18px}.number{font-size:22px;font-weight:600}"
    ".place path,.place rect{stroke:#8a9398;stroke-width:.7}"
    ".shade-none path,.shade-none rect{fill:#f1f1ee;stroke-dasharray:3 2}"
    ".shade-0 path,.shade-0 rect{fill:#fff}.shade-1 path,.shade-1 rect{fill:#d6e6f2}"
    ".shade-2 path,.shade-2 rect{fill:#9dc6e0}.shade-3 path,.shade-3 rect{fill:#5b9fce}"
    ".shade-4 path,.shade-4 rect{fill:#0b4a82}.shade-4 text{fill:#fff}"
    ".outlines .number{font-size:40px}.outlines path{stroke-width:1.5}.context{fill:none;stroke:#8a9398}"
)


@dataclass(frozen=True, slots=True)
class Place:
    """What a picture shows of a place: name, number as text, the whole sentence, address, and shade."""

    name: str
    short: str
    number: str
    words: str
    href: str = ""
    shade: Shade = UNKNOWN


def draw_tiles(tiles: Sequence[Tile], places: dict[str, Place], title: str, *, alone: bool = False) -> str:
    """The tiles of the places; `alone` with its own style, for a file."""
    width = (max(tile.column for tile in tiles) + 1) * (_SIDE + _GAP)
    height = (max(tile.row for tile in tiles) + 1) * (_SIDE + _GAP)
    left = min(tile.column for tile in tiles) * (_SIDE + _GAP)
    parts = [
        _tile(tile, places[tile.code]) for tile in sorted(tiles, key=lambda tile: (tile.row, tile.column))
    ]
    return _picture(parts, f"{left} 0 {width - left} {height}", title, "tiles", alone)


def draw_outlines(
    outlines: Iterable[Outline], places: dict[str, Place], title: str, *, alone: bool = False
) -> str:
    """The outlines of a file of boundaries; a place without a row of its own is shown like its province."""
    drawn = list(outlines)
    parts = []
    for outline in drawn:
        if not outline.code:
            ground = "" if outline.area else ' fill="none"'
            parts.append(f'<path class="context" d="{outline.path}"{ground}/>')
            continue
        place = places.get(outline.code) or places.get(outline.code[:2] + "0000")
        if place is None:
            place = Place(outline.code, "", "", outline.code)
        own = outline.code in places
        label = (
            f'<text class="number" x="{outline.x:g}" y="{outline.y:g}">{escape(place.number)}</text>'
            if own and place.number
            else ""
        )
        parts.append(_linked(f'<path d="{outline.path}" fill-rule="evenodd"/>{label}', place))
    width = max((outline.right for outline in drawn), default=1)
    height = max((outline.bottom for outline in drawn), default=1)
    return _picture(parts, f"0 0 {width:g} {height:g}", title, "outlines", alone)


def _tile(tile: Tile, place: Place) -> str:
    x, y = tile.column * (_SIDE + _GAP) + _GAP / 2, tile.row * (_SIDE + _GAP) + _GAP / 2
    middle = x + _SIDE / 2
    inner = (
        f'<rect x="{x:g}" y="{y:g}" width="{_SIDE}" height="{_SIDE}" rx="5"/>'
        f'<text class="name" x="{middle:g}" y="{y + 26:g}">{escape(place.short)}</text>'
        f'<text class="number" x="{middle:g}" y="{y + 53:g}">{escape(place.number)}</text>'
    )
    return _linked(inner, place)


def _linked(inner: str, place: Place) -> str:
    """A group with the words for who points at it, and a link where there is somewhere to go."""
    group = f'<g class="place {place.shade.name}"><title>{escape(place.words)}</title>{inner}</g>'
    return f"<a href={quoteattr(place.href)}>{group}</a>" if place.href else group


def _picture(parts: Sequence[str], box: str, title: str, name: str, alone: bool) -> str:
    style = f"<style>{STYLE}</style><title>{escape(title)}</title>" if alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="map {name}" viewBox="{box}" role="group" '
        f"aria-label={quoteattr(title)}>{style}{''.join(parts)}</svg>"
    )
