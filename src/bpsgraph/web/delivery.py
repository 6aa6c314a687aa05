"""Responses that are no pages: data in a format, as a file to keep or to read on."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.responses import Response

from bpsgraph.formats import Format
from bpsgraph.web.view import View

# What a browser had better save than show.
_SAVED = {"xlsx", "parquet", "csv", "tsv"}
_BINARY = {"xlsx", "parquet", "png"}


def data(
    view: View,
    content: str | bytes,
    format: Format | None,
    *,
    file: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The content in a format; `file` is what a copy of it is called, without the suffix.

    Raises 406 where there is no format that the one who asks accepts.
    """
    format = acceptable(format)
    charset = "" if format.name in _BINARY or "json" in format.media_type else "; charset=utf-8"
    said = {
        "Content-Type": format.media_type + charset,
        "Last-Modified": view.snapshot.modified,
        "Vary": "Accept, Accept-Language",
        "X-Generation": view.snapshot.generation,
        **(headers or {}),
    }
    if format.name in _SAVED:
        said["Content-Disposition"] = f'attachment; filename="{file}{format.suffixes[0]}"'
    return Response(content, status, said)


def acceptable(format: Format | None) -> Format:
    """The format, which is None where nothing on offer is accepted; raises 406 then."""
    if format is None:
        raise HTTPException(406)
    return format
