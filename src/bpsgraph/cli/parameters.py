"""Commands from the signatures of functions: what a parameter takes and says stands beside its type.

    def validate(
        files: Annotated[list[str], Argument(metavar="FILE...", help="What to check.")],
        edition: Annotated[str | None, Option(metavar="YEAR", help="Compare with that edition.")] = None,
    ) -> int: ...

A list is given by several values, a pair by two, a `bool` is a flag, and a value of an enumeration is one of
its values.
"""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import click

_LARGEST = 2**63


Completing = Callable[[click.Context, str], Iterable[str]]
"""Which values begin so, of which the shell offers those that do; given the command line read so far."""


class Option:
    """A parameter with a name, by default that of the function's own: `as_of` is `--as-of`."""

    def __init__(
        self,
        *names: str,
        metavar: str | None = None,
        help: str,
        min: int | None = None,
        complete: Completing | None = None,
    ) -> None:
        self.names = names
        self.metavar = metavar
        self.help = help
        self.min = min
        self.complete = complete


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter by its place."""

    metavar: str
    help: str
    complete: Completing | None = None


def command(name: str, function: Callable[..., Any]) -> click.Command:
    """The function as a command of that name; a parameter of type `click.Context` is given the context."""
    hints = get_type_hints(function, include_extras=True)
    parameters: list[click.Parameter] = []
    lists: set[str] = set()
    enumerations: dict[str, type[StrEnum]] = {}
    context_name = None
    for parameter in inspect.signature(function).parameters.values():
        hint = hints[parameter.name]
        if hint is click.Context:
            context_name = parameter.name
            continue
        annotated, said = get_args(hint)
        several, kind = _kind(annotated)
        if several:
            lists.add(parameter.name)
        if issubclass(kind, StrEnum):
            enumerations[parameter.name] = kind
        parameters.append(_parameter(parameter, said, kind, several))

    def called(**given: Any) -> Any:
        for key in lists:
            given[key] = list(given[key]) or None
        for key, enumeration in enumerations.items():
            given[key] = None if given[key] is None else enumeration(given[key])
        if context_name is not None:
            given[context_name] = click.get_current_context()
        return function(**given)

    own_help = any(parameter.name == "help" for parameter in parameters)
    return click.Command(
        name,
        callback=called,
        params=parameters,
        help=inspect.getdoc(function),
        add_help_option=not own_help,
    )


def _kind(annotated: Any) -> tuple[bool, type]:
    """Whether the type is a list, and what it, or an element of it, is beside None."""
    if get_origin(annotated) is UnionType:
        (annotated,) = (part for part in get_args(annotated) if part is not NoneType)
    if get_origin(annotated) is list:
        return True, get_args(annotated)[0]
    if get_origin(annotated) is tuple:
        return False, tuple
    return False, annotated


def _parameter(
    parameter: inspect.Parameter, said: Option | Argument, kind: type, several: bool
) -> click.Parameter:
    required = parameter.default is inspect.Parameter.empty
    shared: dict[str, Any] = {"required": required, "help": said.help}
    if said.complete is not None:
        shared["shell_complete"] = _completing(said.complete)
    if not required and not several:
        default = parameter.default
        shared["default"] = default.value if isinstance(default, StrEnum) else default
    if isinstance(said, Argument):
        number = -1 if several else 1
        return click.Argument(
            [parameter.name], type=_type(kind, None), metavar=said.metavar, nargs=number, **shared
        )
    names = [parameter.name, *(said.names or (f"--{parameter.name.replace('_', '-')}",))]
    if kind is bool:
        return click.Option(names, is_flag=True, **shared)
    if kind is tuple:
        return click.Option(names, type=click.STRING, nargs=2, metavar=said.metavar, **shared)
    return click.Option(names, type=_type(kind, said.min), metavar=said.metavar, multiple=several, **shared)


def _completing(offers: Completing) -> Callable[[click.Context, click.Parameter, str], list[Any]]:
    return lambda context, parameter, begun: [
        offer for offer in offers(context, begun) if offer.startswith(begun)
    ]


def _type(kind: type, least: int | None) -> click.ParamType[Any]:
    if issubclass(kind, StrEnum):
        return click.Choice([member.value for member in kind])
    if kind is Path:
        return click.Path(path_type=Path)
    if kind is int:
        return _Number(int, least)
    return _Number(float, least) if kind is float else click.STRING


class _Number(click.ParamType[Any]):
    """A whole number, or a finite one, from a least one on."""

    def __init__(self, kind: type, least: int | None) -> None:
        self.kind = kind
        self.least = least
        self.name = "integer" if kind is int else "float"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        try:
            # Python reads 1_000 and digits of every script.
            if isinstance(value, str) and not (value.isascii() and "_" not in value):
                raise ValueError
            number = self.kind(value)
            if not isfinite(number) or (self.kind is int and abs(number) >= _LARGEST):
                raise ValueError
        except (ValueError, OverflowError):
            what = "whole number" if self.kind is int else "number"
            self.fail(f"{str(value)[:80]!r} is no {what}", param, ctx)
        if self.least is not None and number < self.least:
            self.fail(f"{value} is less than {self.least}", param, ctx)
        return number
