"""The suites of HTTP against `bpsgraph serve` in a process of its own: protocol, service description, graph store.

The server is started once, writable, over a store that is otherwise empty, and emptied before each test. The
suites name one address for everything; here queries and updates go to `/sparql`, graphs to `/store`, and
graphs that are named by their own address to `/graph/local/…`.
"""

import atexit
import contextlib
import http.client
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from urllib.parse import quote, urlsplit

import pyoxigraph as ox
from pyoxigraph import NamedNode, Quad, RdfFormat

from bpsgraph.store.embedded import building
from bpsgraph.terms import Term
from conformance.comparing import same_graph
from conformance.manifests import MF, Case, Graph, Kind, Place, Problem, entries, name_of
from served import Served, served

_HT = "http://www.w3.org/2011/http#"
_HTS = "http://www.w3.org/2011/http-statusCodes#"
_CNT = "http://www.w3.org/2011/content#"
_UT = "http://www.w3.org/2009/sparql/tests/test-update#"
_SD = "http://www.w3.org/ns/sparql-service-description#"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_TOKEN = "the-token-of-the-suites"
_STATUSES = {"OK": 200, "Created": 201, "NoContent": 204, "NotFound": 404}
_FORMATS = {
    "boolean": ("application/sparql-results+json", "application/sparql-results+xml"),
    "tabular": ("application/sparql-results+json", "application/sparql-results+xml", "text/csv"),
    "RDF": ("application/rdf+xml", "text/turtle", "application/n-triples", "application/ld+json"),
}
_OWN_GRAPHS = "/graph/local"


@dataclass(frozen=True)
class Answered:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        """The media type of the body."""
        return self.headers.get("content-type", "").partition(";")[0]


@dataclass(frozen=True)
class Asked:
    """One request of a test, and what is expected of the answer to it."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    statuses: frozenset[str] = frozenset()
    boolean: str = ""
    form: str = ""
    graph: str = ""
    location: str = ""


@lru_cache(maxsize=1)
def server() -> Served:
    """The server, started when it is first asked for; it ends with this process."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-")))
    (folder / "token").write_text(_TOKEN, encoding="ascii")
    with building(folder / "store", "sha256:" + "0" * 64):
        pass
    options = ("--writable", "--token-file", folder / "token")
    return stack.enter_context(served(folder / "store", *options))


def cases(place: Place) -> Iterator[Case]:
    """Every test of the four suites."""
    root = place.root / "sparql11"
    for graph, entry in entries(place, root / "protocol" / "manifest.ttl"):
        yield Case("sparql11/protocol", name_of(entry), partial(_protocol, place, graph, entry))
    for manifest in ("manifest-direct.ttl", "manifest-indirect.ttl"):
        for graph, entry in entries(place, root / "graph-store-protocol" / manifest):
            yield Case("sparql11/graph-store-protocol", name_of(entry), partial(_conversation, graph, entry))
    for _, entry in entries(place, root / "service-description" / "manifest.ttl"):
        name = name_of(entry)
        yield Case("sparql11/service-description", name, partial(_description, name))
    told = entries(place, root / "http-rdf-update" / "manifest.ttl")
    story = tuple((name_of(entry), _text(graph, entry)) for graph, entry in told)
    for name, _ in story:
        yield Case("sparql11/http-rdf-update", name, partial(_of_the_story, story, name))


def send(
    method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"", follow: bool = True
) -> Answered:
    """What the server answers to a writer; a reader is led on where it redirects."""
    connection = http.client.HTTPConnection(server().host, server().port, timeout=60)
    connection.putrequest(method, path, skip_accept_encoding=True)
    connection.putheader("Authorization", f"Bearer {_TOKEN}")
    if body or method in ("POST", "PUT"):
        connection.putheader("Content-Length", str(len(body)))
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders(body or None)
    response = connection.getresponse()
    answered = Answered(
        response.status, {name.lower(): value for name, value in response.getheaders()}, response.read()
    )
    connection.close()
    if follow and method in ("GET", "HEAD") and answered.status in (303, 307, 308):
        return send(method, answered.headers["location"], headers)
    return answered


def _emptied() -> None:
    answered = send("POST", "/sparql", {"Content-Type": "application/sparql-update"}, b"CLEAR ALL")
    if answered.status >= 300:
        raise RuntimeError(f"the server cannot be emptied: {answered}")


def _protocol(place: Place, graph: Graph, entry: Term) -> Problem | None:
    _emptied()
    for data in graph.all(entry, _UT + "graphData"):
        file = place.file(graph.one(data, _UT + "graph"))
        named = quote(graph.text(data, _RDFS + "label"), safe="")
        headers = {"Content-Type": "application/n-triples"}
        answered = send("PUT", f"/store?graph={named}", headers, file.read_bytes())
        if answered.status != 201:
            return Problem(Kind.FAILED, f"its data is answered {answered.status}")
    return _judged(_requests(graph, entry))


def _conversation(graph: Graph, entry: Term) -> Problem | None:
    _emptied()
    return _judged(_requests(graph, entry))


def _requests(graph: Graph, entry: Term) -> Iterator[Asked]:
    action = graph.one(entry, MF + "action")
    assert action is not None
    for request in graph.items(graph.one(action, _HT + "requests")):
        response, body = graph.one(request, _HT + "resp"), graph.one(request, _HT + "body")
        assert response is not None
        content = b""
        if body is not None:
            encoding = graph.text(body, _CNT + "characterEncoding") or "utf-8"
            content = _here(graph.text(body, _CNT + "chars")).encode(encoding)
        expected = graph.one(response, _HT + "body")
        statuses = graph.all(response, MF + "expectedStatus")
        yield Asked(
            graph.text(request, _HT + "methodName"),
            graph.text(request, _HT + "absolutePath"),
            dict(_headers(graph, request)),
            _lined(content, dict(_headers(graph, request))),
            frozenset(s.value.removeprefix(_HTS) for s in statuses if isinstance(s, NamedNode)),
            graph.text(response, MF + "expectedBoolean"),
            graph.text(response, MF + "expectedFormat"),
            "" if expected is None else _here(graph.text(expected, _CNT + "chars")),
            graph.text(response, MF + "expectedLocation"),
        )


def _lined(content: bytes, headers: Mapping[str, str]) -> bytes:
    """The parts of a form begin at the beginning of a line, and lines of it end as RFC 2046 has it."""
    if not headers.get("content-type", "").startswith("multipart/"):
        return content
    lines = [line.strip() for line in content.strip().split(b"\n")]
    return b"\r\n".join(lines) + b"\r\n"


def _headers(graph: Graph, request: Term) -> Iterator[tuple[str, str]]:
    for header in graph.items(graph.one(request, _HT + "headers")):
        yield graph.text(header, _HT + "fieldName").lower(), graph.text(header, _HT + "fieldValue")


def _judged(requests: Iterator[Asked]) -> Problem | None:
    """What differs in the answer to the first request that is not answered as it should."""
    known: dict[str, str] = {}
    for number, asked in enumerate(requests, 1):
        path, body = _mapped(asked.path), asked.body
        for variable, value in known.items():
            there = value if asked.path.startswith(variable) else quote(value, safe="")
            path, body = path.replace(variable, there), body.replace(variable.encode(), value.encode())
        answered = send(
            asked.method, urlsplit(path)._replace(scheme="", netloc="").geturl(), asked.headers, body
        )
        problem = _differs(asked, answered)
        if problem is not None:
            return Problem(problem.kind, f"request {number}: {problem.words}")
        if asked.location:
            known[asked.location] = answered.headers["location"]
    return None


def _differs(asked: Asked, answered: Answered) -> Problem | None:
    allowed = {_STATUSES.get(name, name) for name in asked.statuses}
    if answered.status not in allowed and f"StatusCode{answered.status // 100}xx" not in allowed:
        kind = Kind.REFUSED if answered.status >= 400 else Kind.ACCEPTED
        return Problem(
            kind, f"status {answered.status} and not {sorted(map(str, allowed))}: {answered.body[:300]!r}"
        )
    if asked.form and answered.media_type not in _FORMATS[asked.form]:
        return Problem(Kind.ANSWER, f"{answered.media_type!r} for a result that is {asked.form}")
    if asked.boolean:
        found = ox.parse_query_results(answered.body, format=ox.QueryResultsFormat.JSON)
        if not isinstance(found, ox.QueryBoolean) or bool(found) != (asked.boolean == "true"):
            return Problem(Kind.ANSWER, f"{answered.body!r} and not {asked.boolean}")
    if asked.location and not answered.headers.get("location"):
        return Problem(Kind.ANSWER, "no Location")
    if asked.graph and not same_graph(_quads(asked.graph.encode()), _quads(answered.body)):
        return Problem(Kind.ANSWER, f"another graph: {answered.body.decode()}")
    return None


def _quads(turtle: bytes) -> list[Quad]:
    return list(ox.parse(turtle, RdfFormat.TURTLE, base_iri="http://www.example/", rename_blank_nodes=True))


def _mapped(path: str) -> str:
    """A path of the suites as it is here."""
    if path.startswith("/sparql/"):
        return "/sparql" + path.removeprefix("/sparql/")
    if path.startswith("/gsp/"):
        return _OWN_GRAPHS + path.removeprefix("/gsp")
    return "/store" + path.removeprefix("/gsp") if path.startswith("/gsp") else path


def _here(text: str) -> str:
    """A text of the suites with the names of this server."""
    host = f"{server().host}:{server().port}"
    return text.replace("$HOST$/$GRAPHSTORE$", host + _OWN_GRAPHS).replace("$HOST$", host)


def _description(name: str) -> Problem | None:
    answered = send("GET", "/sparql", {"Accept": "text/turtle"})
    if answered.status != 200 or answered.media_type not in _FORMATS["RDF"]:
        return Problem(Kind.ANSWER, f"{answered.status}, {answered.media_type}")
    quads = _quads(answered.body)
    endpoint = (NamedNode(_SD + "endpoint"), NamedNode(server().url + "/sparql"))
    services = {quad.subject for quad in quads if (quad.predicate, quad.object) == endpoint}
    typed = {quad.subject for quad in quads if quad.object == NamedNode(_SD + "Service")}
    if name == "returns-rdf":
        return None if quads else Problem(Kind.ANSWER, "it is empty")
    if name == "has-endpoint-triple":
        return None if services else Problem(Kind.ANSWER, f"{endpoint[1]} is no endpoint of a service")
    return None if len(services) == 1 and services <= typed else Problem(Kind.ANSWER, "it is no sd:Service")


# The older suite of the graph store tells one story in words, whose parts need those before them.


def _text(graph: Graph, entry: Term) -> str:
    comments = graph.all(entry, _RDFS + "comment")
    found = [str(c.value) for c in comments if isinstance(c, ox.Literal) and "#### Request" in c.value]
    return found[0]


def _of_the_story(story: tuple[tuple[str, str], ...], name: str) -> Problem | None:
    return _told(story)[name]


@lru_cache(maxsize=1)
def _told(story: tuple[tuple[str, str], ...]) -> dict[str, Problem | None]:
    _emptied()
    # Parts that end a graph ask for one that no part before them made.
    content = {"Content-Type": "text/turtle"}
    send("PUT", f"{_OWN_GRAPHS}/person/2.ttl", content, b"<x:a> <x:b> <x:c> .")
    found: dict[str, Problem | None] = {}
    new = ""
    for name, text in story:
        asked = _asked(text, new)
        answered = send(asked.method, asked.path, asked.headers, asked.body)
        found[name] = _differs(asked, answered)
        if asked.location:
            new = urlsplit(answered.headers.get("location", "")).path
    return found


def _asked(text: str, new: str) -> Asked:
    """One part of the story: a request and the response to it, as they are written over the wire."""
    lines = [line.strip() for line in text.strip().split("\n")]
    middle = lines.index("#### Response")
    first, headers, body = _message(lines[lines.index("#### Request") + 1 : middle])
    status, answer_headers, answer = _message(lines[middle + 1 :])
    method, target, _ = first.split()
    path = target.replace("$NEWPATH$", new)
    path = path.replace("$GRAPHSTORE$/", _OWN_GRAPHS + "/").replace("$GRAPHSTORE$", "/store")
    if "?graph=" in target:
        named = target.partition("?graph=")[2]
        path = "/store?graph=" + quote(_here(named), safe="")
    joined = "\r\n" if headers.get("content-type", "").startswith("multipart/") else "\n"
    return Asked(
        method,
        path,
        {name: value for name, value in headers.items() if name not in ("host", "content-length")},
        _here(joined.join(body)).encode(),
        frozenset({next(name for name, code in _STATUSES.items() if str(code) == status.split()[0])}),
        graph=_here("\n".join(answer)),
        location=answer_headers.get("location", ""),
    )


def _message(lines: list[str]) -> tuple[str, dict[str, str], list[str]]:
    """First line, headers and body."""
    while lines and not lines[0]:
        lines = lines[1:]
    first, *rest = lines
    headers: dict[str, str] = {}
    for number, line in enumerate(rest):
        header = re.fullmatch(r"([A-Za-z-]+): (.*)", line)
        if header is None:
            body = rest[number:]
            while body and not body[0]:
                body = body[1:]
            return first, headers, body
        headers[header[1].lower()] = header[2]
    return first, headers, []
