"""`bpsgraph overlap`: items, duties and standards that may overlap, each with its reasons."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.answering import ColumnsOption, OutputsOption, deliver, offered, picked
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption, write
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.endpoint import Endpoint
from bpsgraph.errors import BadUsage
from bpsgraph.store import open_store


class Verdict(StrEnum):
    """What a reviewer decides."""

    ACCEPT = "accept"
    REJECT = "reject"


class Overlap(StrEnum):
    """In which way two things may overlap."""

    ITEM = "same-item"
    DUTY = "two-agencies"
    STANDARD = "two-standards"
    DUPLICATE = "duplicate-standard"


def overlap(
    things: Annotated[
        list[str] | None,
        Argument(
            metavar="THING THING", help="The two that are reviewed, by key or name; only with --review."
        ),
    ] = None,
    kind: Annotated[
        Overlap | None,
        Option(
            "--kind",
            metavar="NAME",
            help="Only this kind: same-item, two-agencies, two-standards, duplicate-standard.",
        ),
    ] = None,
    jurisdiction: Annotated[
        str | None, Option("--jurisdiction", metavar="CODE", help="Only the duties of this place.")
    ] = None,
    reviewed: Annotated[
        list[Path] | None,
        Option(
            "--reviewed", metavar="FILE", help="Reviews as --review writes them, beside those of the store."
        ),
    ] = None,
    all: Annotated[bool, Option("--all", help="Show pairs that were reviewed too.")] = False,
    review: Annotated[
        Verdict | None,
        Option(
            "--review", metavar="accept|reject", help="Write down what you decide on two things, to -o FILE."
        ),
    ] = None,
    duty: Annotated[
        str | None,
        Option("--duty", metavar="THING", help="With --review of two agencies: the item or task they share."),
    ] = None,
    reason: Annotated[str | None, Option("--reason", metavar="WORDS", help="With --review: why.")] = None,
    by: Annotated[str | None, Option("--by", metavar="NAME", help="With --review: who decides.")] = None,
    on: Annotated[
        str | None, Option("--on", metavar="DATE", help="With --review: the day (default: today).")
    ] = None,
    columns: ColumnsOption = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> None:
    """Point out what may overlap, and why.

    \b
    Everything, or one kind:
      bpsgraph overlap
      bpsgraph overlap --kind two-standards
      bpsgraph overlap --kind two-agencies --jurisdiction 140500
    Write down a decision; the pair is not shown again:
      bpsgraph overlap --review reject GB-T-33532 GB-T-33534 --reason "…" --by NAME -o reviews.ttl
      bpsgraph overlap --reviewed reviews.ttl
    """
    settings = load_settings({"store": store, "lang": lang})
    if review is not None:
        _decide(settings.store, review, things or [], duty, reason, by, on, output or [])
        return
    for name, value in (
        ("THING", things),
        ("--duty", duty),
        ("--reason", reason),
        ("--by", by),
        ("--on", on),
    ):
        if value:
            raise BadUsage(f"{name} says nothing here", "give it with --review")
    places = offered(format, output)

    from bpsgraph.analysis import overlap as analysis
    from bpsgraph.answers import state_of
    from bpsgraph.resource import find

    with open_store(settings.store) as opened:
        candidates = analysis.overlaps(opened)
        reviews = analysis.reviews_in(opened)
        place = find(opened, jurisdiction) if jurisdiction else None
        state = state_of(opened)
    for file in reviewed or ():
        reviews += analysis.read_reviews(file)
    answer = analysis.overlap_answer(
        candidates,
        state,
        reviews,
        kinds=[analysis.Kind(kind.value)] if kind else [],
        place=place,
        reviewed_too=all,
    )
    deliver(picked(answer, columns), places, settings.lang)


def _decide(
    store: Path | Endpoint,
    verdict: Verdict,
    things: list[str],
    duty: str | None,
    reason: str | None,
    by: str | None,
    on: str | None,
    output: list[Path],
) -> None:
    if len(things) != 2:
        raise BadUsage(f"a review is of two things, and {len(things)} are given", "give two keys")
    if not reason or not by:
        raise BadUsage("a review says why and by whom", "add --reason WORDS and --by NAME")
    if len(output) != 1:
        raise BadUsage("a review is kept in a file", "add -o FILE, such as reviews.ttl")
    try:
        day = date.fromisoformat(on) if on else date.today()
    except ValueError:
        raise BadUsage(f"{on!r} is no day", "write it like 2026-03-01") from None

    from bpsgraph.analysis import overlap as analysis
    from bpsgraph.resource import find

    with open_store(store) as opened:
        standards = {iri.rpartition("/")[2]: iri for iri in analysis.read_featured(opened)}
        one, other = (standards.get(name) or find(opened, name) for name in things)
        shared = find(opened, duty) if duty else None
    [file] = output
    known = analysis.read_reviews(file) if file.exists() else []
    decision = analysis.Decision.ACCEPTED if verdict is Verdict.ACCEPT else analysis.Decision.REJECTED
    write(analysis.add_review(known, analysis.Review(one, other, decision, by, reason, day, shared)), file)
