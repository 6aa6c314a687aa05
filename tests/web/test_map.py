"""The map as people and programs ask for it."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from bpsgraph.config import Settings
from bpsgraph.web.app import application
from bpsgraph.web.pages.map import MEASURES
from bpsgraph.web.site import Site
from conftest import Run

PAGE = {"accept": "text/html"}


def tile(page: str, name: str) -> str:
    """What the tile of a division says."""
    found = re.search(rf"<g class=\"place [^\"]*\"><title>({name}[^<]*)</title>", page)
    assert found is not None, name
    return found[1]


@pytest.mark.parametrize("measure", sorted(MEASURES))
@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_number_is_shown_in_tiles_and_a_table(web: TestClient, measure: str, language: str) -> None:
    page = web.get("/map", params={"measure": measure, "lang": language}, headers=PAGE)
    assert page.status_code == 200
    assert page.text.count("<rect") == 34
    assert len(re.findall("<tr", page.text)) == 35
    assert MEASURES[measure].name.in_language(language) in page.text


def test_tiles_say_what_the_saved_queries_say(web: TestClient) -> None:
    below = web.get("/map?measure=below&lang=zh", headers=PAGE).text
    # 晋城: nine of its promises are below today's floors.
    assert tile(below, "山西省") == "山西省：低于下限的承诺 9"
    assert 'href="/doc/jurisdiction/140000?lang=zh"' in below
    assert "无从判断" in tile(below, "北京市")
    assert "未收录" in tile(below, "台湾省")
    before = web.get("/map?measure=below&date=2021-11-02&lang=zh", headers=PAGE).text
    assert tile(before, "山西省") == "山西省：低于下限的承诺 1"
    places = web.get("/map?measure=catalogue&lang=en", headers=PAGE).text
    assert tile(places, "Shanxi") == "Shanxi: places with a catalogue here 1 of 129"
    assert "no complete catalogue" in tile(
        web.get("/map?measure=missing&lang=en", headers=PAGE).text, "Anhui"
    )


def test_no_number_is_not_nought(web: TestClient) -> None:
    page = web.get("/map?measure=missing&lang=zh", headers=PAGE).text
    assert '<g class="place shade-0"><title>山西省：缺少的事项 0</title>' in page
    assert '<g class="place shade-none"><title>安徽省' in page


@pytest.mark.parametrize("asked", ["measure=size", "measure=below&date=today", "lang=fr"])
def test_what_cannot_be_shown_is_refused(web: TestClient, asked: str) -> None:
    answer = web.get(f"/map?{asked}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad-parameter")


def test_the_picture_is_a_file_of_its_own(web: TestClient) -> None:
    answer = web.get("/map.svg?measure=below&lang=zh")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    root = ElementTree.fromstring(answer.content)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert len(root.findall(".//{http://www.w3.org/2000/svg}rect")) == 34


def test_a_file_that_cannot_be_drawn_is_said_at_the_start(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "boundaries.json"
    file.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    ended = run("serve", "--port", "0", "--boundaries", file)
    assert ended.returncode == 2
    assert "boundaries.json" in ended.stderr
    assert "six-digit code" in ended.stderr
    assert run("serve", "--port", "0", BPSGRAPH_BOUNDARIES=str(file)).returncode == 2


def test_boundaries_of_a_file_take_the_place_of_the_tiles(built: Path, tmp_path: Path) -> None:
    file = tmp_path / "boundaries.json"
    square = [[110, 30], [112, 30], [112, 32], [110, 30]]
    geometry = {"type": "Polygon", "coordinates": [square]}
    file.write_text(
        json.dumps(
            {
                "type": "FeatureCollection",
                "features": [{"type": "Feature", "id": "140000", "properties": {}, "geometry": geometry}],
            }
        ),
        encoding="utf-8",
    )
    site = Site(Settings(store=built, boundaries=file))
    try:
        page = TestClient(application(site, close=False)).get("/map?measure=below&lang=zh", headers=PAGE).text
    finally:
        site.close()
    assert "<rect" not in page
    assert page.count("<path") == 1
    assert tile(page, "山西省") == "山西省：低于下限的承诺 9"
    assert "界线取自本站设置的文件" in page
