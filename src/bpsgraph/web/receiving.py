"""Files that are sent: read into memory within limits, and written nowhere."""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect, Request

from bpsgraph.errors import BadParameter, TooLarge, UnsupportedFormat, visible
from bpsgraph.formats import FORMATS, INPUT_FORMATS, by_suffix
from bpsgraph.uploads import Given

# What the parts of a form and its fields take beside the file.
_OVERHEAD = 64_000
_MOST_FILES = 4
_MOST_FIELDS = 60
_LONGEST_FIELD = 4_000
_LONGEST_NAME = 120
_OFFERS = tuple(FORMATS[name].suffixes[0] for name in INPUT_FORMATS)
_RAW = {FORMATS[name].media_type: FORMATS[name].suffixes[0] for name in INPUT_FORMATS} | {
    "application/json": ".jsonld",
    "application/xml": ".rdf",
    "text/xml": ".rdf",
    "application/vnd.ms-excel.sheet.macroenabled.12": ".xlsm",
}
_FILE_NAME = re.compile(r'filename="?([^";]+)"?')


@dataclass(frozen=True, slots=True)
class Received:
    """What was sent: files by the names of their parts, and the fields of the form with the query string."""

    files: Mapping[str, Given]
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def one(self, name: str) -> str | None:
        """The value of a field, None where it is empty; raises `BadParameter` where it has several."""
        several = self.several(name)
        if len(several) > 1:
            raise BadParameter(name, "it is given several times", "give it once")
        return several[0] if several else None

    def several(self, name: str) -> tuple[str, ...]:
        """The values of a field that are not empty."""
        return tuple(value.strip() for value in self.fields.get(name, ()) if value.strip())


class _InMemory(MultiPartParser):
    # No file on the disk; how much may come is counted beforehand.
    spool_max_size = 1 << 40


async def received(request: Request, limit: int) -> Received:
    """The files and fields of a request: a form (`multipart/form-data`), or one file as the body.

    `limit` is that of one file in bytes. A body that says that it is too large is not read, and one that does
    not say so is read no further. Raises `TooLarge`, `UnsupportedFormat`, and `BadParameter` for a form
    that is none, or has files or fields that it ought not to have.
    """
    said = request.headers.get("content-length", "")
    most = 2 * limit + _OVERHEAD
    if said.isdigit() and int(said) > most:
        raise TooLarge("the request", limit)
    query = _fields(request.query_params.multi_items())
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        files, fields = await _form(request, most)
        found = {name: _of_limit(file, limit) for name, file in files.items()}
        merged = {name: (*query.get(name, ()), *fields.get(name, ())) for name in {**query, **fields}}
        return Received(found, merged)
    name = _name_of_body(request, kind)
    content = b"".join([piece async for piece in _limited(request, limit)])
    return Received({"file": _of_limit(Given(name, content), limit)}, query)


async def _form(request: Request, most: int) -> tuple[dict[str, Given], dict[str, tuple[str, ...]]]:
    parser = _InMemory(
        request.headers,
        _limited(request, most),
        max_files=_MOST_FILES,
        max_fields=_MOST_FIELDS,
        max_part_size=_LONGEST_FIELD,
    )
    try:
        form = await parser.parse()
    except (MultiPartException, UnicodeError, LookupError) as error:
        problem = getattr(error, "message", str(error)).rstrip(".")
        raise BadParameter("the form", problem, "send multipart/form-data with one part `file`") from error
    files: dict[str, Given] = {}
    fields: dict[str, tuple[str, ...]] = {}
    try:
        for name, value in form.multi_items():
            if not isinstance(value, UploadFile):
                fields[name] = (*fields.get(name, ()), value)
                continue
            content = await value.read()
            if not value.filename and not content:
                continue  # The field was left empty.
            if name in files:
                raise BadParameter(name, "two files are sent", "send one after the other")
            files[name] = Given(_name(value.filename or "", value.content_type or "", name), content)
    finally:
        await form.close()
    return files, fields


async def _limited(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > most:
                raise TooLarge("the request", most)
            yield piece
    except ClientDisconnect as error:
        raise BadParameter("the request", "it ended before it was whole", "send it again") from error


def _of_limit(file: Given, limit: int) -> Given:
    if len(file.read()) > limit:
        raise TooLarge(file.name, limit)
    return file


def _name_of_body(request: Request, kind: str) -> str:
    disposition = _FILE_NAME.search(request.headers.get("content-disposition", ""))
    named = request.query_params.get("name") or (disposition[1] if disposition else "")
    return _name(named, kind, "file")


def _name(name: str, kind: str, part: str) -> str:
    """A name for the file that says its format: its own, without folders and what cannot be seen.

    Raises `UnsupportedFormat` where neither its suffix nor its media type says a format that is read.
    """
    kind = kind.partition(";")[0].strip().lower()
    last = visible(PurePosixPath(name.replace("\\", "/")).name).strip(" .")
    if len(last) > _LONGEST_NAME:
        path = PurePosixPath(last)
        last = path.stem[: _LONGEST_NAME - len(path.suffix[:10])] + path.suffix[:10]
    if part == "profile":
        return last or "profile.toml"
    if last.lower().endswith(".json") or by_suffix(last.lower(), INPUT_FORMATS) is not None:
        return last
    if kind not in _RAW or "." in last[-6:]:
        raise UnsupportedFormat(last or kind or "the request", _OFFERS)
    return f"{last or 'file'}{_RAW[kind]}"


def _fields(pairs: list[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for name, value in pairs:
        found[name] = (*found.get(name, ()), value)
    return found


def without_query(received: Received, *names: str) -> Received:
    """The same without these fields, which say how it is answered and not what is asked."""
    kept = {name: value for name, value in received.fields.items() if name not in names}
    return replace(received, fields=kept)
