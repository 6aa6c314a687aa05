"""`bpsgraph equality`: how equally places provide a guarantee, or stand by an indicator."""

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated

from bpsgraph.cli.answering import OutputsOption, deliver, offered
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter, BadUsage
from bpsgraph.store import open_store

# Sums of squares of figures up to here stay exact enough, and far from the end of the floating numbers.
_LARGEST = Decimal(10) ** 15


def equality(
    measure: Annotated[
        str | None, Argument(metavar="MEASURE", help="A measure by its key, such as living-subsidy.")
    ] = None,
    indicator: Annotated[
        str | None, Option(metavar="KEY", help="Observations of this indicator instead of promises.")
    ] = None,
    segment: Annotated[
        str | None, Option(metavar="KEY", help="Only what is promised to these people; else each group.")
    ] = None,
    level: Annotated[
        str, Option(metavar="LEVEL", help="Which places: county, prefecture or province.")
    ] = "county",
    within: Annotated[str, Option(metavar="CODE", help="Only places within this one.")] = "100000",
    as_of: Annotated[
        str | None, Option(metavar="DATE", help="What was promised, and the floors in force, on this day.")
    ] = None,
    period: Annotated[
        str | None, Option(metavar="PERIOD", help="With --indicator: the period of the observations.")
    ] = None,
    weights: Annotated[
        str | None, Option(metavar="KEY", help="An indicator such as the population, by which places count.")
    ] = None,
    lowest: Annotated[
        str | None,
        Option(metavar="NUMBER", help="Missing figures are taken to be at least this; needs --highest."),
    ] = None,
    highest: Annotated[
        str | None,
        Option(metavar="NUMBER", help="Missing figures are taken to be at most this; needs --lowest."),
    ] = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """Measure how equal places are: range ratio, variation, Gini, Theil's T and L, who reaches the floor.

    \b
    One measure, over counties; each group of people by itself:
      bpsgraph equality living-subsidy
      bpsgraph equality living-subsidy --as-of 2024-06-01
      bpsgraph equality operating-funds --segment primary-school-students
    Cities, or the places within one of them:
      bpsgraph equality preschool-aid --level prefecture
      bpsgraph equality living-subsidy --within 340000 -o equality.xlsx
    """
    if (measure is None) == (indicator is None):
        raise BadUsage("it takes a measure or an --indicator", "give one of the two")
    settings = load_settings({"store": store, "lang": lang})
    places = offered(format, output)

    from bpsgraph.analysis.equality import Scope, equality_of_guarantee, equality_of_indicator
    from bpsgraph.analysis.equality_answer import equality_answer
    from bpsgraph.answers import state_of
    from bpsgraph.library import bundled

    scope = Scope(
        level,
        within,
        _day(as_of),
        period,
        weights,
        _number("--lowest", lowest),
        _number("--highest", highest),
    )
    given = {
        "measure": measure,
        "indicator": indicator,
        "segment": segment,
        "level": level,
        "within": within,
        "as-of": as_of,
        "period": period,
        "weights": weights,
        "lowest": lowest,
        "highest": highest,
    }
    library = bundled()
    with open_store(settings.store) as opened:
        if measure is not None:
            found = equality_of_guarantee(opened, library, measure, scope, segment)
        else:
            found = equality_of_indicator(opened, library, indicator or "", scope)
        state = state_of(opened)
    answer = equality_answer(found, state, {name: (value,) for name, value in given.items() if value})
    deliver(answer, places, settings.lang)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadParameter(
            "--as-of", f"{text!r} is no day of the calendar", "write it as 2024-06-01"
        ) from None


def _number(name: str, text: str | None) -> Decimal | None:
    try:
        number = None if text is None else Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if number is not None and not (number.is_finite() and number >= 0):
        raise BadParameter(name, f"{text!r} is no number of nought or more", "write digits such as 650.5")
    if number is not None and number > _LARGEST:
        raise BadParameter(name, f"{text!r} is above 1e15", "give a bound that a figure can have")
    return number
