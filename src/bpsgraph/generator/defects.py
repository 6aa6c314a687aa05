"""Faults planted in generated catalogues, each of which is exactly one finding against the national edition.

A fault takes a promise or a provision that no other fault has touched, so that no two findings mix.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random

from bpsgraph.generator.catalogue import (
    Catalogue,
    Promise,
    Provision,
    as_referred_to,
    is_short,
    number,
    words,
)
from bpsgraph.generator.setting import NationalGuarantee, Segment, Setting
from bpsgraph.quantity import (
    Delegated,
    Direction,
    Fixed,
    Quantity,
    ValueVerdict,
    compare,
    convert,
    exact,
)
from bpsgraph.terms import BASE

# The size of a county's raise at most is far below this, so that only the planted value stands out.
FAR_ABOVE = 6


@dataclass(frozen=True, order=True)
class Truth:
    """One finding that validating a catalogue must give; `value` is empty where the finding names none."""

    catalogue: str
    rule: str
    focus: str
    value: str
    defect: str


Planter = Callable[["Field"], "tuple[str, str, str] | None"]


@dataclass
class Field:
    """One catalogue on its way to being faulty."""

    catalogue: Catalogue
    setting: Setting
    rng: Random
    touched: set[str]

    def provisions(self) -> list[Provision]:
        """The provisions in which no fault has touched anything, in random order."""
        return [
            p
            for p in self._shuffled()
            # Of a promise that is missing only the name is left.
            if not any(name.startswith(f"{p.item}/") for name in self.touched)
        ]

    def promises(self) -> Iterator[tuple[Provision, Promise]]:
        """The promises that no fault has touched, neither them nor the provision, in random order."""
        for provision in self._shuffled():
            for promise in list(provision.promises):
                if _name(provision, promise) not in self.touched:
                    yield provision, promise

    def figures(self) -> Iterator[tuple[Provision, Promise, NationalGuarantee, Quantity]]:
        """Promises of money that answer a plain figure on which nothing else rests, with that figure."""
        for provision, promise in self.promises():
            answers = promise.answers
            if (
                answers is not None
                and isinstance(answers.value, Quantity)
                and "/money" in answers.value.unit.dimension.iri
                and answers.value.value > 0
                and promise.measure not in self.setting.own_bases
                and self.setting.directions.get(promise.measure) is not Direction.LESS
            ):
                yield provision, promise, answers, answers.value

    def _shuffled(self) -> list[Provision]:
        free = [p for p in self.catalogue.provisions if p.item not in self.touched]
        self.rng.shuffle(free)
        return free

    def iri(self, provision: Provision, promise: Promise | None = None) -> str:
        """The full IRI of the promise, else of the provision."""
        if promise is not None:
            return BASE + self.catalogue.guarantee(provision, promise)
        return f"{BASE}provision/{provision.path(self.catalogue.place.code)}"

    def promise(self, promise: Promise, value: Quantity) -> None:
        """Let the promise say that value."""
        promise.value = value
        promise.stated = words(value)


def _name(provision: Provision, promise: Promise) -> str:
    return f"{provision.item}/{promise.key}"


def plant(field: Field, defect: str) -> Truth | None:
    """The finding that the fault leads to, or `None` where the catalogue has no place left for it."""
    rule, planter = DEFECTS[defect]
    finding = planter(field)
    if finding is None:
        return None
    focus, value, touched = finding
    field.touched.add(touched)
    return Truth(field.catalogue.iri, rule, focus, value, defect)


def _missing_item(field: Field) -> tuple[str, str, str] | None:
    for provision in field.provisions():
        if not {promise.measure for promise in provision.promises} & field.setting.own_bases:
            field.catalogue.provisions.remove(provision)
            return field.catalogue.iri, BASE + provision.national.floor, provision.item
    return None


def _missing_guarantee(field: Field) -> tuple[str, str, str] | None:
    for provision, promise in field.promises():
        measures = [promise.measure for promise in provision.promises]
        # A promise of the same measure for others would be narrower or would answer the floor itself.
        alone = measures.count(promise.measure) == 1 and len(measures) > 1
        if alone and promise.answers is not None and promise.measure not in field.setting.own_bases:
            provision.promises.remove(promise)
            return field.catalogue.iri, BASE + promise.answers.floor, _name(provision, promise)
    return None


def _below(field: Field) -> tuple[str, str, str] | None:
    for provision, promise, answers, floor in field.figures():
        lower = replace(floor, value=floor.value * 4 / 5)
        if is_short(lower.value):
            field.promise(promise, lower)
            return field.iri(provision, promise), BASE + answers.floor, _name(provision, promise)
    return None


def _below_through_unit(field: Field) -> tuple[str, str, str] | None:
    for provision, promise, answers, floor in field.figures():
        others = [
            unit
            for unit in field.setting.units.values()
            if unit.dimension == floor.unit.dimension and unit.multiplier != floor.unit.multiplier
        ]
        field.rng.shuffle(others)
        for unit in others:
            written = convert(floor, unit)
            # The step below the floor in the other unit: 0.06 for 0.065, 50 for 54.17.
            short = next((v for v in _just_below(written.value) if Fraction(1, 2) * written.value <= v), None)
            if short is not None:
                field.promise(promise, replace(written, value=short))
                return field.iri(provision, promise), BASE + answers.floor, _name(provision, promise)
    return None


def _just_below(value: Fraction) -> Iterator[Fraction]:
    for digits in range(-2, 5):
        step = exact(10) ** -digits
        below = -(-value // step) * step - step
        if below > 0:
            yield below


def _not_comparable(field: Field) -> tuple[str, str, str] | None:
    for provision, promise, answers, floor in field.figures():
        name = floor.unit.dimension.iri.replace("-year", "-day")
        unit = next((u for u in field.setting.units.values() if u.dimension.iri == name), None)
        if unit is not None and unit.dimension != floor.unit.dimension:
            # A day's figure without the days of the year: it can never become a year's.
            field.promise(promise, Fixed(exact(10), unit))
            if compare(promise.value, floor) is ValueVerdict.NOT_COMPARABLE:
                return field.iri(provision, promise), BASE + answers.floor, _name(provision, promise)
    return None


def _narrower(field: Field) -> tuple[str, str, str] | None:
    for provision in field.provisions():
        inherited = all(promise.segment is None for promise in provision.promises)
        if inherited and provision.beneficiary and (own := _older(field, provision.beneficiary)):
            provision.beneficiary = own.slug
            return field.iri(provision), f"{BASE}segment/{own.slug}", provision.item
    for provision, promise in field.promises():
        measures = [promise.measure for promise in provision.promises]
        delegated = promise.answers is None or isinstance(promise.answers.value, Delegated)
        if measures.count(promise.measure) > 1 or delegated or promise.segment is None:
            continue
        if own := _older(field, promise.segment):
            promise.segment = own.slug
            promise.key = f"{promise.measure}/{own.slug}"
            return field.iri(provision, promise), f"{BASE}segment/{own.slug}", _name(provision, promise)
    return None


def _older(field: Field, slug: str) -> Segment | None:
    """A group of the catalogue's own that starts five years later, where the group has a lowest age."""
    segment = field.setting.segments.get(slug)
    if segment is None or segment.minimum_age is None:
        return None
    age = segment.minimum_age + 5
    if segment.maximum_age is not None and age > segment.maximum_age:
        return None
    own = replace(
        segment,
        slug=f"{field.catalogue.place.code}-{slug}-from-{age}",
        name=f"{segment.name}中{age}岁及以上的",
        english=f"{segment.english}, from {age}",
        minimum_age=age,
    )
    field.catalogue.segments.append(own)
    return own


def _no_expenditure(field: Field) -> tuple[str, str, str] | None:
    for provision in field.provisions():
        if provision.central_share is None:
            del provision.texts["expenditure"]
            return field.iri(provision), "", provision.item
    return None


def _central_share(field: Field) -> tuple[str, str, str] | None:
    for provision in field.provisions():
        if provision.central_share is not None:
            provision.central_share = provision.central_share / 2 + 3
            provision.texts["expenditure"] = (
                f"中央财政和地方财政按比例分担，其中中央财政承担{number(provision.central_share)}%"
            )
            return field.iri(provision), "", provision.item
    return None


def _no_lead_agency(field: Field) -> tuple[str, str, str] | None:
    for provision in field.provisions():
        provision.lead = None
        return field.iri(provision), "", provision.item
    return None


def _standard_withdrawn(field: Field) -> tuple[str, str, str] | None:
    for provision in field.provisions():
        if field.setting.withdrawn_standards:
            standard = field.rng.choice(field.setting.withdrawn_standards)
            provision.standards = [standard]
            return field.iri(provision), BASE + standard, provision.item
    return None


def _no_validity(field: Field) -> tuple[str, str, str] | None:
    if field.catalogue.valid_from is None:
        return None
    field.catalogue.valid_from = None
    return field.catalogue.iri, "", ""


def _duplicate(field: Field) -> tuple[str, str, str] | None:
    for provision, promise, _, floor in field.figures():
        if isinstance(promise.value, Quantity):
            twin = replace(promise.value, value=promise.value.value + max(exact(1), floor.value / 20))
            if is_short(twin.value):
                again = replace(promise, key=f"{promise.key}/again", value=twin, stated=words(twin))
                provision.promises.append(again)
                return field.iri(provision), f"{BASE}measure/{promise.measure}", provision.item
    return None


def _unknown_item(field: Field) -> tuple[str, str, str] | None:
    slug = f"unlisted-service-{field.rng.randrange(1000):03}"
    for provision in field.provisions():
        stranger = replace(provision, item=slug, beneficiary=None, standards=[], central_share=None)
        stranger.promises = [as_referred_to()]
        stranger.texts = {**provision.texts, "content": "提供清单以外的服务"}
        stranger.texts.setdefault("expenditure", "地方财政承担支出责任")
        field.catalogue.provisions.append(stranger)
        return field.iri(stranger), f"{BASE}item/{slug}", slug
    return None


def _malformed_value(field: Field) -> tuple[str, str, str] | None:
    for provision in field.provisions():
        asked = {guarantee.measure for guarantee in provision.national.guarantees}
        # On a measure for which there is no floor, so that nothing but its own form is wrong with it.
        free = sorted(set(field.setting.canonical_units) - asked - field.setting.own_bases)
        if free:
            measure = field.rng.choice(free)
            value = Fixed(exact(1), field.setting.canonical_units[measure])
            promise = Promise(measure, measure, None, value, "约600元", literal='"约600"')
            provision.promises.append(promise)
            return field.iri(provision, promise), "", provision.item
    return None


def _overreach(field: Field) -> tuple[str, str, str] | None:
    for provision, promise, answers, floor in field.figures():
        # Peers are counted for floors in force only.
        if provision.national.amended:
            continue
        field.promise(promise, replace(floor, value=floor.value * FAR_ABOVE))
        return field.iri(provision, promise), BASE + answers.floor, _name(provision, promise)
    return None


DEFECTS: dict[str, tuple[str, Planter]] = {
    "below": ("baseline-below", _below),
    "below-through-unit": ("baseline-below", _below_through_unit),
    "not-comparable": ("baseline-not-comparable", _not_comparable),
    "duplicate": ("structure-promise-duplicate", _duplicate),
    "overreach": ("overreach-assessment", _overreach),
    "narrower": ("coverage-narrower", _narrower),
    "central-share": ("funding-central-share", _central_share),
    "missing-guarantee": ("completeness-guarantee", _missing_guarantee),
    "missing-item": ("completeness-item", _missing_item),
    "malformed-value": ("structure-value-datatype", _malformed_value),
    "no-expenditure": ("funding-expenditure", _no_expenditure),
    "no-lead-agency": ("sustainability-lead-agency", _no_lead_agency),
    "standard-withdrawn": ("sustainability-standard-withdrawn", _standard_withdrawn),
    "unknown-item": ("structure-item-unknown", _unknown_item),
    "no-validity": ("sustainability-validity", _no_validity),
}
# What these change is a floor for the places below, so they are planted only where there is none below.
OF_LEAVES = frozenset(
    {
        "below",
        "below-through-unit",
        "not-comparable",
        "duplicate",
        "overreach",
        "narrower",
        "malformed-value",
        "unknown-item",
    }
)
# Judged among peers, of which a single catalogue has none.
AMONG_PEERS = frozenset({"overreach"})
