"""Where a store on a server is: its addresses, who asks, and how long and how much an answer may be."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

Authentication = Literal["none", "basic", "digest", "bearer"]
AUTHENTICATIONS: tuple[Authentication, ...] = ("none", "basic", "digest", "bearer")
ENGINES = ("auto", "oxigraph", "virtuoso", "fuseki", "qlever", "rdf4j", "neptune", "generic")
ASKED = ("auto", "server", "copy")
UNIONS = ("auto", "default", "graph", "engine")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A SPARQL server as the settings name it; what they leave out follows from its engine.

    `url` is where it takes queries, or where the server is; `update` and `graphs` are where it takes updates
    (https://www.w3.org/TR/sparql11-protocol/) and graphs (https://www.w3.org/TR/sparql11-http-rdf-update/).
    `engine` and `union` are of `ENGINES` and `UNIONS`, which `bpsgraph.store.remote.engines` explains. Times
    are in seconds: `connect_timeout` until there is a connection, `timeout` until the whole answer is there.
    `max_size` is the most that an answer may be, in bytes. `ask` says who answers questions: the `server`, a
    `copy` in the folder of that name, or with `auto` the server where its engine answers them right.
    """

    url: str
    update: str | None = None
    graphs: str | None = None
    engine: str = "auto"
    union: str = "auto"
    authentication: Authentication = "none"
    user: str = ""
    secret: str = field(default="", repr=False)
    authority: Path | None = None
    connect_timeout: float = 5.0
    timeout: float = 60.0
    max_size: int = 1_000_000_000
    ask: str = "auto"
    copy: Path | None = None

    def __str__(self) -> str:
        return self.url


def is_url(text: str) -> bool:
    """Whether the text means a server, and no folder."""
    return text.lower().startswith(("http://", "https://"))


def problem_of(url: str) -> str | None:
    """What is wrong with the URL of a server, without its words, as a password may stand in it, or None."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "it is no URL"
    if not is_url(url) or not parts.hostname:
        return "it is no URL that begins with http:// or https:// and names a host"
    if parts.username is not None or parts.password is not None:
        return "a name or a password stands in the URL, where others see it"
    if parts.query or parts.fragment:
        return "it has a query or a fragment"
    if not url.isascii() or not url.isprintable() or " " in url:
        return "it holds characters that no URL has"
    return None
