"""Requests that no browser sends: bent, oversized, of other protocols, for other hosts, with bodies nobody asked for."""

from collections.abc import Iterator
from random import Random

from starlette.routing import Route

from bpsgraph.web.app import FAMILIES, routes_of
from raw_http import request

# What the parameters of a path are filled with, right and wrong.
_SEGMENTS = (
    "item", "catalogue", "jurisdiction", "standard", "document", "140500", "140500/2021", "100000/2023", "legal-aid", "2023",
    "gaps/missing-items", "floors/below-floor", "..", "../x", "a/b", ".git", "CON", "é", "%C3%A9", "%00", "%ff", "%ed%a0%80",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "..\\..\\x", "x" * 300, "", "%0d%0aX-Injected:%20yes", "javascript:alert(1)", "<svg onload=alert(1)>",
    "{{7*7}}", "${jndi:ldap://127.0.0.1/x}", "'", "\"><script>", "%25%32%65", "营养餐", "%E8%90%A5%E5%85%BB%E9%A4%90", "-1", "NaN", "1e999",
)  # fmt: skip
_NAMES = (
    "lang", "format", "q", "jurisdiction", "edition", "catalogue", "item", "_profile", "page", "as_of", "asOf", "a", "b", "filter",
    "limit", "offset", "__proto__", "x[]", "%00", "measure", "domain", "graph", "default",
)  # fmt: skip
_VALUES = (
    "zh", "en", "fr", "140500", "2023", "100000/2023", "2024-06-01", "2024-99-99", "9" * 400, "-1", "0", "1", "turtle", "json", "html", "xlsx",
    "%00", "%ff", "%F0%9F%98%80", "x%22%20%7D%20UNION%20%7B%20?s%20?p%20?o%20%7D", "%3E%20.%20?p%20?o%20%23", "%0A", "%5C", "%22%22%22",
    "<script>alert(1)</script>", "../../etc/passwd", "a" * 3000, "", "%25", "%", "%zz", "+", "https://evil.example/",
    "%E8%90%A5%E9%A4%8A%E9%A4%90", "OR 1=1", "*", "(", "[", "\\", "~^",
)  # fmt: skip
_METHODS = ("GET",) * 12 + (
    "HEAD",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "TRACE",
    "PROPFIND",
    "CONNECT",
    "get",
    "FOO",
)
_HEADERS = (
    "Accept: text/html", "Accept: text/turtle", "Accept: application/ld+json", "Accept: application/rdf+xml;q=0.1, */*;q=0", "Accept: foo",
    "Accept: q=9", "Accept: text/html;q=nan", "Accept: */*;q=-1", "Accept: " + "text/x," * 1200, "Accept: ;;;,,,", "Accept: \xff\xfe",
    "Accept-Language: en", "Accept-Language: *;q=0", "Accept-Language: zh-Hant;q=9,\xff", "Accept-Profile: <x>", "Accept-Profile: <" * 50,
    "Accept-Encoding: gzip", "Accept-Encoding: br, *;q=0", "Accept-Encoding: gzip;q=0", "Accept-Charset: utf-16",
    "Range: bytes=0-5", "Range: bytes=-1", "Range: bytes=5-1", "Range: lines=1", "Range: bytes=" + "0-1," * 300, "If-Range: x",
    'If-None-Match: "x"', "If-None-Match: *", "If-None-Match: " + '"x",' * 500, "If-Match: *",
    "If-Modified-Since: Mon, 01 Jan 1900 00:00:00 GMT", "If-Modified-Since: Fri, 31 Dec 9999 23:59:59 GMT",
    "If-Modified-Since: Fri, 99 Foo 99999 99:99:99 -9999", "If-Unmodified-Since: x",
    "Host: evil.example", "Host: evil.example:99999", "Host: a b", "Host: [::1]:80", "Host: ", "Host: evil/../x", "Host: a\x00b",
    "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: javascript", "X-Forwarded-Prefix: //evil.example", "Forwarded: host=evil.example",
    "X-HTTP-Method-Override: DELETE", "X-Original-URL: /admin", "X-Rewrite-URL: /admin", "Origin: null", "Origin: https://evil.example",
    "Access-Control-Request-Method: PUT", "Authorization: Bearer x", "Authorization: Basic \xff", "Cookie: " + "a=b;" * 2000,
    "Content-Type: text/turtle", "Content-Type: multipart/form-data", "Content-Type: multipart/form-data; boundary=",
    "Content-Type: application/x-www-form-urlencoded; charset=utf-16", "Content-Type: x", "Content-Encoding: gzip",
    "Content-Encoding: br, gzip", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Content-Length: 3", "Content-Length: -1",
    "Content-Length: 9999999", "Content-Length: 0x10", "Expect: 100-continue", "Expect: x", "Connection: close", "Connection: Upgrade",
    "Upgrade: websocket", "Upgrade: h2c", "TE: trailers", "X-Big: " + "a" * 9000, "X Bad: 1", ": empty", "X-Nul: \x00", "X-Fold: a\r\n b",
    "Referer: javascript:alert(1)", "User-Agent: () { :;}; echo x", "Content-Disposition: attachment; filename=../../x",
)  # fmt: skip
_BODIES = (
    b"", b"", b"x", b"\x00\xff" * 50, b"0\r\n\r\n", b"zz\r\nab\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"a" * 5000, b"{", b"[" * 2000,
    b"--x\r\nContent-Disposition: form-data; name=file; filename=../../x\r\n\r\n<a> <b> <c> .\r\n--x--\r\n",
    b"q=%00&lang=%ff", b"\x1f\x8b\x08\x00", b"@prefix : <x:> .",
)  # fmt: skip
_OTHER_PROTOCOLS = (
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET /\r\n\r\n", b"\r\n\r\n\r\n", b"GET",
    b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", b"SSH-2.0-x\r\n", b"EHLO x\r\n", b"\x00" * 400, b"GET / HTTP/1.1\nHost: a\n\n", b"*1\r\n$4\r\nPING\r\n",
)  # fmt: skip
# Another door with trials of its own.
_LEFT_OUT = ("/sparql",)


def requests(seed: int, count: int) -> Iterator[bytes]:
    """So many requests; the same for a seed and the routes of the site."""
    chosen = Random(seed)
    paths = [
        route.path
        for family in FAMILIES
        for route in routes_of(family)
        if isinstance(route, Route) and not route.path.startswith(_LEFT_OUT)
    ]
    for _ in range(count):
        yield _one(chosen, paths)


def _one(chosen: Random, paths: list[str]) -> bytes:
    if chosen.random() < 0.03:
        return chosen.choice(_OTHER_PROTOCOLS)
    target = _filled(chosen, chosen.choice(paths))
    if chosen.random() < 0.5:
        pairs = [
            f"{chosen.choice(_NAMES)}={chosen.choice(_VALUES)}"
            for _ in range(chosen.choice((1, 1, 2, 3, 30)))
        ]
        target += "?" + "&".join(pairs)
    if chosen.random() < 0.03:
        target = chosen.choice(("http://evil.example", "//evil.example", "*", "", "x", "/." * 400)) + target
    headers = chosen.sample(_HEADERS, chosen.choice((0, 1, 1, 1, 2, 3, 6)))
    method = chosen.choice(_METHODS)
    body = chosen.choice(_BODIES) if method not in ("GET", "HEAD") or chosen.random() < 0.05 else b""
    made = request(target.encode(), method, *(header.encode("latin-1") for header in headers), body=body)
    if chosen.random() < 0.05:
        place = chosen.randrange(len(made))
        made = made[:place] + bytes([chosen.randrange(256)]) + made[place + chosen.choice((0, 1)) :]
    return made


def _filled(chosen: Random, path: str) -> str:
    while "{" in path:
        before, _, rest = path.partition("{")
        path = (
            before + _escaped(chosen, chosen.choice(_SEGMENTS)).replace("{", "%7B") + rest.partition("}")[2]
        )
    return path


def _escaped(chosen: Random, segment: str) -> str:
    """Mostly as an address may be spelled, and sometimes not."""
    if chosen.random() < 0.1:
        return segment
    return "".join(
        c if c.isascii() and c.isprintable() and c not in ' "<>' else "".join(f"%{b:02X}" for b in c.encode())
        for c in segment
    )
