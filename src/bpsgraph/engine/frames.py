"""What goes over the pipes between a pool and a worker: frames of a length, a kind and bytes.

What a worker says is never more than bytes and JSON: one that was taken over can lie, and nothing worse.
"""

import contextlib
import json
import struct
from collections.abc import Mapping
from typing import Any, Final

from bpsgraph import errors
from bpsgraph.errors import BpsError, WorkerFailed

HEAD: Final = struct.Struct(">IB")
LARGEST: Final = 1 << 30
# Made once: a new encoder for each frame would cost more than the encoding.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SIZE: Final = struct.Struct(">I")

SETUP, JOB, READY, HEADER, DATA, END, ERROR, FAULT = range(8)


def frame(kind: int, content: bytes) -> bytes:
    """The bytes of one frame."""
    return HEAD.pack(len(content), kind) + content


def spoken(kind: int, said: Mapping[str, Any]) -> bytes:
    """A frame that holds JSON."""
    return frame(kind, _encode(said).encode("utf-8", "replace"))


def job(arguments: Mapping[str, Any], payload: bytes) -> bytes:
    """A frame with the arguments of a job, and bytes that go with them as they are."""
    # A surrogate, which stands for a byte that is no UTF-8, has to arrive to be refused.
    said = _encode(arguments).encode("utf-8", "surrogatepass")
    head = HEAD.pack(_SIZE.size + len(said) + len(payload), JOB)
    return b"".join((head, _SIZE.pack(len(said)), said, payload))


def job_of(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The arguments and the bytes of a job; the opposite of `job`."""
    (size,) = _SIZE.unpack_from(content)
    end = _SIZE.size + size
    return json.loads(str(content[_SIZE.size : end], "utf-8", "surrogatepass")), content[end:]


def told(error: BpsError) -> dict[str, Any]:
    """The error as JSON can hold it."""
    fields = {"problem", "cure", "where"}
    more = {
        name: value
        for name, value in vars(error).items()
        if name not in fields and isinstance(value, str | int | None)
    }
    return {
        "error": type(error).__name__,
        "problem": error.problem,
        "cure": error.cure,
        "where": error.where,
        "more": more,
    }


def error_of(said: Mapping[str, Any]) -> BpsError:
    """The opposite of `told`; raises `TypeError`, `KeyError` or `AttributeError` for what it never gave."""
    found = getattr(errors, str(said["error"]))
    if not (isinstance(found, type) and issubclass(found, BpsError) and hasattr(found, "code")):
        raise TypeError(found)
    error = found.__new__(found)
    where = None if said["where"] is None else str(said["where"])
    BpsError.__init__(error, str(said["problem"]), str(said["cure"]), where=where)
    vars(error).update({str(name): value for name, value in said["more"].items()})
    return error


def failure(kind: int, content: bytes) -> BpsError:
    """The error that a worker told of; it can only be one of this project's own."""
    said = json.loads(content)
    if kind == ERROR:
        with contextlib.suppress(TypeError, KeyError, AttributeError):
            return error_of(said)
    trace = str(said.get("trace", said))
    return WorkerFailed(trace.strip().splitlines()[-1])
