"""`bpsgraph monitor`: what turned since the last look, and what is coming."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.answering import BomOption, ColumnsOption, OutputsOption, deliver, offered, picked
from bpsgraph.cli.arguments import day, say_if_stale
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption, write
from bpsgraph.cli.parameters import Option
from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter
from bpsgraph.library import Library
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store

_SHOWN = "date,stage_{0},change_{0},jurisdiction_{0},thing_{0},stated,required"
_RISES = "begins,owner_{0},item_{0},measure_{0},segment_{0},before,amount,unit_{0},verification"
_FAIL_ON = ("turned", "coming", "never")


def monitor(
    since: Annotated[
        str | None, Option(metavar="DATE", help="Only what happened after this day (default: everything).")
    ] = None,
    as_of: Annotated[
        str | None, Option(metavar="DATE", help="The day of the watch (default: today).")
    ] = None,
    ahead: Annotated[int, Option(metavar="DAYS", help="Also what will happen within so many days.")] = 0,
    jurisdiction: Annotated[
        str | None, Option(metavar="CODE", help="Only this place, by its six digits.")
    ] = None,
    fail_on: Annotated[
        str, Option("--fail-on", metavar="turned|coming|never", help="What gives exit code 1.")
    ] = "turned",
    state: Annotated[
        Path | None,
        Option("--state", metavar="FILE", help="Tell only what the last run with this file did not."),
    ] = None,
    columns: ColumnsOption = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    bom: BomOption = False,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> int:
    """Tell what turned below its floor, went missing or recovered, which dates passed, and what is coming.

    \b
      bpsgraph monitor --jurisdiction 140500 --since 2021-11-02 --as-of 2025-06-01
      bpsgraph monitor --ahead 180 --fail-on coming
      bpsgraph monitor --state alerts.json -o alerts.atom -o alerts.xlsx

    A floor that begins makes a value fall short on the day on which it begins. Further tables count what
    falls short day by day, and list the floors that rose. Targets behind their pace are alerts too.
    """
    # Loaded only here, because a command that is asked for help needs none of it.
    from bpsgraph.analysis.monitoring import atom, keep, labels_of, only_new, read_told, watch, watch_answer

    if fail_on not in _FAIL_ON:
        raise BadParameter("--fail-on", f"there is no {fail_on!r}", f"choose one of: {', '.join(_FAIL_ON)}")
    settings = load_settings({"store": store, "lang": lang})
    places = offered(format, output, ("atom",))
    moment, begin = day(as_of) or date.today(), _since(since)
    if begin is not None and begin > moment:
        raise BadParameter("--since", f"{begin} is after {moment}", "give an earlier day, or a later --as-of")
    if ahead < 0:
        raise BadParameter("--ahead", f"{ahead} days lie in the past", "give a number of days from 0")
    if ahead > (date.max - moment).days:
        raise BadParameter("--ahead", f"{ahead} days reach beyond the year 9999", "give fewer days")
    told = read_told(state) if state else None
    sources = find_sources(settings.sources, settings.catalogues)
    library = Library(sources.root / "queries")
    asked = {
        "as_of": moment.isoformat(),
        **({"since": begin.isoformat()} if begin else {}),
        **({"ahead": str(ahead)} if ahead else {}),
        **({"jurisdiction": jurisdiction} if jurisdiction else {}),
    }
    with open_store(settings.store) as opened:
        say_if_stale(opened.marker, sources)
        found = everything = watch(
            opened, library, as_of=moment, since=begin, ahead=ahead, jurisdiction=jurisdiction
        )
        if state:
            found = only_new(everything, told, jurisdiction)
        labels = labels_of(opened, library)
        answer = watch_answer(opened, library, found, {name: (value,) for name, value in asked.items()})
    feeds = [place for place in places if place.format.name == "atom"]
    for place in feeds:
        write(atom(found, labels, settings.lang, jurisdiction), place.file)
    tables = [place for place in places if place not in feeds]
    if tables:
        people = all(place.format.name in ("table", "markdown") for place in tables)
        standing, rises = answer.further
        shown = replace(
            picked(answer, columns or (_SHOWN.format(settings.lang) if people else None)),
            further=(standing, picked(rises, _RISES.format(settings.lang) if people else None)),
        )
        deliver(shown, tables, settings.lang, bom=bom)
    if state:
        known = {alert.key for alert in everything.alerts} | (told.alerts if told else set())
        keep(state, moment, jurisdiction, known)
    if fail_on == "never":
        return 0
    return int(bool(found.turned or (fail_on == "coming" and found.coming)))


def _since(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadParameter("--since", f"{text!r} is no date", "write it like 2024-06-01") from None
