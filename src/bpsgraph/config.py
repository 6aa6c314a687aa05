"""The one table of settings: a flag holds, else `BPSGRAPH_<NAME>`, else `bpsgraph.toml`, else the default."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bpsgraph import opening
from bpsgraph.endpoint import ASKED, AUTHENTICATIONS, ENGINES, UNIONS, Endpoint, is_url, problem_of
from bpsgraph.errors import BadConfig, FolderNeeded, UnreadableFile, did_you_mean

FILE_NAME = "bpsgraph.toml"
PREFIX = "BPSGRAPH_"
# Variables that the tests read; who has set one can use the commands all the same.
_OF_THE_TESTS = {"BPSGRAPH_W3C_TESTS", "BPSGRAPH_SHAPES_JUDGES"}


def _positive_integer(text: str) -> int:
    number = int(text)
    # More is more than a system can be asked for.
    if not 1 <= number < 2**63:
        raise ValueError
    return number


_LONGEST = 604_800
"""A week in seconds; what waits longer waits for nothing."""
LEAST_MEMORY = 600_000_000
"""The bytes of addresses that a worker with an open store has need of."""


def _seconds(text: str) -> float:
    number = float(text)
    if not 0 < number <= _LONGEST:
        raise ValueError
    return number


def _memory(text: str) -> int:
    number = int(text)
    if not LEAST_MEMORY <= number <= sys.maxsize:
        raise ValueError
    return number


def _place(text: str) -> Path:
    if not text.strip():
        raise ValueError
    return Path(text)


def _store(text: str) -> Path | Endpoint:
    return Endpoint(url=_server(text)) if is_url(text) else _place(text)


def _server(text: str) -> str:
    problem = problem_of(text)
    if problem is not None:
        # What is wrong may be that a password stands in it.
        raise BadConfig(problem, "write it as https://bps.example.org/sparql", where="the URL of a store")
    return text


def _one_of(*names: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in names:
            raise ValueError
        return text

    return read


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError
    return text.rstrip("/")


def _language(text: str) -> str:
    if text not in {"zh", "en"}:
        raise ValueError
    return text


def _or(names: Iterable[str]) -> str:
    return f"one of {', '.join(names)}"


def _about(read: Callable[[str], Any], takes: str, help: str) -> dict[str, Any]:
    return {"read": read, "takes": takes, "help": help}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its value; this class is the table of names, types, defaults and help."""

    store: Path | Endpoint = field(
        default=Path("build/store"),
        metadata=_about(_store, "a path or a URL", "where the store is: a folder, or a server of SPARQL"),
    )
    sources: Path | None = field(
        default=None,
        metadata=_about(_place, "a path", "the folder with ontology/, shapes/, queries/ and data/ to use"),
    )
    library: Path | None = field(
        default=None,
        metadata=_about(_place, "a path", "a folder of saved queries of your own, beside the bundled ones"),
    )
    lang: str = field(
        default="zh", metadata=_about(_language, "zh or en", "the language of labels and messages")
    )
    max_file_size: int = field(
        default=32_000_000,
        metadata=_about(_positive_integer, "a whole number above 0", "the largest file to read, in bytes"),
    )
    catalogues: Path | None = field(
        default=None,
        metadata=_about(
            _place, "a path", "a folder of Turtle files, catalogues that a build puts in as well"
        ),
    )
    journal: Path | None = field(
        default=None,
        metadata=_about(_place, "a path", "the folder of the journal, where it is not beside the store"),
    )
    by: str | None = field(
        default=None,
        metadata=_about(str, "a name", "who accepts and withdraws catalogues"),
    )
    lock_timeout: float = field(
        default=5.0,
        metadata=_about(
            _seconds,
            "a number above 0 and at most 604800, a week",
            "how long a writer waits for the one before it, in seconds",
        ),
    )
    timeout: float = field(
        default=60.0,
        metadata=_about(
            _seconds,
            "a number above 0 and at most 604800, a week",
            "when an ad hoc query is ended, in seconds",
        ),
    )
    max_memory: int = field(
        default=1_000_000_000,
        metadata=_about(
            _memory,
            "a whole number of at least 600000000",
            "the memory of one worker, in bytes; of `batch`, four times as much",
        ),
    )
    max_rows: int = field(
        default=1_000_000,
        metadata=_about(_positive_integer, "a whole number above 0", "when an answer is cut, in rows"),
    )
    max_answer_size: int = field(
        default=1_000_000_000,
        metadata=_about(
            _positive_integer, "a whole number above 0", "the bytes after which an answer is cut"
        ),
    )
    query_workers: int = field(
        default=2,
        metadata=_about(_positive_integer, "a whole number above 0", "how many quick queries run at once"),
    )
    public_url: str | None = field(
        default=None,
        metadata=_about(
            _address, "an address that begins with https:// or http://", "where the site is seen from outside"
        ),
    )
    boundaries: Path | None = field(
        default=None,
        metadata=_about(
            _place, "a path", "a file of boundaries to draw on the map: GeoJSON or TopoJSON, by code"
        ),
    )
    cache_size: int = field(
        default=64_000_000,
        metadata=_about(
            _positive_integer, "a whole number above 0", "the bytes of pages that a server keeps"
        ),
    )
    remote_engine: str = field(
        default="auto",
        metadata=_about(_one_of(*ENGINES), _or(ENGINES), "what the server of a remote store is"),
    )
    remote_union: str = field(
        default="auto",
        metadata=_about(_one_of(*UNIONS), _or(UNIONS), "where a remote store has the union of its graphs"),
    )
    remote_ask: str = field(
        default="auto",
        metadata=_about(_one_of(*ASKED), _or(ASKED), "who answers questions: the server or a copy"),
    )
    remote_update: str | None = field(
        default=None, metadata=_about(_server, "a URL", "where a remote store takes updates")
    )
    remote_graphs: str | None = field(
        default=None, metadata=_about(_server, "a URL", "where a remote store takes graphs")
    )
    remote_authentication: str = field(
        default="none",
        metadata=_about(
            _one_of(*AUTHENTICATIONS), _or(AUTHENTICATIONS), "how a remote store is told who asks"
        ),
    )
    remote_user: str | None = field(default=None, metadata=_about(str, "a name", "who asks a remote store"))
    remote_secret_file: Path | None = field(
        default=None,
        metadata=_about(_place, "a path", "the file whose first line is the password or token"),
    )
    remote_authority: Path | None = field(
        default=None,
        metadata=_about(_place, "a path", "a file of certificates to trust in the place of the system's"),
    )
    remote_connect_timeout: float = field(
        default=5.0,
        metadata=_about(
            _seconds,
            "a number above 0 and at most 604800, a week",
            "how long to wait for a connection to a remote store, in seconds",
        ),
    )
    remote_timeout: float = field(
        default=60.0,
        metadata=_about(
            _seconds,
            "a number above 0 and at most 604800, a week",
            "when a request to a remote store is given up, in seconds",
        ),
    )
    remote_copy: Path | None = field(
        default=None,
        metadata=_about(_place, "a path", "the folder for the copy of a remote store"),
    )
    remote_refresh: float = field(
        default=10.0,
        metadata=_about(
            _seconds,
            "a number above 0 and at most 604800, a week",
            "how often a server looks whether a remote store has changed, in seconds",
        ),
    )

    def folder(self, what: str, cure: str = "name the folder of a store with --store") -> Path:
        """The folder of the store; raises `FolderNeeded` for `what` where the store is on a server."""
        if isinstance(self.store, Endpoint):
            raise FolderNeeded(self.store.url, what, cure)
        return self.store


def load_settings(
    flags: Mapping[str, Any] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """The settings that hold here and now; flags that are None were not given.

    Raises `BadConfig` for a setting that does not exist or a value that cannot be read.
    """
    environment = os.environ if environment is None else environment
    file = (folder or Path()) / FILE_NAME
    known = {entry.name: entry for entry in fields(Settings)}
    chosen: dict[str, Any] = {}
    for name, value in _read_file(file).items():
        chosen[name] = _read(known, name, value, f"{file}, {name}", str(file))
    for variable, text in environment.items():
        if variable.startswith(PREFIX) and variable not in _OF_THE_TESTS:
            name = variable.removeprefix(PREFIX).lower()
            chosen[name] = _read(known, name, text, variable, variable)
    for name, value in (flags or {}).items():
        if value is not None:
            option = f"--{name.replace('_', '-')}"
            chosen[name] = _read(known, name, value, option, "the command line")
    settings = Settings(**chosen)
    return replace(settings, store=_endpoint(settings)) if isinstance(settings.store, Endpoint) else settings


def _endpoint(settings: Settings) -> Endpoint:
    assert isinstance(settings.store, Endpoint)
    authentication, secret = settings.remote_authentication, ""
    if authentication != "none":
        if settings.remote_secret_file is None:
            raise _lacking(authentication, "remote_secret_file")
        if authentication != "bearer" and settings.remote_user is None:
            raise _lacking(authentication, "remote_user")
        lines = opening.content(settings.remote_secret_file).decode("utf-8", "replace").splitlines()
        secret = lines[0].strip() if lines else ""
        if not secret or not secret.isprintable():
            raise BadConfig(
                "the first line is no password or token",
                "write it there",
                where=str(settings.remote_secret_file),
            )
    return replace(
        settings.store,
        update=settings.remote_update,
        graphs=settings.remote_graphs,
        engine=settings.remote_engine,
        union=settings.remote_union,
        authentication=authentication,  # type: ignore[arg-type]
        user=settings.remote_user or "",
        secret=secret,
        authority=settings.remote_authority,
        connect_timeout=settings.remote_connect_timeout,
        timeout=settings.remote_timeout,
        max_size=settings.max_answer_size,
        ask=settings.remote_ask,
        copy=settings.remote_copy,
    )


def _lacking(authentication: str, name: str) -> BadConfig:
    return BadConfig(
        f"remote_authentication is {authentication}, which needs {name} too", f"set {name}", where=name
    )


def _read_file(file: Path) -> dict[str, Any]:
    if not file.exists() and not file.is_symlink():
        return {}
    import tomllib

    try:
        return tomllib.loads(opening.content(file).decode())
    except UnreadableFile as error:
        raise BadConfig(error.problem, "put it right, or take it away", where=str(file)) from error
    except (ValueError, RecursionError) as error:
        raise BadConfig(f"this is not TOML: {error}", "correct that line", where=str(file)) from error


def _read(known: Mapping[str, Field[Any]], name: str, value: Any, where: str, source: str) -> Any:
    if name not in known:
        cure = did_you_mean(name, known, f"the settings are: {', '.join(known)}")
        raise BadConfig(f"there is no setting {name!r}", cure, where=source)
    metadata = known[name].metadata
    try:
        if isinstance(value, (dict, list, bool)):
            raise ValueError
        return metadata["read"](str(value))
    except ValueError:
        raise BadConfig(
            f"{value!r} is not {metadata['takes']}", f"{name} is {metadata['help']}", where=where
        ) from None
