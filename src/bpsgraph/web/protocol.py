"""What a request to the SPARQL endpoint asks for: https://www.w3.org/TR/sparql11-protocol/, section 2."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request

from bpsgraph.engine import guard
from bpsgraph.errors import BadParameter, BadQuery, QueryTooLarge, TooLarge, UnsupportedMedia

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"
# A character may be three bytes, and each of them is three in a form.
LARGEST_BODY = 4 * guard.LARGEST
_MOST_FIELDS = 200
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_DATASET = {
    "query": ("default-graph-uri", "named-graph-uri"),
    "update": ("using-graph-uri", "using-named-graph-uri"),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """A query or an update (`kind`) and the dataset that the request names, empty where it names none.

    `kind` is empty where the request asks for neither: for the description of the service.
    """

    kind: str = ""
    text: str = ""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


async def operation_of(request: Request) -> Operation:
    """The operation of a GET or POST request.

    Raises `BadParameter` for parameters that do not go together, come twice or cannot be decoded, `BadQuery`
    for a text that is not UTF-8, `UnsupportedMedia`, and `QueryTooLarge`.
    """
    fields = fields_of(request.scope["query_string"].decode("latin-1"), "the address")
    if request.method != "POST":
        if _named(fields, "update"):
            raise BadParameter("update", "an update is not sent with GET", "send it with POST")
        return _operation(fields)
    media_type = content_type(request, (FORM, QUERY, UPDATE))
    text = _decoded(await body_of(request, LARGEST_BODY))
    if media_type == FORM:
        return _operation(fields + fields_of(text, "the form"))
    kind = "query" if media_type == QUERY else "update"
    if _named(fields, "query") or _named(fields, "update"):
        raise BadParameter(
            kind, "it stands in the address and in the body of the request", "leave out one of them"
        )
    return _operation([*fields, (kind, text)])


def content_type(request: Request, taken: Iterable[str]) -> str:
    """The media type of what the request sends; raises `UnsupportedMedia`, also for another charset."""
    taken = tuple(taken)
    given = request.headers.get("content-type", "")
    media_type, *parameters = (part.strip().lower() for part in given.split(";"))
    if media_type not in taken:
        raise UnsupportedMedia(given, taken)
    for name, _, value in (one.partition("=") for one in parameters):
        if name.strip() == "charset" and value.strip().strip('"') not in ("utf-8", "utf8"):
            raise UnsupportedMedia(given, [f"{media_type}; charset=utf-8"])
    coding = request.headers.get("content-encoding", "identity")
    if coding.lower() != "identity":
        raise UnsupportedMedia(coding, ["identity"], what="Content-Encoding")
    return media_type


async def body_of(request: Request, largest: int, setting: str = "") -> bytes:
    """The body of a request; raises `TooLarge`, naming the setting that limits it, or `QueryTooLarge`."""
    length = request.headers.get("content-length", "0")
    pieces, size = [], int(length) if length.isdigit() else 0
    if size <= largest:
        size = 0
        async for piece in request.stream():
            pieces.append(piece)
            size += len(piece)
            if size > largest:
                break
        else:
            return b"".join(pieces)
    if setting:
        raise TooLarge("the request", largest, what="it is larger than", cure=f"raise the setting {setting}")
    raise QueryTooLarge(f"the request is longer than {largest:,} bytes", "ask for less at a time")


def _operation(fields: list[tuple[str, str]]) -> Operation:
    kinds = [kind for kind in _DATASET if _named(fields, kind)]
    if len(kinds) > 1:
        raise BadParameter("query", "there is an update too", "send one of the two")
    if not kinds:
        return Operation()
    [kind] = kinds
    texts = _named(fields, kind)
    if len(texts) > 1:
        raise BadParameter(kind, f"it is given {len(texts)} times", "send one at a time")
    for other, names in _DATASET.items():
        for name in names:
            if other != kind and _named(fields, name):
                raise BadParameter(
                    name,
                    f"it belongs to an {other}" if other == "update" else "it belongs to a query",
                    f"name the dataset with {' and '.join(_DATASET[kind])}",
                )
    default, named = (tuple(map(graph_of, _named(fields, name))) for name in _DATASET[kind])
    return Operation(kind, texts[0], default, named)


def _named(fields: list[tuple[str, str]], name: str) -> list[str]:
    return [value for key, value in fields if key == name]


def graph_of(iri: str) -> str:
    """The IRI of a graph; raises `BadParameter` for what is none, or is relative."""
    try:
        absolute = bool(urlsplit(iri).scheme)
    except ValueError:
        absolute = False
    if not absolute or re.search(r"[\s<>\"{}|\\^`\x00-\x20]", iri):
        raise BadParameter("graph", f"{iri!r} is not the IRI of a graph", "write an absolute IRI")
    return iri


def fields_of(text: str, where: str) -> list[tuple[str, str]]:
    """The fields of a query string or a form, decoded once; raises `BadParameter` naming `where` it is."""
    escape = _BAD_ESCAPE.search(text)
    if escape is not None:
        shown = text[escape.start() : escape.start() + 3]
        raise BadParameter(
            where, f"{shown!r} at character {escape.start() + 1} is no escape", "write % as %25"
        )
    try:
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError as error:
        raise BadParameter(
            where, "an escape stands for a byte that is not UTF-8", "write it as UTF-8"
        ) from error
    except ValueError as error:
        raise BadParameter(where, f"it has more than {_MOST_FIELDS} fields", "leave some out") from error


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadQuery(f"byte {error.start + 1} is not UTF-8", "send it as UTF-8") from error
