"""The table of commands, and how a command line becomes a call of one of them."""

import os
from importlib import import_module
from typing import Any

import click

from bpsgraph.cli import parameters
from bpsgraph.errors import BadUsage, did_you_mean

COMMANDS = {
    "build": "Build the store from the ontology and the data, and from what was accepted and withdrawn.",
    "template": "Write the workbook to fill in, with the rows of the national standard already in it.",
    "validate": "Check each file: what is missing, below the floor, narrower, unfunded or ill formed, and its cure.",
    "convert": "Write a catalogue in another form: workbook, CSV, Turtle, JSON-LD, N-Triples or RDF/XML.",
    "batch": "Judge every submission in a folder: a report each, tables of all, a ranking, and what has changed.",
    "verdicts": "Show, floor by floor, what a catalogue in the store promises and how it compares.",
    "diff": "Compare two editions, two catalogues, or a draft with either: what is added, raised, wider, re-led.",
    "accept": "Check a catalogue and put it into the store, in the place of an earlier one of the same name.",
    "withdraw": "Take a catalogue out of the store, with its verdicts; the record that it was there stays.",
    "history": "Say what was accepted and withdrawn: when, by whom, from which file, with how many findings.",
    "observations": "Check a table of figures cell by cell, and put it into the store as a data set.",
    "targets": "Say of every target where it stands: reached, on track, behind, late, or that nothing is known.",
    "monitor": "Tell what turned below its floor, went missing or recovered, which dates passed, and what is coming.",
    "report": "Write the yearly, mid-term or final report on a place: catalogues, shortfalls, targets, standards.",
    "evaluation": "Score an evaluation model place by place, with how much of its weight is known.",
    "sparql": "Ask the store in SPARQL: SELECT and ASK give table, csv, tsv, json, xml; CONSTRUCT and DESCRIBE RDF.",
    "serve": "Serve the store as a site: pages, linked data, SPARQL.",
    "export": "Write the site as files that any host can serve, and the graph as a file.",
    "describe": "Say what the store knows about one thing and what points to it.",
    "queries": "List the saved questions by topic, one a line, with their parameters.",
    "check": "Run the checks over the store: each row is a problem, each check says what to do.",
    "query": "Answer a saved question from the store.",
    "equality": "Measure how equal places are: range ratio, variation, Gini, Theil's T and L, who reaches the floor.",
    "network": "Follow references and replacements among standards, documents, clauses and items.",
    "overlap": "Point out what may overlap, and why.",
    "system": "Say what the standard system of GB/T 43507 has and lacks: 3 subsystems, 10 branches, item by item.",
    "rules": "List the rules by assurance, or show one: purpose, clause, severity, message, cure and examples.",
    "doctor": "Check that store and journal are whole and up to date, and the engines; exit code 1 where not.",
    "rebuild": "Repair the journal, then build the store anew, whatever became of the old one.",
    "backup": "Copy the store and its journal into a new folder, while others go on reading and writing.",
    "restore": "Put a backup in the place of the store and its journal, or where there are none.",
    "replicate": "Bring a read-only copy of a store to its newest state, while others read both.",
    "migrate": "Bring a store that an older version has written to the format of this one; what it holds stays.",
    "generate": "Write generated catalogues, one Turtle file each, and truth.csv with every finding they must give.",
}
"""What each command does, in the first sentence of its help.

A command is the function of that name in the module of that name here. The module is loaded when the command
is called: what lists the commands needs none of them.
"""
# Names the shell and what it asks for: https://click.palletsprojects.com/en/stable/shell-completion/
_COMPLETE = "_BPSGRAPH_COMPLETE"


class _Commands(click.Group):
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return command(cmd_name) if cmd_name in COMMANDS else None

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=says) for name, says in COMMANDS.items() if name.startswith(incomplete)
        ]
        return found + click.Command.shell_complete(self, ctx, incomplete)

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
    if asked_by_shell := os.environ.get(_COMPLETE):
        from click.shell_completion import shell_complete

        return shell_complete(group, {}, "bpsgraph", _COMPLETE, asked_by_shell)
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
