"""`bpsgraph evaluation`: the scores of an evaluation model, and the figures of a questionnaire."""

from pathlib import Path
from typing import Annotated

from bpsgraph.cli.answering import BomOption, ColumnsOption, OutputsOption, deliver, offered, picked
from bpsgraph.cli.output import FormatOption, LanguageOption, StoreOption, write
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import Settings, load_settings
from bpsgraph.errors import BadParameter, BadUsage
from bpsgraph.library import Library
from bpsgraph.results import Triples
from bpsgraph.sources import find_sources
from bpsgraph.store import open_store
from bpsgraph.terms import BPS, RDF_TYPE

_SHOWN = {
    language: f"place,place_{language},level,criterion_{language},weight,score,known,scored,leaves,"
    f"lowest,highest,value,unit_{language},figure_period"
    for language in ("zh", "en")
}


def evaluation(
    model: Annotated[
        str | None,
        Argument(metavar="[MODEL]", help="The key of a model, or a Turtle file (.ttl) that holds one."),
    ] = None,
    jurisdiction: Annotated[
        list[str] | None,
        Option(metavar="CODE", help="The place, by its six digits; give it again to compare several."),
    ] = None,
    period: Annotated[
        str | None, Option(metavar="PERIOD", help="Figures of this period alone: 2023, 2023-Q3 …")
    ] = None,
    questionnaire: Annotated[
        str | None,
        Option(metavar="FILE", help="Turn the answers to a questionnaire into a table of figures instead."),
    ] = None,
    steps: Annotated[int, Option(metavar="K", help="Answers are 1 (worst) to K (best).")] = 5,
    answers: Annotated[
        str | None, Option(metavar="WORD,WORD...", help="Answers are these words, from best to worst.")
    ] = None,
    question: Annotated[
        list[str] | None, Option(metavar="TEXT", help="Only this column is a question; give it again.")
    ] = None,
    columns: ColumnsOption = None,
    format: FormatOption = None,
    output: OutputsOption = None,
    bom: BomOption = False,
    lang: LanguageOption = None,
    store: StoreOption = None,
) -> int:
    """Score an evaluation model place by place, with how much of its weight is known.

    \b
      bpsgraph evaluation taizhou-pilot-2020
      bpsgraph evaluation model.ttl --jurisdiction 140500 --jurisdiction 321200 --period 2023 -o scores.xlsx
      bpsgraph evaluation --questionnaire answers.csv --jurisdiction 140500 --period 2022 -o figures.csv

    Figures come from `bpsgraph observations`; what is missing is never a zero. A questionnaire becomes a
    table that `bpsgraph observations` takes: the mean answer from 0 to 100, how many answered and how many
    did not.
    """
    settings = load_settings({"store": store, "lang": lang})
    if (model is None) == (questionnaire is None):
        raise BadUsage(
            "there is nothing to evaluate"
            if model is None
            else "MODEL and --questionnaire cannot be both given",
            "give a MODEL (`bpsgraph query evaluation/models` lists them), or --questionnaire FILE",
        )
    if questionnaire is not None:
        return _figures(
            settings, questionnaire, jurisdiction or [], period, steps, answers, question or [], output or []
        )
    assert model is not None
    # Loaded only here, because a command that is asked for help needs none of it.
    from bpsgraph.analysis.evaluation import evaluate, with_model
    from bpsgraph.answers.answer import state_of

    places = offered(format, output)
    library = Library(find_sources(settings.sources).root / "queries")
    with open_store(settings.store) as opened:
        if model.endswith(".ttl"):
            from bpsgraph.ingest import read
            from bpsgraph.validation.renewal import DERIVED

            submission = read(model, limit=settings.max_file_size)
            with with_model(opened, submission.triples, DERIVED) as copy:
                found = evaluate(
                    copy,
                    library,
                    _only_model(model, submission.triples),
                    jurisdictions=jurisdiction or (),
                    period=period,
                    state=f"{state_of(opened)} + {Path(model).name} {submission.triples.content_hash()}",
                )
        else:
            found = evaluate(opened, library, model, jurisdictions=jurisdiction or (), period=period)
    people = all(place.format.name in ("table", "markdown") for place in places)
    answer = picked(found.answer(), columns or (_SHOWN[settings.lang] if people else None))
    deliver(answer, places, settings.lang, bom=bom)
    return 0


def _only_model(file: str, triples: Triples) -> str:
    models = sorted(
        str(triple.subject.value)  # type: ignore[union-attr]
        for triple in triples.triples
        if triple.predicate == RDF_TYPE and getattr(triple.object, "value", "") == BPS + "EvaluationModel"
    )
    if len(models) != 1:
        raise BadParameter(file, f"the file holds {len(models)} evaluation models", "give a file with one")
    return models[0]


def _figures(
    settings: Settings,
    file: str,
    jurisdictions: list[str],
    period: str | None,
    steps: int,
    answers: str | None,
    questions: list[str],
    output: list[Path],
) -> int:
    import sys

    from bpsgraph.ingest.files import read_book
    from bpsgraph.ingest.observations import problems_of
    from bpsgraph.ingest.questionnaire import read_questionnaire
    from bpsgraph.workbooks.questionnaire import figures_table

    if period is None:
        raise BadParameter(
            "--period", "a questionnaire does not say when it was answered", "add --period 2022"
        )
    words = answers.split(",") if answers else []
    if (len(words) if words else steps) < 2:
        raise BadParameter("--answers" if words else "--steps", "a scale has two steps at least", "give more")
    if len(jurisdictions) > 1 or len(output) > 1:
        raise BadUsage("a questionnaire has one place and one table", "give --jurisdiction and -o once")
    book, _ = read_book(file, limit=settings.max_file_size)
    found = read_questionnaire(
        book,
        steps=steps,
        answers=words,
        questions=questions,
        place=jurisdictions[0] if jurisdictions else None,
    )
    chinese = settings.lang == "zh"
    if found.problems:
        for cell, text in problems_of(found):
            print(f"{cell}：{text.zh}" if chinese else f"{cell}: {text.en}")
        count = len(found.problems)
        print(f"{count}处有问题" if chinese else f"{count} problems", file=sys.stderr)
        return 1
    write(figures_table(found, period, Path(book.name).name), output[0] if output else None)
    for one in found.questions:
        score = "—" if one.score is None else f"{one.score.normalize():f}"
        print(
            f"{one.place} {one.text}：{score}（应答{one.answers}人，未应答{one.silent}人）"
            if chinese
            else f"{one.place} {one.text}: {score} ({one.answers} answered, {one.silent} did not)",
            file=sys.stderr,
        )
    return 0
