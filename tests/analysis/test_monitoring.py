"""What turned and what is coming: changes of known intervals, the bundled data, the feed, and the state kept."""

import json
import re
import shlex
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bpsgraph.analysis.monitoring import Alert, Named, Shortfall, Told, Watch, atom, only_new
from bpsgraph.analysis.monitoring.alerts import changes, standings
from bpsgraph.cli import main
from bpsgraph.errors import BadParameter
from bpsgraph.results import Text
from bpsgraph.terms import BASE

PAGE = Path(__file__).resolve().parents[2] / "docs" / "analysis" / "monitoring.md"
ATOM = "{http://www.w3.org/2005/Atom}"
CITY = ("--jurisdiction", "140500", "--since", "2021-11-02", "--as-of", "2025-06-01")
TODAY = date(2025, 6, 1)
LABELS = {"below": Text("低于下限", "below"), "ended": Text("不足终止", "no longer short")}


def shortfall(
    begins: str, ends: str | None = None, *, change: str = "below", floor: int = 5, segment: str = "pupils"
) -> Shortfall:
    return Shortfall(
        verdict=f"{BASE}verdict/{segment}/{begins}",
        change=change,
        begins=date.fromisoformat(begins),
        ends=date.fromisoformat(ends) if ends else None,
        place=Named(f"{BASE}jurisdiction/140500", "晋城市"),
        owner=f"{BASE}jurisdiction/100000",
        item=Named(f"{BASE}item/meals", "营养膳食", "Meals"),
        measure=Named(f"{BASE}measure/meal", "补助", "subsidy"),
        segment=Named(f"{BASE}segment/{segment}", "学生", "pupils"),
        floor=Fraction(floor),
        row=dict.fromkeys(("catalogue", "promise_words", "floor_words", "verification", "source")),
    )


def told(*shortfalls: Shortfall, since: str | None = None, until: date = TODAY) -> list[tuple[str, str]]:
    start = date.fromisoformat(since) if since else None
    return [(one.kind, one.date.isoformat()) for one in changes(shortfalls, start, until, TODAY)]


class TestChanges:
    def test_a_floor_that_is_restated_changes_nothing(self) -> None:
        assert told(shortfall("2021-09-01", "2023-08-09"), shortfall("2023-08-09")) == [
            ("below", "2021-09-01")
        ]

    def test_a_floor_that_rises_further_is_said(self) -> None:
        found = told(shortfall("2021-09-01", "2023-08-09"), shortfall("2023-08-09", floor=6))
        assert found == [("below", "2021-09-01"), ("raised", "2023-08-09")]

    def test_below_becomes_narrower_too(self) -> None:
        now = shortfall("2023-08-09", change="below-and-narrower")
        assert told(shortfall("2021-09-01", "2023-08-09"), now, since="2022-01-01") == [
            ("below-and-narrower", "2023-08-09")
        ]

    def test_an_end_without_a_follower_is_one(self) -> None:
        assert told(shortfall("2021-09-01", "2023-08-09"))[1:] == [("ended", "2023-08-09")]
        # Another segment of the same measure falls short from that day on: nothing has recovered.
        follower = shortfall("2023-08-09", segment="all")
        assert told(shortfall("2021-09-01", "2023-08-09"), follower) == [
            ("below", "2021-09-01"),
            ("below", "2023-08-09"),
        ]

    def test_the_first_day_is_exclusive_and_the_last_is_not(self) -> None:
        one = shortfall("2023-02-01", "2025-06-01")
        assert told(one, since="2023-02-01") == [("ended", "2025-06-01")]
        assert told(one, since="2023-01-31", until=date(2025, 5, 31)) == [("below", "2023-02-01")]

    def test_how_many_fall_short_by_day(self) -> None:
        found = standings(
            [
                shortfall("2021-09-01", "2023-08-09"),
                shortfall("2023-08-09"),
                shortfall("2024-02-01", segment="a", change="missing"),
                shortfall("2024-05-01", "2025-01-01", segment="b", change="below-and-narrower"),
            ],
            date(2022, 1, 1),
            TODAY,
        )
        assert [(str(one.day), one.short, one.below, one.missing, one.narrower) for one in found] == [
            ("2022-01-01", 1, 1, 0, 0),
            ("2024-02-01", 2, 1, 1, 0),
            ("2024-05-01", 3, 2, 1, 1),
            ("2025-01-01", 2, 1, 1, 0),
        ]


def alert(kind: str, day: str, *, coming: bool = False) -> Alert:
    place = Named(f"{BASE}jurisdiction/140500", "晋城市", "Jincheng")
    thing = Named(f"{BASE}verdict/140500/2021/meals", "营养膳食 <4>", "Meals & more")
    return Alert(kind, date.fromisoformat(day), coming, place, thing, stated="4元", required="5元")


def watched(*alerts: Alert) -> Watch:
    return Watch(None, TODAY, 90, alerts, ())


class TestTheFeed:
    @pytest.mark.parametrize("language", ["zh", "en"])
    def test_it_has_what_rfc_4287_requires(self, language: str) -> None:
        found = watched(alert("below", "2024-02-01"), alert("below", "2025-07-01", coming=True))
        feed = ElementTree.fromstring(atom(found, LABELS, language).encode())
        assert feed.tag == f"{ATOM}feed"
        entries = feed.findall(f"{ATOM}entry")
        assert len(entries) == 2
        for element in (feed, *entries):
            # 4.1.1 and 4.1.2: exactly one id, title and updated; an entry without content has an alternate link.
            for name in ("id", "title", "updated"):
                [one] = element.findall(ATOM + name)
                assert one.text
            moment = datetime.fromisoformat(element.findtext(f"{ATOM}updated") or "")
            assert moment.utcoffset() is not None
        assert [one.text for one in feed.findall(f"{ATOM}author/{ATOM}name")] == ["bpsgraph"]
        assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == 2
        for entry in entries:
            assert (entry.findtext(f"{ATOM}id") or "").startswith("tag:w3id.org,2021:")
            [link] = [one for one in entry.findall(f"{ATOM}link") if one.get("rel") == "alternate"]
            assert link.get("href") == f"{BASE}verdict/140500/2021/meals"
            assert "5元" in (entry.findtext(f"{ATOM}summary") or "")
        # The newest comes first; the feed is as new as what has come, not as what is coming.
        assert [entry.findtext(f"{ATOM}updated") for entry in entries] == [
            "2025-07-01T00:00:00+08:00",
            "2024-02-01T00:00:00+08:00",
        ]
        assert feed.findtext(f"{ATOM}updated") == "2024-02-01T00:00:00+08:00"

    def test_an_empty_feed_is_one_too(self) -> None:
        feed = ElementTree.fromstring(atom(watched(), LABELS, "zh").encode())
        assert feed.findtext(f"{ATOM}updated") == "2025-06-01T00:00:00+08:00"
        assert not feed.findall(f"{ATOM}entry")


class TestTheState:
    def test_only_what_is_new_and_how_many_are_gone(self) -> None:
        known, gone, new = (
            alert("below", "2024-02-01"),
            alert("ended", "2023-01-01"),
            alert("below", "2025-02-01"),
        )
        last = Told(date(2025, 1, 1), None, frozenset({known.key, gone.key}))
        found = only_new(watched(known, new), last, None)
        assert (found.alerts, found.gone) == ((new,), 1)

    def test_what_was_coming_is_told_again_when_it_has_come(self) -> None:
        last = Told(date(2025, 1, 1), None, frozenset({alert("below", "2025-02-01", coming=True).key}))
        found = only_new(watched(alert("below", "2025-02-01")), last, None)
        assert (len(found.alerts), found.gone) == (1, 0)

    def test_one_file_is_for_one_place(self) -> None:
        with pytest.raises(BadParameter, match="one file for each place"):
            only_new(watched(), Told(TODAY, "140500", frozenset()), None)


@pytest.fixture
def store(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BPSGRAPH_STORE", str(built))


@pytest.mark.usefixtures("store")
class TestTheCommand:
    def test_the_tables_of_the_worked_page(self, capsys: pytest.CaptureFixture[str]) -> None:
        text = PAGE.read_text(encoding="utf-8")
        found = re.search(r"```sh\nbpsgraph ([^\n]+)\n```\n(.*)\nFrom one value", text, re.DOTALL)
        assert found is not None
        assert main(shlex.split(found[1])) == 0
        table = re.compile(r"^(?:\|.*|Note: .*|### .*)$", re.MULTILINE)
        assert table.findall(found[2]) == table.findall(capsys.readouterr().out)
        days = re.findall(r"^\| (2[0-9-]+) \| ([0-9]) / \2 \| 0 / \2 \| ([0-9]) / \2 \|$", text, re.MULTILINE)
        assert days == [
            ("2021-11-02", "1", "0"),
            ("2023-02-01", "4", "0"),
            ("2024-02-01", "6", "0"),
            ("2025-02-01", "9", "1"),
        ]

    def test_what_turned_fails_and_what_is_quiet_does_not(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["monitor", *CITY, "--format", "csv"]) == 1
        assert main(["monitor", *CITY, "--format", "csv", "--fail-on", "never"]) == 0
        quiet = ["monitor", "--jurisdiction", "140500", "--since", "2024-11-30", "--as-of", "2024-12-01"]
        assert main([*quiet, "--ahead", "61"]) == 0
        capsys.readouterr()
        # The floors of February 2025 begin 62 days later.
        assert main([*quiet, "--ahead", "62", "--fail-on", "coming", "--format", "csv", "--lang", "en"]) == 1
        assert capsys.readouterr().out.count("2025-02-01,将发生,coming,") == 3

    def test_the_state_tells_each_alert_once(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        file, feed = tmp_path / "state.json", tmp_path / "alerts.atom"
        place = ["monitor", "--jurisdiction", "140500", "--state", str(file)]
        assert main([*place, "--as-of", "2024-06-01", "-o", str(feed)]) == 1
        kept = json.loads(file.read_text(encoding="utf-8"))
        entries = ElementTree.parse(feed).getroot().findall(f"{ATOM}entry")
        assert kept["as_of"] == "2024-06-01"
        # Meals, three of 2023 and two of 2024; and the target of the pilots that was due in 2022.
        assert len(entries) == len(kept["alerts"]) == 7
        again = feed.read_bytes()
        assert main([*place, "--as-of", "2024-06-01", "-o", str(feed)]) == 0
        assert not ElementTree.parse(feed).getroot().findall(f"{ATOM}entry")
        assert main([*place, "--as-of", "2025-06-01", "-o", str(feed)]) == 1
        assert len(ElementTree.parse(feed).getroot().findall(f"{ATOM}entry")) == 3
        file.unlink()
        assert main([*place, "--as-of", "2024-06-01", "-o", str(feed)]) == 1
        assert feed.read_bytes() == again
        file.write_text("{}", encoding="utf-8")
        assert main([*place, "--as-of", "2024-06-01", "-o", str(feed)]) == 2
        assert "no state of bpsgraph monitor" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "wrong", [("--since", "soon"), ("--since", "2026-01-01"), ("--ahead", "-1"), ("--fail-on", "all")]
    )
    def test_options_that_cannot_be_used(self, wrong: tuple[str, str]) -> None:
        assert main(["monitor", "--as-of", "2025-06-01", *wrong]) == 2


@pytest.mark.usefixtures("store")
class TestTheReport:
    @pytest.mark.parametrize(
        ("kind", "year", "period", "short"),
        [
            ("yearly", "2024", "2024-01-01 / 2024-12-31", ("4 (4 below", "6 (6 below")),
            ("mid-term", "2025", "2021-01-01 / 2023-12-31", ("0 (0 below", "4 (4 below")),
            (
                "final",
                "2021",
                "2021-01-01 / 2025-12-31",
                ("0 (0 below", "9 (9 below, 0 missing, 1 narrower)"),
            ),
        ],
    )
    def test_its_period_and_what_fell_short(
        self, kind: str, year: str, period: str, short: tuple[str, str], capsys: pytest.CaptureFixture[str]
    ) -> None:
        asked = ["report", "140500", "--kind", kind, "--year", year, "--lang", "en", "--format", "markdown"]
        assert main(asked) == 0
        said = capsys.readouterr().out
        assert f"| Period | {period} |" in said
        assert f"| Values that fell short when it began | {short[0]}" in said
        assert f"| Values that fall short at its end | {short[1]}" in said
        assert ("Public Services Plan of the 14th Five-Year Period" in said.split("##")[1]) == (
            kind != "yearly"
        )

    def test_one_page_with_contents_that_loads_nothing(self, tmp_path: Path) -> None:
        file = tmp_path / "report.html"
        assert main(["report", "140500", "--year", "2024", "--lang", "zh", "-o", str(file)]) == 0
        page = file.read_text(encoding="utf-8")
        sections = re.findall(r'<h2 id="(answer-[0-9]+)">([^<]*)</h2>', page)
        assert re.findall(r'<li><a href="#(answer-[0-9]+)">([^<]*)</a>', page) == sections
        titles = [title for _, title in sections]
        assert titles[0] == "晋城市基本公共服务标准实施年度报告"
        assert {"低于下限", "缺项", "监测预警", "目标进展台账", "指标的观测值", "清单所依的标准"} <= set(
            titles
        )
        assert not re.findall(r"<script|<img|<link[^>]+href=.http|url\(http", page)

    @pytest.mark.parametrize(
        "wrong",
        [
            ("140500", "--year", "2030", "--kind", "final"),
            ("140500", "--year", "2024", "--kind", "weekly"),
            ("140500", "--year", "0"),
            ("999999", "--year", "2024"),
        ],
    )
    def test_what_cannot_be_reported(self, wrong: tuple[str, ...]) -> None:
        assert main(["report", *wrong]) == 2
