"""`bpsgraph network`: references and replacements among standards, documents, clauses and items."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from bpsgraph.cli.answering import ColumnsOption, OutputsOption, deliver, offered, picked
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption, write
from bpsgraph.cli.parameters import Option
from bpsgraph.config import load_settings
from bpsgraph.errors import BadParameter, BadUsage, did_you_mean
from bpsgraph.store import open_store

if TYPE_CHECKING:
    from bpsgraph.analysis.network.files import GraphFormat

_GRAPHS: "dict[str, GraphFormat]" = {".graphml": "graphml", ".json": "json"}


class Rank(StrEnum):
    """By what importance is measured."""

    PAGERANK = "pagerank"
    IN_DEGREE = "in-degree"


def network(
    impact: Annotated[
        str | None,
        Option(
            "--impact",
            metavar="THING",
            help="What its revision touches: a key, a number such as 'GB/T 28220-2023', a name or an IRI.",
        ),
    ] = None,
    rank: Annotated[
        Rank | None, Option("--rank", metavar="pagerank|in-degree", help="What matters most.")
    ] = None,
    kind: Annotated[
        str | None,
        Option("--kind", metavar="CLASS", help="Rank only this kind: Standard, PolicyDocument, ServiceItem…"),
    ] = None,
    cycles: Annotated[bool, Option("--cycles", help="Things that rely on one another in a circle.")] = False,
    orphans: Annotated[
        bool, Option("--orphans", help="Standards that no one cites, or that cite nothing.")
    ] = False,
    dangling: Annotated[
        bool, Option("--dangling", help="What is cited and not described, or by its title alone.")
    ] = False,
    superseded: Annotated[
        bool, Option("--superseded", help="References to what was replaced or withdrawn, with the successor.")
    ] = False,
    around: Annotated[
        str | None, Option("--around", metavar="THING", help="The links around it, in both directions.")
    ] = None,
    distance: Annotated[
        int | None,
        Option(
            "--distance",
            metavar="N",
            min=1,
            help="At most so many steps, with --impact (default: any) or --around (default: 1).",
        ),
    ] = None,
    graph: Annotated[
        list[Path] | None,
        Option(
            "--graph",
            metavar="FILE",
            help="Write the network, .graphml or node-link .json; with --impact or --around that part.",
        ),
    ] = None,
    columns: ColumnsOption = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """Follow references and replacements among standards, documents, clauses and items.

    \b
    How many things and links there are, and what matters most:
      bpsgraph network
    What a revision touches, each hit with the way to it:
      bpsgraph network --impact GB-T-28220-2023
      bpsgraph network --impact 'GB/T 28220-2023' --distance 2 -o impact.csv
    What matters most, and what is amiss:
      bpsgraph network --rank pagerank --kind Standard
      bpsgraph network --superseded
      bpsgraph network --orphans
    A part of the network, for other tools:
      bpsgraph network --around GB-T-43507-2023 --distance 2 --graph part.graphml
    """
    asked = {
        "--impact": impact is not None,
        "--rank": rank is not None,
        "--cycles": cycles,
        "--orphans": orphans,
        "--dangling": dangling,
        "--superseded": superseded,
        "--around": around is not None,
    }
    given = [name for name, value in asked.items() if value]
    if len(given) > 1:
        raise BadUsage(f"{' and '.join(given)} ask two things at once", "give one of them")
    if distance is not None and not (impact or around):
        raise BadUsage("--distance says nothing here", "give it with --impact or --around")
    if kind is not None and rank is None:
        raise BadUsage("--kind says nothing here", "give it with --rank")
    for file in graph or ():
        if file.suffix.lower() not in _GRAPHS:
            raise BadParameter(
                str(file), "a network is not written in this format", "name it .graphml or .json"
            )
    settings = load_settings({"store": store, "lang": lang})
    places = offered(format, output)

    from bpsgraph.analysis import network as analysis
    from bpsgraph.answers import state_of

    with open_store(settings.store) as opened:
        whole, state = analysis.read_network(opened), state_of(opened)
    part = whole
    if impact is not None:
        thing = whole.find(impact)
        answer = analysis.impact_answer(whole, state, thing, distance)
        hits = analysis.impact(whole, thing.iri, distance)
        part = whole.among([thing.iri, *(hit.thing.iri for hit in hits)])
    elif around is not None:
        thing = whole.find(around)
        answer = analysis.neighbourhood_answer(whole, state, thing, distance or 1)
        part = whole.around(thing.iri, distance or 1)
    elif rank is not None:
        if kind is not None:
            kinds = sorted({one.kind for one in whole.things.values() if one.kind})
            kind = {one.casefold(): one for one in kinds}.get(kind.casefold(), kind)
            if kind not in kinds:
                raise BadParameter(
                    "--kind",
                    f"there is no kind {kind!r}",
                    did_you_mean(kind, kinds, f"choose one of: {', '.join(kinds)}"),
                )
        answer = analysis.ranking_answer(whole, state, rank.value, kind)
    elif given:
        answer = analysis.DEFECTS[given[0].removeprefix("--")](whole, state)
    else:
        answer = analysis.summary_answer(whole, state)
    for file in graph or ():
        write(analysis.graph_text(part, _GRAPHS[file.suffix.lower()]), file)
    deliver(picked(answer, columns), places, settings.lang)
