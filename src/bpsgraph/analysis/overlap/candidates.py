"""Candidates for an overlap, each with its reasons: items, standards, local standards, duties."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bpsgraph.analysis.overlap.features import Featured, Threshold, read_featured, read_threshold
from bpsgraph.analysis.overlap.likeness import Weights, bigrams, jaccard
from bpsgraph.library import query
from bpsgraph.results import Text
from bpsgraph.store import Store
from bpsgraph.terms import BASE, Term, short

DUTIES = "analysis/overlap-duties"
COVER = "analysis/segments-covering"
_NATIONAL = frozenset({f"{BASE}standard-level/gb", f"{BASE}standard-level/gb-t"})
_LOCAL = f"{BASE}standard-level/db"
_IN_FORCE = f"{BASE}status/in-force"


class Kind(StrEnum):
    """In which way two things may overlap."""

    ITEM = "same-item"
    DUTY = "two-agencies"
    STANDARD = "two-standards"
    DUPLICATE = "duplicate-standard"

    @property
    def words(self) -> Text:
        """What the kind says."""
        return {
            Kind.ITEM: Text("同一事项异名", "same item under other names"),
            Kind.DUTY: Text("一事两管", "two agencies for one duty"),
            Kind.STANDARD: Text("同一事项、要素有两项标准", "two standards for one item and aspect"),
            Kind.DUPLICATE: Text("地方标准与国家标准重复", "local standard that duplicates a national one"),
        }[self]


@dataclass(frozen=True, slots=True)
class Named:
    """One side of a pair, or the duty between two: IRI and label."""

    iri: str
    label: Text


@dataclass(frozen=True, slots=True)
class Candidate:
    """Two things that may overlap, and why.

    The likenesses are from 0 to 1, None where one side states nothing; `score` is their weighted mean over
    what both state, None where the duty is the very same and nothing had to be compared. `names` are the two
    names that are most alike, `shared` the pairs of characters that they share, `references` what both cite.
    """

    kind: Kind
    one: Named
    other: Named
    reasons: tuple[Text, ...]
    about: Named | None = None
    place: Named | None = None
    score: float | None = None
    name_likeness: float | None = None
    content_likeness: float | None = None
    reference_likeness: float | None = None
    names: tuple[str, str] | None = None
    shared: tuple[str, ...] = ()
    references: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str]:
        """By what a review of it is found: both sides in order, and the duty or nothing."""
        first, second = sorted((self.one.iri, self.other.iri))
        return first, second, self.about.iri if self.kind is Kind.DUTY and self.about else ""


class Comparison:
    """Compares things by their names, contents and references, with the weights of one store."""

    def __init__(self, things: Iterable[Featured], threshold: Threshold) -> None:
        self.things = {thing.iri: thing for thing in things}
        self.threshold = threshold
        self._pairs = {
            (thing.iri, name): bigrams(name) for thing in self.things.values() for name in thing.names
        }
        self.weights = Weights.of(name for _, name in self._pairs)

    def alike(self, wanted: Callable[[Featured, Featured], bool]) -> list[tuple[str, str]]:
        """The IRIs of any two things that are wanted and have names as alike as the threshold says."""
        separate = "\n"
        keys = {f"{iri}{separate}{name}": pairs for (iri, name), pairs in self._pairs.items() if pairs}
        found = set()
        for key, other in self.weights.alike(keys, self.threshold.name_likeness):
            first, second = sorted((key.partition(separate)[0], other.partition(separate)[0]))
            if first != second and wanted(self.things[first], self.things[second]):
                found.add((first, second))
        return sorted(found)

    def candidate(
        self,
        kind: Kind,
        one: Featured,
        other: Featured,
        reasons: Iterable[Text] = (),
        about: Named | None = None,
    ) -> Candidate | None:
        """The two as a candidate with its score and reasons, or None below the threshold."""
        likeness, first, second = max(
            (
                (self.weights.likeness(self._pairs[one.iri, a], self._pairs[other.iri, b]), a, b)
                for a in one.names
                for b in other.names
            ),
            default=(0.0, "", ""),
        )
        if likeness < self.threshold.name_likeness:
            return None
        contents = jaccard(_pairs_of(one.values("content")), _pairs_of(other.values("content")))
        references = jaccard(one.values("reference"), other.values("reference"))
        parts = (
            (self.threshold.name_weight, likeness),
            (self.threshold.content_weight, contents),
            (self.threshold.reference_weight, references),
        )
        stated = [(weight, part) for weight, part in parts if part is not None]
        score = sum(weight * part for weight, part in stated) / sum(weight for weight, _ in stated)
        if score < self.threshold.score:
            return None
        shared = _chains(first, second, self._pairs[one.iri, first] & self._pairs[other.iri, second])
        cited = tuple(sorted(one.values("reference") & other.values("reference")))
        said = [_names_reason(first, second, likeness, shared)]
        if contents:
            said.append(Text(f"内容相似 {contents:.2f}", f"contents alike {contents:.2f}"))
        if cited:
            keys = ", ".join(short(iri) for iri in cited)
            said.append(Text(f"都援引 {keys}", f"both cite {keys}"))
        return Candidate(
            kind,
            Named(one.iri, one.label),
            Named(other.iri, other.label),
            (*said, *reasons),
            about,
            score=score,
            name_likeness=likeness,
            content_likeness=contents,
            reference_likeness=references,
            names=(first, second),
            shared=shared,
            references=cited,
        )


def overlaps(store: Store) -> list[Candidate]:
    """Every candidate in a store: by kind, the highest score first, then by IRI."""
    threshold = read_threshold(store)
    featured = read_featured(store).values()
    cover = read_cover(store)
    items = [thing for thing in featured if thing.kind == "item"]
    standards = [thing for thing in featured if thing.kind == "standard"]
    found = [
        *same_items(items, threshold, cover),
        *same_duties(store, threshold),
        *same_standards(standards, {thing.iri: thing for thing in items}, threshold),
        *duplicate_standards(standards, threshold),
    ]
    order = list(Kind)
    return sorted(found, key=lambda one: (order.index(one.kind), -(one.score or 0), one.key))


def read_cover(store: Store) -> dict[str, frozenset[str]]:
    """By segment, the segments that it covers or that cover it."""
    near: dict[str, set[str]] = {}
    for row in query(store, COVER):
        narrow, wide = _value(row["segment"]), _value(row["within"])
        near.setdefault(narrow, set()).add(wide)
        near.setdefault(wide, set()).add(narrow)
    return {segment: frozenset(others) for segment, others in near.items()}


def same_items(
    items: Iterable[Featured], threshold: Threshold, cover: Mapping[str, frozenset[str]]
) -> list[Candidate]:
    """Items of one domain and of like beneficiaries under two names, of which one at least is only local.

    Beneficiaries are like where one group is or covers the other. What is not stated does not part two.
    """

    def wanted(one: Featured, other: Featured) -> bool:
        return (
            (one.is_local or other.is_local)
            and _meet(one.values("domain"), other.values("domain"))
            and _meet(one.values("beneficiary"), other.values("beneficiary"), cover)
        )

    comparison = Comparison(items, threshold)
    found = []
    for first, second in comparison.alike(wanted):
        one, other = comparison.things[first], comparison.things[second]
        reasons = _shared_reasons(one, other, (("domain", Text("同一领域", "same domain")),))
        if one.values("beneficiary") and other.values("beneficiary"):
            reasons.append(Text("对象相同或相容", "beneficiaries the same, or one covers the other"))
        candidate = comparison.candidate(Kind.ITEM, one, other, reasons)
        found += [candidate] if candidate else []
    return found


def same_standards(
    standards: Iterable[Featured], items: Mapping[str, Featured], threshold: Threshold
) -> list[Candidate]:
    """Two standards in force that apply to one item in the same aspect, with titles that are alike.

    Where one of the two names no aspect, any will do; what replaces the other does not overlap with it.
    """

    def wanted(one: Featured, other: Featured) -> bool:
        shared = one.values("applies-to") & other.values("applies-to") & items.keys()
        return (
            bool(shared)
            and _both_in_force(one, other)
            and _meet(one.values("aspect"), other.values("aspect"))
        )

    comparison = Comparison(standards, threshold)
    found = []
    for first, second in comparison.alike(wanted):
        one, other = comparison.things[first], comparison.things[second]
        shared = sorted(one.values("applies-to") & other.values("applies-to") & items.keys())
        about = Named(shared[0], items[shared[0]].label)
        labels = [items[iri].label for iri in shared]
        reasons = [
            Text(
                f"都适用于{'、'.join(label.zh for label in labels)}",
                f"both apply to {', '.join(label.en for label in labels)}",
            ),
            *_shared_reasons(one, other, (("aspect", Text("同一要素", "same aspect")),)),
        ]
        candidate = comparison.candidate(Kind.STANDARD, one, other, reasons, about)
        found += [candidate] if candidate else []
    return found


def duplicate_standards(standards: Iterable[Featured], threshold: Threshold) -> list[Candidate]:
    """A local standard and a national one of the same domain, both in force, with titles that are alike."""

    def wanted(one: Featured, other: Featured) -> bool:
        sides = (one.values("level"), other.values("level"))
        local = [_LOCAL in levels for levels in sides]
        national = [bool(_NATIONAL & levels) for levels in sides]
        return (
            ((local[0] and national[1]) or (local[1] and national[0]))
            and _both_in_force(one, other)
            and _meet(one.values("domain"), other.values("domain"))
        )

    comparison = Comparison(standards, threshold)
    found = []
    for first, second in comparison.alike(wanted):
        pair = [comparison.things[first], comparison.things[second]]
        local, national = sorted(pair, key=lambda thing: _LOCAL not in thing.values("level"))
        reasons = [
            Text("一为地方标准，一为国家标准", "one is a local standard, the other a national one"),
            *_shared_reasons(local, national, (("domain", Text("同一领域", "same domain")),)),
        ]
        candidate = comparison.candidate(Kind.DUPLICATE, local, national, reasons)
        found += [candidate] if candidate else []
    return found


@dataclass(frozen=True, slots=True)
class _Lead:
    place: Named
    duty: Named
    agency: Named
    parent: str
    stated_in: str
    since: str


def same_duties(store: Store, threshold: Threshold) -> list[Candidate]:
    """Two agencies of one place that lead one duty.

    Either one provision or task names both, or two of the same item do, or a task has a name like that of
    another duty: two items of one list differ by definition. Of the editions of a place only the newest that
    has the item counts.
    """
    leads = [
        _Lead(
            Named(_value(row["jurisdiction"]), _label(row, "jurisdiction")),
            Named(_value(row["duty"]), _label(row, "duty")),
            Named(_value(row["agency"]), _label(row, "agency")),
            _value(row["parent"]),
            _value(row["place"]),
            _value(row["from"]),
        )
        for row in query(store, DUTIES)
    ]
    newest: dict[tuple[str, str], str] = {}
    for lead in leads:
        key = (lead.place.iri, lead.duty.iri)
        newest[key] = max(lead.since, newest.get(key, ""))
    by_place: dict[str, dict[str, list[_Lead]]] = {}
    for lead in leads:
        if lead.since == newest[lead.place.iri, lead.duty.iri]:
            by_place.setdefault(lead.place.iri, {}).setdefault(lead.duty.iri, []).append(lead)
    found: list[Candidate] = []
    for duties in by_place.values():
        for same in duties.values():
            found += _shared_lead(same)
        found += _alike_duties(duties, threshold)
    return found


def _shared_lead(leads: list[_Lead]) -> list[Candidate]:
    found = []
    agencies = {lead.agency.iri: lead for lead in leads}
    stated: dict[str, set[str]] = {}
    for lead in leads:
        stated.setdefault(lead.agency.iri, set()).add(lead.stated_in)
    for first, one in sorted(agencies.items()):
        for second, other in sorted(agencies.items()):
            if first >= second:
                continue
            together = sorted(stated[first] & stated[second])
            if together:
                key = short(together[0])
                reason = Text(f"{key} 由两者共同牵头", f"{key} names both as leading")
            else:
                keys = [short(min(stated[iri])) for iri in (first, second)]
                reason = Text(
                    f"{keys[0]} 与 {keys[1]} 牵头不同", f"{keys[0]} and {keys[1]} name different leads"
                )
            reasons = (reason, *_kinship(one, other))
            found.append(Candidate(Kind.DUTY, one.agency, other.agency, reasons, one.duty, one.place))
    return found


def _alike_duties(duties: Mapping[str, list[_Lead]], threshold: Threshold) -> list[Candidate]:
    things = [
        Featured(iri, "duty", leads[0].duty.label, (leads[0].duty.label.zh,)) for iri, leads in duties.items()
    ]
    comparison = Comparison(things, threshold)

    def wanted(one: Featured, other: Featured) -> bool:
        leading = [{lead.agency.iri for lead in duties[thing.iri]} for thing in (one, other)]
        tasks = [thing.iri == duties[thing.iri][0].stated_in for thing in (one, other)]
        return any(tasks) and not leading[0] & leading[1]

    found = []
    for first, second in comparison.alike(wanted):
        compared = comparison.candidate(Kind.DUTY, comparison.things[first], comparison.things[second])
        if compared is None:
            continue
        one, other = duties[first][0], duties[second][0]
        found.append(
            Candidate(
                Kind.DUTY,
                one.agency,
                other.agency,
                (*compared.reasons, *_kinship(one, other)),
                one.duty,
                one.place,
                compared.score,
                compared.name_likeness,
                names=compared.names,
                shared=compared.shared,
            )
        )
    return found


def _kinship(one: _Lead, other: _Lead) -> tuple[Text, ...]:
    if other.parent == one.agency.iri or one.parent == other.agency.iri:
        return (Text("一方隶属另一方", "one is a part of the other"),)
    return ()


def _meet(
    one: frozenset[str], other: frozenset[str], near: Mapping[str, frozenset[str]] | None = None
) -> bool:
    if not one or not other or one & other:
        return True
    return near is not None and any(near.get(value, frozenset()) & other for value in one)


def _both_in_force(one: Featured, other: Featured) -> bool:
    for this, that in ((one, other), (other, one)):
        if this.values("status") - {_IN_FORCE} or that.iri in this.values("replaces"):
            return False
    return True


def _shared_reasons(one: Featured, other: Featured, features: Iterable[tuple[str, Text]]) -> list[Text]:
    found = []
    for feature, words in features:
        shared = ", ".join(short(iri) for iri in sorted(one.values(feature) & other.values(feature)))
        if shared:
            found.append(Text(f"{words.zh} {shared}", f"{words.en} {shared}"))
    return found


def _names_reason(first: str, second: str, likeness: float, shared: tuple[str, ...]) -> Text:
    common = " ".join(shared)
    if bigrams(first) == bigrams(second):
        return Text(f"名称相同：{first}", f"the same name: {first}")
    return Text(
        f"名称相似 {likeness:.2f}：{first}／{second}，共有 {common}",
        f"names alike {likeness:.2f}: {first} / {second}, sharing {common}",
    )


def _chains(first: str, second: str, shared: frozenset[str]) -> tuple[str, ...]:
    """The shared pairs in the order of the first name, neighbours drawn together: 学生 生营 is 学生营."""
    found: list[str] = []
    before = -2
    letters = [letter for letter in first if bigrams(letter)]
    for place in range(len(letters) - 1):
        if bigrams(letters[place] + letters[place + 1]) <= shared:
            if before == place - 1:
                found[-1] += letters[place + 1]
            else:
                found.append(letters[place] + letters[place + 1])
            before = place
    return tuple(dict.fromkeys(found))


def _pairs_of(texts: frozenset[str]) -> frozenset[str]:
    return frozenset().union(*map(bigrams, texts))


def _label(row: Mapping[str, Term | None], stem: str) -> Text:
    zh, en = _value(row[f"{stem}_zh"]), _value(row[f"{stem}_en"])
    return Text(zh or en or short(_value(row[stem])), en or zh or short(_value(row[stem])))


def _value(term: Term | None) -> str:
    return "" if term is None else term.value
