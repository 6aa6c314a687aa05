"""The one name that a misspelt name can only mean.

A slip is one character too many, too few, other or in the wrong order; in a text of eight characters and
more there may be two, apart from each other: two together are another word. It is one only where every other
thing bears a name at least twice as far away, where the slip makes a pair of characters that stands in no
known name (民政局 is no slip for 财政局, 教肓局 is one for 教育局), and where no character differs that tells
things apart: a figure, a negation, a level of government, an age. Names of three characters are too near to
one another: 水利局 may be what somebody means where only 水务局 is known.
"""

from collections import Counter
from collections.abc import Mapping, Set

_SHORTEST = 4
_LONG = 8
_MARGIN = 2  # times as far
_TELLING = frozenset(
    "0123456789%.零〇一二三四五六七八九十百千万亿两半双单第"
    "非不无未免可否"
    "国省市县区州盟旗乡镇村街城农厅局部委办处科院所站"
    "男女老幼童婴孕产父母"
    "年月日天周季次岁"
    "上下内外前后左右大小高中初新旧甲乙丙丁总分就失"
)
_BETWEEN = str.maketrans("", "", "/·.、,*-—()（）每")
_SHORTEST_UNIT = 3


def meant(text: str, names: Mapping[str, Set[str]], pairs: Set[str]) -> str | None:
    """The IRI of the one thing whose name the text misspells; None where it is none, or could be several.

    `names` gives the IRIs by name, `pairs` are the pairs of neighbouring characters in all names that are
    known; all are folded and in simplified characters.
    """
    unknown = len(pairs_in(text) - pairs)
    if len(text) < _SHORTEST or not unknown:
        return None
    most = 2 if len(text) >= _LONG else 1
    reach = most * _MARGIN
    nearest: dict[str, tuple[int, str]] = {}
    for name, iris in names.items():
        if abs(len(name) - len(text)) >= reach:
            continue
        edits = distance(text, name, reach)
        for iri in iris if edits < reach else ():
            nearest[iri] = min(nearest.get(iri, (edits, name)), (edits, name))
    if not nearest:
        return None
    (edits, name), iri = min((near, iri) for iri, near in nearest.items())
    others = [other for key, (other, _) in nearest.items() if key != iri]
    if edits > most or any(other < edits * _MARGIN for other in others):
        return None
    if unknown < edits or (edits > 1 and _is_another_word(text, name)) or _differing(text, name) & _TELLING:
        return None
    return iri


def pairs_in(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters in a text."""
    return frozenset(text[at : at + 2] for at in range(len(text) - 1))


def unit_meant(text: str, names: Mapping[str, Set[str]]) -> str | None:
    """The IRI of the one unit that the text can only mean: its parts are in another order or set apart in
    another way, or one character is other than any that a unit is written with.
    """
    wanted = text.translate(_BETWEEN)
    if len(wanted) < _SHORTEST_UNIT:
        return None
    spelt = {name.translate(_BETWEEN): iris for name, iris in names.items()}
    same = [iris for name, iris in spelt.items() if Counter(name) == Counter(wanted)]
    if same:
        return _only(same)
    alphabet = frozenset().union(*spelt)
    near = [
        iris
        for name, iris in spelt.items()
        if len(name) == len(wanted)
        and [one not in alphabet for one, other in zip(wanted, name, strict=True) if one != other] == [True]
    ]
    return _only(near)


def distance(one: str, other: str, reach: int) -> int:
    """How many characters must be put in, left out, exchanged or swapped with their neighbour to make one of
    the other (optimal string alignment); `reach` where it is that many or more.
    """
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, mine in enumerate(one, 1):
        now = [row]
        for column, theirs in enumerate(other, 1):
            best = min(last[column] + 1, now[-1] + 1, last[column - 1] + (mine != theirs))
            if row > 1 and column > 1 and mine == other[column - 2] and one[row - 2] == theirs:
                best = min(best, before[column - 2] + 1)
            now.append(best)
        if min(now) >= reach and min(last) >= reach:
            return reach
        before, last = last, now
    return min(last[-1], reach)


def _is_another_word(text: str, name: str) -> bool:
    from difflib import SequenceMatcher  # Here, since few have slips.

    changes = SequenceMatcher(None, text, name, autojunk=False).get_opcodes()
    return any(max(b - a, d - c) > 1 for kind, a, b, c, d in changes if kind != "equal")


def _differing(one: str, other: str) -> frozenset[str]:
    first, second = Counter(one), Counter(other)
    return frozenset((first - second) + (second - first))


def _only(found: list[Set[str]]) -> str | None:
    iris = frozenset().union(*found)
    return next(iter(iris)) if len(iris) == 1 else None
