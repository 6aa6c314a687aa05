"""Errors: one sentence, a stable code with a heading in the documentation, exit code and HTTP status."""

import pickle
import re
from pathlib import Path

import pytest

from bpsgraph import errors
from bpsgraph.errors import BpsError

PAGE = Path(__file__).resolve().parents[1] / "docs" / "errors.md"


def leaves(kind: type[BpsError]) -> list[type[BpsError]]:
    below = [leaf for child in kind.__subclasses__() for leaf in leaves(child)]
    return below or [kind]


ERRORS = leaves(BpsError)
EXAMPLES = [
    errors.UnreadableFile("a.ttl", "No such file or directory"),
    errors.UnwritableFile("a.csv", "Permission denied"),
    errors.MalformedFile("a.ttl", "the prefix c: has not been declared", "declare it", line=2, column=5),
    errors.TooLarge("a.ttl", 10),
    errors.UnsupportedFormat("a.pdf", [".xlsx", ".csv"]),
    errors.EmptyGraph("a.ttl"),
    errors.ForeignVocabulary("a.ttl", ["schema:Person"]),
    errors.PartlyUnread("county.xlsx", "服务标准!E5", "a value cannot be read: “约八百”.", 2),
    errors.UnknownQuery("gaps/misssing-items", ["gaps/missing-items"]),
    errors.BadQuery("expected a variable", "correct it", where="line 1, column 8"),
    errors.ReadOnly("DROP would change the store", "ask with SELECT", where="line 1, column 1"),
    errors.Unauthorized(),
    errors.UnsupportedMedia("text/plain", ["application/sparql-query"]),
    errors.UnsupportedMedia("", ["text/turtle"]),
    errors.ForeignGraph("https://w3id.org/bps/graph/national/2021"),
    errors.QueryTooLarge("the query is longer than 64,000 bytes", "ask for less at a time"),
    errors.TooComplex("it is nested deeper than 32 levels", "write it flatter", where="line 1, column 8"),
    errors.BadParameter("--format", "'x' is not a format here", "choose csv"),
    errors.BadConfig("there is no setting 'stor'", "did you mean store?"),
    errors.BadUsage("there is no command 'bild'", "did you mean build?"),
    errors.UnknownEdition("2022", ["2021", "2023"]),
    errors.UnknownCatalogue("140500/2020", ["140500/2021"]),
    errors.UnknownDataset("2024", ["yearbook-2024"]),
    errors.UnknownRule("baseline-belwo", ["baseline-below"]),
    errors.NotFound("legal-aid", ["item/legal-aid"]),
    errors.NothingToDraw("items/all", "it has no chart"),
    errors.StoreMissing("build/stoer"),
    errors.InconsistentOntology(["bps:A is disjoint with itself"]),
    errors.TookTooLong("a.ttl", 2.5),
    errors.WorkerDied("a.ttl"),
    errors.JudgingFailed("a.ttl", "KeyError: 'x'"),
    errors.MissingExtra("--scheduler", "Dask", "dask"),
    errors.ForeignStatement("a.ttl", "item/legal-aid", "skos:prefLabel"),
    errors.Withdrawn("140500/2021", "2026-03-01T08:00:00Z", 4),
    errors.FolderNeeded("https://bps.example.org/sparql", "bpsgraph backup"),
    errors.RemoteUnreachable("https://bps.example.org/sparql", "Connection refused"),
    errors.RemoteTimeout("https://bps.example.org/sparql", 60),
    errors.RemoteRefused("https://bps.example.org/sparql", 500, "out of memory"),
    errors.RemoteAnswer("https://bps.example.org/sparql", "its answer breaks off", "try again"),
    errors.JournalDamaged("build/store.journal", 2, "is missing"),
    errors.JournalLost("build/store.journal", [2, 5]),
    errors.BackupDamaged("backup", "its manifest is missing"),
    errors.StoreUnavailable("build/store", "No space left on device"),
    errors.StoreDamaged("build/store", "a file of it is missing"),
    errors.StoreBusy("build/store", "it is being written by another process"),
    errors.StoreBusy("build/store", "it is being written by another process", pid=4711),
    errors.StoreIsReplica("build/store", "/mnt/writer/store"),
    errors.StoreFormat("build/store", 1, 2),
    errors.StoreFormat("build/store", 3, 2),
    errors.QueryTimeout(60),
    errors.OutOfMemory(1_000_000_000),
    errors.PoolBusy(),
    errors.WorkerFailed("signal 9 ended it"),
    errors.TooManyMessages("many messages came in the last minute"),
    errors.RuleNotRun("county.ttl", "baseline-below", "expected a variable"),
    errors.SchedulerUnreachable("tcp://10.0.0.5:8786", "Connection refused"),
    errors.ClusterLost("tcp://10.0.0.5:8786", "the scheduler is gone"),
    errors.VersionsDiffer("tcp://10.0.0.6:4711", "bpsgraph", "0.1.0", "0.2.0"),
    errors.VersionsDiffer("tcp://10.0.0.6:4711", "bpsgraph", None, "0.2.0"),
    errors.FolderNotShared("node2", "/data/store"),
]


def test_codes_and_headings_are_the_same() -> None:
    headings = re.findall(r"^### (\S+)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(headings) == sorted(error.code for error in ERRORS)


def test_the_page_says_cause_cure_and_status_of_each() -> None:
    sections = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    by_code = {section.split("\n", 1)[0]: section for section in sections}
    for error in ERRORS:
        assert "**Cause.**" in by_code[error.code]
        assert "**Cure.**" in by_code[error.code]
        assert f"HTTP {error.status}." in by_code[error.code]


def test_the_page_groups_them_by_exit_code() -> None:
    given, store = re.split(r"^## An existing", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for error in ERRORS:
        assert f"### {error.code}\n" in {2: given, 3: store}[error.exit_code]


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = re.findall(r"^    (\w+) +(\S+) +([0-9]{3})$", errors.__doc__ or "", re.MULTILINE)
    assert sorted(drawn) == sorted((error.__name__, error.code, str(error.status)) for error in ERRORS)


def test_every_error_has_an_example_here() -> None:
    assert {type(example) for example in EXAMPLES} == set(ERRORS)


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: error.code)
def test_each_is_one_sentence_that_says_what_to_do(error: BpsError) -> None:
    text = str(error)
    assert "\n" not in text
    assert text.endswith((".", "?"))
    assert error.problem in text
    assert error.cure in text
    assert (error.where or "") in text


def test_an_unknown_name_brings_the_nearest() -> None:
    assert str(errors.UnknownQuery("gaps/misssing-items", ["gaps/missing-items", "x"])) == (
        "there is no saved query 'gaps/misssing-items'; did you mean gaps/missing-items?"
    )
    assert "list them" in str(errors.UnknownQuery("zzz", ["gaps/missing-items"]))


def test_the_place_of_a_slip_is_in_the_sentence() -> None:
    error = errors.MalformedFile("a.ttl", "no", "fix", line=3, column=7)
    assert str(error).startswith("a.ttl, line 3, column 7: ")
    assert str(errors.MalformedFile("a.ttl", "no", "fix", line=3)).startswith("a.ttl, line 3: ")


@pytest.mark.parametrize("error", EXAMPLES, ids=lambda error: error.code)
def test_each_travels_between_processes(error: BpsError) -> None:
    arrived = pickle.loads(pickle.dumps(error))
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert vars(arrived) == vars(error)
