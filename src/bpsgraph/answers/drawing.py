"""Charts as pictures, drawn without a browser and without asking any other place for anything."""

import json
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any
from xml.sax.saxutils import escape

from bpsgraph.answers.answer import Answer
from bpsgraph.answers.charts import first

_VERSION = "5.21"
_PIXELS = 2.0
# No address is allowed, so that a specification that names one fails instead of fetching it.
_NOWHERE: list[str] = []
_TAG = re.compile(r"<[a-z][^<>]*>")
_PART_IN_WORDS = re.compile(r' (?:role="graphics-[a-z]+"|aria-(?:roledescription|label)="[^"]*")')


def to_svg(answers: Sequence[Answer], language: str) -> str:
    """The first chart of the answers as SVG, with its title and description. Raises `NothingToDraw`."""
    return svg_of(first(answers, language))


def to_png(answers: Sequence[Answer], language: str) -> bytes:
    """The first chart of the answers as PNG, twice as fine as a screen. Raises `NothingToDraw`."""
    return png_of(first(answers, language))


def svg_of(specification: dict[str, Any]) -> str:
    """A specification of Vega-Lite as SVG; `<title>` and `<desc>` say in words what it shows."""
    import vl_convert

    drawn = vl_convert.vegalite_to_svg(
        specification, vl_version=_VERSION, allowed_base_urls=_NOWHERE, show_warnings=False
    )
    title = escape(" ".join(specification["title"]["text"]))
    described = escape(specification["description"])
    # Its parts are no pictures of their own: title and description put the whole into words.
    drawn = _TAG.sub(lambda match: _PART_IN_WORDS.sub("", match[0]), drawn)
    opening = f'<svg role="img"\\1><title>{title}</title><desc>{described}</desc>'.replace
    return re.sub(r"<svg\b([^>]*)>", lambda match: opening("\\1", match[1]), drawn, count=1) + "\n"


def png_of(specification: dict[str, Any]) -> bytes:
    """A specification of Vega-Lite as PNG."""
    return _drawn(json.dumps(specification))


# A workbook and a picture of the same answer show the same chart.
@lru_cache(maxsize=16)
def _drawn(specification: str) -> bytes:
    import vl_convert

    return vl_convert.vegalite_to_png(
        specification, vl_version=_VERSION, scale=_PIXELS, allowed_base_urls=_NOWHERE, show_warnings=False
    )


@cache
def draws_chinese() -> bool:
    """Whether a font with Chinese characters is installed: without one, two characters look the same."""
    import vl_convert

    drawn = {
        vl_convert.svg_to_png(
            '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="4" y="30" '
            f'font-size="24" font-family="Noto Sans CJK SC, sans-serif">{character}</text></svg>'
        )
        for character in "一国"
    }
    return len(drawn) == 2
