"""What readers say about a thing or a page: as RDF, and waiting in a folder until somebody lets it be shown.

A message is a `duv:UserFeedback` (Dataset Usage Vocabulary, https://www.w3.org/TR/vocab-duv/) and an
`oa:Annotation` (https://www.w3.org/TR/annotation-vocab/). One that waits is no part of the store, so that no
query sees it, and costs no generation of the store.
"""

import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph import opening, serialisation
from bpsgraph.errors import BadParameter, TooManyMessages
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.store.journal import write_durably
from bpsgraph.store.own import LOCAL
from bpsgraph.terms import BASE, BPS, DCT, PREFIXES, RDF, RDF_TYPE, XSD

OA = "http://www.w3.org/ns/oa#"
DUV = "http://www.w3.org/ns/duv#"
KINDS = {"error": "editing", "source": "linking", "question": "questioning", "suggestion": "commenting"}
"""What a message may be, with the motivation that the Web Annotation Vocabulary has for it."""
SHORTEST, LONGEST = 5, 4_000
"""Characters of a message."""
MOST_WAITING = 1_000
"""Messages that wait; no more are taken."""
_LONGEST_TARGET = 500
_PAGES = "https://w3id.org/bps/page"
_MARKUP = re.compile(r"<\s*[a-zA-Z!/?]")
_ADDRESS = re.compile(r"https?://|www\.", re.IGNORECASE)
_MOST_ADDRESSES = 5
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_ID = re.compile(r"[0-9]{14}-[0-9a-f]{12}")
_NOT_IN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


@dataclass(frozen=True, slots=True)
class Message:
    """One message: about which IRI, of which kind, in which language, and when it came."""

    id: str
    target: str
    kind: str
    text: str
    language: str
    created: datetime

    @property
    def graph(self) -> str:
        """The graph that it is once it is shown."""
        return f"{LOCAL}feedback/{self.id}"

    def triples(self) -> set[Triple]:
        """The message as RDF."""
        one, body = NamedNode(f"{BASE}feedback/{self.id}"), NamedNode(f"{BASE}feedback/{self.id}/body")
        created = self.created.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            Triple(one, RDF_TYPE, NamedNode(DUV + "UserFeedback")),
            Triple(one, RDF_TYPE, NamedNode(OA + "Annotation")),
            Triple(one, NamedNode(OA + "hasTarget"), NamedNode(self.target)),
            Triple(one, NamedNode(OA + "hasBody"), body),
            Triple(one, NamedNode(OA + "motivatedBy"), NamedNode(OA + KINDS[self.kind])),
            Triple(one, NamedNode(DCT + "created"), Literal(created, datatype=NamedNode(XSD + "dateTime"))),
            Triple(body, RDF_TYPE, NamedNode(OA + "TextualBody")),
            Triple(body, NamedNode(RDF + "value"), Literal(self.text, language=self.language)),
            Triple(body, NamedNode(DCT + "format"), Literal("text/plain")),
        }

    def turtle(self) -> str:
        """The same as a file."""
        return serialisation.text(self.triples(), FORMATS["turtle"])


def message(about: str, kind: str, text: str, language: str, at: datetime | None = None) -> Message:
    """A message that came now; raises `BadParameter` for one that is not taken, saying why."""
    text = text.replace("\r\n", "\n").strip()
    if kind not in KINDS:
        raise BadParameter("kind", f"{kind!r} is no kind of message", f"choose of {', '.join(KINDS)}")
    if not SHORTEST <= len(text) <= LONGEST:
        raise BadParameter(
            "text", f"it has {len(text)} characters", f"write {SHORTEST} to {LONGEST:,} characters"
        )
    if _MARKUP.search(text) or _UNFIT.search(text):
        raise BadParameter("text", "it holds markup or control characters", "write plain words")
    if len(_ADDRESS.findall(text)) > _MOST_ADDRESSES:
        raise BadParameter("text", "it names many addresses", f"name at most {_MOST_ADDRESSES}")
    created = (at or datetime.now(UTC)).replace(microsecond=0)
    id = f"{created:%Y%m%d%H%M%S}-{secrets.token_hex(6)}"
    return Message(id, target_of(about), kind, text, language, created)


def target_of(about: str) -> str:
    """The IRI of what a path of the site, or an IRI of the project, is about; raises `BadParameter`."""
    iri = about
    if about.startswith("/") and not about.startswith("//"):
        first, _, rest = about.strip("/").partition("/")
        match first:
            case "doc" | "id":
                iri = BASE + re.sub(r"\.(html|ttl|jsonld|nt|rdf|json)$", "", rest)
            case "catalogues" if rest:
                iri = f"{BASE}catalogue/{rest}"
            case "queries" if rest:
                iri = f"{BASE}query/{rest}"
            case "rules" if rest:
                iri = PREFIXES["bpsh"] + rest
            case _:
                iri = _PAGES + about.rstrip("/") if about != "/" else _PAGES
    of_a_page = iri == _PAGES or (iri.startswith(_PAGES + "/") and not iri.startswith(_PAGES + "//"))
    ours = of_a_page or iri.startswith((BASE, BPS, PREFIXES["bpsh"]))
    if not ours or len(iri) > _LONGEST_TARGET or not _is_iri(iri):
        raise BadParameter("about", "this is no page and no thing of this site", "follow the link of a page")
    return iri


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:
        return False
    return not _NOT_IN_IRI.search(text)


def messages_in(triples: Iterable[Triple]) -> list[Message]:
    """The messages that the triples state, the newest first; raises `ValueError` for what is none."""
    facts: dict[str, dict[str, object]] = {}
    for triple in triples:
        facts.setdefault(str(triple.subject.value), {})[triple.predicate.value] = triple.object  # type: ignore[union-attr]
    kinds = {OA + motivation: kind for kind, motivation in KINDS.items()}
    found = []
    for iri, said in facts.items():
        target, motive = said.get(OA + "hasTarget"), said.get(OA + "motivatedBy")
        created, body = said.get(DCT + "created"), said.get(OA + "hasBody")
        if not (isinstance(target, NamedNode) and isinstance(body, NamedNode)):
            continue
        text = facts[body.value][RDF + "value"]
        assert isinstance(text, Literal)
        assert isinstance(motive, NamedNode)
        assert isinstance(created, Literal)
        found.append(
            Message(
                iri.removeprefix(f"{BASE}feedback/"),
                target.value,
                kinds[motive.value],
                text.value,
                text.language or "zh",
                datetime.fromisoformat(created.value),
            )
        )
    return sorted(found, key=lambda one: one.id, reverse=True)


class Inbox:
    """The messages that wait, a file each in a folder beside the store, where builds leave them alone."""

    def __init__(self, store: Path) -> None:
        self.folder = store.with_name(f"{store.name}.feedback")

    def put(self, one: Message) -> None:
        """Keep a message: it is on the disk when this returns.

        Raises `TooManyMessages` where many wait, and `StoreUnavailable`.
        """
        if len(self._files()) >= MOST_WAITING:
            raise TooManyMessages("many messages wait to be read", 3_600)
        # What follows says why, where that fails.
        with suppress(OSError):
            self.folder.mkdir(exist_ok=True)
        file = self.folder / f"{one.id}.ttl"
        write_durably(file, one.turtle().encode(), file.with_suffix(".draft"))

    def waiting(self) -> list[Message]:
        """The messages that wait, the newest first."""
        return [found for file in reversed(self._files()) for found in self._read(file)]

    def find(self, id: str) -> Message | None:
        """One that waits."""
        file = self.folder / f"{id}.ttl"
        if not _ID.fullmatch(id) or not file.is_file():
            return None
        return next(iter(self._read(file)), None)

    def take(self, id: str) -> None:
        """Remove one."""
        if _ID.fullmatch(id):
            (self.folder / f"{id}.ttl").unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return sorted(file for file in self.folder.glob("*.ttl") if _ID.fullmatch(file.stem))

    def _read(self, file: Path) -> list[Message]:
        return messages_in(parse(opening.content(file), str(file), FORMATS["turtle"]))
