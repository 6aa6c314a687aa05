"""The interface as people read it: what there is, what it takes, and an address that works."""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from bpsgraph.web.pages.operations import TAGS, Operation, operations
from bpsgraph.web.pages.queries import topic_name
from bpsgraph.web.view import View


@dataclass(frozen=True, slots=True)
class Taken:
    """One parameter."""

    name: str
    help: str
    example: str
    required: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One operation, with an address that is answered; that is empty for what is sent by POST."""

    method: str
    path: str
    summary: str
    taken: tuple[Taken, ...]
    media: tuple[str, ...]
    statuses: tuple[int, ...]
    example: str


@dataclass(frozen=True, slots=True)
class Part:
    """Operations about one thing; `id` is the anchor."""

    id: str
    name: str
    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Interface:
    """The page: its parts, and the saved questions by topic."""

    parts: tuple[Part, ...]
    topics: tuple[Part, ...]
    base: str


def interface(view: View, routes: Collection[str], public_url: str = "") -> Interface:
    """The page; `routes` are the paths of the application's routes."""
    found = operations(view, routes)
    fixed = [one for one in found if one.route != "/queries/{name:path}"]
    saved = [one for one in found if one.route == "/queries/{name:path}"]
    topics = dict.fromkeys(_topic(one) for one in saved)
    return Interface(
        tuple(
            Part(tag, view.say(words), tuple(_call(view, one) for one in fixed if one.tag == tag))
            for tag, words in TAGS.items()
        ),
        tuple(
            Part(
                f"topic-{topic}",
                topic_name(view, topic),
                tuple(_call(view, one) for one in saved if _topic(one) == topic),
            )
            for topic in topics
        ),
        public_url,
    )


def example_of(operation: Operation) -> str:
    """The path with the examples of what is required, and of the first thing that is not."""
    path, pairs = operation.path, []
    optional = [one for one in operation.inputs if one.place == "query" and not one.required]
    chosen = [one for one in operation.inputs if one.required and one.place == "query"]
    formats = [one for one in optional if one.name == "format"]
    chosen += formats or optional[:1]
    for one in operation.inputs:
        if one.place == "path":
            path = path.replace(f"{{{one.name}}}", quote(str(one.example)))
    for one in chosen:
        if one.example is not None:
            pairs.append((one.name, str(one.example)))
    return path + (f"?{urlencode(pairs)}" if pairs else "")


def _call(view: View, one: Operation) -> Call:
    return Call(
        one.method.upper(),
        one.path,
        view.say(one.summary),
        tuple(
            Taken(
                each.name, view.say(each.help), str(each.example or ""), each.required or each.place == "path"
            )
            for each in one.inputs
        ),
        one.media,
        (one.success, *(status for status in one.statuses if status != one.success)),
        example_of(one) if one.method == "get" else "",
    )


def _topic(one: Operation) -> str:
    return one.path.removeprefix("/queries/").rpartition("/")[0]
