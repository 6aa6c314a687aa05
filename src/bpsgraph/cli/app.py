"""The table of commands, and how a command line becomes a call of one of them."""

from importlib import import_module
from typing import Any

import click

from bpsgraph.cli import parameters
from bpsgraph.errors import BadUsage, did_you_mean

# Each is the function of that name in the module of that name here; its module is loaded when it is called.
COMMANDS = (
    "build",
    "template",
    "validate",
    "convert",
    "batch",
    "verdicts",
    "diff",
    "accept",
    "withdraw",
    "history",
    "observations",
    "targets",
    "monitor",
    "report",
    "evaluation",
    "sparql",
    "serve",
    "export",
    "describe",
    "queries",
    "check",
    "query",
    "equality",
    "network",
    "overlap",
    "system",
    "rules",
    "doctor",
    "rebuild",
    "backup",
    "restore",
    "migrate",
    "generate",
)


class _Commands(click.Group):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return command(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise BadUsage(
                f"there is no command {args[0]!r}",
                did_you_mean(args[0], COMMANDS, f"the commands are: {', '.join(COMMANDS)}"),
            )
        return super().resolve_command(ctx, args)


def command(name: str) -> click.Command:
    """The command of that name, ready to be called."""
    return parameters.command(name, getattr(import_module(f"bpsgraph.cli.{name}"), name))


def _group() -> click.Group:
    return _Commands(
        "bpsgraph",
        params=[click.Option(["--version"], is_flag=True, help="Show the version and exit.")],
        callback=lambda version: None,
        help="Check catalogues of basic public services against the national standard, and ask the graph.",
    )


def run(arguments: list[str]) -> int:
    """Call the command that the arguments name and return its exit code; raises `BadUsage` for a slip."""
    group = _group()
    try:
        with group.make_context("bpsgraph", list(arguments) or ["--help"]) as context:
            return group.invoke(context) or 0
    except click.exceptions.Exit as asked:
        # Without any argument the help is an answer to a slip, not to a question.
        return asked.exit_code if arguments else 2
    except click.ClickException as error:
        where = getattr(error, "ctx", None)
        path = where.command_path if where else "bpsgraph"
        if isinstance(error, click.NoSuchOption):
            near = did_you_mean(error.option_name, error.possibilities or (), f"see `{path} --help`")
            raise BadUsage(f"there is no option {error.option_name}", near) from error
        problem = error.format_message().rstrip(".")
        raise BadUsage(problem[:1].lower() + problem[1:], f"see `{path} --help`") from error
