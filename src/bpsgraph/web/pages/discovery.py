"""What is to be downloaded, and what happened: data sets, files, changes."""

from dataclasses import dataclass

from bpsgraph.config import Settings
from bpsgraph.publishing.datasets import Dataset, datasets
from bpsgraph.publishing.discovery import HOME, Published
from bpsgraph.publishing.dumps import Dump, Part, Sum, dumps_of, summed
from bpsgraph.publishing.feeds import Event, Feed, State, all_changes
from bpsgraph.terms import BASE, GRAPH, short
from bpsgraph.web.snapshot import Snapshot
from bpsgraph.web.view import View


@dataclass(frozen=True, slots=True)
class File:
    """A file: its name, its address, its syntax, its size in words, and the SHA-256 of it."""

    name: str
    href: str
    label: str
    size: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Whole:
    """What some files hold: one of the parts of the whole."""

    key: str
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One data set as it is listed."""

    title: str
    href: str
    description: str
    place: str
    place_href: str
    edition: str
    issued: str
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Downloads:
    """The page of the data sets."""

    parts: tuple[Whole, ...]
    national: tuple[Row, ...]
    local: tuple[Row, ...]
    others: tuple[Row, ...]
    files: tuple[File, ...]
    triples: str


@dataclass(frozen=True, slots=True)
class Happened:
    """One event as it is listed."""

    what: str
    kind: str
    title: str
    href: str
    when: str
    stated: str
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """One page of what happened, with the addresses of the pages around it, which may be empty."""

    events: tuple[Happened, ...]
    page: int
    pages: int
    total: int
    previous: str
    next: str


def address_of(settings: Settings) -> str:
    """Where the site is seen from outside: by the setting, else by the redirect of the identifiers."""
    return settings.public_url or HOME


def published(snapshot: Snapshot, settings: Settings) -> Published:
    """What there is to discover in a generation; made once, in a few seconds, for the sums of all files."""

    def make() -> Published:
        dumps = dumps_of(snapshot.store.graphs())
        found = datasets(snapshot.store, snapshot.library)
        return Published(found, dumps, summed(snapshot.store, dumps), address_of(settings))

    return snapshot.kept("published", make)


def state_of(snapshot: Snapshot) -> State:
    """What the feed of all changes says of the store itself."""
    marker = snapshot.marker
    return State(marker.inputs, marker.entry, marker.triples, snapshot.published)


def feed_of_all(snapshot: Snapshot) -> Feed:
    """Everything that happened, by the graph and the journal in it."""
    return snapshot.kept("changes", lambda: all_changes(snapshot.store, snapshot.library, state_of(snapshot)))


def downloads(view: View, found: Published) -> Downloads:
    """The page of the data sets."""
    files: dict[str, list[File]] = {}
    for dump in found.dumps:
        key = dump.graphs[0] if dump.part is Part.GRAPH else dump.part.value
        files.setdefault(key, []).append(_file(dump, found.sums[dump.name]))
    rows = [(dataset, _row(view, dataset, tuple(files.get(dataset.graph, ())))) for dataset in found.datasets]
    national = BASE + "catalogue/100000/"
    return Downloads(
        parts=tuple(
            Whole(part.value, tuple(files[part.value])) for part in (Part.WHOLE, Part.STATED, Part.DERIVED)
        ),
        national=tuple(row for dataset, row in rows if dataset.iri.startswith(national)),
        local=tuple(
            row
            for dataset, row in rows
            if dataset.jurisdiction is not None and not dataset.iri.startswith(national)
        ),
        others=tuple(row for dataset, row in rows if dataset.jurisdiction is None),
        files=tuple(file for group in files.values() for file in group),
        triples=f"{view.snapshot.marker.triples:,}",
    )


def changes(view: View, page: int) -> Changes:
    """One page of what happened; raises `BadParameter` where there is no such page."""
    feed = feed_of_all(view.snapshot)

    def to(number: int) -> str:
        if not 1 <= number <= feed.pages:
            return ""
        return view.link("/changes") if number == 1 else view.link("/changes", page=str(number))

    return Changes(
        events=tuple(_happened(view, event) for event in feed.on_page(page)),
        page=page,
        pages=feed.pages,
        total=len(feed.events),
        previous=to(page - 1),
        next=to(page + 1),
    )


def in_words(size: int) -> str:
    """A size in bytes as people read it."""
    if size < 1_000:
        return f"{size} B"
    return f"{size / 1_000:.0f} kB" if size < 1_000_000 else f"{size / 1_000_000:.1f} MB"


def _file(dump: Dump, found: Sum) -> File:
    return File(dump.name, f"/dumps/{dump.name}", dump.format.label, in_words(found.size), found.sha256)


def _row(view: View, dataset: Dataset, files: tuple[File, ...]) -> Row:
    return Row(
        title=view.say(dataset.title),
        href=view.href(dataset.iri) if not dataset.iri.startswith(GRAPH) else "",
        description=view.say(dataset.description),
        place=view.say(dataset.place) or short(dataset.jurisdiction or "") if dataset.place else "",
        place_href=view.href(dataset.jurisdiction) if dataset.jurisdiction else "",
        edition=dataset.edition or "",
        issued=dataset.issued.isoformat() if dataset.issued else "",
        files=files,
    )


def _happened(view: View, event: Event) -> Happened:
    return Happened(
        what=view.say(event.happened),
        kind=event.kind,
        title=view.say(event.title),
        href=view.link(event.path) if event.subject else "",
        when=event.at.isoformat(),
        stated=event.stated.replace("T", " ").replace("Z", " UTC").replace("+00:00", " UTC"),
        reason=event.reason,
    )
