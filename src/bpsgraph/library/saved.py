"""Saved queries: files that any SPARQL tool runs unchanged, with typed parameters and words in two languages.

The name of a query is its path below the library's folder without the suffix: `gaps/missing-items`. The
folder decides its kind: `derive/` holds CONSTRUCTs that fill derived graphs, `profiles/` CONSTRUCTs that
describe a thing in one way, `checks/` SELECTs whose rows are problems.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from bpsgraph import opening
from bpsgraph.engine import guard
from bpsgraph.errors import BadParameter, BadQuery, InputError, UnknownQuery, did_you_mean, nearest
from bpsgraph.library.header import Column, FormatError, Header, Kind, ParameterHeader, read_header
from bpsgraph.library.slots import Scan, scan
from bpsgraph.library.values import Node, Value, ValueRefused, fits, to_term, write, write_all
from bpsgraph.results import Text

Values = Value | list[Value] | tuple[Value, ...]
CHECK_COLUMNS = ("entity", "property", "value")
_KINDS: dict[str, Kind] = {"checks": "check", "derive": "derive", "profiles": "profile"}
_PLACE = re.compile(r"error at ([0-9]+):[0-9]+: (.*)", re.DOTALL)


@dataclass(frozen=True)
class Parameter:
    """A parameter: what its header says, and the terms that its slot holds in the file.

    Where the header says `required`, those terms are an example, else they are the default (`UNDEF`, here
    None: no restriction).
    """

    header: ParameterHeader
    written: tuple[Node | None, ...]

    @property
    def name(self) -> str:
        """The name without the `$`."""
        return self.header.name

    @property
    def example(self) -> str | None:
        """A value as one would type it; None where the file shows none."""
        if self.header.example is not None:
            return self.header.example
        choices = self.header.choices
        term = next((term for term in self.written if term is not None), None)
        if term is None:
            return choices[0] if choices else None
        return self.typed(term)

    def typed(self, term: Node) -> str:
        """`term` as one would type it for this parameter: keys instead of whole IRIs."""
        if isinstance(term, Literal):
            return f"{term.value}@{term.language}" if term.language else term.value
        prefix = to_term("x", "iri", self.header.scheme or self.header.of_class)
        assert isinstance(prefix, NamedNode)
        return term.value.removeprefix(prefix.value[:-1])


@dataclass(frozen=True)
class Query:
    """One saved query; `text` is the file, which runs as it is."""

    name: str
    path: Path
    kind: Kind
    text: str
    header: Header
    scan: Scan
    parameters: tuple[Parameter, ...]

    @property
    def topic(self) -> str:
        """The folder of the query: `gaps`."""
        return self.name.rpartition("/")[0]

    @property
    def summary(self) -> Text:
        """The question in one line."""
        return self.header.summary

    @property
    def description(self) -> Text:
        """What the rows are and how to read them."""
        return self.header.description

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the answer in order; empty for a CONSTRUCT."""
        return self.header.columns

    def parameter(self, name: str) -> Parameter:
        """The parameter called `name`. Raises BadParameter with the names there are."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        names = [parameter.name for parameter in self.parameters]
        there_are = f"it takes {', '.join(names)}" if names else "it takes none: leave it out"
        cure = did_you_mean(name, names, there_are)
        raise BadParameter(name, f"{self.name} has no such parameter", cure)

    def speaks_of(self, text: str) -> bool:
        """Whether its name, words, tags, parameters or columns hold the text, in either case."""
        words = [self.name, *self.header.tags]
        for said in (self.summary, self.description, *(column.label for column in self.columns)):
            words += [said.zh, said.en]
        for parameter in self.parameters:
            words += [parameter.name, parameter.header.help.zh, parameter.header.help.en]
        return text.casefold() in "\n".join(words).casefold()


def bind(query: Query, values: Mapping[str, Values] | None = None) -> str:
    """The SPARQL text of `query` with `values` as terms in its slots.

    A value may be a list (any of them); None lifts the restriction; a parameter left out keeps what the file
    says. Raises BadParameter for an unknown name, a required parameter left out, and a value that is none
    of its type.

    >>> bind(library["floors/in-force"], {"date": "2024-06-01"})  # doctest: +SKIP
    """
    given = dict(values or {})
    content: dict[str, str] = {}
    for name, value in given.items():
        parameter = query.parameter(name)
        content[name] = write_all(terms_of(parameter, value))
    for parameter in query.parameters:
        if parameter.header.required and parameter.name not in given:
            cure = f"give {parameter.name}={parameter.example or '…'} or another value"
            problem = f"{query.name} needs it ({parameter.header.help.en})"
            raise BadParameter(parameter.name, problem, cure)
    pieces, position = [], 0
    for slot in query.scan.slots:
        if slot.name in content:
            pieces += [query.text[position : slot.start], f" {content[slot.name]} "]
            position = slot.end
    return "".join([*pieces, query.text[position:]])


def filled(text: str, terms: Mapping[str, Node | Sequence[Node]]) -> str:
    """The text of a query with terms in its slots, without a look at its header.

    For the derivations, which are given terms of the right type: the same as `bind`, sooner.
    """
    for name, term in terms.items():
        several = [term] if isinstance(term, NamedNode | Literal) else list(term)
        values = write_all(several)
        pieces = re.split(rf"(VALUES\s+\${name}\s*\{{)[^{{}}]*\}}", text)
        # Every second piece is the beginning of a slot.
        text = "".join(
            piece if place % 2 == 0 else f"{piece} {values} }}" for place, piece in enumerate(pieces)
        )
    return text


def terms_of(parameter: Parameter, value: Values) -> tuple[Node | None, ...]:
    """The terms for `value`, each once. Raises BadParameter."""
    header = parameter.header
    several = list(value) if isinstance(value, list | tuple) else [value]
    terms: dict[Node | None, None] = {}
    for one in several:
        try:
            term = to_term(one, header.type, header.scheme or header.of_class)
        except ValueRefused as exc:
            raise BadParameter(header.name, exc.problem, exc.cure) from exc
        if header.choices and term is not None and parameter.typed(term) not in header.choices:
            raise BadParameter(
                header.name,
                f"{parameter.typed(term)!r} is none of its values",
                f"choose of {', '.join(header.choices)}",
            )
        terms[term] = None
    if not terms or (header.required and None in terms):
        raise BadParameter(header.name, "no value is given", "give at least one")
    return (None,) if None in terms else tuple(terms)


def kind_of(name: str) -> Kind:
    """What the saved query of that name is for, which its first folder says."""
    return _KINDS.get(name.partition("/")[0], "query")


def load_query(path: Path, name: str) -> Query:
    """The saved query in the file `path`. Raises BadQuery with file and line."""
    try:
        text = opening.content(path).decode().replace("\r\n", "\n")
    except UnicodeDecodeError as exc:
        raise BadQuery(f"byte {exc.start} is not UTF-8", "save it as UTF-8", where=str(path)) from exc
    return _checked(path, name, text)


# A process may open the same library many times; a text is checked once.
@lru_cache(maxsize=1024)
def _checked(path: Path, name: str, text: str) -> Query:
    kind = kind_of(name)
    try:
        # Before any parser: the engine's own would not survive every text.
        guard.check(text)
        header = read_header(text, kind)
        found = scan(text)
        _check_syntax(text)
        parameters = tuple(_parameter(entry, found, text) for entry in header.parameters)
        for used in found.names:
            if used not in {parameter.name for parameter in parameters}:
                raise FormatError(
                    found.lines[used], f"${used} is not in the header", "describe it under `parameters`"
                )
        _check_form(kind, header, found)
    except FormatError as exc:
        raise BadQuery(exc.problem, exc.cure, where=f"{path}, line {exc.line}") from exc
    except InputError as exc:
        raise BadQuery(
            exc.problem, exc.cure, where=f"{path}, {exc.where}" if exc.where else str(path)
        ) from exc
    return Query(name, path, kind, text, header, found, parameters)


def _check_syntax(text: str) -> None:
    try:
        Store().query(text)
    except SyntaxError as exc:
        match = _PLACE.match(str(exc))
        line, message = (int(match[1]), match[2]) if match else (1, str(exc))
        raise FormatError(line, f"this is no SPARQL ({message})", "correct it there or just before") from exc


def _parameter(header: ParameterHeader, found: Scan, text: str) -> Parameter:
    slot = next((slot for slot in found.slots if slot.name == header.name), None)
    if slot is None:
        cure = f"add VALUES ${header.name} {{ UNDEF }} where it is used"
        raise FormatError(header.line, f"parameter `{header.name}` has no slot", cure)
    values = text[slot.start : slot.end]
    rows = Store().query(f"{found.prologue}\nSELECT ?v WHERE {{ VALUES ?v {{ {values} }} }}")
    assert isinstance(rows, QuerySolutions)
    written: list[Node | None] = []
    for row in rows:
        term = row["v"]
        if term is not None and not (isinstance(term, NamedNode | Literal) and fits(term, header.type)):
            raise FormatError(
                found.lines[header.name],
                f"${header.name} holds {term}",
                f"write a value of type {header.type}",
            )
        written.append(term)
    if not written:
        raise FormatError(
            found.lines[header.name], f"the slot of ${header.name} is empty", "write UNDEF or a value"
        )
    parameter = Parameter(header, tuple(written))
    if header.choices:
        for term in written:
            if term is not None and parameter.typed(term) not in header.choices:
                problem = f"${header.name} holds {write(term)}, which is none of its `choices`"
                raise FormatError(found.lines[header.name], problem, f"choose of {', '.join(header.choices)}")
    try:
        if header.example is not None:
            terms_of(parameter, header.example)
    except BadParameter as exc:
        raise FormatError(header.line, f"the example of `{header.name}`: {exc.problem}", exc.cure) from exc
    return parameter


def _check_form(kind: str, header: Header, found: Scan) -> None:
    form = "CONSTRUCT" if kind in ("derive", "profile") else "SELECT"
    if found.form != form and not (kind == "query" and found.form == "CONSTRUCT"):
        raise FormatError(
            1, f"this is {'no query' if not found.form else found.form}", f"a {kind} is a {form}"
        )
    described = tuple(column.name for column in header.columns)
    if found.form == "SELECT" and described != found.columns:
        problem = f"`columns` has {', '.join(described)}; the SELECT has {', '.join(found.columns) or '*'}"
        raise FormatError(header.lines.get("columns", 1), problem, "name each in both, in the same order")
    if kind == "check" and found.columns != CHECK_COLUMNS:
        raise FormatError(1, "the columns are not those of a check", "select ?entity ?property ?value")


class Library(Mapping[str, Query]):
    """The saved queries below a folder, by name, each read and checked when it is first asked for.

    Those of `further` folders are beside them, each under a name of its own.

    >>> Library(folder)["gaps/missing-items"].summary.en  # doctest: +SKIP
    """

    def __init__(self, path: Path | str, *further: Path):
        self.path = Path(path)
        self.folders = (self.path, *further)
        self._loaded: dict[str, Query] = {}
        self._texts: dict[str, str] = {}

    @cached_property
    def files(self) -> Mapping[str, Path]:
        """The file of each query, by name. Raises BadQuery for a name in two folders."""
        files: dict[str, Path] = {}
        for folder in self.folders:
            for path in folder.rglob("*.rq"):
                name = path.relative_to(folder).with_suffix("").as_posix()
                if name in files:
                    raise BadQuery(f"{name} is at {files[name]} already", "rename it", where=str(path))
                files[name] = path
        return files

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of all queries, sorted."""
        return tuple(sorted(self.files))

    def __getitem__(self, name: str) -> Query:
        """The query called `name`. Raises UnknownQuery with the nearest names, BadQuery for a wrong file."""
        if name not in self._loaded:
            if name not in self.files:
                raise UnknownQuery(name, self.nearest(name) or self.names)
            self._loaded[name] = load_query(self.files[name], name)
        return self._loaded[name]

    def text(self, name: str) -> str:
        """The text of the query called `name`, unchecked. Raises UnknownQuery, and BadQuery for bad UTF-8."""
        if name in self._loaded:
            return self._loaded[name].text
        if name not in self._texts:
            if name not in self.files:
                raise UnknownQuery(name, self.nearest(name) or self.names)
            try:
                self._texts[name] = opening.content(self.files[name]).decode().replace("\r\n", "\n")
            except UnicodeDecodeError as exc:
                raise BadQuery(
                    f"byte {exc.start} is not UTF-8", "save it as UTF-8", where=str(self.files[name])
                ) from exc
        return self._texts[name]

    def __contains__(self, name: object) -> bool:
        return name in self.files

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def nearest(self, name: str) -> list[str]:
        """The names most like `name`, also those whose last part is like it."""
        last = {known.rpartition("/")[2]: known for known in reversed(self.names)}
        found = nearest(name, self.names) + [
            last[key] for key in nearest(name.rpartition("/")[2], list(last))
        ]
        return list(dict.fromkeys(found))[:3]

    def of_kind(self, kind: Kind) -> list[Query]:
        """The queries of one kind, by name."""
        return [self[name] for name in self if kind_of(name) == kind]
