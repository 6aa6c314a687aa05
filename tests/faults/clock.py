"""A clock that is wrong or steps: entries keep their order by number, and everything stays whole.

The clock of a command is set by a small library that stands before the C library's own functions (what
`faketime` does); it is made with the C compiler, and where there is none, nothing is tried.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random

from bpsgraph.store import open_store, select
from bpsgraph.store.journal import Journal
from faults.hamlet import Hamlet, catalogue
from faults.kills import seen_in
from faults.trial import Figure, apart, bpsgraph

# CLOCK_REALTIME is 0 on Linux; every other clock is left as it is, for waiting must not hang on the day.
SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static int (*real)(clockid_t, struct timespec *);
static long long calls;
int clock_gettime(clockid_t clock, struct timespec *now) {
  if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
  int failed = real(clock, now);
  const char *offset = getenv("FAULTS_CLOCK_OFFSET"), *step = getenv("FAULTS_CLOCK_STEP");
  if (!failed && clock == CLOCK_REALTIME) {
    if (offset) now->tv_sec += atoll(offset);
    if (step) now->tv_sec += atoll(step) * (__sync_add_and_fetch(&calls, 1) % 2);
  }
  return failed;
}
int gettimeofday(struct timeval *now, void *zone) {
  struct timespec exact;
  if (clock_gettime(CLOCK_REALTIME, &exact)) return -1;
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}
time_t time(time_t *into) {
  struct timespec exact;
  clock_gettime(CLOCK_REALTIME, &exact);
  if (into) *into = exact.tv_sec;
  return exact.tv_sec;
}
"""
DAY = 86_400
# Seconds from 1970 to where 32 bits end, and to the hour in which a summer began in Shanghai.
END_OF_32_BITS = 2**31 - 2


@dataclass(frozen=True)
class Clock:
    """What is wrong with a clock: by how much it is off, and by how much it steps to and fro all the time."""

    name: str
    offset: int
    step: int = 0


def clocks(now: int) -> tuple[Clock, ...]:
    return (
        Clock("right", 0),
        Clock("a day back", -DAY),
        Clock("a year forward", 366 * DAY),
        Clock("the last second of 32 bits", END_OF_32_BITS - now),
        Clock("the year 2106", 2**32 + DAY - now),
        Clock("an hour to and fro", 0, 3_600),
        Clock("a day to and fro", 0, -DAY),
        Clock("1970", 60 - now),
    )


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure("a clock that is wrong or steps", seed, "changes kept their order and everything whole")
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None or sys.platform != "linux":
        figure.seen["skipped"] = "there is no C compiler to set the clock of a process with"
        figure.tried = figure.held = 1
        return figure
    (work / "clock.c").write_text(SHIM)
    library = work / "clock.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, work / "clock.c", "-ldl"], check=True)
    store = work / "store"
    shutil.copytree(base, store)
    chance = Random(f"{seed} clock")
    made = clocks(int(subprocess.check_output(["date", "+%s"])))
    figure.seen["clocks"] = len(made)
    for trial in range(count):
        clock = made[trial] if trial < len(made) else chance.choice(made)
        file = catalogue(work, trial, chance.choice(("2021", "2022")))
        settings = {"BPSGRAPH_STORE": str(store), "BPSGRAPH_SOURCES": str(hamlet.root), "TZ": "Asia/Shanghai"}
        faked = {
            "LD_PRELOAD": str(library),
            "FAULTS_CLOCK_OFFSET": str(clock.offset),
            "FAULTS_CLOCK_STEP": str(clock.step),
        }
        done = subprocess.run(
            [sys.executable, "-m", "bpsgraph", "accept", file, "--by", "王芳", "--as-of", "2026-03-01"],
            capture_output=True,
            encoding="utf-8",
            env={k: v for k, v in os.environ.items() if not k.startswith("BPSGRAPH_")} | settings | faked,
            timeout=120,
        )
        problems = []
        if done.returncode:
            problems.append(f"accept ended with {done.returncode}: {done.stderr[-400:]}")
        problems += apart(partial(problems_of, store, trial + 1))
        doctor = bpsgraph("doctor", places={"store": store, "sources": hamlet.root})
        if doctor.code:
            problems.append(f"doctor ended with {doctor.code}: {doctor.out[-300:]}{doctor.err[-300:]}")
        figure.trial(f"accept with a clock of {clock.name}", problems)
    times = apart(lambda: times_of(store))
    figure.seen["years_recorded"] = sorted({time[:4] for time in times})
    if len(figure.seen["years_recorded"]) < min(count, 2):
        figure.trial("in the end", [f"the clocks were not used: {times}"])
    return figure


def problems_of(store: Path, entries: int) -> list[str]:
    """What is wrong with order and content after so many acceptances."""
    journal = Journal(store.with_name("store.journal"))
    found = seen_in(store)
    problems: list[str] = [*journal.problems(), *found["half"]]
    if (len(journal.entries()), found["entry"]) != (entries, entries):
        problems.append(f"{len(journal.entries())} entries, {found['entry']} in the store, {entries} wanted")
    if max(found["state"].values()) != entries - 1:
        problems.append(f"the newest catalogue is not the last accepted: {found['state']}")
    return problems


def times_of(store: Path) -> list[str]:
    """When the changes happened, as they say, in their order."""
    with open_store(store) as opened:
        text = "SELECT ?at { ?change bps:sequence ?n ; prov:endedAtTime ?at } ORDER BY ?n"
        rows = select(opened, text).rows
        return [str(at).partition("^^")[0].strip('"') for (at,) in rows]
