"""Every kind of page: readable for all, in both languages, at both widths, light and dark, with script and without.

In the short form some kinds are seen, others every day, each in one language, and of a long table or list only the beginning
is looked at by axe-core; `make browser-test-long` sees all of all.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from browser.chromium import DESK, PHONE, opened, widest
from browser.page_types import PAGE_TYPES, PageType
from sampling import LONG, one_of_each, some
from served import Served

AXE = Axe()
# The rules of WCAG 2.2 A and AA, and what axe-core holds for good practice.
OPTIONS = {"resultTypes": ["violations"]}
CONTRAST = {"resultTypes": ["violations"], "runOnly": {"type": "rule", "values": ["color-contrast"]}}
# The editor of SPARQL is not ours; the plain form is beside it.
CONTEXT = {"exclude": [[".yasgui"]]}
CASES = some(
    one_of_each(
        [(kind, language) for kind in PAGE_TYPES for language in ("zh", "en")], lambda case: case[0].name
    ),
    14,
)
PLAIN = some(PAGE_TYPES, 14)
# What repeats is of one make, and axe-core takes half a minute for a table of a thousand rows.
SHORTENED = """() => {
    for (const list of document.querySelectorAll("main tbody, main ul, main ol, main dl, main section, main pre"))
        for (const extra of [...list.children].slice(30)) extra.remove();
}"""


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=DESK, color_scheme="light", reduced_motion="reduce")
    yield made
    made.close()


@pytest.fixture(scope="module")
def plain(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without script, on a phone."""
    made = browser.new_context(viewport=PHONE, java_script_enabled=False)
    yield made
    made.close()


@pytest.mark.parametrize(("kind", "language"), CASES, ids=lambda part: getattr(part, "name", part))
def test_a_page_is_for_everybody(
    server: Served, context: BrowserContext, kind: PageType, language: str
) -> None:
    with opened(context, f"{server.host}:{server.port}") as (page, heard):
        page.set_viewport_size(DESK)
        page.emulate_media(color_scheme="light")
        page.goto(server.url + kind.in_language(language), wait_until="load")
        page.wait_for_function(
            "document.readyState == 'complete' && !document.querySelector('[aria-busy=true]')"
        )
        assert heard.documents == [kind.status]
        assert page.locator(kind.core).first.is_visible()
        assert page.locator("html").get_attribute("lang") == {"zh": "zh-Hans", "en": "en"}[language]
        assert widest(page) == ""
        page.set_viewport_size(PHONE)
        assert widest(page) == ""
        page.set_viewport_size(DESK)
        if not LONG:
            page.evaluate(SHORTENED)
        assert hindrances(page, OPTIONS) == []
        page.emulate_media(color_scheme="dark")
        assert hindrances(page, CONTRAST) == []
        assert heard.faults() == []


@pytest.mark.parametrize("kind", PLAIN, ids=lambda kind: kind.name)
def test_a_page_is_there_without_script(server: Served, plain: BrowserContext, kind: PageType) -> None:
    with opened(plain, f"{server.host}:{server.port}") as (page, heard):
        page.goto(server.url + kind.path, wait_until="load")
        core = page.locator(kind.core).first
        assert core.is_visible()
        assert heard.faults() == []


def hindrances(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe-core finds serious or critical on the page."""
    found = AXE.run(page, CONTEXT, options).response["violations"]
    return [
        f"{one['id']} ({one['impact']}), {len(one['nodes'])} x: {node['html'][:300]} {_why(node)}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][: None if LONG else 3]
    ]


def _why(node: dict[str, Any]) -> str:
    return json.dumps([check["message"] for check in (*node["any"], *node["all"])], ensure_ascii=False)
