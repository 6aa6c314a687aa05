"""The ways in which a thing is described, and which of them suit it.

Profiles are named by IRIs and by tokens, as in Content Negotiation by Profile
(https://www.w3.org/TR/dx-prof-conneg/); what each says is a CONSTRUCT in `queries/profiles/`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from bpsgraph.errors import BadParameter, did_you_mean
from bpsgraph.results import Text, Triples
from bpsgraph.terms import BPS, DCT, RDF_TYPE, RDFS

PROFILES = "https://w3id.org/bps/profiles"
ALTERNATES = "http://www.w3.org/ns/dx/connegp/altr#"
_PROF = "http://www.w3.org/ns/dx/prof/"


@dataclass(frozen=True, slots=True)
class Profile:
    """One way to describe things; `query` is the saved query that does, without it all that is said is told.

    `classes` are those that it suits; without any it suits all things.
    """

    token: str
    iri: str
    label: Text
    description: Text
    query: str | None = None
    classes: frozenset[str] = frozenset()

    def suits(self, classes: Collection[str]) -> bool:
        """Whether it says something of a thing of these classes, by their IRIs."""
        return not self.classes or not self.classes.isdisjoint(classes)


def _classes(*names: str) -> frozenset[str]:
    return frozenset(BPS + name for name in names)


FULL = Profile(
    "full",
    PROFILES + "#full",
    Text("完整", "full"),
    Text(
        "关于该事物的全部陈述、相关事物的名称、单格出处，以及指向它的链接（计数、分页）。",
        "All that is said of the thing, the names of what it is linked with, the sources of single cells, "
        "and the links to it, counted and paged.",
    ),
)
SUMMARY = Profile(
    "summary",
    PROFILES + "#summary",
    Text("摘要", "summary"),
    Text(
        "类别、名称、编号、所属与出处，以及指向它的链接数。",
        "Its classes, names, numbers, what it belongs to and where it comes from, and how many links point "
        "to it.",
    ),
    "profiles/summary",
)
CPSV_AP = Profile(
    "cpsv-ap",
    "http://data.europa.eu/m8g/cpsvap/3.2.0",
    Text("CPSV-AP 3.2（欧盟核心公共服务词汇应用规范）", "CPSV-AP 3.2 (Core Public Service Vocabulary)"),
    Text(
        "清单的行作为公共服务，机构作为公共组织；符合 CPSV-AP 3.2.0 的 SHACL 形状。",
        "Rows of catalogues as public services, agencies as public organisations; conforms to the SHACL "
        "shapes of CPSV-AP 3.2.0.",
    ),
    "profiles/cpsv-ap",
    _classes("Provision", "Agency", "ServiceItem", "Catalogue"),
)
SCHEMA = Profile(
    "schema",
    "https://schema.org/",
    Text("schema.org", "schema.org"),
    Text(
        "搜索引擎所用的词汇：GovernmentService、GovernmentOrganization、Dataset 等。",
        "The vocabulary of search engines: GovernmentService, GovernmentOrganization, Dataset and others.",
    ),
    "profiles/schema",
    _classes(
        *("Provision", "Agency", "ServiceItem", "Catalogue", "Jurisdiction", "PolicyDocument", "Standard")
    ),
)
ALL = (FULL, SUMMARY, CPSV_AP, SCHEMA)
"""Every profile, the default one first."""
LIST = "alt"
"""The token that asks for the list of what there is instead of a description."""


def offered(classes: Collection[str]) -> tuple[Profile, ...]:
    """The profiles that suit a thing of these classes, the default one first."""
    return tuple(profile for profile in ALL if profile.suits(classes))


def by_token(token: str) -> Profile:
    """The profile of that token or IRI; raises `BadParameter` with those there are."""
    for profile in ALL:
        if token in (profile.token, profile.iri):
            return profile
    tokens = [profile.token for profile in ALL]
    raise BadParameter(
        "_profile",
        f"there is no profile {token!r}",
        did_you_mean(token, tokens, f"choose one of: {', '.join(tokens)}, or {LIST} for the list"),
    )


def accepted(header: str, offers: Collection[Profile]) -> Profile | None:
    """The profile on offer that a header `Accept-Profile` likes best; None where it names none of them.

    The header lists IRIs in angle brackets, each with a weight `q` where it is not 1.
    """
    best: tuple[float, Profile] | None = None
    for wish in header.split(","):
        name, *parameters = (part.strip() for part in wish.split(";"))
        weights = [value for key, _, value in (one.partition("=") for one in parameters) if key == "q"]
        try:
            weight = float(weights[0]) if weights else 1.0
        except ValueError:
            continue
        for profile in offers:
            if name.strip("<>\"'") == profile.iri and 0 < weight <= 1 and (best is None or weight > best[0]):
                best = (weight, profile)
    return best[1] if best else None


def catalogue() -> Triples:
    """The profiles in the words of the Profiles Vocabulary (https://www.w3.org/TR/dx-prof/)."""
    return Triples(frozenset(triple for profile in ALL for triple in _said_of(profile)))


def _said_of(profile: Profile) -> Iterator[Triple]:
    node, list_of_all = NamedNode(profile.iri), NamedNode(PROFILES)
    yield Triple(list_of_all, NamedNode(DCT + "hasPart"), node)
    yield Triple(node, RDF_TYPE, NamedNode(_PROF + "Profile"))
    yield Triple(node, NamedNode(_PROF + "hasToken"), Literal(profile.token))
    for language in ("zh", "en"):
        label, description = profile.label.in_language(language), profile.description.in_language(language)
        yield Triple(node, NamedNode(RDFS + "label"), Literal(label, language=language))
        yield Triple(node, NamedNode(DCT + "description"), Literal(description, language=language))


def representations(thing: str, forms: Mapping[str, tuple[str, Profile]], default: str) -> Triples:
    """What there is to be had about a thing, in the words of the alternates profile.

    `forms` gives the media type and the profile by the IRI of the representation; `default` is the one for
    whoever has no wish (https://www.w3.org/TR/dx-prof-conneg/#altr).
    """
    triples = set()
    for iri, (media_type, profile) in forms.items():
        node = NamedNode(iri)
        triples |= {
            Triple(NamedNode(thing), NamedNode(ALTERNATES + "hasRepresentation"), node),
            Triple(node, RDF_TYPE, NamedNode(ALTERNATES + "Representation")),
            Triple(node, NamedNode(DCT + "format"), Literal(media_type)),
            Triple(node, NamedNode(DCT + "conformsTo"), NamedNode(profile.iri)),
        }
    triples.add(
        Triple(NamedNode(thing), NamedNode(ALTERNATES + "hasDefaultRepresentation"), NamedNode(default))
    )
    return Triples(frozenset(triples))
