"""What goes over the pipes between a pool and a worker: frames of a length, a kind and bytes.

What a worker says is never more than bytes and JSON: one that was taken over can lie, and nothing worse.
"""

import json
import struct
from collections.abc import Mapping
from typing import Any, Final

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
