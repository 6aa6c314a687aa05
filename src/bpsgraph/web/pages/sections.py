"""What pages of answers are made of: tables with their charts, facts of one thing, choices among values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode

from bpsgraph.answers import Answer
from bpsgraph.answers.charts import drawable
from bpsgraph.formats import FORMATS, RDF_FORMATS
from bpsgraph.results import Rows, Text
from bpsgraph.terms import BASE, XSD, Term, short
from bpsgraph.web.pages.tables import Cell, Picture, Table, cell_of, picture_of, pictures_of, table_of
from bpsgraph.web.view import View

CODES = "vocabulary/codes"
FACTS = "things/facts"
_BOOLEAN = NamedNode(f"{XSD}boolean")
_TRUTH = {
    "true": Text("是", "yes"),
    "false": Text("否", "no"),
    "1": Text("是", "yes"),
    "0": Text("否", "no"),
}
_OFFERED = ("csv", "xlsx", "json")
_OF_THE_FORM = ("format", "table", "chart", "lang")


@dataclass(frozen=True, slots=True)
class Section:
    """One answer on a page: its anchor, its table, its charts, and the address of each format of it."""

    name: str
    table: Table
    pictures: tuple[Picture, ...] = ()
    offers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """What is known of a thing under one heading; several values where there are several."""

    label: str
    values: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One of the values to choose from."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A field of a form that takes one of some values, or none."""

    name: str
    options: tuple[Option, ...]


def section_of(
    view: View,
    answer: Answer,
    name: str,
    columns: Sequence[str] | None = None,
    *,
    drawn: bool = True,
    page: str | None = None,
    asked: Mapping[str, str] | None = None,
) -> Section:
    """The answer as a section with the anchor `name`; without charts where it is not `drawn`.

    `page` is the path of the page of answers that has this one among its tables, and `asked` what it is
    asked, if not the same as this page; left out, the answer is that of a saved query.
    """
    data = None
    offers: tuple[tuple[str, str], ...] = ()
    pictures: tuple[Picture, ...] = ()
    if page is not None:
        data = ""
        offers = tuple((FORMATS[one].label, _as(view, page, answer, one, asked)) for one in _OFFERED)
        addresses = [
            _as(view, page, answer, "svg", asked, number) for number in range(1, len(drawable([answer])) + 1)
        ]
        pictures = pictures_of(view, answer, addresses) if drawn else ()
    elif drawn and answer.name in view.snapshot.library:
        picture = picture_of(view, answer)
        pictures = (picture,) if picture else ()
    table = table_of(view, _in_words(view, answer), columns, data)
    return Section(name, _without_empty(table), pictures, offers)


def _in_words(view: View, answer: Answer) -> Answer:
    """The answer as people read it: yes or no, and how sure a value is as the concept, not as its code."""
    degrees = {place for place, name in enumerate(answer.rows.columns) if name.endswith("verification")}

    def term_of(term: Term | None, place: int) -> Term | None:
        if not isinstance(term, Literal):
            return term
        if place in degrees:
            return NamedNode(f"{BASE}verification/{term.value}")
        return Literal(view.say(_TRUTH[term.value])) if term.datatype == _BOOLEAN else term

    rows = tuple(tuple(term_of(term, place) for place, term in enumerate(row)) for row in answer.rows.rows)
    return replace(answer, rows=Rows(answer.rows.columns, rows))


def _without_empty(table: Table) -> Table:
    """The table without the columns in which no row has anything."""
    if not table.rows:
        return table
    kept = [place for place in range(len(table.columns)) if any(row.cells[place].text for row in table.rows)]
    rows = tuple(replace(row, cells=tuple(row.cells[place] for place in kept)) for row in table.rows)
    return replace(table, columns=tuple(table.columns[place] for place in kept), rows=rows)


def _as(
    view: View,
    page: str,
    answer: Answer,
    format: str,
    asked: Mapping[str, str] | None,
    chart: int | None = None,
) -> str:
    given = {
        name: value
        for name, value in (view.parameters if asked is None else asked).items()
        if name not in _OF_THE_FORM
    }
    further = {"chart": str(chart)} if chart is not None else {}
    return view.link(page + FORMATS[format].suffixes[0], **given, table=answer.name, **further)


def triples_of(view: View, iri: str) -> tuple[tuple[str, str], ...]:
    """What a thing is offered as: a label and an address for each format of its triples."""
    path = "/doc/" + iri.removeprefix(BASE)
    return tuple((FORMATS[name].label, view.link(path + FORMATS[name].suffixes[0])) for name in RDF_FORMATS)


def facts_of(view: View, answer: Answer) -> tuple[Fact, ...]:
    """The rows of an answer about one thing as facts: under each heading the values, each once."""
    table = table_of(view, _in_words(view, answer))
    facts = []
    for place, heading in enumerate(table.columns):
        values = tuple(dict.fromkeys(row.cells[place] for row in table.rows if row.cells[place].text))
        if values:
            facts.append(Fact(heading.text, tuple(replace(value, number=False) for value in values)))
    return tuple(facts)


def described(view: View, iri: str, without: Sequence[str] = ()) -> tuple[Fact, ...]:
    """What is stated of a thing, without some properties (`dct:references`); nothing of one unknown."""
    facts: dict[str, list[Cell]] = {}
    for row in view.answered(FACTS, thing=iri).rows:
        property, value = row["property"], row["value"]
        if property is None or value is None or short(str(property.value)) in without:
            continue
        label = said(view, row, "property") or short(str(property.value))
        facts.setdefault(label, []).append(cell_of(view, value, said(view, row, "value")))
    return tuple(Fact(label, tuple(dict.fromkeys(values))) for label, values in facts.items())


def said(view: View, row: Mapping[str, Term | None], stem: str) -> str:
    """The words of a row in the language of the page, else in the other; empty where it has none."""
    other = {"zh": "en", "en": "zh"}[view.language]
    term = row.get(f"{stem}_{view.language}") or row.get(f"{stem}_{other}")
    return "" if term is None else str(term.value)


def value_of(row: Mapping[str, Term | None], name: str) -> str:
    """A cell of a row as text; empty where it has none."""
    term = row.get(name)
    return "" if term is None else str(term.value)


def worded(view: View, answer: Answer, column: str, scheme: str) -> Answer:
    """The answer with the words of a code list in place of the codes in a column."""
    words = codes_of(view, scheme)
    place = answer.rows.columns.index(column)

    def row_of(row: tuple[Term | None, ...]) -> tuple[Term | None, ...]:
        code = row[place]
        word = words.get(str(code.value)) if code is not None else None
        return (*row[:place], Literal(word), *row[place + 1 :]) if word else row

    return replace(answer, rows=Rows(answer.rows.columns, tuple(map(row_of, answer.rows.rows))))


def restricted(answer: Answer, column: str, iri: str) -> Answer:
    """The answer with only the rows that have the thing in the column, without the further tables."""
    place = answer.rows.columns.index(column)
    wanted = NamedNode(iri)
    rows = tuple(row for row in answer.rows.rows if row[place] == wanted)
    return replace(answer, rows=Rows(answer.rows.columns, rows), further=())


def choice_of(view: View, name: str, values: Iterable[tuple[str, str]], chosen: str | None = None) -> Choice:
    """A field for these pairs of a value and a label; unless it is given, the address says what is chosen."""
    asked = chosen if chosen is not None else view.parameters.get(name, "")
    unlike = dict(values)
    return Choice(name, tuple(Option(value, label, value == asked) for value, label in unlike.items()))


def codes_of(view: View, scheme: str) -> dict[str, str]:
    """The words of a code list by the keys of its codes."""
    found = {}
    for row in view.answered(CODES, list=scheme).rows:
        code, zh, en = row["code"], row["code_zh"], row["code_en"]
        words = {"zh": zh or en, "en": en or zh}[view.language]
        if code is not None and words is not None:
            found[str(code.value).rpartition("/")[2]] = str(words.value)
    return found
