"""Cases that the bundled catalogues do not hold: counties below a city, ages, references, days and fractions."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bpsgraph.errors import BadParameter, MalformedFile, UnknownCatalogue, UnknownEdition
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import Submission, parse
from bpsgraph.library import Library
from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import CoverageVerdict, Report, Verdict
from bpsgraph.sources import find_sources
from bpsgraph.store import Store, open_store
from bpsgraph.terms import BASE
from bpsgraph.validation import validate_submission, verdicts_on
from bpsgraph.validation.shapes import ShapesGraph

SOURCES = find_sources()
LIBRARY = Library(SOURCES.root / "queries")
SHAPES = ShapesGraph.read(SOURCES.shapes())
TODAY = date(2026, 11, 21)
HEAD = """@base <https://w3id.org/bps/id/> .
@prefix bps: <https://w3id.org/bps/ns#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<catalogue/140521/2022> a bps:Catalogue ; bps:jurisdiction <jurisdiction/140521> ; bps:edition "2022" ;
  dct:issued "2022-05-01"^^xsd:date ; bps:baseline <catalogue/100000/2021> ; bps:extent <extent/excerpt> ;
  dct:source <document/140521-list> ; dct:title "沁水县清单"@zh, "list of Qinshui"@en .
<document/140521-list> a bps:PolicyDocument ; dct:title "沁水县清单"@zh .
"""


@pytest.fixture(scope="module")
def store(built: Path) -> Iterator[Store]:
    with open_store(built) as opened:
        yield opened


def submission(*parts: str) -> Submission:
    text = HEAD + "".join(parts)
    return Submission("county", parse(text.encode(), "county", FORMATS["turtle"]))


def provision(item: str, beneficiary: str, *guarantees: str, more: str = "") -> str:
    names = ", ".join(f"<guarantee/140521/2022/{item}/{number}>" for number in range(len(guarantees)))
    rows = "".join(
        f"<guarantee/140521/2022/{item}/{number}> a bps:Guarantee ; {said} .\n"
        for number, said in enumerate(guarantees)
    )
    listed = f"bps:guarantee {names} ;" if guarantees else ""
    return f"""<provision/140521/2022/{item}> a bps:Provision ; bps:catalogue <catalogue/140521/2022> ;
      bps:item <item/{item}> ; bps:beneficiary <segment/{beneficiary}> ; {more} {listed}
      bps:expenditure "县级财政"@zh ; bps:leadAgency <agency/140500/education-bureau> .\n{rows}"""


def promise(measure: str, kind: str, value: str, unit: str, *more: str) -> str:
    return " ; ".join(
        [
            f"bps:measure <measure/{measure}>",
            f"bps:kind <kind/{kind}>",
            f"bps:value {value}",
            f"bps:unit <unit/{unit}>",
            'bps:statedAs "如文"@zh',
            *more,
        ]
    )


def judged(
    store: Store, given: Submission, *, edition: str | None = None, as_of: date | None = None
) -> Report:
    return validate_submission(given, store, LIBRARY, SHAPES, edition=edition, as_of=as_of, today=TODAY)


def verdict_on(report: Report, measure: str, owner: str = "100000") -> Verdict:
    (found,) = [
        verdict
        for verdict in report.verdicts
        if verdict.measure.zh == measure and (verdict.owner or "").endswith(owner)
    ]
    return found


PRESCHOOL = "inclusive-kindergarten-children-in-need"


def test_a_county_has_to_meet_its_city_too_and_the_verdict_says_whose_floor_it_was(store: Store) -> None:
    aid = promise("preschool-aid", "fixed", "900.0", "yuan-per-child-year")
    report = judged(store, submission(provision("preschool-financial-aid", PRESCHOOL, aid)))
    state, city = (verdict_on(report, "学前教育资助标准", owner) for owner in ("100000", "140500"))
    assert state.value_verdict is ValueVerdict.NO_FLOOR
    assert city.value_verdict is ValueVerdict.BELOW
    (finding,) = [finding for finding in report.findings if finding.rule == "baseline-below"]
    assert "晋城市规定的1000元/幼儿·年" in finding.message.zh


def test_a_county_can_be_judged_against_the_text_of_its_city_alone(store: Store) -> None:
    aid = promise("preschool-aid", "fixed", "900.0", "yuan-per-child-year")
    given = submission(provision("preschool-financial-aid", PRESCHOOL, aid))
    report = validate_submission(
        given, store, LIBRARY, SHAPES, against=[f"{BASE}catalogue/140500/2021"], today=TODAY
    )
    assert {verdict.owner for verdict in report.verdicts} == {f"{BASE}jurisdiction/140500"}
    assert [finding.rule for finding in report.findings if finding.rule == "baseline-below"] == [
        "baseline-below"
    ]


@pytest.mark.parametrize(
    ("against", "edition", "error"),
    [
        ("330100/2022", None, BadParameter),
        ("140500/1999", None, UnknownCatalogue),
        ("140500/2021", "2021", BadParameter),
    ],
)
def test_only_a_catalogue_above_can_be_judged_against(
    store: Store, against: str, edition: str | None, error: type[Exception]
) -> None:
    given = submission(provision("preschool-financial-aid", PRESCHOOL))
    with pytest.raises(error):
        validate_submission(
            given,
            store,
            LIBRARY,
            SHAPES,
            against=[f"{BASE}catalogue/{against}"],
            edition=edition,
            today=TODAY,
        )


def test_what_is_declared_not_applicable_is_not_asked_for(store: Store) -> None:
    ground = "bps:notApplicable <document/public-services-plan-14th/3-1> ;"
    report = judged(store, submission(provision("preschool-financial-aid", PRESCHOOL, more=ground)))
    assert report.verdicts == ()


@pytest.mark.parametrize(
    ("bounds", "coverage"),
    [
        ("bps:minimumAge 60", CoverageVerdict.WIDER),
        ("bps:minimumAge 70", CoverageVerdict.NARROWER),
        ("bps:minimumAge 65 ; bps:maximumAge 90", CoverageVerdict.NARROWER),
    ],
)
def test_ages_decide_who_is_covered(store: Store, bounds: str, coverage: CoverageVerdict) -> None:
    own = f'<segment/140521-old> a bps:Segment ; skos:broader <segment/residents> ; {bounds} ; skos:prefLabel "老人"@zh .\n'
    visits = promise("health-management-visits", "frequency", "1.0", "times-per-person-year")
    report = judged(store, submission(own, provision("elderly-health-management", "140521-old", visits)))
    (verdict,) = [
        v
        for v in report.verdicts
        if v.owner == BASE + "jurisdiction/100000" and v.promise and v.promise.amount
    ]
    assert verdict.coverage_verdict is coverage


MEALS = "nutrition-pilot-rural-students"


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("", ValueVerdict.NOT_COMPARABLE),
        ("bps:periodsPerYear 250", ValueVerdict.MEETS),
        ("bps:periodsPerYear 200", ValueVerdict.ABOVE),
        ("bps:periodsPerYear 251", ValueVerdict.BELOW),
    ],
)
def test_a_day_becomes_a_year_only_with_the_days_that_are_stated(
    store: Store, days: str, expected: ValueVerdict
) -> None:
    """A thousand yuan a year is 4 yuan a day on 250 days; nothing is assumed where no days are stated."""
    meals = promise("meal-subsidy", "fixed", "1000.0", "yuan-per-student-year", *([days] if days else []))
    report = judged(
        store, submission(provision("rural-student-nutrition-subsidy", MEALS, meals)), edition="2021"
    )
    assert verdict_on(report, "营养膳食补助").value_verdict is expected


def test_a_promise_by_the_edition_s_own_text_is_followed_to_its_figure(store: Store) -> None:
    by_reference = (
        "bps:measure <measure/operating-funds> ; bps:segment <segment/primary-school-students> ;"
        ' bps:kind <kind/byReference> ; bps:reference <document/ndrc-shehui-2021-443> ; bps:statedAs "按国家标准执行"@zh'
    )
    given = submission(
        provision("compulsory-education-tuition-waiver", "compulsory-education-students", by_reference)
    )
    assert (
        verdict_on(judged(store, given, edition="2021"), "生均公用经费基准定额").value_verdict
        is ValueVerdict.MEETS
    )
    later = verdict_on(judged(store, given, edition="2023"), "生均公用经费基准定额")
    assert (later.value_verdict, later.conversion) == (ValueVerdict.BELOW, "650 < 720元/生·年")


def test_a_reference_to_a_document_without_figures_stays_deferred(store: Store) -> None:
    by_reference = (
        "bps:measure <measure/operating-funds> ; bps:segment <segment/primary-school-students> ;"
        ' bps:kind <kind/byReference> ; bps:reference <document/140521-list> ; bps:statedAs "按县标准执行"@zh'
    )
    given = submission(
        provision("compulsory-education-tuition-waiver", "compulsory-education-students", by_reference)
    )
    found = verdict_on(judged(store, given, edition="2021"), "生均公用经费基准定额")
    assert (found.value_verdict, found.deferred_to) == (ValueVerdict.DEFERRED, "沁水县清单")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"edition": "2021", "as_of": date(2024, 1, 1)}, BadParameter),
        ({"edition": "1999"}, UnknownEdition),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    store: Store, arguments: dict[str, object], error: type[Exception]
) -> None:
    with pytest.raises(error):
        judged(store, submission(), **arguments)  # type: ignore[arg-type]


def test_two_catalogues_in_one_file_are_refused(store: Store) -> None:
    with pytest.raises(MalformedFile, match="describes 2"):
        judged(store, submission("<catalogue/140522/2022> a bps:Catalogue .\n"))


def test_an_unknown_catalogue_is_named_with_the_nearest(store: Store) -> None:
    with pytest.raises(UnknownCatalogue, match="140500/2021"):
        verdicts_on(f"{BASE}catalogue/140500/2020", store, LIBRARY, today=TODAY)
