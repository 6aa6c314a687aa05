"""Judging in a worker: the same items as in this process, a clear answer for every death, and nothing reached."""

import os
import shutil
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bpsgraph.engine.limits import Limits
from bpsgraph.errors import BpsError, JudgingFailed, TookTooLong, TooLarge, WorkerFailed
from bpsgraph.sources import find_sources
from bpsgraph.uploads import Asked, Beside, Document, Given, Item, Note, Said, Terminal, Verdict, judge
from bpsgraph.uploads.isolation import IsolatedJudge
from bpsgraph.uploads.wire import items_in, written
from bpsgraph.validation.desk import Desk, open_desk
from bpsgraph.validation.report import WRITERS
from faults.broken_files import SUFFIXES, whole
from faults.hostile_files import hostile_files

SOURCES = find_sources().root
PROFILE = b"""[severity]
funding = {to = "violation", reason = "r"}
[[waiver]]
rule = "baseline-below"
reason = "r"
author = "a"
expires = 2030-12-31
"""


@pytest.fixture(scope="module")
def desk(built: Path) -> Iterator[Desk]:
    with open_desk(built, SOURCES) as desk:
        yield desk


@pytest.fixture(scope="module")
def isolated(built: Path) -> Iterator[IsolatedJudge]:
    limits = Limits(workers=1, spare=0, timeout=60, waiting=60)
    with IsolatedJudge(built, SOURCES, limits=limits) as isolated:
        isolated.ready()
        yield isolated


def asked(store: Path, **others: object) -> Asked:
    chosen: dict[str, object] = {
        "store": store,
        "sources": SOURCES,
        "today": date(2026, 3, 1),
        "jurisdiction": "341722/2021",
        "reports": tuple((kind, kind) for kind in WRITERS),
    }
    return Asked(**(chosen | others))  # type: ignore[arg-type]


def told(items: Iterator[Item]) -> list[object]:
    """The items up to the error that ends them, each error by all that it says."""
    found: list[object] = []
    try:
        for item in items:
            found.append(("said", *words(item.error)) if isinstance(item, Said) else item)
    except BpsError as error:
        found.append(("raised", *words(error)))
    return found


def words(error: BpsError) -> tuple[object, ...]:
    return type(error), str(error), error.status, {k: v for k, v in vars(error).items() if k != "path"}


@pytest.mark.parametrize("kind", ["turtle", "jsonld", "rdfxml", "csv", "xlsx"])
def test_a_worker_says_what_this_process_says(
    kind: str, built: Path, desk: Desk, isolated: IsolatedJudge
) -> None:
    name = f"catalogue{SUFFIXES[kind]}"
    table = kind in ("csv", "xlsx")
    request = asked(built, annotated="copy.xlsx" if table else None, suggest="p.json", apply=f"c-{name}")
    beside = Beside(profile=Given("profile.toml", PROFILE))
    files = [Given(name, whole(kind))]
    here = told(judge(request, files, desk, beside))
    there = told(isolated.judge(request, files, beside))
    assert here == there
    documents = {item.key: item.content for item in here if isinstance(item, Document)}
    assert set(documents) >= {*WRITERS, "suggest", "apply"}
    assert isinstance(here[-1], Verdict)


@pytest.mark.parametrize(
    "file", list(hostile_files("127.0.0.1:9", "/etc/hostname", bombs=False)), ids=lambda file: file.name
)
def test_a_worker_refuses_what_this_process_refuses(
    file: object, built: Path, desk: Desk, isolated: IsolatedJudge
) -> None:
    name, content = file.name, file.content  # type: ignore[attr-defined]
    request = asked(built, reports=(("shown", "json"),))
    here = told(judge(request, [Given(name, content)], desk))
    assert told(isolated.judge(request, [Given(name, content)])) == here


def test_several_files_are_told_in_their_order(built: Path, desk: Desk, isolated: IsolatedJudge) -> None:
    files = [
        Given("a.ttl", b"x"),
        Given("b.ttl", whole("turtle")),
        Given("gone.ttl", JudgingFailed("gone.ttl", "why")),
        Given("c.ttl", b""),
    ]
    request = asked(built, alone=False, reports=(("output-0", "text"), ("shown", "text")), terminal=COLOURS)
    here = told(judge(request, files, desk))
    assert told(isolated.judge(request, files)) == here
    assert [item[2].partition(":")[0] for item in here if isinstance(item, tuple)] == [
        "a.ttl, line 1, column 1", "gone.ttl", "c.ttl",
    ]  # fmt: skip
    shown = next(item.content for item in here if isinstance(item, Document) and item.key == "shown")
    assert "\x1b[" in str(shown)


COLOURS = Terminal(100, "256")
SLOW = b"<urn:c> a <https://w3id.org/bps/ns#Catalogue> .\n" + b"".join(
    b"<urn:s%d> <urn:p> <urn:o> .\n" % n for n in range(400_000)
)


def test_the_one_that_is_too_slow_is_named_and_the_others_are_judged(built: Path) -> None:
    files = [Given("a.ttl", whole("turtle")), Given("slow.ttl", SLOW), Given("b.ttl", whole("turtle"))]
    request = asked(built, alone=False, reports=(("shown", "csv"),))
    limits = Limits(workers=1, spare=0, waiting=60)
    with IsolatedJudge(built, SOURCES, limits=limits) as isolated:
        isolated.ready()
        with pytest.raises(TookTooLong, match=r"slow.ttl: judging it was ended after 0.01 seconds"):
            list(isolated.judge(replace(request, alone=True), [files[1]], timeout=0.01))
        assert isinstance(list(isolated.judge(request, [files[0]]))[-1], Verdict)


def test_a_worker_that_is_killed_is_an_answer_and_the_next_is_ready(built: Path) -> None:
    request = asked(built, reports=(("shown", "json"),))
    limits = Limits(workers=1, spare=0, waiting=60)
    with IsolatedJudge(built, SOURCES, limits=limits) as isolated:
        isolated.ready()
        (worker,) = isolated.processes()
        threading.Timer(0.1, os.kill, (worker, signal.SIGKILL)).start()
        with pytest.raises(JudgingFailed, match=r"slow.ttl: judging it failed: .*signal 9"):
            list(isolated.judge(request, [Given("slow.ttl", SLOW)]))
        assert isinstance(list(isolated.judge(request, [Given("a.ttl", whole("turtle"))]))[-1], Verdict)


def test_what_needs_too_much_memory_is_too_large(built: Path) -> None:
    request = asked(built, reports=(("shown", "json"),))
    limits = Limits(workers=1, spare=0, waiting=60, memory=600_000_000)
    with IsolatedJudge(built, SOURCES, limits=limits) as isolated:
        isolated.ready()
        many = Given("many.jsonld", b"[" + b"[]," * 10_000_000 + b"[]]")
        with pytest.raises(TooLarge, match=r"many.jsonld: judging it needs more than 600,000,000 bytes"):
            list(isolated.judge(request, [many]))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root reads what belongs to others")
def test_root_has_files_judged_against_the_store_of_another(built: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(built, store)
    for place in (store, *store.rglob("*")):
        os.chown(place, 65534, 65534)
        place.chmod(0o700 if place.is_dir() else 0o600)
    with IsolatedJudge(store, SOURCES, limits=Limits().for_one()) as isolated:
        request = asked(store, reports=(("shown", "json"),))
        assert isinstance(list(isolated.judge(request, [Given("a.ttl", whole("turtle"))]))[-1], Verdict)


ITEMS: list[Item] = [Note("n\x1b[2J"), Document("a", b"\x00\n"), Document("b", "文\n"), Verdict(True)]


def test_items_come_back_as_they_went_and_words_cannot_steer_a_terminal() -> None:
    stream = b"".join(written(item) for item in ITEMS)
    for size in (1, 7, len(stream)):
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        assert list(items_in(pieces, ["a", "b"])) == [Note("n\\u001b[2J"), *ITEMS[1:]]


@pytest.mark.parametrize(
    "lie",
    [
        b"",
        b"{}\n",
        b"no JSON\n",
        b'{"document":"other","text":true,"size":0}\n{"fails":false}\n',
        b'{"document":"a","text":true,"size":-1}\n{"fails":false}\n',
        b'{"document":"a","text":true,"size":99999999999}\n{"fails":false}\n',
        b'{"document":"a","text":true,"size":9}\nx',
        b'{"document":"a","text":true,"size":1}\n\xff{"fails":false}\n',
        b'{"document":"a","text":true,"size":0}\n{"document":"a","text":true,"size":0}\n{"fails":false}\n',
        b'{"error":{"error":"Iterable","problem":"p","cure":"c","where":null,"more":{}}}\n',
        b'{"error":{"error":"BpsError","problem":"p","cure":"c","where":null,"more":{}}}\n',
        b'{"note":"' + b"x" * (1 << 21),
    ],
)
def test_a_worker_that_lies_is_found_out(lie: bytes) -> None:
    with pytest.raises(WorkerFailed, match="not whole"):
        list(items_in([lie], ["a"]))
