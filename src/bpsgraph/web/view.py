"""Who looks at a page, at what, and in which language: all that a view model may ask."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlencode

from pyoxigraph import Literal
from starlette.requests import Request

from bpsgraph.answers import Answer
from bpsgraph.errors import BadParameter
from bpsgraph.library.saved import Values
from bpsgraph.publishing.feedback import target_of
from bpsgraph.publishing.feeds import has_feed
from bpsgraph.results import Text
from bpsgraph.terms import BASE, BPS, PREFIXES
from bpsgraph.web.negotiation import language_of
from bpsgraph.web.snapshot import Snapshot

_SHAPES = PREFIXES["bpsh"]
# What a path of ours needs no escape for; keys are ASCII, what strangers type need not be.
_SAFE = "/-._~!$&'()*+,;=:@"


_FEEDBACK = "provenance/feedback"


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of a reader that is shown."""

    text: str
    language: str
    day: str


@dataclass(frozen=True)
class View:
    """One look at a snapshot in a language; `parameters` are those of the query string, the last of each.

    `chosen` says that the language was asked for in the address, so that links keep to it.
    """

    snapshot: Snapshot
    language: str = "zh"
    parameters: Mapping[str, str] = field(default_factory=dict)
    path: str = "/"
    chosen: bool = False

    def answered(self, query: str, **values: Values) -> Answer:
        """The answer of a saved query; raises what `bpsgraph.answers.answered` raises."""
        return self.snapshot.answered(query, **values)

    def say(self, text: Text) -> str:
        """The text in the language of the page."""
        return text.in_language(self.language)

    @property
    def feed(self) -> str:
        """Where the feed is of what concerns the thing of this page; empty for what has none."""
        key = self.path.removeprefix("/doc/")
        return f"/feeds/{key}.atom" if self.path.startswith("/doc/") and has_feed(key) else ""

    def labels(self, iris: "set[str]") -> dict[str, str]:
        """The label of each IRI that has one, in the language of the page where there is one."""
        return self.snapshot.labels(iris, self.language)

    def link(self, path: str, **query: str) -> str:
        """The address of a page of this site, in the language that was chosen."""
        where, hash, anchor = path.partition("#")
        asked = {**query, **({"lang": self.language} if self.chosen and "lang" not in query else {})}
        return quote(where, safe=_SAFE) + (f"?{urlencode(asked)}" if asked else "") + hash + anchor

    def other_language(self) -> str:
        """The address of this page in the other language."""
        asked = {**self.parameters, "lang": "en" if self.language == "zh" else "zh"}
        return f"{quote(self.path, safe=_SAFE)}?{urlencode(asked)}"

    def feedback(self) -> tuple[Heard, ...]:
        """What readers said about this page or the thing that it is about, and may be shown."""
        try:
            return self.heard(target_of(self.path))
        except BadParameter:
            return ()

    def heard(self, target: str) -> tuple[Heard, ...]:
        """What readers said about a thing or page, the newest first."""
        if _FEEDBACK not in self.snapshot.library:
            return ()
        said: dict[str, tuple[Heard, ...]] = self.snapshot.kept("feedback", self._heard)
        return said.get(target, ())

    def _heard(self) -> dict[str, tuple[Heard, ...]]:
        found: dict[str, tuple[Heard, ...]] = {}
        for row in self.answered(_FEEDBACK).rows:
            target, text, created = row["target"], row["text"], row["created"]
            if target is not None and isinstance(text, Literal) and created is not None:
                heard = Heard(text.value, text.language or "zh", str(created.value)[:10])
                found[target.value] = (*found.get(target.value, ()), heard)
        return found

    def href(self, iri: str) -> str:
        """Where a thing is read about: here, if it is one of ours."""
        if iri.startswith(BASE):
            return self.link("/doc/" + iri.removeprefix(BASE))
        if iri.startswith(BPS):
            return self.link("/ns#" + iri.removeprefix(BPS))
        if iri.startswith(_SHAPES):
            return self.link("/shapes#" + iri.removeprefix(_SHAPES))
        return iri


def view_of(request: Request, snapshot: Snapshot) -> View:
    """How the one who asks looks at the snapshot; raises `BadParameter` for an unknown language."""
    return View(
        snapshot=snapshot,
        language=language_of(request),
        parameters=dict(request.query_params),
        path=request.url.path,
        chosen="lang" in request.query_params,
    )
