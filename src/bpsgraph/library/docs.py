"""The list of saved queries in `docs/queries.md`, written from their headers.

`python -m bpsgraph.library.docs` renews it below its mark; what stands above the mark is written by hand.
"""

from itertools import groupby

from bpsgraph.errors import MalformedFile, UnreadableFile
from bpsgraph.library.answers import bundled
from bpsgraph.library.saved import Library, Parameter, Query
from bpsgraph.sources import find_sources

_MARK = "<!-- What follows is written from the headers in queries/ by python -m bpsgraph.library.docs -->\n"


def page(written: str, library: Library) -> str:
    """The page with its list renewed. Raises MalformedFile where it has no mark."""
    opening, mark, _ = written.partition(_MARK)
    if not mark:
        raise MalformedFile(
            "docs/queries.md", "the mark of the list is gone", f"add the line {_MARK.strip()}"
        )
    return f"{opening}{mark}\n{entries(library)}"


def entries(library: Library) -> str:
    """Every query in Markdown, in the order of the names."""
    lines: list[str] = []
    for topic, queries in groupby(library.of_kind("query"), key=lambda query: query.topic):
        lines.append(f"## {topic}\n")
        lines += [_entry(query) for query in queries]
    checks = library.of_kind("check")
    if checks:
        lines.append(
            "## checks\n\nTheir rows are problems.\n\n| check | problem | solution |\n| --- | --- | --- |"
        )
        for check in checks:
            problem, solution = check.header.problem, check.header.solution
            assert problem is not None
            assert solution is not None
            lines.append(
                f"| `{check.name}` | {problem.en}<br>{problem.zh} | {solution.en}<br>{solution.zh} |"
            )
        lines.append("")
    profiles = library.of_kind("profile")
    if profiles:
        lines.append(
            "## profiles\n\nThey describe a thing in one way each.\n\n| query | describes |\n| --- | --- |"
        )
        lines += [f"| `{query.name}` | {query.summary.en}<br>{query.summary.zh} |" for query in profiles]
        lines.append("")
    derive = library.of_kind("derive")
    if derive:
        lines.append("## derive\n\nThey fill the derived graphs.\n\n| query | does |\n| --- | --- |")
        lines += [f"| `{query.name}` | {query.summary.en}<br>{query.summary.zh} |" for query in derive]
        lines.append("")
    return "\n".join(lines).rstrip("\n") + "\n"


def _entry(query: Query) -> str:
    lines = [f"### {query.name}\n", f"**{query.summary.en}** · {query.summary.zh}\n"]
    lines += [f"{query.description.en}\n", f"{query.description.zh}\n"]
    if query.parameters:
        lines += ["| parameter | type | when left out | says |", "| --- | --- | --- | --- |"]
        lines += [_parameter(parameter) for parameter in query.parameters]
        lines.append("")
    columns = [f"`{c.name}` {c.label.en}" + (f" ({c.unit})" if c.unit else "") for c in query.columns]
    return "\n".join([*lines, f"Columns: {', '.join(columns)}.\n"])


def _parameter(parameter: Parameter) -> str:
    header = parameter.header
    default = ", ".join(parameter.typed(term) for term in parameter.written if term is not None)
    missing = "required" if header.required else f"`{default}`" if default else "no restriction"
    return f"| `{parameter.name}` | {header.type} | {missing} | {header.help.en}<br>{header.help.zh} |"


def main() -> None:
    """Write the page."""
    path = find_sources().root / "docs" / "queries.md"
    if not path.is_file():
        raise UnreadableFile(path, "there is no such file", "run this in a checkout")
    path.write_text(page(path.read_text(encoding="utf-8"), bundled()), encoding="utf-8")


if __name__ == "__main__":
    main()
