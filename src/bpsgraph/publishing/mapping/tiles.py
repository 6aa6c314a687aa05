"""The tiles of the province-level divisions: an arrangement of our own, which shows no boundaries."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bpsgraph.results import Text

_FILE = Path(__file__).with_name("tiles.json")
# What ends the name of a division and says what it is.
_KIND = re.compile(r"(?:省|市|特别行政区|(?:壮族|回族|维吾尔)?自治区)$")


@dataclass(frozen=True, slots=True)
class Tile:
    """A division by its code (GB/T 2260), where its tile is, its letters (ISO 3166-2:CN) and its name."""

    code: str
    column: int
    row: int
    letters: str
    name: Text

    def short_name(self, language: str) -> str:
        """What fits into the tile: 山西, 内蒙古; letters in English."""
        return self.letters if language == "en" else _KIND.sub("", self.name.zh)


@cache
def tiles() -> tuple[Tile, ...]:
    """The tiles of the 34 province-level divisions, by code."""
    found = json.loads(_FILE.read_text(encoding="utf-8"))["tiles"]
    return tuple(
        Tile(one["code"], one["column"], one["row"], one["letters"], Text(one["zh"], one["en"]))
        for one in found
    )
