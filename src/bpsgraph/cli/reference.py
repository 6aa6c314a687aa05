"""The tables of options in `docs/commands/`, written from the help of each command.

`python -m bpsgraph.cli.reference` renews them below their mark; what stands above it is written by hand.
"""

from typing import Any

from bpsgraph.cli.app import COMMANDS, command
from bpsgraph.errors import MalformedFile, UnreadableFile
from bpsgraph.sources import find_sources

_MARK = "<!-- What follows is written from the command's help by python -m bpsgraph.cli.reference -->\n"


def page(name: str, written: str) -> str:
    """The page of a command with its table renewed. Raises MalformedFile where it has no mark."""
    opening, mark, _ = written.partition(_MARK)
    if not mark:
        raise MalformedFile(
            f"docs/commands/{name}.md", "the mark of the table is gone", f"add the line {_MARK.strip()}"
        )
    return f"{opening}{mark}\n{table(name)}"


def table(name: str) -> str:
    """Arguments and options of a command in Markdown, in the order of its help."""
    rows = ["| argument or option | takes | default | says |", "| --- | --- | --- | --- |"]
    rows += [_row(parameter) for parameter in command(name).params]
    return "\n".join(rows) + "\n"


def _row(parameter: Any) -> str:
    flag = isinstance(parameter.default, bool)
    metavar = "" if flag else f"`{parameter.metavar}`".replace("|", "\\|")
    if parameter.param_type_name == "argument":
        names, takes = metavar, ""
    else:
        names = ", ".join(f"`{option}`" for option in (*parameter.opts, *parameter.secondary_opts))
        takes = metavar
    several = "; several" if takes and parameter.multiple else ""
    # An option that is given several times has no default, and one that has to be given neither.
    default = None if parameter.required or parameter.multiple else parameter.default
    # `to_info_dict` gives None for what click marks as not set.
    default = None if default is not None and parameter.to_info_dict()["default"] is None else default
    shown = "required" if parameter.required else f"`{default}`" if default not in (None, False) else ""
    help = (getattr(parameter, "help", None) or "").replace("|", "\\|")
    return f"| {names} | {takes}{several} | {shown} | {help} |"


def main() -> None:
    """Write the pages."""
    folder = find_sources().root / "docs" / "commands"
    for name in COMMANDS:
        path = folder / f"{name}.md"
        if not path.is_file():
            raise UnreadableFile(path, "there is no such file", "run this in a checkout")
        path.write_text(page(name, path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
