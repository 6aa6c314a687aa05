"""`bpsgraph serve`: the site over the built store."""

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.output import StoreOption
from bpsgraph.cli.parameters import Option
from bpsgraph.cli.remote import folder_of, replica_of
from bpsgraph.config import Settings, load_settings
from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import BadParameter, BadUsage, BpsError

SHORTEST_TOKEN = 16


def serve(
    host: Annotated[str, Option(metavar="HOST", help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, Option(metavar="PORT", help="The port to listen at; 0 is any that is free.")] = 7878,
    store: StoreOption = None,
    boundaries: Annotated[
        Path | None,
        Option(metavar="FILE", help="Boundaries to draw on the map: GeoJSON or TopoJSON with codes."),
    ] = None,
    writable: Annotated[
        bool, Option("--writable", help="Let whoever shows the token write: /store, updates, moderation.")
    ] = False,
    token_file: Annotated[
        Path | None, Option(metavar="FILE", help="The file whose first line is the token of writers.")
    ] = None,
) -> None:
    """Serve the store as a site: pages, linked data, SPARQL. Read-only unless told otherwise.

    \b
      bpsgraph serve
      bpsgraph serve --port 8080
      bpsgraph serve --writable --token-file token.txt
    """
    from bpsgraph.web.app import application
    from bpsgraph.web.serving import Server
    from bpsgraph.web.site import Site

    if not 0 <= port <= 65535:
        raise BadParameter("--port", f"{port} is no port", "choose a number from 0 to 65535")
    settings = load_settings({"store": store, "boundaries": boundaries})
    token = _token(writable, token_file)
    remote = settings.store if isinstance(settings.store, Endpoint) else None
    if remote is not None and writable:
        raise BadUsage(
            "the site over a store on a server only reads",
            "leave out --writable; `bpsgraph accept` writes",
        )
    place = folder_of(settings)
    with _listening(host, port) as listening, _renewed(settings, remote):
        address = _address(listening)
        public_url = settings.public_url or address.rstrip("/")
        site = Site(replace(settings, store=place, public_url=public_url), token=token)

        def ready() -> None:
            sys.stderr.write(f"{address} ({settings.store}); Ctrl-C ends it\n")
            sys.stderr.flush()

        server = Server(application(site), ready)
        try:
            # A file that cannot be drawn is said now, and not to whoever looks first.
            _ = site.boundaries
            server.run([listening])
        finally:
            site.close()
    if server.ended_by == signal.SIGINT:
        raise KeyboardInterrupt


@contextmanager
def _renewed(settings: Settings, remote: Endpoint | None) -> Iterator[None]:
    """Keep the copy of a remote store as new as the server; the site serves its newest generation."""
    if remote is None:
        yield
        return
    replica, ended = replica_of(settings, remote), threading.Event()

    def renew() -> None:
        failing = ""
        while not ended.wait(settings.remote_refresh):
            try:
                replica.renew()
                failing = ""
            except BpsError as error:
                # What was copied stays served; the same again is not said again.
                if error.code != failing:
                    print(f"warning: {error}", file=sys.stderr, flush=True)
                failing = error.code

    threading.Thread(target=renew, name="copy of the remote store", daemon=True).start()
    try:
        yield
    finally:
        ended.set()


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens; whoever asks before the site is open waits for it. Raises `BadParameter`."""
    from bpsgraph.web.serving import BACKLOG

    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, _, _, _, place = found[0]
        return socket.create_server(place, family=family, backlog=BACKLOG)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise BadParameter(
            "--host and --port", f"cannot listen at {host}, port {port}: {why}", "choose others, or --port 0"
        ) from error


def _address(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def _token(writable: bool, file: Path | None) -> str | None:
    """The token of writers; raises where it is missing or too short to be one."""
    if not writable:
        if file is not None:
            raise BadUsage("--token-file is of use with --writable only", "add --writable or leave it out")
        return None
    if file is None:
        raise BadUsage("--writable needs the token that writers show", "add --token-file FILE")
    from bpsgraph import opening

    token = opening.content(file).decode("utf-8", "replace").partition("\n")[0].strip()
    if len(token) < SHORTEST_TOKEN:
        raise BadParameter(
            str(file), f"the token in it has fewer than {SHORTEST_TOKEN} characters", "write a longer one"
        )
    return token
