"""Two answers to one question side by side: what was added, removed, changed, and what stayed."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from pyoxigraph import Literal

from bpsgraph.answers.answer import Answer
from bpsgraph.errors import BadParameter
from bpsgraph.library import Column, Library, Parameter, Query, choices
from bpsgraph.library.saved import terms_of
from bpsgraph.results import Rows, Text
from bpsgraph.store import Store
from bpsgraph.terms import Term

_CHANGE = (
    Column("change_zh", Text("变化（中文）", "change (Chinese)")),
    Column("change_en", Text("变化（英文）", "change (English)")),
)
_ADDED, _REMOVED = Text("增加", "added"), Text("减少", "removed")
_CHANGED, _SAME = Text("改变", "changed"), Text("相同", "same")
_TITLE = Text("{title}：{before}与{after}比较", "{title}: {before} compared with {after}")
_COUNTS = Text(
    "增加{added}行，减少{removed}行，改变{changed}行，相同{same}行",
    "{added} added, {removed} removed, {changed} changed, {same} the same",
)
_HIDDEN = Text("，后者未列出", ", these last not listed")
_SIDES = {"before": Text("前", "before"), "after": Text("后", "after")}

Row = tuple[Term | None, ...]


def meant(store: Store, library: Library, saved: Query, first: str, second: str) -> tuple[str, str, str]:
    """Which parameter two values are of, and the values: `edition=2021` names it, else the values tell.

    Raises `BadParameter` where none of the parameters takes both, or several do.
    """
    name, equals, value = first.partition("=")
    if equals:
        saved.parameter(name)
        return name, value, second.removeprefix(f"{name}=")
    fitting = [
        each for each in saved.parameters if all(_takes(store, library, each, one) for one in (first, second))
    ]
    telling = [each for each in fitting if each.header.type not in ("string", "lang-string")] or fitting
    names = [each.name for each in saved.parameters]
    if len(telling) == 1:
        return telling[0].name, first, second
    if telling:
        which = ", ".join(each.name for each in telling)
        raise BadParameter(
            "--compare", f"{first} and {second} may be {which}", f"write {telling[0].name}={first} {second}"
        )
    cure = (
        f"give two values of one of: {', '.join(names)}"
        if names
        else "it takes no parameters; choose another query"
    )
    raise BadParameter("--compare", f"no parameter of {saved.name} takes {first} and {second}", cure)


def _takes(store: Store, library: Library, parameter: Parameter, value: str) -> bool:
    try:
        terms = terms_of(parameter, value)
    except BadParameter:
        return False
    offered = {choice.term for choice in choices(store, library, parameter)}
    return not offered or set(terms) <= offered


def compared(
    before: Answer, after: Answer, parameter: str, values: tuple[str, str], *, everything: bool
) -> Answer:
    """The rows of two answers to one question matched by their key.

    Each row has its key, what became of it, the columns that differ nowhere once, and those that differ
    somewhere twice, `<name>_before` and `<name>_after`. Rows that are the same are only there with
    `everything`. Columns of the key that only say which of the two answers this is are left out. Raises
    `BadParameter` for a question that does not say by what its rows are known.
    """
    names = before.rows.columns
    key = [name for name in before.key if _stem(name) != parameter and not _tells_sides(before, after, name)]
    if not key:
        raise BadParameter(
            "--compare",
            f"{before.name} does not say by what its rows are known",
            "choose a query that has a key",
        )
    dropped = {name for name in before.key if name not in key} | {parameter}
    shown = [name for name in names if _stem(name) not in {_stem(each) for each in dropped}]
    identity = [name for name in shown if _stem(name) in {_stem(each) for each in key}]
    pairs = _matched(before, after, key)
    differing = [
        name
        for name in shown
        if name not in identity
        and any(one and two and _cell(before, one, name) != _cell(after, two, name) for one, two in pairs)
    ]
    # Names in two languages go together.
    doubled = [
        name for name in shown if _stem(name) in {_stem(each) for each in differing} and name not in identity
    ]
    once = [name for name in shown if name not in doubled and name not in identity]
    described = {column.name: column for column in before.columns}
    columns = [
        *(described[name] for name in identity),
        *_CHANGE,
        *(replace(described[name], of=None) for name in once),
        *(_side(described[name], side) for name in doubled for side in _SIDES),
    ]
    rows, counts = [], dict.fromkeys((_ADDED, _REMOVED, _CHANGED, _SAME), 0)
    for one, two in pairs:
        change = _change(before, after, one, two, doubled)
        counts[change] += 1
        if change is _SAME and not everything:
            continue
        here, row = (after, two) if two else (before, one)
        assert row is not None
        rows.append(
            (
                *(_cell(here, row, name) for name in identity),
                Literal(change.zh, language="zh"),
                Literal(change.en, language="en"),
                *(_cell(here, row, name) for name in once),
                *(cell for name in doubled for cell in (_cell(before, one, name), _cell(after, two, name))),
            )
        )
    made = before.provenance
    return replace(
        after,
        title=_said(_TITLE, title=before.title, before=values[0], after=values[1]),
        columns=tuple(columns),
        rows=Rows(tuple(column.name for column in columns), tuple(rows)),
        provenance=replace(made, parameters={**made.parameters, parameter: values}, text=None),
        charts=(),
        notes=(_counted(counts, everything), *dict.fromkeys((*before.notes, *after.notes))),
        key=tuple(key),
    )


def _counted(counts: Mapping[Text, int], everything: bool) -> Text:
    numbers = {change.en: number for change, number in counts.items()}
    hidden = _HIDDEN if numbers["same"] and not everything else Text("", "")
    return Text(
        _COUNTS.zh.format(**numbers) + hidden.zh + "。", _COUNTS.en.format(**numbers) + hidden.en + "."
    )


def _said(words: Text, title: Text, before: str, after: str) -> Text:
    return Text(
        words.zh.format(title=title.zh, before=before, after=after),
        words.en.format(title=title.en, before=before, after=after),
    )


def _stem(name: str) -> str:
    return name.removesuffix("_zh").removesuffix("_en")


def _side(column: Column, side: str) -> Column:
    stem = _stem(column.name)
    ending = column.name[len(stem) :]
    label = Text(f"{column.label.zh}（{_SIDES[side].zh}）", f"{column.label.en} ({_SIDES[side].en})")
    if ending:
        named = {"zh": ("（中文）", " (Chinese)"), "en": ("（英文）", " (English)")}[ending[1:]]
        label = Text(
            f"{column.label.zh.removesuffix(named[0])}（{_SIDES[side].zh}）{named[0]}",
            f"{column.label.en.removesuffix(named[1])} ({_SIDES[side].en}){named[1]}",
        )
    return replace(column, name=f"{stem}_{side}{ending}", label=label, of=None)


def _tells_sides(before: Answer, after: Answer, name: str) -> bool:
    """Whether a column has one value in each answer, and not the same."""
    sides = [{_cell(answer, row, name) for row in answer.rows.rows} for answer in (before, after)]
    return len(sides[0]) == len(sides[1]) == 1 and sides[0] != sides[1]


def _cell(answer: Answer, row: Row | None, name: str) -> Term | None:
    return row[answer.rows.columns.index(name)] if row else None


def _matched(before: Answer, after: Answer, key: Sequence[str]) -> list[tuple[Row | None, Row | None]]:
    """The rows by their key, in the order of the first answer, those only in the second after them.

    Rows that share a key are matched in their order.
    """
    found: dict[Row, tuple[list[Row], list[Row]]] = {}
    for side, answer in enumerate((before, after)):
        for row in answer.rows.rows:
            known_by = tuple(_cell(answer, row, name) for name in key)
            found.setdefault(known_by, ([], []))[side].append(row)
    pairs: list[tuple[Row | None, Row | None]] = []
    for first, second in found.values():
        length = max(len(first), len(second))
        pairs += zip(
            [*first, *[None] * (length - len(first))],
            [*second, *[None] * (length - len(second))],
            strict=True,
        )
    return pairs


def _change(before: Answer, after: Answer, one: Row | None, two: Row | None, names: Sequence[str]) -> Text:
    if one is None or two is None:
        return _ADDED if one is None else _REMOVED
    differs = any(_cell(before, one, name) != _cell(after, two, name) for name in names)
    return _CHANGED if differs else _SAME
