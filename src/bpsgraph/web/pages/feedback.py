"""What readers say: the form, what is shown of it, and what waits for a decision."""

from dataclasses import dataclass

from bpsgraph.errors import BpsError
from bpsgraph.publishing.feedback import LONGEST, Message, target_of
from bpsgraph.results import Text
from bpsgraph.terms import short
from bpsgraph.web.pages.queries import Option
from bpsgraph.web.view import Heard, View

_KINDS = {
    "error": Text("有错误", "Something is wrong"),
    "source": Text("有更好的来源", "There is a better source"),
    "question": Text("有疑问", "A question"),
    "suggestion": Text("建议", "A suggestion"),
}


@dataclass(frozen=True, slots=True)
class Form:
    """The form about one thing or page; without `stored` a message is made into a file instead."""

    about: str
    name: str
    href: str
    kinds: tuple[Option, ...]
    kind: str
    text: str
    longest: int
    stored: bool
    sent: bool
    heard: tuple[Heard, ...]
    problem: str = ""
    status: int = 200


@dataclass(frozen=True, slots=True)
class Waits:
    """A message that waits for a decision."""

    id: str
    kind: str
    text: str
    language: str
    created: str
    name: str
    href: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The messages that wait; `token` was shown in the form, and is shown again with each decision."""

    known: bool
    token: str
    waiting: tuple[Waits, ...]


def form(
    view: View,
    about: str,
    *,
    stored: bool,
    sent: bool = False,
    held: tuple[str, str] = ("error", ""),
    problem: BpsError | None = None,
) -> Form:
    """The form; raises `BadParameter` for what is no page and no thing of this site."""
    target = target_of(about)
    return Form(
        about=about,
        name=_name(view, target),
        href=_href(view, about, target),
        kinds=tuple(Option(kind, view.say(words)) for kind, words in _KINDS.items()),
        kind=held[0],
        text=held[1],
        longest=LONGEST,
        stored=stored,
        sent=sent,
        heard=view.heard(target),
        problem=str(problem) if problem else "",
        status=problem.status if problem else 200,
    )


def desk(view: View, waiting: list[Message], token: str) -> Desk:
    """What waits, for whoever may decide."""
    return Desk(
        True,
        token,
        tuple(
            Waits(
                one.id,
                view.say(_KINDS[one.kind]),
                one.text,
                one.language,
                one.created.isoformat(),
                _name(view, one.target),
                _href(view, "", one.target),
            )
            for one in waiting
        ),
    )


def closed() -> Desk:
    """The form that asks for the token."""
    return Desk(False, "", ())


def _name(view: View, target: str) -> str:
    return view.labels({target}).get(target, short(target).removeprefix("https://w3id.org/bps/page") or "/")


def _href(view: View, about: str, target: str) -> str:
    if about.startswith("/"):
        return view.link(about)
    path = target.removeprefix("https://w3id.org/bps/page")
    return view.link(path or "/") if path != target else view.href(target)
