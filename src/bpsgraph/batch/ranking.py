"""Who stands where: one ranking of all that could be judged, and one for each assurance."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any

from bpsgraph.batch.outcome import ASSURANCES, Outcome
from bpsgraph.results import Severity, Text

OVERALL = "overall"
RULE = Text(
    "按达标比例从高到低排序：达标比例＝达到或高于的下限数÷能够判定的下限数（达到、高于、低于、缺失之和；"
    "待定、不可比、无下限的不计）。相同时错误少者在前，再相同时警告少者在前，三者全同则名次并列，其后名次顺延"
    "（1、2、2、4）。摘录只按其写明的部分计算。没有可判定下限的排在最后，未能判定的文件不排名。各项“保障”另按该项错误数、警告数排名。",
    "By the share of floors met, the highest first: floors met or exceeded, divided by those that can be "
    "settled (met, exceeded, below or missing; deferred, not comparable and no floor do not count). Then by "
    "fewer violations, then by fewer warnings; who is equal in all three shares a rank, and the next ranks "
    "are left out (1, 2, 2, 4). An excerpt counts for what it states. Without a floor to settle one comes "
    "last; files that could not be judged have no rank. Each assurance is ranked by its own violations, then "
    "warnings.",
)


def rank(outcomes: Iterable[Outcome]) -> dict[str, dict[str, int]]:
    """The ranks of each submission that could be judged, by file: overall, and for each assurance."""
    judged = [outcome for outcome in outcomes if not outcome.problem]
    ranks: dict[str, dict[str, int]] = {outcome.file: {} for outcome in judged}
    _place(judged, OVERALL, _overall, ranks)
    for assurance in ASSURANCES:
        _place(judged, assurance, _of(assurance), ranks)
    return ranks


def _place(
    judged: Sequence[Outcome], name: str, order: Callable[[Outcome], Any], ranks: dict[str, dict[str, int]]
) -> None:
    ordered = sorted(judged, key=order)
    rank, last = 0, None
    for number, outcome in enumerate(ordered, 1):
        if order(outcome) != last:
            rank, last = number, order(outcome)
        ranks[outcome.file][name] = rank


def _overall(outcome: Outcome) -> tuple[bool, Fraction, int, int]:
    counts = outcome.counts()
    share = outcome.share
    return (share is None, -(share or Fraction(0)), counts[Severity.VIOLATION], counts[Severity.WARNING])


def _of(assurance: str) -> Callable[[Outcome], tuple[int, int]]:
    def order(outcome: Outcome) -> tuple[int, int]:
        counts = outcome.counts_of(assurance)
        return counts[Severity.VIOLATION], counts[Severity.WARNING]

    return order
