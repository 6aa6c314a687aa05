"""What happened, as Atom feeds (RFC 4287) in pages (RFC 5005, section 3): of all, of what concerns a thing.

A day that a document states becomes the instant at which it begins in China.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from xml.sax.saxutils import escape, quoteattr

from pyoxigraph import Literal, NamedNode

from bpsgraph.errors import BadParameter, NotFound
from bpsgraph.library import Library, bind
from bpsgraph.literals import python_value
from bpsgraph.publishing.discovery.description import HOME, TITLE
from bpsgraph.results import Text, not_xml
from bpsgraph.store.base import Store, ask, select
from bpsgraph.terms import BASE, LABELS, Term, short

CLASSES = ("item", "jurisdiction", "standard", "catalogue")
"""The classes of things that have feeds of their own."""
PAGE = 50
"""How many entries a page has."""
_ATOM = "http://www.w3.org/2005/Atom"
_CHINA = timezone(timedelta(hours=8))
_KINDS = {
    "issued": Text("印发", "Issued"),
    "accepted": Text("受理", "Accepted"),
    "withdrawn": Text("撤回", "Withdrawn"),
    "published": Text("发布", "Published"),
    "in-force": Text("施行", "In force"),
    "abolished": Text("废止", "Abolished"),
    "built": Text("更新", "Updated"),
}


@dataclass(frozen=True, slots=True)
class State:
    """How a store is: the hash of what it was built from, its last entry of the journal, its triples."""

    inputs: str
    entry: int
    triples: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened: what, to what, and when; `id` is an IRI that stays the same.

    `stated` is the day or the time as the graph has it.
    """

    id: str
    kind: str
    subject: str
    title: Text
    at: datetime
    stated: str
    reason: str = ""

    @property
    def path(self) -> str:
        """Where it is read about on the site."""
        return "/doc/" + self.subject.removeprefix(BASE) if self.subject else "/changes"

    @property
    def happened(self) -> Text:
        """What happened, in a word."""
        return _KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class Feed:
    """The events of a feed, the newest first; `path` is that of its page on the site, `id` its IRI."""

    id: str
    title: Text
    path: str
    page: str
    events: tuple[Event, ...]

    @property
    def pages(self) -> int:
        """How many pages there are; one where nothing happened."""
        return max(1, -(-len(self.events) // PAGE))

    def on_page(self, number: int) -> tuple[Event, ...]:
        """The events of a page, counted from 1; raises `BadParameter` where there is no such page."""
        if not 1 <= number <= self.pages:
            raise BadParameter("page", f"there is no page {number}", f"choose 1 to {self.pages}")
        return self.events[(number - 1) * PAGE : number * PAGE]


def all_changes(store: Store, library: Library, state: State | None = None) -> Feed:
    """Everything that happened to catalogues and data sets, and how the store came to be as it is.

    Raises what the store raises.
    """
    title = Text(f"{TITLE.zh}：变更", f"{TITLE.en}: changes")
    events = _of_catalogues(store, library) + ([_of_state(state)] if state is not None else [])
    return Feed(f"{HOME}/changes", title, "/changes.atom", "/changes", _ordered(events))


def changes_about(store: Store, library: Library, key: str) -> Feed:
    """What happened that concerns a thing, called `<class>/<key>`: one of `CLASSES`.

    An item and a standard are concerned by the catalogues that speak of them, a place by its own. Raises
    `NotFound` for any other thing and for one that is unknown, and what the store raises.
    """
    kind, iri = key.partition("/")[0], BASE + key
    known = kind in CLASSES
    try:
        node = NamedNode(iri)
    except ValueError:
        known = False
    if not known or not ask(store, f"ASK {{ {node} ?p ?o }}"):
        raise NotFound(key)
    called = _name(store, node)
    title = Text(f"{called.zh}：变更", f"{called.en}: changes")
    events = _of_catalogues(store, library)
    if kind == "jurisdiction":
        own = f"{BASE}catalogue/{iri.rpartition('/')[2]}/"
        events = [one for one in events if one.subject.startswith(own)]
    elif kind == "catalogue":
        events = [one for one in events if one.subject == iri]
    else:
        rows = select(store, bind(library["publishing/catalogues-about"], {"thing": iri}))
        concerned = {row["catalogue"].value for row in rows if row["catalogue"] is not None}
        events = [one for one in events if one.subject in concerned]
    if kind == "standard":
        events += _of_standard(store, library, iri)
    return Feed(f"{iri}#changes", title, f"/feeds/{key}.atom", f"/doc/{key}", _ordered(events))


def has_feed(key: str) -> bool:
    """Whether things of the class of `<class>/<key>` have feeds."""
    return key.partition("/")[0] in CLASSES and "/" in key


def atom(feed: Feed, language: str, since: datetime, *, address: str = "", page: int = 1) -> str:
    """One page of a feed, in `zh` or `en`.

    `address` is that of the site; without it, links are relative to it. `since` is when the feed changed
    where nothing happened in it yet. Raises `BadParameter` where there is no such page.
    """
    events = feed.on_page(page)
    updated = max((event.at for event in feed.events), default=since)
    links = [("self", _of_page(feed, page)), ("alternate", feed.page), ("first", _of_page(feed, 1))]
    links += [("last", _of_page(feed, feed.pages))]
    links += [("previous", _of_page(feed, page - 1))] if page > 1 else []
    links += [("next", _of_page(feed, page + 1))] if page < feed.pages else []
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<feed xmlns="{_ATOM}" xml:lang="{"zh-Hans" if language == "zh" else "en"}">',
        f"<id>{_text(feed.id)}</id>",
        f"<title>{_text(feed.title.in_language(language))}</title>",
        f"<updated>{_instant(updated)}</updated>",
        "<author><name>bpsgraph</name></author>",
        *(_link(relation, address + path, _TYPES.get(relation, "")) for relation, path in links),
        *(line for event in events for line in _entry(event, language, address)),
        "</feed>",
    ]
    return "\n".join(lines) + "\n"


_TYPES = {"alternate": "text/html"}


def _entry(event: Event, language: str, address: str) -> list[str]:
    what, called = event.happened.in_language(language), event.title.in_language(language)
    between = "：" if language == "zh" else ": "
    said = f"{what} {event.stated}" + (f"{between}{event.reason}" if event.reason else "")
    return [
        "<entry>",
        f"<id>{_text(event.id)}</id>",
        f"<title>{_text(what + between + called)}</title>",
        f"<updated>{_instant(event.at)}</updated>",
        _link("alternate", address + event.path, "text/html"),
        f"<category term={quoteattr(event.kind)} label={quoteattr(what)}/>",
        f"<summary>{_text(said)}</summary>",
        "</entry>",
    ]


def _name(store: Store, node: NamedNode) -> Text:
    """What a thing is called, in each language as far as it has a name in it."""
    rows = select(
        store, f"SELECT ?label WHERE {{ {node} {'|'.join(map(str, LABELS))} ?label }} ORDER BY ?label"
    )
    found = {term.language: term.value for (term,) in rows.rows if isinstance(term, Literal)}
    some = next(iter(found.values()), short(node.value))
    return Text(found.get("zh", some), found.get("en", some))


def _of_catalogues(store: Store, library: Library) -> list[Event]:
    found = []
    for row in select(store, bind(library["publishing/events"], {})):
        event, subject, kind = row["event"], row["catalogue"], row["kind"]
        if isinstance(event, NamedNode) and isinstance(subject, NamedNode) and kind is not None:
            made = _event(event.value, str(kind.value), subject.value, row, "title", row["at"])
            found += made
    return found


def _of_state(state: State) -> Event:
    digest = state.inputs.removeprefix("sha256:")[:16]
    return Event(
        id=f"tag:w3id.org,2026:bps/state/{digest}-{state.entry}",
        kind="built",
        subject="",
        title=Text(f"图谱（{state.triples}条三元组）", f"the graph ({state.triples} triples)"),
        at=state.since,
        stated=_instant(state.since),
    )


def _of_standard(store: Store, library: Library, iri: str) -> list[Event]:
    found = []
    for row in select(store, bind(library["standards/all"], {})):
        if isinstance(row["standard"], NamedNode) and row["standard"].value == iri:
            for kind, column in (("published", "issued"), ("in-force", "from"), ("abolished", "until")):
                found += _event(iri, kind, iri, row, "standard", row[column])
    return found


def _event(
    id: str, kind: str, subject: str, row: dict[str, Term | None], stem: str, at: Term | None
) -> list[Event]:
    """The event; none where it has no day or time: a year alone is none."""
    stated = _when(at)
    if isinstance(stated, datetime):
        instant = stated if stated.tzinfo is not None else stated.replace(tzinfo=UTC)
    elif isinstance(stated, date):
        instant = datetime.combine(stated, time(), _CHINA)
    else:
        return []
    zh, en = row[f"{stem}_zh"], row[f"{stem}_en"]
    names = [str(term.value) for term in (zh, en, en, zh) if term is not None] or [short(subject)] * 2
    reason = row.get("reason")
    return [
        Event(
            # What the journal records has an IRI of its own.
            id=f"{id}#{kind}" if id == subject else id,
            kind=kind,
            subject=subject,
            title=Text(names[0], str(en.value) if en is not None else names[0]),
            at=instant,
            stated=stated.isoformat(),
            reason="" if reason is None else str(reason.value),
        )
    ]


def _when(term: Term | None) -> object:
    """The day or the time; a saved query may give a day as text, where others have a year alone."""
    value = python_value(term)
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value


def _ordered(events: Sequence[Event]) -> tuple[Event, ...]:
    first = sorted({event.id: event for event in events}.values(), key=lambda event: event.id)
    return tuple(sorted(first, key=lambda event: event.at, reverse=True))


def _of_page(feed: Feed, page: int) -> str:
    return feed.path if page == 1 else f"{feed.path}?page={page}"


def _link(relation: str, href: str, type: str) -> str:
    kind = f" type={quoteattr(type)}" if type else ""
    return f"<link rel={quoteattr(relation)}{kind} href={quoteattr(href)}/>"


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _text(value: str) -> str:
    return escape(not_xml().sub("\ufffd", value))
