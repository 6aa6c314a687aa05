"""kill -9 and SIGSTOP of random workers under load: one caller is told, nobody else notices, and others stand in.

Callers ask the pool without a pause and compare each answer with the right one, while workers are killed or
stopped at random moments, whatever they are doing: starting, waiting, answering.
"""

import json
import os
import signal
import time
from pathlib import Path
from random import Random
from threading import Event, Lock, Thread
from typing import Any

from bpsgraph.engine.limits import Limits
from bpsgraph.engine.pool import Pool
from bpsgraph.errors import BpsError, PoolBusy, QueryTimeout, WorkerFailed
from faults.hamlet import Hamlet
from faults.trial import Child, Figure, Say

CALLERS = 4
TIMEOUT = 5.0
# Between two questions of a caller: the machine is to be busy, not full.
PAUSE = 0.02
STOPPED = 0.1
QUERIES = (
    "SELECT ?name { <item/support-for-people-in-extreme-difficulty> skos:prefLabel ?name } ORDER BY ?name",
    "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }",
    "SELECT ?p ?o { <item/support-for-people-in-extreme-difficulty> ?p ?o } ORDER BY ?p ?o",
)


class Tally:
    """What callers saw, counted together."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.answered = 0
        self.wrong = 0
        self.told: dict[str, int] = {}
        self.unclear: list[str] = []
        self.last_answer = time.monotonic()
        self.slowest = 0.0


def ask(pool: Pool, query: str) -> bytes:
    arguments = {"query": query, "rows": "json", "triples": "turtle", "max_rows": 10_000, "max_bytes": 10**7}
    with pool.run(arguments) as answer:
        return answer.read()


def caller(pool: Pool, chance: Random, right: dict[str, bytes], tally: Tally, stop: Event) -> None:
    while not stop.wait(PAUSE):
        query = chance.choice(QUERIES)
        began = time.monotonic()
        try:
            said = ask(pool, query)
            with tally.lock:
                tally.answered += 1
                tally.wrong += said != right[query]
                tally.last_answer = time.monotonic()
        except (WorkerFailed, QueryTimeout, PoolBusy) as error:
            with tally.lock:
                tally.told[type(error).__name__] = tally.told.get(type(error).__name__, 0) + 1
        except Exception as error:
            kind = type(error).__name__
            with tally.lock:
                tally.unclear.append(
                    f"{kind}: {error}" if isinstance(error, BpsError) else f"not ours: {error!r}"
                )
        with tally.lock:
            tally.slowest = max(tally.slowest, time.monotonic() - began)


def trials(store: Path, seed: int, count: int, say: Say) -> None:
    """Kill and stop workers so many times; says one line of JSON about each, and one about all."""
    chance = Random(f"{seed} workers")
    tally, stop = Tally(), Event()
    limits = Limits(timeout=TIMEOUT, workers=2, spare=1)
    with Pool(
        "bpsgraph.store.answering.answering", {"store": str(store)}, readable=[store], limits=limits
    ) as pool:
        pool.ready()
        right = {query: ask(pool, query) for query in QUERIES}
        callers = [
            Thread(target=caller, args=(pool, Random(f"{seed} {n}"), right, tally, stop))
            for n in range(CALLERS)
        ]
        for thread in callers:
            thread.start()
        full = limits.workers + limits.spare
        for _ in range(count):
            time.sleep(chance.uniform(0, 0.2))
            how = signal.SIGSTOP if chance.random() < STOPPED else signal.SIGKILL
            victim = chance.choice(pool.processes() or [0])
            if not victim:
                continue
            killed = time.monotonic()
            try:
                os.kill(victim, how)
            except ProcessLookupError:
                continue
            with tally.lock:
                before = tally.answered
            served = wait_for(lambda before=before: tally.answered > before, 60)
            back = wait_for(
                lambda victim=victim: victim not in (there := pool.processes()) and len(there) >= full,
                TIMEOUT + 15,
            )
            said = {"how": how.name, "served": served - killed, "back": back - killed}
            say(json.dumps(said))
        stop.set()
        for thread in callers:
            thread.join()
    about = {"answered": tally.answered, "wrong": tally.wrong, "told": tally.told, "unclear": tally.unclear}
    say(json.dumps(about | {"slowest": tally.slowest}))


def wait_for(until: Any, patience: float) -> float:
    """When it came to hold; infinitely late where it did not."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if until():
            return time.monotonic()
        time.sleep(0.005)
    return float("inf")


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure("kill -9 and SIGSTOP of workers", seed, "left others in service within a second")
    child = Child(lambda say: trials(base, seed, count, say))
    said = [json.loads(line) for line in child.lines()]
    code = child.wait()
    if code or not said:
        figure.trial("the process with the pool", [f"it ended with {code}"])
        return figure
    *each, all_ = said
    # The short form runs beside other tests, which leave it little of the machine.
    patience = 1.0 if count >= 100 else 60.0
    back = sorted(one["back"] for one in each if one["how"] == "SIGKILL")
    for number, one in enumerate(each):
        figure.count(one["how"])
        figure.most("slowest_next_answers_s", one["served"])
        late = [f"others were served after {one['served']:.1f} s"] if one["served"] > patience else []
        figure.trial(f"{one['how']} {number}", late)
    if back:
        figure.seen["workers_full_again_median_s"] = round(back[len(back) // 2], 3)
        figure.seen["workers_full_again_p99_s"] = round(back[len(back) * 99 // 100], 3)
    figure.seen |= {"answers": all_["answered"], "wrong": all_["wrong"], "callers_told": all_["told"]}
    figure.most("slowest_call_s", all_["slowest"])
    told = all_["told"].get("WorkerFailed", 0)
    problems = [f"{all_['wrong']} wrong answers"] if all_["wrong"] else []
    problems += [f"{told} callers were told of {len(each)} deaths"] if told > len(each) else []
    problems += all_["unclear"][:5]
    if problems:
        figure.failures += problems
        figure.held = min(figure.held, figure.tried - 1)
    return figure
