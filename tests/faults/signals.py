"""Signals to commands at any moment, and readers who go away: documented exit codes, nothing half, no orphans.

The commands are started as people start them. `INT` is Ctrl-C, `TERM` what a supervisor sends, `HUP` a terminal
that is closed; after a signal nothing of the command may run on, and every file it writes is whole or not there.
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from pyoxigraph import RdfFormat, parse

from bpsgraph.store import open_store
from faults.hamlet import Hamlet, catalogue
from faults.kills import entries_of, seen_in
from faults.trial import Figure, apart, bpsgraph

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# What ends a command that is told to stop; 130 is written by the command itself.
CODES = {signal.SIGINT: {130}, signal.SIGTERM: {-signal.SIGTERM}, signal.SIGHUP: {-signal.SIGHUP}}
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ALL = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"


@dataclass(frozen=True)
class Command:
    """A command with what it writes to, if anything, and how it ends when it is left alone."""

    name: str
    arguments: tuple[str, ...]
    codes: frozenset[int]
    output: str | None = None


COMMANDS = (
    Command("build", ("build",), frozenset({0})),
    Command("accept", ("accept", "FILE", "--by", "王芳", "--as-of", "2026-03-01"), frozenset({0})),
    Command("withdraw", ("withdraw", "371323/2021", "--by", "王芳"), frozenset({0, 2})),
    Command("sparql", ("sparql", ENDLESS, "--timeout", "20"), frozenset({3})),
    Command("validate", ("validate", "FILE", "--as-of", "2026-03-01"), frozenset({0, 1})),
    Command("batch", ("batch", "files", "--as-of", "2026-03-01", "-o", "judged"), frozenset({0, 1})),
    Command("export", ("sparql", ALL, "-o", "all.ttl"), frozenset({0}), "all.ttl"),
)


def started(
    command: Command, hamlet: Hamlet, place: Path, file: Path, stdout: int
) -> "subprocess.Popen[bytes]":
    """The command in a session of its own, by which all that it starts is known."""
    settings = {"BPSGRAPH_STORE": str(place / "store"), "BPSGRAPH_SOURCES": str(hamlet.root)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BPSGRAPH_")}
    arguments = [str(file) if argument == "FILE" else argument for argument in command.arguments]
    return subprocess.Popen(
        [sys.executable, "-m", "bpsgraph", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=kept | settings,
        cwd=place,
        start_new_session=True,
    )


def of_session(session: int) -> set[int]:
    """The processes alive of a session."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.add(int(entry.name))
    return found


def orphans(session: int, patience: float = 2.0) -> set[int]:
    """What of a session still runs after so many seconds; it is ended then."""
    until = time.monotonic() + patience
    while (left := of_session(session)) and time.monotonic() < until:
        time.sleep(0.02)
    for process in left:
        os.kill(process, signal.SIGKILL)
    return left


def run(hamlet: Hamlet, base: Path, work: Path, seed: int, count: int) -> Figure:
    figure = Figure("signals and readers gone", seed, "commands ended as documented and left nothing")
    chance = Random(f"{seed} signals")
    place = work / "place"
    (place / "files").mkdir(parents=True)
    shutil.copytree(base, place / "store")
    for number, edition in enumerate(("2021", "2022", "2023")):
        catalogue(place / "files", number, edition)
    apart(lambda: hamlet.accept(place / "store", catalogue(work, 1)).entry)
    paces: dict[str, float] = {}
    plan = [(command, how) for command in COMMANDS for how in (*SIGNALS, signal.SIGPIPE)]
    for trial in range(count):
        # Each pair in turn; where few are tried, they are spread.
        command, how = plan[trial * 5 % len(plan)] if count < len(plan) else plan[trial % len(plan)]
        file = catalogue(work, trial + 10)
        if how != signal.SIGPIPE and command.name not in paces:
            paces[command.name] = pace_of(command, hamlet, place, work)
        held = apart(lambda: seen_in(place / "store"))["state"]
        entries = apart(lambda: entries_of(place / "store"))["entries"]
        if how == signal.SIGPIPE:
            problems = without_reader(command, hamlet, place, file)
        else:
            after = chance.uniform(0.1, 1.05) * min(paces[command.name], 3.0)
            problems = signalled(command, how, after, hamlet, place, file, figure)
        now = apart(lambda: entries_of(place / "store"))
        problems += now["problems"]
        if now["entries"] - entries not in ((0, 1) if command.name in ("accept", "withdraw") else (0,)):
            problems.append(f"{now['entries']} entries after {entries}")
        state = apart(lambda: seen_in(place / "store"))
        if now["entries"] == entries == state["entry"] and state["state"] != held:
            problems.append(f"without an entry {held} became {state['state']}")
        problems += state["half"]
        waits = state["entry"] < now["entries"]
        doctor = bpsgraph("doctor", places={"store": place / "store", "sources": hamlet.root})
        if doctor.code != int(waits):
            problems.append(f"doctor ended with {doctor.code}: {doctor.out[-300:]}{doctor.err[-300:]}")
        figure.trial(f"{command.name} {how.name}", problems)
        file.unlink()
        shutil.rmtree(place / "judged", ignore_errors=True)
        (place / "all.ttl").unlink(missing_ok=True)
    left = sorted(
        path.name for path in place.iterdir() if path.name not in ("store", "store.journal", "files")
    )
    if left:
        figure.trial("in the end", [f"left behind: {left}"])
    return figure


def pace_of(command: Command, hamlet: Hamlet, place: Path, work: Path) -> float:
    """How many seconds the command takes when nobody disturbs it; the endless one is not waited for."""
    if command.arguments[-2:] == ("--timeout", "20"):
        return 3.0
    began = time.monotonic()
    process = started(command, hamlet, place, catalogue(work, 2), subprocess.DEVNULL)
    said = process.communicate(timeout=120)[1]
    assert process.returncode in command.codes, said
    shutil.rmtree(place / "judged", ignore_errors=True)
    (place / "all.ttl").unlink(missing_ok=True)
    return time.monotonic() - began


def signalled(
    command: Command,
    how: signal.Signals,
    after: float,
    hamlet: Hamlet,
    place: Path,
    file: Path,
    figure: Figure,
) -> list[str]:
    """What is wrong with how a command ended that got a signal after so many seconds."""
    process = started(command, hamlet, place, file, subprocess.DEVNULL)
    try:
        said = process.communicate(timeout=after)[1]
        figure.count("ended_before")
    except subprocess.TimeoutExpired:
        process.send_signal(how)
        sent = time.monotonic()
        said = process.communicate(timeout=60)[1]
        figure.most(f"slowest_after_{how.name}_s", time.monotonic() - sent)
    words = said.decode()
    problems = []
    before_it_began = how == signal.SIGINT and process.returncode == -how and "cli/app" not in words
    if before_it_began:
        figure.count("before_it_began")
    elif process.returncode not in CODES[how] | command.codes:
        problems.append(f"it ended with {process.returncode}: {words[-500:]}")
    elif "Traceback" in words:
        problems.append(f"a traceback: {words[-500:]}")
    if left := orphans(process.pid):
        problems.append(f"{len(left)} processes ran on")
    if command.output and (place / command.output).exists():
        figure.count("output_whole")
        wanted, written = apart(lambda: triples_in(place / "store", place / str(command.output)))
        if written != wanted:
            problems.append(f"{command.output} has {written:,} triples, not {wanted:,}")
    return problems


def triples_in(store: Path, file: Path) -> tuple[int, int]:
    """How many triples a store has, and how many the file."""
    with open_store(store) as opened:
        return len(opened), len(set(parse(path=file, format=RdfFormat.TURTLE)))


def without_reader(command: Command, hamlet: Hamlet, place: Path, file: Path) -> list[str]:
    """What is wrong with how a command ended whose output nobody reads."""
    reading, writing = os.pipe()
    process = started(command, hamlet, place, file, writing)
    os.close(writing)
    os.close(reading)
    words = process.communicate(timeout=120)[1].decode()
    problems = []
    if process.returncode not in {141} | command.codes:
        problems.append(f"it ended with {process.returncode}: {words[-500:]}")
    if "Traceback" in words:
        problems.append(f"a traceback: {words[-500:]}")
    if left := orphans(process.pid):
        problems.append(f"{len(left)} processes ran on")
    return problems
