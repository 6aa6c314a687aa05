"""A generated catalogue: what it promises, and its Turtle.

The values stand at the floor or a little above it, never below that of a generated catalogue higher up, and
are written in any unit of the dimension in which the number stays short.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil
from random import Random

from bpsgraph.generator.bureaus import BUREAUS
from bpsgraph.generator.setting import (
    EDITION,
    STATE,
    TEXTS,
    NationalGuarantee,
    NationalProvision,
    Place,
    Segment,
    Setting,
)
from bpsgraph.quantity import (
    ByReference,
    Coverage,
    Delegated,
    Direction,
    Fixed,
    InKind,
    PercentOf,
    Quantity,
    Range,
    Supplement,
    Unit,
    Value,
    convert,
    decimal_and_divisor,
    exact,
)
from bpsgraph.terms import BASE

RAISES = {"province": (0, 0, 2, 5), "prefecture": (0, 1, 2, 3), "county": (0, 1, 2, 3, 5)}
# What a delegated figure is set to, before the raises, by the dimension of its measure.
SET_LOCALLY = {"money-per-person-year": 1200, "money-per-person-day": 5}
HEAD = """\
@base <https://w3id.org/bps/id/> .
@prefix bps: <https://w3id.org/bps/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""

_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


@dataclass
class Promise:
    """One guarantee; `answers` is the floor it is made for, `literal` a value that is no number at all."""

    key: str
    measure: str
    segment: str | None
    value: Value
    stated: str
    answers: NationalGuarantee | None = None
    literal: str | None = None


@dataclass
class Provision:
    """One row of the catalogue."""

    national: NationalProvision
    item: str
    beneficiary: str | None
    texts: dict[str, str]
    lead: str | None
    central_share: Fraction | None
    standards: list[str]
    promises: list[Promise]

    def path(self, code: str) -> str:
        """The end of its IRI."""
        return f"{code}/{EDITION}/{self.item}"


@dataclass
class Catalogue:
    """The catalogue of one place, and the segments that only it uses; without a scope it is of every item."""

    place: Place
    provisions: list[Provision]
    valid_from: str | None = f"{EDITION}-10-01"
    segments: list[Segment] = field(default_factory=list)
    scope: tuple[str, ...] = ()

    @property
    def iri(self) -> str:
        """Its full IRI."""
        return f"{BASE}catalogue/{self.place.code}/{EDITION}"

    def guarantee(self, provision: Provision, promise: Promise) -> str:
        """The relative IRI of a promise."""
        return f"guarantee/{provision.path(self.place.code)}/{promise.key}"


def raises_of(place: Place, setting: Setting, above: Mapping[str, int], rng: Random) -> dict[str, int]:
    """How many percent above the floor each promise stands: no less than in the place above."""
    return {
        name: above.get(name, 0) + rng.choice(RAISES[place.level])
        for provision in setting.provisions
        for guarantee in provision.guarantees
        if (name := f"{provision.item}/{guarantee.key}")
    }


def draw_up(place: Place, setting: Setting, raises: Mapping[str, int], rng: Random) -> Catalogue:
    """A catalogue that answers every floor of the national edition and holds no fault."""
    return Catalogue(place, [_provision(p, place, setting, raises, rng) for p in setting.provisions])


def _provision(
    national: NationalProvision, place: Place, setting: Setting, raises: Mapping[str, int], rng: Random
) -> Provision:
    promises = [
        _promise(guarantee, setting, raises[f"{national.item}/{guarantee.key}"], rng)
        for guarantee in national.guarantees
    ]
    if not promises:
        promises = [as_referred_to()]
    share = setting.central_share(national.item, place.code)
    texts = {name: national.texts[name] for name in TEXTS if name in national.texts}
    if national.beneficiary:
        # The segment says it, and a catalogue is not to be larger than real ones are.
        texts.pop("beneficiaryText", None)
    texts.setdefault("content", f"提供{national.name}")
    texts["serviceStandard"] = "；".join(promise.stated for promise in promises)
    texts["expenditure"] = (
        "中央财政和地方财政共同承担支出责任"
        if share is None
        else f"中央财政和地方财政按比例分担，其中中央财政承担{share}%"
    )
    return Provision(
        national,
        national.item,
        national.beneficiary,
        texts,
        next((slug for slug in national.leads if slug in BUREAUS), "ndrc"),
        share,
        [rng.choice(setting.standards)] if setting.standards and rng.random() < 0.3 else [],
        promises,
    )


def as_referred_to() -> Promise:
    """What a catalogue says of an item for which the State gives no figure."""
    reference = ByReference(frozenset({BASE + "document/national-standard-2023"}))
    stated = "按《国家基本公共服务标准（2023年版）》及国家有关规定执行"
    return Promise("service-rules", "service-rules", None, reference, stated)


def _promise(guarantee: NationalGuarantee, setting: Setting, percent: int, rng: Random) -> Promise:
    value = guarantee.value
    if setting.directions.get(guarantee.measure) is Direction.LESS:
        percent = 0
    if isinstance(value, Delegated):
        value = _set_locally(guarantee.measure, setting)
    if isinstance(value, Quantity | Range):
        value = in_some_unit(raised(value, percent), setting, rng)
    stated = words(value) or guarantee.stated
    return Promise(guarantee.key, guarantee.measure, guarantee.segment, value, stated, guarantee)


def _set_locally(measure: str, setting: Setting) -> Value:
    unit = setting.canonical_units.get(measure)
    figure = unit and SET_LOCALLY.get(unit.dimension.iri.removeprefix(BASE + "dimension/"))
    return Fixed(exact(figure) / unit.multiplier, unit) if unit and figure else InKind()


def raised(value: Quantity | Range, percent: int) -> Quantity | Range:
    """The value that many percent higher, money rounded up to a tenth, anything counted to a whole number."""
    if isinstance(value, Coverage) or value.value.denominator not in (1, 2, 4, 5, 10, 20, 25, 50, 100):
        return value
    step = 10 if "/money" in value.unit.dimension.iri else 1

    def up(number: Fraction) -> Fraction:
        return Fraction(ceil(number * (100 + percent) / 100 * step), step) if percent else number

    if isinstance(value, Quantity):
        return replace(value, value=up(value.value))
    return replace(
        value,
        value=up(value.value),
        lower=None if value.lower is None else up(value.lower),
        upper=None if value.upper is None else up(value.upper),
    )


def in_some_unit(value: Quantity | Range, setting: Setting, rng: Random) -> Quantity | Range:
    """The same value in its own unit, or as often in another one in which the number stays short."""
    same = [unit for unit in setting.units.values() if unit.dimension == value.unit.dimension]
    unit = rng.choice(same) if rng.random() < 0.5 else value.unit
    if isinstance(value, Quantity):
        written = convert(value, unit, value.periods_per_year)
        return written if is_short(written.value) else value
    factor = value.unit.multiplier / unit.multiplier
    numbers = [None if n is None else n * factor for n in (value.value, value.lower, value.upper)]
    mean, lower, upper = numbers
    if mean is None or not all(n is None or is_short(n) for n in numbers):
        return value
    return replace(value, value=mean, lower=lower, upper=upper, unit=unit)


def is_short(number: Fraction) -> bool:
    """Whether the number has at most four decimal places."""
    return (number * 10000).denominator == 1


def number(value: Fraction) -> str:
    """A finite decimal as Turtle writes it, always with a point."""
    text = f"{decimal_and_divisor(value)[0]:f}"
    return text if "." in text else text + ".0"


def words(value: Value) -> str:
    """What a text would say of a number, or nothing where the value is none."""
    if not isinstance(value, Quantity | Range):
        return ""
    figure = number(value.value).removesuffix(".0")
    label = unit_label(value.unit)
    if isinstance(value, Range):
        bounds = [number(n).removesuffix(".0") for n in (value.lower, value.upper) if n is not None]
        return f"平均{figure}{label}" + (f"，范围{'—'.join(bounds)}" if len(bounds) == 2 else "")
    return ("增加" if isinstance(value, Supplement) else "") + figure + label


def unit_label(unit: Unit) -> str:
    """The Chinese label of a unit, else the end of its IRI."""
    return next((label for label in unit.labels if not label.isascii()), unit.iri.rsplit("/", 1)[-1])


def turtle(catalogue: Catalogue) -> str:
    """The catalogue with its agencies as Turtle, the same text for the same catalogue."""
    return "\n".join([HEAD, *_blocks(catalogue)])


def _blocks(catalogue: Catalogue) -> Iterator[str]:
    place = catalogue.place
    code, name = place.code, place.name
    lines = [
        f'dct:title "{name}基本公共服务实施标准（{EDITION}年版）"@zh',
        f'dct:title "Basic public service standard of {code}, {EDITION} edition"@en',
        f"bps:baseline <catalogue/{STATE}/{EDITION}>",
        "bps:datePrecision <date-precision/day>",
        f'bps:edition "{EDITION}"',
        "bps:extent <extent/complete>",
        f"bps:jurisdiction <jurisdiction/{code}>",
        'bps:reviewDate "2026-10-01"^^xsd:date',
        f"dct:source <document/generated-{code}-{EDITION}>",
        'rdfs:comment "由生成器生成，仅供测试，不是真实数据。"@zh',
        'rdfs:comment "Generated for tests; not real data."@en',
    ]
    if catalogue.scope:
        lines.append("bps:scope " + ", ".join(f"<item/{item}>" for item in catalogue.scope))
    if catalogue.valid_from:
        lines.append(f'dct:issued "{EDITION}-09-15"^^xsd:date')
        lines.append(f'bps:validFrom "{catalogue.valid_from}"^^xsd:date')
    yield _block(f"catalogue/{code}/{EDITION}", "bps:Catalogue", lines)
    yield _block(
        f"document/generated-{code}-{EDITION}",
        "bps:PolicyDocument",
        [f'dct:title "{name}关于印发基本公共服务实施标准的通知（生成）"@zh'],
    )
    for segment in catalogue.segments:
        yield _segment(segment)
    slugs = {provision.lead for provision in catalogue.provisions if provision.lead}
    for slug in sorted(slugs):
        chinese, english = BUREAUS[slug]
        yield _block(
            f"agency/{code}/{slug}",
            "bps:Agency",
            [
                f'skos:prefLabel "{name}{chinese}"@zh',
                f'skos:prefLabel "{english} of {code}"@en',
                f"bps:counterpart <agency/{STATE}/{slug}>",
                f"bps:jurisdiction <jurisdiction/{code}>",
            ],
        )
    for provision in catalogue.provisions:
        yield _block(f"provision/{provision.path(code)}", "bps:Provision", _lines(catalogue, provision))
        for promise in provision.promises:
            lines = [f"bps:measure <measure/{promise.measure}>"]
            if promise.segment:
                lines.append(f"bps:segment <segment/{promise.segment}>")
            lines += _value(promise)
            if not isinstance(promise.value, InKind | ByReference):
                # The words of the others are in the row's serviceStandard.
                lines.append(f'bps:statedAs "{promise.stated.translate(_ESCAPES)}"@zh')
            yield _block(catalogue.guarantee(provision, promise), "bps:Guarantee", lines)


def _lines(catalogue: Catalogue, provision: Provision) -> list[str]:
    code = catalogue.place.code
    lines = [f"bps:catalogue <catalogue/{code}/{EDITION}>", f"bps:item <item/{provision.item}>"]
    if provision.beneficiary:
        lines.append(f"bps:beneficiary <segment/{provision.beneficiary}>")
    lines += [f'bps:{name} "{text.translate(_ESCAPES)}"@zh' for name, text in provision.texts.items()]
    if provision.lead:
        lines.append(f"bps:leadAgency <agency/{code}/{provision.lead}>")
    if provision.central_share is not None:
        lines.append(f"bps:centralShare {number(provision.central_share)}")
    lines += [f"bps:standard <{standard}>" for standard in provision.standards]
    lines += [f"bps:guarantee <{catalogue.guarantee(provision, promise)}>" for promise in provision.promises]
    return lines


def _value(promise: Promise) -> list[str]:
    value = promise.value
    lines = [f"bps:kind <kind/{value.kind}>"]
    if isinstance(value, Quantity | Range):
        lines.append(f"bps:unit <{value.unit.iri.removeprefix(BASE)}>")
        if value.periods_per_year:
            lines.append(f"bps:periodsPerYear {value.periods_per_year}")
        if promise.literal is not None:
            lines.append(f"bps:value {promise.literal}")
        elif decimal_and_divisor(value.value)[1] == 1:
            lines.append(f"bps:value {number(value.value)}")
        else:
            lines.append(f"bps:fractionNumerator {value.value.numerator}")
            lines.append(f"bps:fractionDenominator {value.value.denominator}")
    match value:
        case Range():
            bounds = (("lower", value.lower), ("upper", value.upper))
            lines += [f"bps:{name} {number(bound)}" for name, bound in bounds if bound is not None]
            tiers = (("minimumTiers", value.minimum_tiers), ("maximumTiers", value.maximum_tiers))
            lines += [f"bps:{name} {count}" for name, count in tiers if count is not None]
        case Supplement():
            lines.append(f"bps:supplementTo <{value.to.removeprefix(BASE)}>")
        case PercentOf():
            lines.append(f"bps:percent {number(value.percent)}")
            base = (("baseMeasure", value.base_measure), ("baseSegment", value.base_segment))
            lines += [f"bps:{name} <{iri.removeprefix(BASE)}>" for name, iri in base if iri]
            if value.base_owner:
                lines.append(f"bps:baseOwner bps:{value.base_owner}")
        case ByReference():
            lines += [f"bps:reference <{iri.removeprefix(BASE)}>" for iri in sorted(value.references)]
        case Delegated():
            lines += [f"bps:delegatedTo <{iri.removeprefix(BASE)}>" for iri in sorted(value.to)]
    return lines


def _segment(segment: Segment) -> str:
    lines = [f'skos:prefLabel "{segment.name}"@zh', f'skos:prefLabel "{segment.english}"@en']
    ages = (("minimumAge", segment.minimum_age), ("maximumAge", segment.maximum_age))
    lines += [f"bps:{name} {age}" for name, age in ages if age is not None]
    lines += [f"skos:broader <{broader}>" for broader in segment.broader]
    return _block(f"segment/{segment.slug}", "bps:Segment", lines)


def _block(subject: str, kind: str, lines: list[str]) -> str:
    return f"<{subject}>\n  a {kind} ;\n  " + " ;\n  ".join(lines) + " .\n"
