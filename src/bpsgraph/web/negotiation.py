"""Which language and which format a request is answered in."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request

from bpsgraph.errors import BadParameter
from bpsgraph.formats import FORMATS, Format, negotiate

LANGUAGES = ("zh", "en")
# What programs that know nothing of SPARQL results ask for; they get the same bytes.
JSON = replace(FORMATS["json"], label="JSON", media_type="application/json")


def language_of(request: Request) -> str:
    """`zh` or `en`: by `?lang=`, else the header `Accept-Language` (RFC 4647, lookup), else `zh`.

    Raises `BadParameter` for another `lang`.
    """
    asked = request.query_params.get("lang")
    if asked:
        if asked not in LANGUAGES:
            raise BadParameter("lang", f"{asked!r} is not a language here", "choose zh or en")
        return asked
    best = ("zh", 0.0)
    for part in request.headers.get("accept-language", "").split(","):
        tag, _, weight = part.partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES and (quality := _weight(weight)) > best[1]:
            best = (language, quality)
    return best[0]


def format_of(request: Request, offers: Sequence[str], suffix: str | None = None) -> Format | None:
    """The format to answer in: by the suffix in the path, else `?format=`, else `Accept`.

    `offers` are names of `FORMATS`, the preferred one first. None where `Accept` likes none of them (406).
    Raises `BadParameter` for an unknown `format`.
    """
    if suffix is not None:
        return FORMATS[suffix]
    asked = request.query_params.get("format")
    if asked:
        if asked not in offers:
            raise BadParameter(
                "format", f"{asked!r} is not a format here", f"choose one of: {', '.join(offers)}"
            )
        return FORMATS[asked]
    offered = [FORMATS[name] for name in offers]
    return negotiate(request.headers.get("accept", ""), [*offered, *([JSON] if "json" in offers else [])])


def wants_page(request: Request) -> bool:
    """Whether a person with a browser asks, and not a program."""
    offers = [FORMATS[name] for name in ("json", "turtle", "html")]
    likes = negotiate(request.headers.get("accept", "*/*"), offers)
    return likes is FORMATS["html"]


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
