"""How equally places provide a guarantee, or stand by an indicator."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

from bpsgraph.analysis.equality import (
    Equality,
    Scope,
    equality_of_guarantee,
    equality_of_indicator,
)
from bpsgraph.analysis.equality_answer import equality_answer
from bpsgraph.answers import Answer, state_of
from bpsgraph.errors import BadParameter
from bpsgraph.web.answering import offers_of
from bpsgraph.web.pages.sections import (
    Choice,
    Section,
    choice_of,
    codes_of,
    said,
    section_of,
    value_of,
)
from bpsgraph.web.view import View

# From the lowest, of which there are most.
LEVELS = ("county", "prefecture", "province")
_ASKED = (
    "measure",
    "indicator",
    "segment",
    "level",
    "within",
    "as_of",
    "period",
    "weights",
    "lowest",
    "highest",
)
# What each promise is called says nothing that its words do not; who wants it takes the data.
_FIGURES = ("subject", "jurisdiction", "province", "value", "unit", "attained", "words")
_LARGEST = Decimal(10) ** 15
_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Spread:
    """How unequal places are in one measure; without a measure only what there is to choose from."""

    measures: Choice
    levels: Choice
    lowest: str
    highest: str
    statistics: Section | None = None
    figures: Section | None = None
    choices: Section | None = None
    offers: tuple[tuple[str, str], ...] = ()


def equality(view: View) -> Spread:
    """The page; raises what `equality_table` raises, save that nothing has to be asked for."""
    measures = view.answered("measures/all")
    numbered = _numbered(view)
    known = [
        (key, said(view, row, "measure"))
        for row in measures.rows
        if (key := value_of(row, "measure").rpartition("/")[2]) in numbered
    ]
    asked = view.parameters.get("measure") or view.parameters.get("indicator")
    answer = equality_table(view) if asked else None
    level = answer.provenance.parameters["level"][0] if answer else ""
    words = codes_of(view, "level")
    return Spread(
        measures=choice_of(view, "measure", known),
        levels=choice_of(view, "level", ((one, words.get(one, one)) for one in LEVELS), level),
        lowest=view.parameters.get("lowest", ""),
        highest=view.parameters.get("highest", ""),
        statistics=section_of(view, answer, "statistics", page="/equality") if answer else None,
        figures=section_of(view, answer.further[0], "figures", _FIGURES, page="/equality")
        if answer
        else None,
        choices=None if answer else section_of(view, measures, "measures", drawn=False),
        offers=offers_of(view, "/equality", answer) if answer else (),
    )


def equality_table(view: View) -> Answer:
    """The statistics of the measure or indicator that is asked for.

    Where no level is, it is the lowest with figures to compare. Raises `BadParameter` for what is no such
    thing, and where no place says anything.
    """
    asked = {name: value for name in _ASKED if (value := view.parameters.get(name))}
    if ("measure" in asked) == ("indicator" in asked):
        raise BadParameter("measure", "it takes a measure or an indicator", "give one of the two")
    level = asked.get("level")
    if level is not None and level not in LEVELS:
        raise BadParameter("level", f"there is no level {level!r}", f"choose one of: {', '.join(LEVELS)}")
    wanted = [level] if level else LEVELS
    if set(asked) <= {"measure", "level"} and asked["measure"] in _numbered(view):
        found = view.snapshot.kept(("equality", asked["measure"], level), lambda: _at(view, asked, wanted))
    else:
        found = _at(view, asked, wanted)
    parameters = {name: (value,) for name, value in {**asked, "level": found[0]}.items()}
    return equality_answer(found[1], state_of(view.snapshot.store), parameters)


def _numbered(view: View) -> frozenset[str]:
    """The keys of the measures for which some place states a number."""

    def made() -> frozenset[str]:
        rows = view.answered("measures/all").rows
        return frozenset(
            value_of(row, "measure").rpartition("/")[2]
            for row in rows
            if value_of(row, "with_number") not in ("", "0")
        )

    return view.snapshot.kept("measures with a number", made)


def _at(view: View, asked: dict[str, str], levels: Sequence[str]) -> tuple[str, tuple[Equality, ...]]:
    """The lowest of the levels with places to compare, else with any, and what is found there."""
    known: list[tuple[str, tuple[Equality, ...]]] = []
    for place, level in enumerate(levels, 1):
        try:
            known.append((level, _found(view, asked, level)))
        except BadParameter:
            if place == len(levels) and not known:
                raise
    return next((one for one in known if any(len(part.figures) > 1 for part in one[1])), known[0])


def _found(view: View, asked: dict[str, str], level: str) -> tuple[Equality, ...]:
    scope = Scope(
        level,
        asked.get("within", "100000"),
        _day(asked.get("as_of")),
        asked.get("period"),
        asked.get("weights"),
        _number("lowest", asked.get("lowest")),
        _number("highest", asked.get("highest")),
    )
    store, library = view.snapshot.store, view.snapshot.library
    if "measure" in asked:
        return equality_of_guarantee(store, library, asked["measure"], scope, asked.get("segment"))
    return equality_of_indicator(store, library, asked["indicator"], scope)


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadParameter("as_of", f"{text!r} is no day of the calendar", "write it as 2024-06-01") from None


def _number(name: str, text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        # A number of a thousand digits is nobody's figure.
        number = Decimal(text) if len(text) <= _NUMBER else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not (number.is_finite() and 0 <= number <= _LARGEST):
        raise BadParameter(name, f"{text!r} is no number from 0 to 1e15", "write digits such as 650.5")
    return number
