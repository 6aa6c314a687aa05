"""Debian's Chromium without a screen, which knows no host but this machine, and what a page did in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    ViewportSize,
    sync_playwright,
)

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
DESK: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def program() -> str | None:
    """Where Chromium is, if it is installed."""
    return next((found for name in PROGRAMS if (found := shutil.which(name))), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, for as long as the `with` lasts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=_OPTIONS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Heard:
    """What a page said and asked for: everything in these lists is a fault, but for `documents`."""

    host: str
    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    documents: list[int] = field(default_factory=list)

    def faults(self) -> list[str]:
        """All of them."""
        return [*self.errors, *(f"asks elsewhere: {url}" for url in self.foreign), *self.failed]


@contextmanager
def opened(context: BrowserContext, host: str) -> Iterator[tuple[Page, Heard]]:
    """A page of its own in the context, and what is heard from it; `host` is that of the site, with its port."""
    page, heard = context.new_page(), Heard(host)
    page.on("console", lambda message: _said(heard, message))
    page.on("pageerror", lambda error: heard.errors.append(f"script: {error}"))
    page.on("request", lambda request: _asked(heard, request))
    page.on("requestfailed", lambda request: _failed(heard, request))
    page.on("response", lambda response: _answered(heard, response))
    try:
        yield page, heard
    finally:
        page.close()


def widest(page: Page) -> str:
    """What makes the page wider than the window; empty where nothing does."""
    found: str = page.evaluate(
        """() => {
            const room = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= room) return "";
            const inside = (e) => {
                for (let a = e.parentElement; a && a !== document.body; a = a.parentElement)
                    if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(a).overflowX)) return true;
                return false;
            };
            const wide = [...document.body.querySelectorAll("*")]
                .filter((e) => e.getBoundingClientRect().right > room + 1 && !inside(e));
            return `${document.documentElement.scrollWidth} > ${room}: ` + wide.slice(0, 4).map((e) => e.cloneNode().outerHTML).join(" ");
        }"""
    )
    return found


def _said(heard: Heard, message: ConsoleMessage) -> None:
    # That a document is a 404 is said by its status too, where it is meant to be one.
    if message.type == "error" and "the server responded with a status of" not in message.text:
        heard.errors.append(f"console: {message.text}")


def _asked(heard: Heard, request: Request) -> None:
    parts = urlsplit(request.url)
    if parts.scheme not in ("data", "blob", "about") and parts.netloc != heard.host:
        heard.foreign.append(request.url)


def _failed(heard: Heard, request: Request) -> None:
    # A download is no page, which Chromium calls aborted.
    if request.failure != "net::ERR_ABORTED":
        heard.failed.append(f"failed: {request.url}: {request.failure}")


def _answered(heard: Heard, response: Response) -> None:
    if response.request.is_navigation_request():
        heard.documents.append(response.status)
    elif response.status >= 400:
        heard.failed.append(f"{response.status}: {response.url}")
