"""A page as it stands in a copy: its links lead to files, and what only a server can do says so."""

import re
from html import escape, unescape

from bpsgraph.results import Text
from bpsgraph.web.static_copy.addresses import NEEDS_SERVER, Copy, Link, Target, is_dynamic, link

NOTICE = Text(
    "这是网站的静态副本：筛选、参数、搜索、上传和 SPARQL 需要服务器，这里的链接显示不加筛选的内容。",
    "This is a static copy of the site: filters, parameters, search, uploads and SPARQL need the server; "
    "links lead to the same without filters.",
)
# Templates escape quotes in text, so that this is found in tags only.
_ADDRESS = re.compile(r'(?<=\s)(href|src|action|formaction|data-suggest)="([^"]*)"')
_MAIN = re.compile(r"<main\b[^>]*>")
_HEADER_SEARCH = re.compile(r'<form class="search".*?</form>', re.DOTALL)
_OPENSEARCH = re.compile(r'<link rel="search"[^>]*>\n?')


def rewritten(text: str, here: Target, copy: Copy) -> tuple[str, set[Target]]:
    """The page for the copy, and everything in the copy that it leads to."""
    found: set[Target] = set()
    narrowed = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal narrowed
        name, said = match[1], unescape(match[2])
        made = link(said, here, copy)
        if name in ("action", "formaction") and not is_dynamic(made.target.path if made.target else ""):
            made = _needs_server(here)
        if made.target is None:
            return match[0]
        narrowed = narrowed or made.narrowed
        found.add(made.target)
        return f'{name}="{escape(made.text)}"'

    text = _OPENSEARCH.sub("", _HEADER_SEARCH.sub("", text))
    text = _ADDRESS.sub(replaced, text)
    if (narrowed or "<form" in text) and not is_dynamic(here.path):
        server = _needs_server(here)
        assert server.target is not None
        found.add(server.target)
        notice = f'<p class="notice info"><a href="{server.text}">{NOTICE.in_language(here.language)}</a></p>'
        text = _MAIN.sub(lambda main: main[0] + "\n" + notice, text, count=1)
    return text, found


def redirecting(location: str, here: Target, copy: Copy) -> tuple[str, set[Target]]:
    """A page that leads on to where the site redirects."""
    made = link(location, here, copy)
    there = escape(made.text)
    language = "en" if here.language == "en" else "zh-Hans"
    text = (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="refresh" content="0; url={there}"><link rel="canonical" href="{there}">'
        f'<title>{there}</title></head><body><p><a href="{there}">{there}</a></p></body></html>\n'
    )
    return text, {made.target} if made.target is not None else set()


def _needs_server(here: Target) -> Link:
    target = Target(NEEDS_SERVER, here.language)
    return Link(target.address, target)
