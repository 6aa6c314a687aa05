"""What can go wrong, as one tree. Each error is one sentence: where, what, and what to do.

```
BpsError
  InputError             what was given could not be used: exit code 2
    UnreadableFile       unreadable-file     400
    UnwritableFile       unwritable-file     400
    MalformedFile        malformed-file      400
    TooLarge             too-large           413
    UnsupportedFormat    unsupported-format  415
    EmptyGraph           empty-graph         422
    ForeignVocabulary    foreign-vocabulary  422
    PartlyUnread         partly-unread       422
    UnknownQuery         unknown-query       404
    BadQuery             bad-query           400
    ReadOnly             read-only           403
    Unauthorized         unauthorized        401
    UnsupportedMedia     unsupported-media-type 415
    ForeignGraph         foreign-graph       403
    QueryTooLarge        query-too-large     413
    TooComplex           too-complex         400
    BadParameter         bad-parameter       400
    BadConfig            bad-config          400
    BadUsage             bad-usage           400
    UnknownEdition       unknown-edition     404
    UnknownCatalogue     unknown-catalogue   404
    UnknownDataset       unknown-dataset     404
    UnknownRule          unknown-rule        404
    NotFound             not-found           404
    NothingToDraw        nothing-to-draw     422
    StoreMissing         store-missing       404
    FolderNeeded         folder-needed       400
    InconsistentOntology inconsistent-ontology 422
    ForeignStatement     foreign-statement   422
    Withdrawn            withdrawn           410
    TookTooLong          took-too-long       504
    WorkerDied           worker-died         500
    JudgingFailed        judging-failed      500
    MissingExtra         missing-extra       501
  StoreError             an existing store failed: exit code 3
    StoreUnavailable     store-unavailable   503
    StoreDamaged         store-damaged       500
    StoreFormat          store-format        500
    JournalDamaged       journal-damaged     500
    JournalLost          journal-lost        500
    BackupDamaged        backup-damaged      500
    StoreBusy            store-busy          503
    StoreIsReplica       store-is-replica    403
    QueryTimeout         query-timeout       504
    OutOfMemory          out-of-memory       503
    PoolBusy             busy                503
    WorkerFailed         worker-failed       500
    RuleNotRun           rule-not-run        500
    TooManyMessages      too-many-messages   429
    RemoteUnreachable    remote-unreachable  503
    RemoteTimeout        remote-timeout      504
    RemoteRefused        remote-refused      502
    RemoteAnswer         remote-answer       502
    SchedulerUnreachable scheduler-unreachable 503
    ClusterLost          cluster-lost        503
    VersionsDiffer       versions-differ     503
    FolderNotShared      folder-not-shared   503
```

The code is stable and has its heading in `docs/errors.md`; beside it stands the HTTP status that a server
answers with. A bug is none of these: it stays a traceback.
"""

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

# Controls, marks of direction, what takes no room, what is no character, and halves of surrogate pairs.
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff0-\ufffb\ufffe\uffff\ud800-\udfff]"
)
_LONGEST = 1_000
_MOST_SHOWN = 20


def visible(text: str) -> str:
    """The text with control characters written out, so that it cannot steer a terminal."""
    if text.isprintable():
        return text
    return _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def shortened(text: str, longest: int) -> str:
    """The text with its middle left out where it is longer than so many characters."""
    if len(text) <= longest:
        return text
    return f"{text[: longest * 2 // 3]} … {text[-(longest // 3) :]}"


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """At most three of the known names that are spelled like the given one, the nearest first."""
    from difflib import get_close_matches  # Here, as most runs have no slip to explain.

    return get_close_matches(name, list(known), n=3, cutoff=0.5)


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """What to do about an unknown name: the names nearest to it, or else the advice given."""
    names = nearest(name, known)
    return f"did you mean {' or '.join(names)}?" if names else otherwise


class BpsError(Exception):
    """Any error that is explained to the user instead of shown as a traceback."""

    code: ClassVar[str]
    status: ClassVar[int]
    exit_code: ClassVar[int]

    def __init__(self, problem: str, cure: str, *, where: str | None = None) -> None:
        # What is quoted from a file, a name of a file too, neither steers a terminal nor fills it.
        self.problem = problem = shortened(visible(problem), _LONGEST)
        self.cure = cure = visible(cure)
        self.where = where = where and shortened(visible(where), _LONGEST)
        end = "" if cure.endswith((".", "?")) else "."
        super().__init__(f"{where}: {problem}; {cure}{end}" if where else f"{problem}; {cure}{end}")

    def __reduce__(self) -> tuple[Any, ...]:
        # Errors travel between processes, and each class is made from arguments of its own.
        return _as_it_was, (type(self), self.problem, self.cure, self.where, vars(self))


def _as_it_was(
    kind: type[BpsError], problem: str, cure: str, where: str | None, others: dict[str, Any]
) -> BpsError:
    error = kind.__new__(kind)
    BpsError.__init__(error, problem, cure, where=where)
    vars(error).update(others)
    return error


class InputError(BpsError):
    """What was given could not be used."""

    status = 400
    exit_code = 2


class UnreadableFile(InputError):
    """A file that cannot be opened: missing, a folder, or without permission.

    `changed` says that it changed meanwhile, so that it may be read the next time.
    """

    code = "unreadable-file"

    def __init__(
        self,
        path: str | Path,
        reason: str,
        cure: str = "check the path and its permissions",
        *,
        changed: bool = False,
    ) -> None:
        super().__init__(f"cannot read the file: {reason}", cure, where=str(path))
        self.changed = changed


class UnwritableFile(InputError):
    """A file that cannot be written."""

    code = "unwritable-file"

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"cannot write the file: {reason}", "name another place", where=str(path))


class MalformedFile(InputError):
    """A file that is not what its format says, with the place where that shows.

    The place is a line and column, or `part`: a part of a workbook, a cell or a row in words.
    """

    code = "malformed-file"

    def __init__(
        self,
        path: str | Path,
        problem: str,
        cure: str,
        *,
        line: int | None = None,
        column: int | None = None,
        part: str | None = None,
    ) -> None:
        self.line = line
        self.column = column
        self.part = part
        where = str(path) if part is None else f"{path}, {part}"
        if line is not None:
            where += f", line {line}" if column is None else f", line {line}, column {column}"
        super().__init__(problem, cure, where=where)


class TooLarge(InputError):
    """A file beyond a limit: of its size, or of what one part of it may hold (`part`: which)."""

    code = "too-large"
    status = 413

    def __init__(
        self,
        path: str | Path,
        limit: int,
        *,
        what: str = "the file is larger than",
        unit: str = "bytes",
        cure: str = "split it, or raise the setting max_file_size",
        line: int | None = None,
        part: str | None = None,
    ) -> None:
        self.line = line
        self.part = part
        where = str(path) if line is None else f"{path}, line {line}"
        super().__init__(
            f"{what} {limit:,} {unit}", cure, where=where if part is None else f"{where}, {part}"
        )


class UnsupportedFormat(InputError):
    """What was sent to a server is of no format that it reads, or does not say of which."""

    code = "unsupported-format"
    status = 415

    def __init__(self, name: str, offers: Iterable[str]) -> None:
        super().__init__(
            "this is of no format that is read here",
            f"send one of {', '.join(offers)}, and say which by the name of the file or by Content-Type",
            where=name,
        )


class EmptyGraph(InputError):
    """A file without a single triple."""

    code = "empty-graph"
    status = 422

    def __init__(self, path: str | Path, cure: str = "check that the right file was saved") -> None:
        super().__init__("the file holds no triples", cure, where=str(path))


class ForeignVocabulary(InputError):
    """RDF that says nothing in the terms of this project."""

    code = "foreign-vocabulary"
    status = 422

    def __init__(self, path: str | Path, classes: Iterable[str]) -> None:
        found = ", ".join(classes)
        super().__init__(
            "nothing in the file is of a class of https://w3id.org/bps/ns#"
            + (f" (found: {found})" if found else " (no rdf:type at all)"),
            "describe the catalogue with bps:Catalogue, bps:Provision and bps:Guarantee",
            where=str(path),
        )


class PartlyUnread(InputError):
    """A submission of which a part could not be read, while the rest was judged."""

    code = "partly-unread"
    status = 422

    def __init__(self, path: str | Path, place: str, problem: str, others: int = 0) -> None:
        more = "" if others == 0 else f", and {others} more such {'places' if others > 1 else 'place'}"
        super().__init__(
            problem.rstrip(".") + more,
            "the rest was judged and reported, correct this and validate again",
            where=f"{path}, {place}" if place else str(path),
        )


class UnknownQuery(InputError):
    """A saved query that does not exist."""

    code = "unknown-query"
    status = 404

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"there is no saved query {name!r}",
            did_you_mean(name, known, "list them with `bpsgraph queries`"),
        )


class BadQuery(InputError):
    """SPARQL that cannot be run: a slip of syntax, an update, or a form that does not fit."""

    code = "bad-query"


class ReadOnly(InputError):
    """An update where only queries are taken."""

    code = "read-only"
    status = 403


class Unauthorized(InputError):
    """A request to write without the token of writers, or with another."""

    code = "unauthorized"
    status = 401

    def __init__(self, problem: str = "whoever writes here has to show the token") -> None:
        super().__init__(problem, "send the header Authorization: Bearer <token>")


class UnsupportedMedia(InputError):
    """A request whose content is in a format that is not taken here."""

    code = "unsupported-media-type"
    status = 415

    def __init__(self, given: str, taken: Iterable[str], *, what: str = "Content-Type") -> None:
        problem = f"{what} {given!r} is not taken here" if given else f"there is no {what}"
        super().__init__(problem, f"send one of: {', '.join(taken)}")


class ForeignGraph(InputError):
    """A graph that is made from files, accepted or derived, and so is not changed by an update."""

    code = "foreign-graph"
    status = 403

    def __init__(self, graph: str) -> None:
        super().__init__(
            "this graph is made from the files of the project, by accepting, or by derivation",
            "write to a graph of your own; catalogues are changed with `bpsgraph accept`",
            where=graph,
        )


class QueryTooLarge(InputError):
    """A query that is too long, or holds too much: one long IRI, too many variables."""

    code = "query-too-large"
    status = 413


class TooComplex(InputError):
    """A query nested too deep or of too many parts, as counted beforehand or as the engine died of it."""

    code = "too-complex"


class BadParameter(InputError):
    """A value that an option or a query parameter does not take."""

    code = "bad-parameter"

    def __init__(self, name: str, problem: str, cure: str) -> None:
        super().__init__(problem, cure, where=name)


class BadConfig(InputError):
    """A setting that does not exist, or whose value cannot be read."""

    code = "bad-config"


class BadUsage(InputError):
    """A command line that does not parse."""

    code = "bad-usage"


class UnknownEdition(InputError):
    """An edition of the national standard that the store does not hold."""

    code = "unknown-edition"
    status = 404

    def __init__(self, edition: str, known: Iterable[str]) -> None:
        names = ", ".join(known)
        super().__init__(
            f"there is no edition {edition!r} of the national standard",
            f"choose one of: {names}" if names else "load one with `bpsgraph build`",
        )


class UnknownCatalogue(InputError):
    """A catalogue that the store does not hold."""

    code = "unknown-catalogue"
    status = 404

    def __init__(self, catalogue: str, known: Iterable[str]) -> None:
        super().__init__(
            f"there is no catalogue {catalogue!r} in the store",
            did_you_mean(catalogue, known, "name it as <code>/<edition>, for example 140500/2021"),
        )


class UnknownDataset(InputError):
    """A data set that the store does not hold, or that was never imported into it."""

    code = "unknown-dataset"
    status = 404

    def __init__(self, dataset: str, known: Iterable[str]) -> None:
        super().__init__(
            f"there is no imported data set {dataset!r} in the store",
            did_you_mean(dataset, known, "list those there are with `bpsgraph query observations/data-sets`"),
        )


class UnknownRule(InputError):
    """A rule that does not exist."""

    code = "unknown-rule"
    status = 404

    def __init__(self, rule: str, known: Iterable[str]) -> None:
        super().__init__(
            f"there is no rule {rule!r}", did_you_mean(rule, known, "list them with `bpsgraph rules`")
        )


class NotFound(InputError):
    """A thing about which the store says nothing; `candidates` are the names nearest to it."""

    code = "not-found"
    status = 404

    def __init__(self, name: str, similar: Iterable[str] = ()) -> None:
        self.candidates = list(similar)
        names = " or ".join(self.candidates)
        super().__init__(
            f"the store says nothing about {name!r}",
            f"did you mean {names}?" if names else "give an IRI, a key such as item/legal-aid, or a label",
        )


class NothingToDraw(InputError):
    """A chart asked of an answer that has none, or has no figure to draw."""

    code = "nothing-to-draw"
    status = 422

    def __init__(self, name: str, why: str) -> None:
        super().__init__(
            f"{name}: nothing can be drawn: {why}", "ask for a table, or for one with rows and a chart"
        )


class StoreMissing(InputError):
    """A place that is no store, most often a mistyped path."""

    code = "store-missing"
    status = 404

    def __init__(self, path: str | Path) -> None:
        super().__init__(
            "this is not a bpsgraph store", "run `bpsgraph build`, or correct the path", where=str(path)
        )


class FolderNeeded(InputError):
    """A store on a server, where what is asked for works on the files of a store."""

    code = "folder-needed"

    def __init__(self, url: str, what: str, cure: str = "name the folder of a store with --store") -> None:
        super().__init__(
            f"{what} works on the files of a store, and this one is on a server", cure, where=url
        )


class InconsistentOntology(InputError):
    """An ontology that contradicts itself; `contradictions` are the sentences that say where, sorted."""

    code = "inconsistent-ontology"
    status = 422

    def __init__(self, contradictions: Iterable[str]) -> None:
        self.contradictions = sorted(set(contradictions))
        shown = "; ".join(self.contradictions[:3])
        more = len(self.contradictions) - 3
        super().__init__(
            f"the ontology contradicts itself: {shown}" + (f"; and {more} more" if more > 0 else ""),
            "take back one of the statements about these terms",
            where="ontology/",
        )


class TookTooLong(InputError):
    """A file whose judging was ended, so that others get their turn; `limit` sets how long it may take."""

    code = "took-too-long"
    status = 504

    def __init__(self, file: str | Path, seconds: float, limit: str = "the limit with --timeout") -> None:
        super().__init__(
            f"judging it was ended after {seconds:g} seconds",
            f"split the file, or raise {limit}",
            where=str(file),
        )


class WorkerDied(InputError):
    """A file of a folder on which the process that judges it dies whenever it is tried."""

    code = "worker-died"
    status = 500

    def __init__(self, file: str | Path) -> None:
        super().__init__(
            "the process that judges it dies over it, also when it judges nothing else",
            "free memory, or report it with the file: this is a bug",
            where=str(file),
        )


class JudgingFailed(InputError):
    """A file of a folder over which this program stumbles; `reason` names the exception."""

    code = "judging-failed"
    status = 500

    def __init__(self, file: str | Path, reason: str) -> None:
        super().__init__(
            f"judging it failed: {reason}",
            "run `bpsgraph validate` on it and report what that prints: this is a bug",
            where=str(file),
        )


class MissingExtra(InputError):
    """What was asked for needs a library that is installed on request only."""

    code = "missing-extra"
    status = 501

    def __init__(self, asked: str, library: str, extra: str) -> None:
        super().__init__(f"{library} is not installed", f"run `pip install 'bpsgraph[{extra}]'`", where=asked)


class ForeignStatement(InputError):
    """A file that says something of a thing that is not its own, so that it cannot be accepted."""

    code = "foreign-statement"
    status = 422

    def __init__(self, path: str | Path, subject: str, predicate: str) -> None:
        super().__init__(
            f"it states {predicate} of {subject}, which is not for this catalogue to say",
            "take that statement out of the file",
            where=str(path),
        )


class Withdrawn(InputError):
    """A catalogue that was withdrawn; of it there is only a record that it was."""

    code = "withdrawn"
    status = 410

    def __init__(self, catalogue: str, when: str, entry: int) -> None:
        super().__init__(
            f"{catalogue} was withdrawn at {when} (entry {entry})",
            "see `bpsgraph history`, or accept it again",
        )


class StoreError(BpsError):
    """An existing store failed."""

    status = 503
    exit_code = 3


class StoreUnavailable(StoreError):
    """The system did not let the store work: permissions, a full disk, too few file descriptors."""

    code = "store-unavailable"

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(
            f"the store cannot be used: {reason}",
            "free what is lacking (disk, permissions, file descriptors) and try again",
            where=str(path),
        )


class StoreDamaged(StoreError):
    """A store whose files are not whole."""

    code = "store-damaged"
    status = 500

    def __init__(self, path: str | Path, reason: str) -> None:
        super().__init__(f"the store is damaged: {reason}", "run `bpsgraph build` again", where=str(path))


class StoreFormat(StoreError):
    """A store of another format version than this program reads."""

    code = "store-format"
    status = 500

    def __init__(self, path: str | Path, found: int, wanted: int) -> None:
        super().__init__(
            f"the store is of format {found}, and this version reads format {wanted}",
            "run `bpsgraph migrate`" if found < wanted else "install a newer version of bpsgraph",
            where=str(path),
        )


class JournalDamaged(StoreError):
    """A journal of which an entry is missing or is not what was written."""

    code = "journal-damaged"
    status = 500

    def __init__(self, folder: str | Path, entry: int, problem: str) -> None:
        self.entry = entry
        super().__init__(
            f"entry {entry} {problem}",
            "run `bpsgraph rebuild`, which repairs it from the copies in the store",
            where=str(folder),
        )


class JournalLost(StoreError):
    """A journal with entries that no file and no store proves; `entries` are their numbers."""

    code = "journal-lost"
    status = 500

    def __init__(self, folder: str | Path, entries: Iterable[int]) -> None:
        # Whoever names a file decides how many there may be.
        self.entries = list(islice(entries, 1_000))
        several = len(self.entries) > 1
        shown = ", ".join(map(str, self.entries[:_MOST_SHOWN]))
        more = len(self.entries) - _MOST_SHOWN
        super().__init__(
            f"{'entries' if several else 'entry'} {shown}{f' and {more} more' if more > 0 else ''} "
            f"{'are' if several else 'is'} lost: nothing here has the bytes that the hash asks for",
            "bring the file back from a backup, see docs/journal.md",
            where=str(folder),
        )


class BackupDamaged(StoreError):
    """A backup that is not what its manifest says, or not one that this version reads."""

    code = "backup-damaged"
    status = 500

    def __init__(self, path: str | Path, problem: str, cure: str = "take another backup") -> None:
        super().__init__(f"the backup cannot be used: {problem}", cure, where=str(path))


class StoreBusy(StoreError):
    """A store or journal that another process holds; `pid` is its number where that is known."""

    code = "store-busy"

    def __init__(self, path: str | Path, holder: str, *, pid: int | None = None) -> None:
        self.pid = pid
        problem = f"the store is in use: {holder}" if pid is None else f"the store is in use by pid {pid}"
        super().__init__(problem, "wait for it or stop it", where=str(path))


class StoreIsReplica(StoreError):
    """A store that was to be changed and follows another one, whose path is `source`."""

    code = "store-is-replica"
    status = 403

    def __init__(self, path: str | Path, source: str) -> None:
        super().__init__(
            f"this is a replica of {visible(source)}",
            "change that one, and run `bpsgraph replicate`",
            where=str(path),
        )


class QueryTimeout(StoreError):
    """A query that took longer than it may."""

    code = "query-timeout"
    status = 504

    def __init__(self, seconds: float, what: str = "the query") -> None:
        super().__init__(
            f"{what} was ended because it took longer than {seconds:g} s",
            "add a LIMIT or more conditions, or raise the setting timeout (--timeout)",
        )


class OutOfMemory(StoreError):
    """A query that needs more memory than it may; `limit` is in bytes."""

    code = "out-of-memory"

    def __init__(self, limit: int, what: str = "the query") -> None:
        super().__init__(
            f"{what} was ended because it needs more than {limit / 1e9:g} GB of memory",
            "ask for less at a time, or raise the setting max_memory",
        )


class PoolBusy(StoreError):
    """More work than the workers can take; it may be tried again after `retry_after` seconds."""

    code = "busy"

    def __init__(self, problem: str = "all workers are busy", retry_after: int = 5) -> None:
        self.retry_after = retry_after
        super().__init__(problem, f"try again in {retry_after} seconds")


class WorkerFailed(StoreError):
    """A worker process that cannot be started, or ended without saying why."""

    code = "worker-failed"
    status = 500

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the worker process failed: {reason}", "run `bpsgraph doctor`, which says what is lacking"
        )


class RuleNotRun(StoreError):
    """A rule that the engine could not run, so that nobody knows what it would have found."""

    code = "rule-not-run"
    status = 500

    def __init__(self, path: str | Path, rule: str, reason: str) -> None:
        super().__init__(
            f"the rule {rule} did not run, which is not to pass: {reason}",
            "try another --engine, or install the project anew",
            where=str(path),
        )


class TooManyMessages(StoreError):
    """More feedback than is taken at a time; it may be tried again after `retry_after` seconds."""

    code = "too-many-messages"
    status = 429

    def __init__(self, problem: str, retry_after: int = 60) -> None:
        self.retry_after = retry_after
        super().__init__(problem, f"try again in {retry_after} seconds")


class RemoteUnreachable(StoreError):
    """A remote store to which there is no connection."""

    code = "remote-unreachable"

    def __init__(
        self,
        url: str,
        reason: str,
        cure: str = "start the server, or correct the URL and the settings remote_*",
    ) -> None:
        super().__init__(f"the remote store cannot be reached: {reason}", cure, where=_without_query(url))


class RemoteTimeout(StoreError):
    """A remote store that did not answer, or not to the end, in time."""

    code = "remote-timeout"
    status = 504

    def __init__(self, url: str, seconds: float, what: str = "there is no whole answer") -> None:
        super().__init__(
            f"{what} of the remote store after {seconds:.3g} s",
            "ask for less, look at the server, or raise the setting remote_timeout",
            where=_without_query(url),
        )


class RemoteRefused(StoreError):
    """A remote store that answers with an error; `http_status` is the status it answers with."""

    code = "remote-refused"
    status = 502

    def __init__(self, url: str, http_status: int, said: str = "") -> None:
        self.http_status = http_status
        if http_status in (401, 403, 407):
            cure = (
                "give credentials with the settings remote_authentication, remote_user and remote_secret_file"
            )
        elif http_status in (404, 405, 501):
            cure = "correct the URL, or name the engine with the setting remote_engine"
        else:
            cure = "look at its log"
        super().__init__(
            f"the remote store answers with status {http_status}" + (f": {said}" if said else ""),
            cure,
            where=_without_query(url),
        )


class RemoteAnswer(StoreError):
    """An answer of a remote store that cannot be used: cut, too large, of another type, leading elsewhere."""

    code = "remote-answer"
    status = 502

    def __init__(self, url: str, problem: str, cure: str) -> None:
        super().__init__(
            f"the remote store's answer cannot be used: {problem}", cure, where=_without_query(url)
        )


def _without_query(url: str) -> str:
    return url.partition("?")[0]


class SchedulerUnreachable(StoreError):
    """The scheduler of a cluster that gives no answer."""

    code = "scheduler-unreachable"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            f"no scheduler of Dask answers: {reason}",
            "check the address, and that `dask scheduler` runs there",
            where=address,
        )


class ClusterLost(StoreError):
    """A cluster that went away while it was at work; what was done is kept."""

    code = "cluster-lost"

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(
            reason,
            "start the cluster again, then the same command, which goes on where this one was",
            where=address,
        )


class VersionsDiffer(StoreError):
    """A worker with other versions than the process that gives it work."""

    code = "versions-differ"

    def __init__(self, worker: str, name: str, theirs: str | None, ours: str | None) -> None:
        super().__init__(
            f"it has {f'{name} {theirs}' if theirs else f'no {name}'}, here is {ours}",
            "install the same versions everywhere, and start the workers again",
            where=worker,
        )


class FolderNotShared(StoreError):
    """A folder that the work lies in and that a worker does not see."""

    code = "folder-not-shared"

    def __init__(self, worker: str, folder: str | Path) -> None:
        super().__init__(
            f"the worker does not see {folder}",
            "mount the folders of submissions, store, sources and reports at the same paths on all machines",
            where=worker,
        )
