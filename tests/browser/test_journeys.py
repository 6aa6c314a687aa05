"""The ways of the three users through the site, in a browser, in Chinese and in English."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import openpyxl
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from browser.chromium import DESK, Heard, opened
from served import Served

JINCHENG = Path(__file__).resolve().parents[2] / "data" / "ttl" / "local" / "140500-2021.ttl"
SHEET = "服务标准"


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    made = browser.new_context(viewport=DESK, accept_downloads=True, locale="zh-CN")
    made.grant_permissions(["clipboard-read", "clipboard-write"])
    yield made
    made.close()


@pytest.fixture
def seen(server: Served, context: BrowserContext) -> Iterator[tuple[Page, Heard]]:
    """A page on which nothing may go wrong."""
    with opened(context, f"{server.host}:{server.port}") as (page, heard):
        page.set_default_timeout(30_000)
        yield page, heard
        assert heard.faults() == []


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """晋城's catalogue as a workbook with a value that is planted below its floor, and the cell of that value."""
    file = tmp_path_factory.mktemp("steward") / "county.xlsx"
    command = [sys.executable, "-m", "bpsgraph", "convert", str(JINCHENG), "-o", str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    book = openpyxl.load_workbook(file)
    sheet = book[SHEET]
    (values,) = [column for column in sheet.iter_cols() if column[0].value == "数值"]
    cell = next(cell for cell in values if cell.value == 650)
    cell.value = 100
    book.save(file)
    return file, cell.coordinate


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_steward_hands_in_a_workbook_and_has_its_cells_marked(
    server: Served, seen: tuple[Page, Heard], county: tuple[Path, str], tmp_path: Path, language: str
) -> None:
    page, _ = seen
    file, cell = county
    page.goto(f"{server.url}/?lang={language}")
    page.locator("main a[href^='/validate']").first.click()
    page.locator("#file").set_input_files(file)
    page.locator("#edition").select_option("2021")
    page.locator("#hand-in button[type=submit]").click()
    finding = page.locator("table.findings tr", has_text=re.compile(rf"!{cell}(?!\d)")).first
    expect(finding).to_be_visible(timeout=60_000)
    expect(finding.locator(".badge.violation")).to_be_visible()
    with page.expect_download() as coming:
        page.locator("ul.downloads a[href$='.xlsx']").first.click()
    copy = tmp_path / "copy.xlsx"
    coming.value.save_as(copy)
    marked, given = openpyxl.load_workbook(copy)[SHEET], openpyxl.load_workbook(file)[SHEET]
    assert marked[cell].value == given[cell].value == 100
    assert marked[cell].fill.fgColor.rgb != given[cell].fill.fgColor.rgb
    assert marked[cell].comment is not None
    # What is right is left as it was.
    assert marked["A1"].fill.fgColor.rgb == given["A1"].fill.fgColor.rgb


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_analyst_changes_a_parameter_and_passes_the_answer_on(
    server: Served, seen: tuple[Page, Heard], language: str
) -> None:
    page, _ = seen
    page.goto(f"{server.url}/?lang={language}")
    page.locator("main a[href^='/queries?']").first.click()
    page.locator("main a[href^='/queries/floors/measure-across-places']").first.click()
    page.locator("#p-measure").fill("meal-subsidy")
    page.locator("main form.ask button[type=submit]").first.click()
    before = _answer(page)
    page.locator("#p-measure").fill("living-subsidy")
    page.locator("main form.ask button[type=submit]").first.click()
    page.wait_for_url(re.compile("living-subsidy"))
    after = _answer(page)
    assert before[0] != after[0]
    assert before[1] != after[1]
    page.locator("button[data-copy=api]").click()
    address = page.locator("#api").input_value()
    assert page.evaluate("navigator.clipboard.readText()") == address
    with urlopen(urljoin(server.url, address), timeout=60) as answer:
        rows = json.load(answer)["results"]["bindings"]
    assert len(rows) == page.locator(".scroll table").first.locator("tbody tr").count()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_consumer_follows_links_from_home_to_a_clause(
    server: Served, seen: tuple[Page, Heard], language: str
) -> None:
    page, _ = seen
    page.goto(f"{server.url}/?lang={language}")
    page.locator("main a[href^='/catalogues/140500/2021?lang']").first.click()
    page.locator("main a[href*='/doc/document/jincheng-2021-45/']").first.click()
    page.wait_for_url(re.compile("/doc/document/jincheng-2021-45/5-2-"))
    expect(page.locator("main h1")).to_be_visible()
    assert "/doc/document/" in page.url
    # The same, as a machine is told to find it.
    data = page.locator("a[href*='.ttl']").first.get_attribute("href")
    assert data is not None
    with urlopen(urljoin(page.url, data), timeout=60) as answer:
        assert answer.headers["Content-Type"].startswith("text/turtle")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_below_in_jincheng_is_three_clicks_from_home(
    server: Served, seen: tuple[Page, Heard], language: str
) -> None:
    page, _ = seen
    page.goto(f"{server.url}/?lang={language}")
    # One click: the figure of 晋城 in the table of places that fall short.
    row = page.locator("main tr", has=page.locator("a[href*='140500']")).first
    number = row.locator("td.number a").first
    below = int(re.sub(r"\D", "", number.inner_text()))
    assert below > 0
    number.click()
    page.wait_for_load_state()
    badges = page.locator("main tr:visible .badge.below")
    assert badges.count() == below


def _answer(page: Page) -> tuple[str, str]:
    """The chart and the table of the page as they are now."""
    chart = page.locator("figure.chart[data-chart-state=live] svg").first
    expect(chart).to_be_visible(timeout=30_000)
    return chart.inner_html(), page.locator(".scroll table").first.inner_html()
