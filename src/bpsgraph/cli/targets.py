"""`bpsgraph targets`: where each target stands."""

from datetime import date
from typing import Annotated

from bpsgraph.cli.answering import BomOption, ColumnsOption, OutputsOption, deliver, offered, picked
from bpsgraph.cli.arguments import day
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption
from bpsgraph.cli.parameters import Option
from bpsgraph.config import load_settings
from bpsgraph.library import Library
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store

_SHOWN = {
    "zh": "target_zh,attribute_zh,base_value,comparator,value,unit_zh,due,status_zh,observed,period,expected,"
    "reported,years,needed",
    "en": "target_en,attribute_en,base_value,comparator,value,unit_en,due,status_en,observed,period,expected,"
    "reported,years,needed",
}


def targets(
    plan: Annotated[
        str | None, Option(metavar="KEY", help="Only those of this document: public-services-plan-14th …")
    ] = None,
    jurisdiction: Annotated[
        str | None, Option(metavar="CODE", help="Only those of this place, by its six digits.")
    ] = None,
    attribute: Annotated[str | None, Option(metavar="binding|expected", help="Only these.")] = None,
    as_of: Annotated[
        str | None, Option(metavar="DATE", help="The day on which it is judged (default: today).")
    ] = None,
    late: Annotated[
        bool, Option("--late", help="Only those late, behind, or overdue without a figure; exit 1 if any.")
    ] = False,
    columns: ColumnsOption = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    bom: BomOption = False,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> int:
    """Say of every target where it stands: reached, on track, behind, late, or that nothing is known.

    \b
      bpsgraph targets --as-of 2024-06-30
      bpsgraph targets --plan public-services-plan-14th --attribute binding
      bpsgraph targets --late -o late.xlsx

    Figures come from `bpsgraph observations`. Progress follows the rule of each footnote: the value of a year
    against a straight line, the mean of a period over the years reported, a total against the sum so far.
    """
    # Loaded only here, because a command that is asked for help needs none of it.
    from bpsgraph.analysis.target_answer import ledger_answer
    from bpsgraph.analysis.targets import ledger, wants_attention

    settings = load_settings({"store": store, "lang": lang})
    places = offered(format, output)
    moment = day(as_of) or date.today()
    library = Library(find_sources(settings.sources).root / "queries")
    given = {
        name: value
        for name, value in (("plan", plan), ("jurisdiction", jurisdiction), ("attribute", attribute))
        if value is not None
    }
    with open_store(settings.store) as opened:
        entries = ledger(opened, library, as_of=moment, **given)
        if late:
            entries = tuple(entry for entry in entries if wants_attention(entry, moment))
        asked = {"as_of": moment.isoformat(), **given, **({"late": "true"} if late else {})}
        parameters = {name: (value,) for name, value in asked.items()}
        answer = ledger_answer(opened, library, entries, moment, parameters)
    people = all(place.format.name in ("table", "markdown") for place in places)
    answer = picked(answer, columns or (_SHOWN[settings.lang] if people else None))
    deliver(answer, places, settings.lang, bom=bom)
    return 1 if late and entries else 0
