"""A server over the store that BPSGRAPH_STORE names, or else one of the bundled sources, and a browser, once for all tests of a process."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from browser.chromium import chromium, program
from served import Served, served


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[Served]:
    store = os.environ.get("BPSGRAPH_STORE")
    with served(Path(store) if store else request.getfixturevalue("built")) as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if program() is None:
        pytest.skip("chromium is not installed (Debian: apt-get install chromium fonts-noto-cjk)")
    with chromium() as running:
        yield running
