"""Where the parameters of a SPARQL text are: its VALUES slots, found once, lexically.

A parameter is written `$name` and restricted by a slot `VALUES $name { … }`. SPARQL evaluates groups from the
inside out (SPARQL 1.1, section 18.2), so a slot outside a sub-SELECT, or outside a group whose FILTER reads
the parameter, does not restrict it there: such a text is refused instead of answered wrongly.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from bpsgraph.library.header import FormatError


@cache
def _token() -> re.Pattern[str]:
    return re.compile(_TOKEN, re.VERBOSE | re.DOTALL)


_TOKEN = r"""
    (?P<space>\s+|\#[^\n]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
      |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
  | (?P<variable>[?$]\w+)
  | (?P<name>[\w.-]*:[\w.%-]*)
  | (?P<word>\w+)
  | (?P<mark>.)
    """
# Groups whose FILTERs see the variables of the group around them.
_CORRELATED = frozenset({"OPTIONAL", "EXISTS"})
_FORMS = ("SELECT", "CONSTRUCT", "ASK", "DESCRIBE")
# A saved query is answered from the store it is asked of, and never writes.
_REFUSED = {
    "SERVICE": "asks another server",
    "FROM": "chooses its own dataset",
    "LOAD": "loads data",
    "INSERT": "writes",
    "DELETE": "writes",
    "CLEAR": "writes",
    "DROP": "writes",
    "CREATE": "writes",
    "LATERAL": "is no SPARQL 1.1",
}


@dataclass(frozen=True)
class Token:
    """A lexical unit of SPARQL: its kind (`iri`, `string`, `variable`, `name`, `word`, `mark`) and place."""

    kind: str
    text: str
    start: int


@dataclass(frozen=True)
class Slot:
    """The text between the braces of `VALUES $name { … }`: `text[start:end]`."""

    name: str
    start: int
    end: int


@dataclass
class _Group:
    parent: "_Group | None"
    opener: str = ""
    line: int = 1
    projection: set[str] | None = None  # of a SELECT; None where the group is none
    everything: bool = False  # SELECT *
    slots: dict[str, Slot] = field(default_factory=dict)

    def select(self) -> "_Group":
        group = self
        while group.projection is None and group.parent is not None:
            group = group.parent
        return group

    def lets_out(self, name: str) -> bool:
        return self.everything or name in (self.projection or ())

    def filter_scope(self) -> "_Group":
        group = self
        while group.opener in _CORRELATED and group.parent is not None:
            group = group.parent
        return group


@dataclass(frozen=True)
class _Use:
    name: str
    group: _Group
    line: int
    in_expression: bool


@dataclass(frozen=True)
class Scan:
    """What was read from one text: its form (`SELECT`), columns, slots, prologue, and lines."""

    form: str
    columns: tuple[str, ...]
    slots: tuple[Slot, ...]
    names: tuple[str, ...]
    prologue: str
    lines: dict[str, int]
    ordered: bool


def tokens(text: str) -> Iterator[Token]:
    """The tokens of `text` without white space and comments."""
    for match in _token().finditer(text):
        kind = match.lastgroup or "mark"
        if kind != "space":
            yield Token(kind, match.group(), match.start())


def scan(text: str) -> Scan:
    """Read the slots of `text`.

    Raises FormatError where a parameter has no slot, two in one group, none where one is needed, or no use.
    """
    return _Scanner(text).run()


class _Scanner:
    def __init__(self, text: str):
        self.text = text
        self.tokens = list(tokens(text))
        self.slots: list[tuple[Slot, _Group]] = []
        self.uses: list[_Use] = []
        self.form = ""
        self.columns: list[str] = []
        self.top = _Group(None)
        self.ordered = False
        self.prologue_end = 0

    def line(self, token: Token) -> int:
        return self.text.count("\n", 0, token.start) + 1

    def run(self) -> Scan:
        group = self.top
        parens: list[list[bool]] = [
            []
        ]  # per group: is each open parenthesis an expression of FILTER or BIND?
        expression_next = False
        previous = ""
        index = 0
        while index < len(self.tokens):
            token = self.tokens[index]
            word = token.text.upper() if token.kind == "word" else token.text
            if token.kind == "word" and word in _REFUSED:
                raise FormatError(
                    self.line(token), f"{word} {_REFUSED[word]}", "a saved query may not: leave it out"
                )
            if token.kind == "word" and word in _FORMS and not self.form:
                self.form, self.prologue_end = word, token.start
            if word == "SELECT" and token.kind == "word":
                self.read_projection(index, group)
            if word == "ORDER" and token.kind == "word" and group is self.top:
                self.ordered = True
            if word in ("FILTER", "BIND") and token.kind == "word":
                expression_next = True
            elif token.text == "(":
                parens[-1].append(expression_next or (bool(parens[-1]) and parens[-1][-1]))
                expression_next = False
            elif token.text == ")" and parens[-1]:
                parens[-1].pop()
            elif token.text == "{":
                expression_next = False
                group = _Group(group, previous, self.line(token))
                parens.append([])
            elif token.text == "}" and group.parent is not None:
                group = group.parent
                parens.pop()
            elif word == "VALUES" and token.kind == "word":
                index = self.read_values(index, group)
                previous = "}"
                continue
            elif token.kind == "variable" and token.text[0] == "$":
                expression = bool(parens[-1]) and parens[-1][-1]
                self.uses.append(_Use(token.text[1:], group, self.line(token), expression))
            previous = word
            index += 1
        self.check()
        names = tuple(dict.fromkeys(slot.name for slot, _ in self.slots))
        lines = {slot.name: self.text.count("\n", 0, slot.start) + 1 for slot, _ in reversed(self.slots)}
        slots = tuple(slot for slot, _ in self.slots)
        prologue = self.text[: self.prologue_end]
        return Scan(self.form, tuple(self.columns), slots, names, prologue, lines, self.ordered)

    def read_projection(self, index: int, group: _Group) -> None:
        """Note which variables the SELECT at `index` lets out of `group`."""
        group.projection = set()
        names: list[str] = []
        depth, after_as = 0, False
        for token in self.tokens[index + 1 :]:
            word = token.text.upper()
            if token.text == "{" or word == "WHERE":
                break
            if token.text == "*" and depth == 0:
                group.everything = True
            elif token.kind == "variable" and (depth == 0 or after_as):
                names.append(token.text[1:])
            depth += (token.text == "(") - (token.text == ")")
            after_as = word == "AS"
        group.projection.update(names)
        if group is self.top:
            self.columns = names

    def read_values(self, index: int, group: _Group) -> int:
        """Note the slot of the VALUES at `index`; the index of what follows it."""
        head = self.tokens[index + 1] if index + 1 < len(self.tokens) else self.tokens[index]
        if head.text == "(":
            following = index + 2
            while following < len(self.tokens) and self.tokens[following].text != ")":
                if self.tokens[following].text.startswith("$"):
                    name = self.tokens[following].text
                    cure = f"give it one of its own: VALUES {name} {{ … }}"
                    raise FormatError(self.line(head), f"{name} shares a slot", cure)
                following += 1
        if index + 2 >= len(self.tokens):
            return index + 1
        opening = next((i for i in range(index, len(self.tokens)) if self.tokens[i].text == "{"), index)
        closing = next((i for i in range(opening, len(self.tokens)) if self.tokens[i].text == "}"), opening)
        if head.kind == "variable" and head.text[0] == "$" and closing > opening:
            name = head.text[1:]
            if name in group.slots:
                raise FormatError(self.line(head), f"${name} has two slots in one group", "keep one")
            slot = Slot(name, self.tokens[opening].start + 1, self.tokens[closing].start)
            group.slots[name] = slot
            self.slots.append((slot, group))
        return max(closing, index) + 1

    def check(self) -> None:
        """Refuse what binding the slots could not restrict."""
        names = {slot.name for slot, _ in self.slots}
        for token in self.tokens:
            if token.kind == "variable" and token.text[0] == "?" and token.text[1:] in names:
                raise FormatError(
                    self.line(token), f"{token.text} is a parameter", f"write ${token.text[1:]}"
                )
        for use in self.uses:
            if use.name not in names:
                raise FormatError(use.line, f"${use.name} has no slot", f"add VALUES ${use.name} {{ UNDEF }}")
            if use.in_expression and use.name not in use.group.filter_scope().slots:
                message = f"a FILTER or BIND reads ${use.name} in a group without its slot"
                raise FormatError(use.line, message, f"add VALUES ${use.name} {{ … }} to that group")
            self.check_reach(use)
        defaults: dict[str, str] = {}
        for slot, _ in self.slots:
            content = " ".join(self.text[slot.start : slot.end].split())
            if defaults.setdefault(slot.name, content) != content:
                line = self.text.count("\n", 0, slot.start) + 1
                raise FormatError(line, f"the slots of ${slot.name} differ", "write the same values in each")
            if not any(use.name == slot.name for use in self.uses):
                line = self.text.count("\n", 0, slot.start) + 1
                raise FormatError(line, f"${slot.name} is used only in its slot", "use it or take it out")

    def check_reach(self, use: _Use) -> None:
        """Refuse a use that no slot reaches: of its SELECT, of one around it, or of one inside it."""
        select = use.group.select()
        while not any(
            slot.name == use.name and _visible(use.name, group, select) for slot, group in self.slots
        ):
            if not select.lets_out(use.name) or select.parent is None:
                problem = f"${use.name} is used in a sub-SELECT that neither holds its slot nor selects it"
                raise FormatError(use.line, problem, f"add VALUES ${use.name} {{ … }} in the sub-SELECT")
            select = select.parent.select()


def _visible(name: str, group: _Group, select: _Group) -> bool:
    """Whether what is bound in `group` under `name` is seen in `select`."""
    inner = group.select()
    while inner is not select:
        if inner.parent is None or not inner.lets_out(name):
            return False
        inner = inner.parent.select()
    return True
