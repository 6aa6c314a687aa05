"""An answer as people read it: headings in one language, one column of two of names, n beside of how many."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Literal

from bpsgraph.errors import visible
from bpsgraph.library import Column
from bpsgraph.results import Rows
from bpsgraph.terms import Term, short

_LANGUAGE_NAMES = ("（中文）", "（英文）", " (Chinese)", " (English)")
# What tells a column of keys from that of the names beside it.
_KEY = {"zh": "（键）", "en": " (key)"}
OF = " / "


@dataclass(frozen=True, slots=True)
class Shown:
    """One column that is shown: which it is, and which one stands in where it is empty.

    `heading` is in the language, with the unit. `of` is the place of the column with the denominator.
    """

    column: Column
    heading: str
    place: int
    fallback: int
    of: int | None = None

    def term(self, row: Sequence[Term | None]) -> Term | None:
        """What the row has here, else the name in the other language."""
        return row[self.place] if row[self.place] is not None else row[self.fallback]

    def text(self, row: Sequence[Term | None]) -> str:
        """What the row has here in words: `3 / 88` where the column says of how many."""
        words = cell(self.term(row))
        of = row[self.of] if self.of is not None else None
        return f"{words}{OF}{cell(of)}" if words and of is not None else words


def shown(columns: Sequence[Column], language: str, *, together: bool = True) -> tuple[Shown, ...]:
    """The columns to show in `zh` or `en`: of two columns of names only the one in that language.

    With `together` a number and its denominator share one column.
    """
    other = {"zh": "en", "en": "zh"}[language]
    names = [column.name for column in columns]
    denominators = {column.of for column in columns if column.of} if together else set()
    found = []
    for place, column in enumerate(columns):
        stem, _, ending = column.name.rpartition("_")
        twin = f"{stem}_{other if ending == language else language}"
        if (ending == other and twin in names) or column.name in denominators:
            continue
        fallback = names.index(twin) if ending == language and twin in names else place
        # Where it may hold the other language, or is the only one shown, its heading names none.
        heading = column.label.in_language(language)
        if fallback != place or (ending == language and twin not in names):
            heading = without_language(heading)
        of = names.index(column.of) if together and column.of else None
        if of is not None:
            heading += OF + columns[of].label.in_language(language)
        heading += f" ({column.unit})" if column.unit else ""
        found.append(Shown(column, heading, place, fallback, of))
    names_of_things = {one.heading for one in found if one.column.name.endswith(("_zh", "_en"))}
    return tuple(
        replace(one, heading=one.heading + _KEY[language])
        if one.heading in names_of_things and not one.column.name.endswith(("_zh", "_en"))
        else one
        for one in found
    )


def without_language(label: str) -> str:
    """A label without the `（中文）` of its end."""
    for words in _LANGUAGE_NAMES:
        label = label.removesuffix(words)
    return label


def readable(rows: Rows, columns: Sequence[Column], language: str) -> Rows:
    """The rows as people read them: see `shown`. Where a name is not known the other is shown."""
    picks = shown(columns, language)

    def pick(row: Sequence[Term | None], one: Shown) -> Term | None:
        return one.term(row) if one.of is None else Literal(text) if (text := one.text(row)) else None

    return Rows(
        tuple(one.heading for one in picks),
        tuple(tuple(pick(row, one) for one in picks) for row in rows.rows),
    )


def cell(term: Term | None) -> str:
    """A term as people write it: a literal without its type, an IRI by its key, nothing for None."""
    if term is None:
        return ""
    return visible(term.value if isinstance(term, Literal) else short(str(term.value)))
