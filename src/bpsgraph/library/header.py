"""The `#+` header of a saved query: YAML in comments, so that any SPARQL tool still reads the file.

The keys `summary`, `description`, `tags` are spelled as grlc spells them (https://github.com/CLARIAH/grlc).
Every scalar is taken as text: `2021` stays the edition `2021` and `no` stays a word.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar, get_args
from typing import Literal as OneOf

from bpsgraph.errors import did_you_mean
from bpsgraph.results import Severity, Text

if TYPE_CHECKING:
    import yaml

Kind = OneOf["query", "check", "derive", "profile"]
"""What a saved query is for: a question, a check, a derivation, a way to describe a thing."""
Language = OneOf["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
ParameterType = OneOf["iri", "string", "lang-string", "integer", "decimal", "date", "boolean", "code"]
PARAMETER_TYPES: tuple[ParameterType, ...] = get_args(ParameterType)
Mark = OneOf["bar", "line", "step", "point", "heatmap", "timeline", "dumbbell"]
MARKS: tuple[Mark, ...] = get_args(Mark)
# As Vega-Lite names them (https://vega.github.io/vega-lite/docs/encoding.html); `facet` is a chart per value.
CHANNELS = ("x", "x2", "y", "color", "facet")
# A channel that takes no column but the number of rows.
ROW_COUNT = "count"

_T = TypeVar("_T", bound=str)
_QUERY_KEYS = ("summary", "description", "tags", "version", "parameters", "columns", "key", "chart")
_OUTLINE_KEYS = ("summary", "parameters")
_CHECK_KEYS = (*_QUERY_KEYS, "problem", "solution", "severity")
_PARAMETER_KEYS = ("type", "required", "help", "example", "choices", "scheme", "query", "class")
_COLUMN_KEYS = ("zh", "en", "unit", "of", "whole")
_CHART_KEYS = ("mark", *CHANNELS)
# A key of the header itself begins its line; whatever belongs to it is indented.
_KEY = re.compile(r"""["']?([a-z]+)["']?\s*:""")


class FormatError(ValueError):
    """A file that is no saved query: in which line (from 1), what is wrong, and what to do."""

    def __init__(self, line: int, problem: str, cure: str):
        super().__init__(f"line {line}: {problem}; {cure}")
        self.line = line
        self.problem = problem
        self.cure = cure


@dataclass(frozen=True)
class ParameterHeader:
    """What the header says of one parameter.

    `example` is a value as one types it; `of_class` completes keys to IRIs; `choices`, the code list `scheme`
    or the saved query `query` list its values.
    """

    name: str
    type: ParameterType
    help: Text
    required: bool
    example: str | None
    choices: tuple[str, ...]
    scheme: str | None
    query: str | None
    of_class: str | None
    line: int


@dataclass(frozen=True)
class Column:
    """A column of the answer: its variable, its heading, and the unit of its numbers where all share one.

    `of` names the column that holds the denominator: how many there are in all where this one says how many.
    A `whole` is a number of things that is no part of another number.
    """

    name: str
    label: Text
    unit: str | None = None
    of: str | None = None
    whole: bool = False


@dataclass(frozen=True)
class Chart:
    """How the rows are drawn: the mark, and which column each channel shows.

    A channel names a column, the stem of two columns of names (`item` of `item_zh` and `item_en`), or `count`
    for the number of rows.
    """

    mark: Mark
    channels: Mapping[str, str]


@dataclass(frozen=True)
class Header:
    """Everything that a header says; a row is known by its columns `key` when two answers are compared.

    `problem`, `solution` and `severity` are those of the rows of a check.
    """

    summary: Text
    description: Text
    tags: tuple[str, ...] = ()
    version: str = "1"
    parameters: tuple[ParameterHeader, ...] = ()
    columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    chart: Chart | None = None
    problem: Text | None = None
    solution: Text | None = None
    severity: Severity = Severity.VIOLATION
    lines: dict[str, int] = field(default_factory=dict)


def read_header(text: str, kind: Kind) -> Header:
    """The header that opens `text`.

    `kind` decides what must be said: a `check` its problem and solution too, a `derive` and a `profile` only
    what they do.
    Raises FormatError with the line in `text`.
    """
    return _Reader(kind).header(_root(_source(text)))


def read_outline(text: str, kind: Kind) -> tuple[Text, tuple[ParameterHeader, ...]]:
    """The summary and the parameters in the header that opens `text`: what `read_header` says of them.

    The rest of the header is not looked at, unless these cannot be read. Raises FormatError with the line.
    """
    kept = False
    lines = []
    for line in _source(text):
        if found := _KEY.match(line):
            kept = found[1] in _OUTLINE_KEYS
        # Empty lines in the place of the others, so that lines are counted as they are.
        lines.append(line if kept else "")
    try:
        return _Reader(kind).outline(_root(lines))
    except FormatError:
        header = read_header(text, kind)
        return header.summary, header.parameters


def _source(text: str) -> list[str]:
    """The lines of YAML in the header that opens `text`."""
    source = []
    for written in text.split("\n"):
        if not written.startswith("#+"):
            break
        source.append(written[2:].removeprefix(" "))
    if not source:
        raise FormatError(
            1, "there is no header", "begin the file with lines such as `#+ summary: {zh: …, en: …}`"
        )
    return source


def _root(source: list[str]) -> "yaml.Node":
    # Only here, because judging needs no headers and loading this takes a while.
    import yaml

    try:
        root = _composed("\n".join(source))
    except yaml.reader.ReaderError as exc:
        line = "\n".join(source).count("\n", 0, exc.position) + 1
        raise FormatError(
            line, f"the header holds the character U+{exc.character:04X}", "take it out"
        ) from exc
    except RecursionError as exc:
        raise FormatError(1, "the header is nested too deeply", "keep to the keys of the format") from exc
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = mark.line + 1 if mark else 1
        raise FormatError(
            line, f"the header is no YAML ({exc.problem})", "quote words that hold `: ` or `#`"
        ) from exc
    if root is None:
        raise FormatError(1, "the header is empty", "say at least `summary` and `description`")
    return root


def _composed(text: str) -> "yaml.Node | None":
    """The nodes of `text`. Raises yaml.YAMLError in the words of PyYAML's own parser, and RecursionError."""
    import yaml

    if yaml.__with_libyaml__:
        with suppress(yaml.YAMLError):
            return yaml.compose(text, Loader=_loader())
    return yaml.compose(text, Loader=yaml.SafeLoader)


@cache
def _loader() -> Any:
    """libyaml reads the events, ten times as fast; its own composer dies of nodes that are deep."""
    from yaml._yaml import CParser
    from yaml.composer import Composer

    class Loader(Composer, CParser):
        def __init__(self, stream: str):
            CParser.__init__(self, stream)
            Composer.__init__(self)

        # Every scalar is text here, so that no types have to be found out, which takes as long as the rest.
        def resolve(self, kind: Any, value: Any, implicit: Any) -> str:
            return ""

        def descend_resolver(self, parent: Any, index: Any) -> None:
            pass

        def ascend_resolver(self) -> None:
            pass

    return Loader


class _Reader:
    def __init__(self, kind: str):
        import yaml

        self.yaml = yaml
        self.kind = kind

    def header(self, root: "yaml.Node") -> Header:
        keys = _CHECK_KEYS if self.kind == "check" else _QUERY_KEYS
        entries = self.mapping(root, "the header", keys)
        needed = {
            "query": ("summary", "description", "tags", "columns"),
            "derive": ("summary", "description"),
            "profile": ("summary", "description"),
        }
        for key in needed.get(self.kind, ("summary", "description", "problem", "solution", "columns")):
            if key not in entries:
                raise FormatError(1, f"the header lacks `{key}`", f"add `#+ {key}:`")
        columns = self.mapping(entries["columns"], "`columns`") if "columns" in entries else {}
        described = tuple(self.column(name, node) for name, node in columns.items())
        names = {column.name for column in described}
        for column in described:
            if column.of is not None and column.of not in names:
                raise FormatError(
                    _line(columns[column.name]), f"`{column.of}` is no column", "name a column after `of`"
                )
        return Header(
            summary=self.bilingual(entries["summary"], "summary"),
            description=self.bilingual(entries["description"], "description"),
            tags=self.words(entries["tags"], "tags") if "tags" in entries else (),
            version=self.word(entries["version"], "version") if "version" in entries else "1",
            parameters=self.parameters(entries),
            columns=described,
            key=self.key(entries["key"], names) if "key" in entries else (),
            chart=self.chart(entries["chart"], names) if "chart" in entries else None,
            problem=self.bilingual(entries["problem"], "problem") if "problem" in entries else None,
            solution=self.bilingual(entries["solution"], "solution") if "solution" in entries else None,
            severity=self.severity(entries["severity"]) if "severity" in entries else Severity.VIOLATION,
            lines={key: _line(node) for key, node in entries.items()},
        )

    def outline(self, root: "yaml.Node") -> tuple[Text, tuple[ParameterHeader, ...]]:
        entries = self.mapping(root, "the header", _OUTLINE_KEYS)
        if "summary" not in entries:
            raise FormatError(1, "the header lacks `summary`", "add `#+ summary:`")
        return self.bilingual(entries["summary"], "summary"), self.parameters(entries)

    def parameters(self, entries: "dict[str, yaml.Node]") -> tuple[ParameterHeader, ...]:
        if "parameters" not in entries:
            return ()
        nodes = self.mapping(entries["parameters"], "`parameters`")
        return tuple(self.parameter(name, node) for name, node in nodes.items())

    def parameter(self, name: str, node: "yaml.Node") -> ParameterHeader:
        where = f"parameter `{name}`"
        entries = self.mapping(node, where, _PARAMETER_KEYS)
        for key in ("type", "help"):
            if key not in entries:
                raise FormatError(_line(node), f"{where} lacks `{key}`", "add it")
        type_ = self.one_of(entries["type"], where, PARAMETER_TYPES)
        if sum(key in entries for key in ("choices", "scheme", "query")) > 1:
            raise FormatError(
                _line(node), f"{where} lists its choices twice", "keep one of `choices`, `scheme`, `query`"
            )
        if (type_ == "code") != ("scheme" in entries):
            raise FormatError(
                _line(node), f"{where} has one of type `code` and `scheme`", "give both or neither"
            )
        if "class" in entries and type_ != "iri":
            raise FormatError(_line(node), f"{where} has a `class`", "leave it to parameters of type `iri`")
        required = "false"
        if "required" in entries:
            required = self.one_of(entries["required"], where, ("true", "false"))
        return ParameterHeader(
            name=name,
            type=type_,
            help=self.bilingual(entries["help"], f"help of {where}"),
            required=required == "true",
            example=self.word(entries["example"], where) if "example" in entries else None,
            choices=self.words(entries["choices"], where) if "choices" in entries else (),
            scheme=self.word(entries["scheme"], where) if "scheme" in entries else None,
            query=self.word(entries["query"], where) if "query" in entries else None,
            of_class=self.word(entries["class"], where) if "class" in entries else None,
            line=_line(node),
        )

    def column(self, name: str, node: "yaml.Node") -> Column:
        where = f"column `{name}`"
        entries = self.mapping(node, where, _COLUMN_KEYS)
        unit = self.word(entries.pop("unit"), where) if "unit" in entries else None
        of = self.word(entries.pop("of"), where) if "of" in entries else None
        whole = "whole" in entries and self.one_of(entries.pop("whole"), where, ("true", "false")) == "true"
        if whole and of is not None:
            raise FormatError(_line(node), f"{where} is a whole and has a denominator", "keep one of the two")
        return Column(name, self.both(entries, node, where), unit, of, whole)

    def key(self, node: "yaml.Node", columns: Collection[str]) -> tuple[str, ...]:
        names = self.words(node, "`key`")
        for name in names:
            if name not in columns:
                cure = did_you_mean(name, columns, f"choose of {', '.join(sorted(columns))}")
                raise FormatError(_line(node), f"`key` names {name}, which is no column", cure)
        return names

    def chart(self, node: "yaml.Node", columns: Collection[str]) -> Chart:
        entries = self.mapping(node, "`chart`", _CHART_KEYS)
        for key in ("mark", "x", "y"):
            if key not in entries:
                raise FormatError(_line(node), f"`chart` lacks `{key}`", "add it")
        mark = self.one_of(entries.pop("mark"), "`chart`", MARKS)
        stems = {name.removesuffix("_zh") for name in columns if name.endswith("_zh")}
        channels = {channel: self.word(entry, f"`chart`, `{channel}`") for channel, entry in entries.items()}
        for channel, name in channels.items():
            if name not in columns and name not in stems and name != ROW_COUNT:
                cure = did_you_mean(name, columns, f"choose of {', '.join(sorted(columns))} or {ROW_COUNT}")
                raise FormatError(_line(entries[channel]), f"`chart` draws {name}, which is no column", cure)
        if mark in ("timeline", "dumbbell") and "x2" not in channels:
            raise FormatError(_line(node), f"a {mark} has two ends and `chart` lacks `x2`", "add it")
        return Chart(mark, channels)

    def severity(self, node: "yaml.Node") -> Severity:
        labels = tuple(severity.label for severity in Severity)
        return Severity[self.one_of(node, "`severity`", labels).upper()]

    def bilingual(self, node: "yaml.Node", where: str) -> Text:
        return self.both(self.mapping(node, where, LANGUAGES), node, where)

    def both(self, entries: "dict[str, yaml.Node]", node: "yaml.Node", where: str) -> Text:
        for language in LANGUAGES:
            if language not in entries:
                raise FormatError(
                    _line(node), f"{where} lacks its words in `{language}`", "write {zh: …, en: …}"
                )
        return Text(self.word(entries["zh"], where), self.word(entries["en"], where))

    def mapping(
        self, node: "yaml.Node", where: str, keys: Sequence[str] | None = None
    ) -> "dict[str, yaml.Node]":
        if not isinstance(node, self.yaml.MappingNode):
            raise FormatError(_line(node), f"{where} is no mapping", "write {key: value, …}")
        entries: dict[str, yaml.Node] = {}
        for key_node, value in node.value:
            key = self.word(key_node, where)
            if keys is not None and key not in keys:
                cure = did_you_mean(key, keys, f"choose of {', '.join(keys)}")
                raise FormatError(_line(key_node), f"{where} has the unknown key `{key}`", cure)
            if key in entries:
                raise FormatError(_line(key_node), f"{where} has `{key}` twice", "keep one")
            entries[key] = value
        return entries

    def words(self, node: "yaml.Node", where: str) -> tuple[str, ...]:
        if not isinstance(node, self.yaml.SequenceNode):
            raise FormatError(_line(node), f"{where} is no list", "write [one, two]")
        return tuple(self.word(item, where) for item in node.value)

    def word(self, node: "yaml.Node", where: str) -> str:
        if not isinstance(node, self.yaml.ScalarNode) or not str(node.value).strip():
            raise FormatError(_line(node), f"{where} is empty or no plain text", "write one line of text")
        return str(node.value).strip()

    def one_of(self, node: "yaml.Node", where: str, allowed: Sequence[_T]) -> _T:
        word = self.word(node, where)
        for value in allowed:
            if value == word:
                return value
        raise FormatError(_line(node), f"{where} cannot take `{word}`", f"choose of {', '.join(allowed)}")


def _line(node: "yaml.Node") -> int:
    return int(node.start_mark.line) + 1
