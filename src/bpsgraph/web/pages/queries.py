"""The saved questions: which there are, and one of them with its form, its rows, its charts and its text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from bpsgraph import serialisation
from bpsgraph.answers import Answer
from bpsgraph.answers.asking import asked, by_name
from bpsgraph.answers.groups import PARAMETER as PLACE
from bpsgraph.answers.groups import QUESTION as GROUPS
from bpsgraph.errors import BadParameter, UnknownQuery
from bpsgraph.formats import FORMATS
from bpsgraph.library import Library, Parameter, Query, answer, bind, choices
from bpsgraph.library.saved import Values
from bpsgraph.results import Rows, Text, Triples
from bpsgraph.terms import BASE
from bpsgraph.web.pages.tables import Figure, Table, figures_of, table_of
from bpsgraph.web.view import View

MOST_VALUES = 200
"""Values of one parameter that are taken in one request."""
LONGEST_VALUE = 1_000
"""Characters of one value that are taken."""
PAGE_SIZE = 200
"""Rows on one page of a table, unless another number is asked for."""
LARGEST_PAGE = 5_000
# What the query string says beside the parameters of the question.
_BESIDE = ("format", "lang", "page", "per_page", "compare", "all", "group", "highlight")
_DRAWN = (".vl.json", ".svg", ".png")
# Lists up to this length are offered whole in the form.
_MOST_OFFERED = 500
_TOPICS = {
    "agencies": Text("责任单位", "Agencies"),
    "analysis": Text("分析所用的底数", "Material of the analyses"),
    "catalogues": Text("清单", "Catalogues"),
    "checks": Text("检查：有行即有问题", "Checks: every row is a problem"),
    "coverage": Text("人群与覆盖", "Groups of people and coverage"),
    "deferred": Text("暂缓与待定", "Deferred and to be settled"),
    "divisions": Text("行政区划", "Administrative divisions"),
    "editions": Text("版次比较", "Editions compared"),
    "evaluation": Text("评估", "Evaluation"),
    "floors": Text("下限与达标", "Floors and whether they are met"),
    "funding": Text("经费分担", "Cost sharing"),
    "gaps": Text("缺项与缺口", "What is missing"),
    "items": Text("服务事项", "Items"),
    "library": Text("问题库", "The library of questions"),
    "observations": Text("监测数据", "Observations"),
    "overlaps": Text("重叠", "Overlaps"),
    "pilots": Text("试点", "Pilots"),
    "profiles": Text("按通行词汇改写", "In the words of common vocabularies"),
    "provenance": Text("出处与核实", "Sources and verification"),
    "things": Text("任一事物", "Any thing"),
    "documents": Text("文件", "Documents"),
    "measures": Text("指标", "Measures"),
    "publishing": Text("发布", "Publishing"),
    "standards": Text("标准", "Standards"),
    "system": Text("标准体系", "The system of standards"),
    "targets": Text("规划目标", "Targets"),
    "vocabulary": Text("代码表", "Code lists"),
}

Given = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One question of the list, with the names of what it takes."""

    name: str
    summary: str
    description: str
    parameters: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    """The questions of one topic."""

    key: str
    name: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The questions by topic, of those that speak of `search` where something is searched for."""

    topics: tuple[Topic, ...]
    search: str
    count: int


@dataclass(frozen=True, slots=True)
class Option:
    """One value to choose: as it is typed, and in words."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter in the form: how it is filled in, with what it holds and what is wrong with that.

    `kind` is `select`, `date`, `number`, `truth` or `text`.
    """

    name: str
    help: str
    kind: str
    required: bool
    values: tuple[str, ...]
    options: tuple[Option, ...] = ()
    default: str = ""
    example: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page of how many; the addresses are empty where there is no such page."""

    page: int
    pages: int
    rows: int
    first: str = ""
    previous: str = ""
    next: str = ""
    last: str = ""

    def link_header(self) -> str:
        """The value of `Link` (RFC 8288)."""
        addresses = (("first", self.first), ("prev", self.previous), ("next", self.next), ("last", self.last))
        return ", ".join(f'<{address}>; rel="{rel}"' for rel, address in addresses if address)


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it was asked: `table` is None where it was not answered, and `status` says why."""

    name: str
    title: str
    description: str
    topic: str
    check: bool
    fields: tuple[Field, ...]
    status: int
    problem: str
    compare: tuple[str, str]
    comparable: bool
    group: str
    groups: tuple[Option, ...]
    table: Table | None
    figures: tuple[Figure, ...]
    paging: Paging | None
    address: str
    downloads: tuple[tuple[str, str], ...]
    text: str
    edit: str
    provenance: tuple[tuple[str, str], ...]
    triples: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query string asks: values for the parameters, and how their answer is to be seen.

    `everything` keeps the rows of a comparison that are the same; `page` counts from 1.
    """

    values: Mapping[str, Values]
    compare: tuple[str, str] | None = None
    everything: bool = False
    group: str | None = None
    highlight: str | None = None
    page: int | None = None
    per_page: int = PAGE_SIZE
    given: tuple[tuple[str, str], ...] = field(default=())

    @property
    def plain(self) -> bool:
        """Whether the question is asked as it stands in the library."""
        return not self.values and self.compare is None and self.group is None and self.highlight is None

    def address(self, path: str, **more: str) -> str:
        """The address of this very question at a path of this site."""
        pairs = [pair for pair in self.given if pair[0] not in more] + list(more.items())
        return quote(path) + (f"?{urlencode(pairs)}" if pairs else "")


def catalogue(view: View, search: str = "") -> Catalogue:
    """The list of questions and checks, by topic."""
    found = [saved for saved in listed(view.snapshot.library) if saved.speaks_of(search.strip())]
    keys = sorted({saved.topic for saved in found}, key=lambda key: (key == "checks", key))
    topics = [
        Topic(
            key,
            topic_name(view, key),
            tuple(_entry(view, saved) for saved in found if saved.topic == key),
        )
        for key in keys
    ]
    return Catalogue(tuple(topics), search.strip(), len(found))


def _entry(view: View, saved: Query) -> Entry:
    return Entry(
        saved.name,
        view.say(saved.summary),
        view.say(saved.description),
        tuple(parameter.name for parameter in saved.parameters),
    )


def listed(library: Library) -> list[Query]:
    """The questions and checks, by name; what derives the graphs of the store is none."""
    return [saved for name in library if (saved := library[name]).kind != "derive"]


def topic_name(view: View, key: str) -> str:
    """What a topic is called; its key where it is one of a library of one's own."""
    return view.say(_TOPICS[key]) if key in _TOPICS else key


def found(library: Library, name: str) -> Query:
    """The question of that name; raises `UnknownQuery` with those that are like it."""
    saved = library[name]
    if saved.kind == "derive":
        raise UnknownQuery(name, library.nearest(name))
    return saved


def read_asked(saved: Query, given: Given) -> Asked:
    """What the pairs of a query string ask of this question; empty values say nothing.

    Raises `BadParameter` for a name that it does not take, and for what is too much.
    """
    pairs = [(name, value.strip()) for name, value in given if value.strip()]
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if len(value) > LONGEST_VALUE:
            raise BadParameter(name, f"the value has more than {LONGEST_VALUE} characters", "shorten it")
        if name not in _BESIDE:
            values.setdefault(saved.parameter(name).name, []).append(value)
    for name, several in values.items():
        if len(several) > MOST_VALUES:
            raise BadParameter(name, f"there are more than {MOST_VALUES} values", "leave some out")
    beside = dict(pairs)
    group = beside.get("group")
    if group is not None and group.startswith("list="):
        raise BadParameter("group", "a list is a file, which is not read here", f"give {PLACE} several times")
    return Asked(
        values={name: list(several) for name, several in values.items()},
        compare=_compared(pairs),
        everything=beside.get("all", "") in ("1", "true", "yes"),
        group=group,
        highlight=beside.get("highlight"),
        page=_number("page", beside.get("page"), 1_000_000),
        per_page=_number("per_page", beside.get("per_page"), LARGEST_PAGE) or PAGE_SIZE,
        given=tuple(pair for pair in pairs if pair[0] not in ("page", "format", "lang")),
    )


def _compared(pairs: Given) -> tuple[str, str] | None:
    several = [part for name, value in pairs if name == "compare" for part in value.split(",")]
    if not several:
        return None
    if len(several) != 2:
        raise BadParameter("compare", "two values are compared", "give compare=2021&compare=2023")
    return several[0], several[1]


def _number(name: str, text: str | None, most: int) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 9 and 1 <= int(text) <= most):
        raise BadParameter(name, f"{text!r} is no number from 1 to {most}", "write digits such as 1")
    return int(text)


def answer_to(view: View, saved: Query, wanted: Asked) -> Answer:
    """The answer; one that is asked as the library has it is worked out once. Raises `BadParameter`."""
    snapshot = view.snapshot

    def make() -> Answer:
        values = by_name(snapshot.names, saved, wanted.values)
        return asked(
            snapshot.store,
            snapshot.library,
            saved,
            values,
            compare=wanted.compare,
            everything=wanted.everything,
            group=wanted.group,
            highlight=wanted.highlight,
        )

    return snapshot.kept(("answer", saved.name), make) if wanted.plain else make()


def builds_triples(saved: Query) -> bool:
    """Whether a question is a CONSTRUCT."""
    return saved.scan.form == "CONSTRUCT"


def triples_of(view: View, saved: Query, wanted: Asked) -> Triples:
    """The triples that a question builds; raises `BadParameter`."""
    snapshot = view.snapshot
    built = answer(snapshot.store, snapshot.library, saved, by_name(snapshot.names, saved, wanted.values))
    assert isinstance(built, Triples)
    return built


def turtle_of(view: View, saved: Query, wanted: Asked) -> str:
    """The same as Turtle."""
    return serialisation.text(triples_of(view, saved, wanted), FORMATS["turtle"])


def paged(answer: Answer, wanted: Asked, path: str, *, always: bool) -> tuple[Answer, Paging | None]:
    """The rows of the page that was asked for; all of them where none was, unless `always`.

    Raises `BadParameter` for a page after the last.
    """
    rows = answer.rows.rows
    if wanted.page is None and not (always and len(rows) > wanted.per_page):
        return answer, None
    page, size = wanted.page or 1, wanted.per_page
    pages = max(1, -(-len(rows) // size))
    if page > pages:
        raise BadParameter("page", f"there is no page {page}", f"the last is {pages}")
    paging = Paging(
        page,
        pages,
        len(rows),
        first=wanted.address(path, page="1"),
        previous=wanted.address(path, page=str(page - 1)) if page > 1 else "",
        next=wanted.address(path, page=str(page + 1)) if page < pages else "",
        last=wanted.address(path, page=str(pages)),
    )
    part = Rows(answer.rows.columns, tuple(rows[(page - 1) * size : page * size]))
    return replace(answer, rows=part), paging


def question(view: View, saved: Query, given: Given, formats: Sequence[tuple[str, str]]) -> Question:
    """The page of one question; `formats` are the labels and suffixes of what it can be downloaded in."""
    path = f"/queries/{saved.name}"
    pairs = [pair for pair in given if pair[0] not in ("lang", "format")]
    wanted = Asked({})
    problem: BadParameter | None = None
    answer: Answer | None = None
    paging: Paging | None = None
    part: Answer | None = None
    triples = ""
    asks = any(value.strip() for _, value in pairs)
    needs = [each.name for each in saved.parameters if each.header.required]
    try:
        wanted = read_asked(saved, given)
        # Who comes to a question that needs a value has not asked it yet.
        if builds_triples(saved) and (asks or not needs):
            triples = turtle_of(view, saved, wanted)
        elif asks or not needs:
            answer = answer_to(view, saved, wanted)
            part, paging = paged(answer, wanted, path, always=True)
    except BadParameter as error:
        problem = error
    held = _held(saved, given)
    compare = wanted.compare or ("", "")
    shared = wanted.address(path)
    figures = figures_of(view, answer) if answer is not None and wanted.compare is None else ()
    text = _text(view, saved, wanted) if problem is None else saved.text
    return Question(
        name=saved.name,
        title=view.say(answer.title if answer else saved.summary),
        description=view.say(saved.description),
        topic=topic_name(view, saved.topic),
        check=saved.kind == "check",
        fields=tuple(_field(view, each, held.get(each.name, ()), problem) for each in saved.parameters),
        status=200 if problem is None else 400,
        problem=str(problem) if problem is not None and not _is_of_field(saved, problem) else "",
        compare=compare,
        comparable=bool(saved.header.key and saved.parameters),
        group=wanted.group or "",
        groups=_groups(view) if PLACE in {each.name for each in saved.parameters} else (),
        table=table_of(view, part) if part is not None else None,
        figures=figures,
        paging=paging,
        address=shared,
        downloads=tuple(
            (label, wanted.address(path + suffix))
            for label, suffix in formats
            if (answer is not None or triples) and (figures or suffix not in _DRAWN)
        ),
        text=text,
        edit="/sparql?" + urlencode({"query": _without_header(text)}),
        provenance=_provenance(answer),
        triples=triples,
    )


def _text(view: View, saved: Query, wanted: Asked) -> str:
    """The SPARQL with its values; the file as it is where the question was not asked."""
    try:
        return bind(saved, by_name(view.snapshot.names, saved, wanted.values))
    except BadParameter:
        return saved.text


def _without_header(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith("#+")).lstrip("\n")


def _provenance(answer: Answer | None) -> tuple[tuple[str, str], ...]:
    if answer is None:
        return ()
    made = answer.provenance
    values = [(name, ", ".join(several)) for name, several in made.parameters.items()]
    return (("version", made.version), ("store", made.store), *values)


def _held(saved: Query, given: Given) -> dict[str, tuple[str, ...]]:
    """What the form holds already, as far as it is of this question and not too long to show."""
    found: dict[str, tuple[str, ...]] = {}
    names = {each.name for each in saved.parameters}
    for name, value in given:
        if name in names and value.strip() and len(found.get(name, ())) < 20:
            found[name] = (*found.get(name, ()), value.strip()[:LONGEST_VALUE])
    return found


def _is_of_field(saved: Query, problem: BadParameter) -> bool:
    return problem.where in {each.name for each in saved.parameters}


def _field(view: View, parameter: Parameter, held: tuple[str, ...], problem: BadParameter | None) -> Field:
    header = parameter.header
    options = offered(view, parameter)
    default = [parameter.typed(term) for term in parameter.written if term is not None]
    of_this = problem is not None and problem.where == parameter.name
    kinds = {"date": "date", "integer": "number", "boolean": "truth"}
    # A select shows what it has only; what is wrong has to be seen.
    known = {option.value for option in options}
    kind = "select" if options and known.issuperset(held) else kinds.get(header.type, "text")
    words = {option.value: option.label for option in options}
    return Field(
        name=parameter.name,
        help=view.say(header.help),
        kind="text" if of_this and kind != "select" else kind,
        required=header.required,
        values=held,
        options=options,
        default="" if header.required else "、".join(words.get(one, one) for one in default),
        example=parameter.example or "",
        problem=f"{problem.problem}; {problem.cure}" if problem is not None and of_this else "",
    )


def offered(view: View, parameter: Parameter) -> tuple[Option, ...]:
    """What there is to choose from, in the words of the page; none where it can be anything."""
    snapshot, header = view.snapshot, parameter.header
    key = ("choices", header.choices, header.scheme, header.query, header.of_class)
    found = snapshot.kept(key, lambda: choices(snapshot.store, snapshot.library, parameter))
    if len(found) > _MOST_OFFERED:
        return ()
    bare = [(one.typed, view.say(one.label) or one.label.zh or one.label.en) for one in found]
    if any(not label for _, label in bare):
        iris = {one.term.value for one in found}
        called = view.labels(iris)
        bare = [
            (typed, label or called.get(one.term.value, ""))
            for one, (typed, label) in zip(found, bare, strict=True)
        ]
    return tuple(
        Option(typed, f"{label} ({typed})" if label and label != typed else typed) for typed, label in bare
    )


def _groups(view: View) -> tuple[Option, ...]:
    """The groups of places that there are to compare with."""
    rows = view.snapshot.kept(("answer", GROUPS), lambda: view.answered(GROUPS)).rows
    found: dict[str, Option] = {}
    for row in rows:
        kind, group = row["kind"], row["group"]
        if kind is None or group is None:
            continue
        key = str(group.value).removeprefix(BASE)
        key = key.partition("/")[2]
        value = f"{kind.value}={key}"
        words = row.get(f"group_{view.language}") or row.get("group_zh")
        found.setdefault(value, Option(value, str(words.value) if words is not None else key))
    return tuple(found.values())
