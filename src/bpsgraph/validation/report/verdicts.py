"""Verdicts for people at a terminal: by item, both numbers, and the text that each floor comes from."""

from collections.abc import Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Styled

from bpsgraph.quantity import ValueVerdict
from bpsgraph.results import CoverageVerdict, Text, Verdict

# The words of the code lists ontology/codelists/value-verdict.ttl and coverage-verdict.ttl.
VALUES = {
    ValueVerdict.MEETS: Text("达到", "meets"),
    ValueVerdict.ABOVE: Text("高于", "above"),
    ValueVerdict.BELOW: Text("低于", "below"),
    ValueVerdict.MISSING: Text("缺失", "missing"),
    ValueVerdict.DEFERRED: Text("待定", "deferred"),
    ValueVerdict.NOT_COMPARABLE: Text("不可比", "not comparable"),
    ValueVerdict.NO_FLOOR: Text("无下限", "no floor"),
}
COVERAGE = {
    CoverageVerdict.SAME: Text("相同", "same"),
    CoverageVerdict.WIDER: Text("更宽", "wider"),
    CoverageVerdict.NARROWER: Text("更窄", "narrower"),
    CoverageVerdict.NOT_STATED: Text("未写明", "not stated"),
}
_MARKS = {
    ValueVerdict.MEETS: ("✓", "green"),
    ValueVerdict.ABOVE: ("✓", "green"),
    ValueVerdict.BELOW: ("✗", "bold red"),
    ValueVerdict.NOT_COMPARABLE: ("?", "yellow"),
}
_OTHER_MARK = ("·", "cyan")
_COVERED = Text("对象{coverage}", "covers {coverage}")
_DEFERRED = Text("由“{whom}”确定", "settled by “{whom}”")
_PROMISE = Text("本地：{words}", "promise: {words}")
_FLOOR = Text("下限：{words}", "floor: {words}")
_SOURCE = Text("下限自{day}起：{source}", "floor from {day}: {source}")


def render_verdicts(verdicts: Sequence[Verdict], language: str) -> RenderableType:
    """The verdicts in `zh` or `en`, in the order given; floors from one text are told it once."""
    parts: list[RenderableType] = []
    for item, of_item in groupby(verdicts, key=lambda verdict: verdict.item):
        parts.append(Styled(("\n" if parts else "") + item.in_language(language), style="bold"))
        for (day, source), same in groupby(of_item, key=lambda verdict: (verdict.valid_from, verdict.source)):
            grid = Table.grid(padding=(0, 1, 0, 0))
            grid.add_column(width=3, justify="right")
            grid.add_column(overflow="fold")
            for verdict in same:
                mark, style = _MARKS.get(verdict.value_verdict, _OTHER_MARK)
                grid.add_row(Styled(mark, style=style), _line(verdict, language))
            if day and source:
                words = _SOURCE.in_language(language).format(day=day, source=source.in_language(language))
                grid.add_row("", Styled(words, style="dim"))
            parts.append(grid)
    return Group(*parts)


def _line(verdict: Verdict, language: str) -> str:
    segment = verdict.segment.in_language(language) if verdict.segment else ""
    around = ("（", "）") if language == "zh" else (" (", ")")
    said = [
        VALUES[verdict.value_verdict].in_language(language),
        verdict.measure.in_language(language) + (segment and f"{around[0]}{segment}{around[1]}"),
        *_operands(verdict, language),
    ]
    if verdict.deferred_to:
        said.append(_DEFERRED.in_language(language).format(whom=verdict.deferred_to))
    if verdict.coverage_verdict in {CoverageVerdict.WIDER, CoverageVerdict.NARROWER}:
        covered = COVERAGE[verdict.coverage_verdict].in_language(language)
        said.append(_COVERED.in_language(language).format(coverage=covered))
    return "  ".join(said)


def _operands(verdict: Verdict, language: str) -> list[str]:
    """Both numbers in one unit, else the words of both sides."""
    if verdict.conversion:
        return [verdict.conversion]
    sides = ((verdict.promise, _PROMISE), (verdict.floor, _FLOOR))
    return [
        words.in_language(language).format(words=side.stated_as)
        for side, words in sides
        if side and side.stated_as
    ]
