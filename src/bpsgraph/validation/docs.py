"""The rules in `docs/rules.md`, and a page of each in `docs/rules/`, written from the shapes.

`python -m bpsgraph.validation.docs` renews the pages and the list below its mark; what stands above the mark
is written by hand.
"""

from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from pyoxigraph import NamedNode

from bpsgraph.errors import MalformedFile, UnreadableFile
from bpsgraph.formats import FORMATS
from bpsgraph.ingest import parse
from bpsgraph.results import Severity, Text
from bpsgraph.sources import Sources, find_sources
from bpsgraph.terms import BASE, short
from bpsgraph.validation.facts import Facts
from bpsgraph.validation.rules import Rule, rules_of
from bpsgraph.validation.shapes import ShapesGraph

_MARK = "<!-- What follows is written from the shapes by python -m bpsgraph.validation.docs -->\n"
_PART_OF = "http://data.europa.eu/eli/ontology#is_part_of"
_SEVERITIES = {
    Severity.VIOLATION: Text("违反", "violation"),
    Severity.WARNING: Text("警告", "warning"),
    Severity.INFO: Text("提示", "info"),
}


def page(written: str, sources: Sources) -> str:
    """The page with its list renewed. Raises MalformedFile where it has no mark."""
    opening, mark, _ = written.partition(_MARK)
    if not mark:
        raise MalformedFile("docs/rules.md", "the mark of the list is gone", f"add the line {_MARK.strip()}")
    return f"{opening}{mark}\n{entries(sources)}"


def entries(sources: Sources) -> str:
    """Every rule in Markdown: file by file, in the order of the ids, with the clause it rests on."""
    facts = documents(sources)
    lines = []
    for folder, files in groupby(sources.shapes(), key=lambda file: file.parent.name):
        rules = [(file, rule) for file in files for rule in _rules(file)]
        if rules:
            lines.append(f"## {folder}\n")
        lines += [_entry(rule, file.relative_to(sources.root), facts) for file, rule in rules]
    return "\n".join(lines).rstrip("\n") + "\n"


def documents(sources: Sources) -> Facts:
    """What is known of documents and standards, for the clauses that rules rest on."""
    return Facts(
        triple
        for file in sources.data()
        if file.parent.name == "documents" or file.stem == "standards"
        for triple in parse(file.read_bytes(), str(file), FORMATS["turtle"])
    )


def pages(sources: Sources) -> dict[str, str]:
    """The page of every rule in Markdown, by id: what its entry says, and the graphs it is tested with."""
    facts = documents(sources)
    return {
        rule.id: rule_page(rule, file.relative_to(sources.root), facts, sources.examples(rule.id))
        for file in sources.shapes()
        for rule in _rules(file)
    }


def rule_page(rule: Rule, file: Path, facts: Facts, examples: Mapping[str, Path]) -> str:
    """One rule in Markdown, with its examples in full."""
    entry = _entry(rule, file, facts).replace(f"### {rule.id}\n", f"# {rule.id}\n", 1)
    lines = [entry.replace("](../", "](../../")]
    heads = {
        "bad": "## What it finds · 它会指出",
        "good": "## What it lets pass · 它不会指出",
    }
    for name, head in heads.items():
        if name in examples:
            lines += [f"{head}\n", f"```turtle\n{examples[name].read_text(encoding='utf-8').strip()}\n```\n"]
    return "\n".join(lines)


def _rules(file: Path) -> list[Rule]:
    found: Mapping[str, Rule] = rules_of(ShapesGraph.read([file]))
    return sorted(found.values(), key=lambda rule: rule.id)


def _entry(rule: Rule, file: Path, facts: Facts) -> str:
    severity = _severity(rule.severity)
    if rule.unverified_severity is not None:
        lowered = _severity(rule.unverified_severity)
        severity += f"; {lowered} where the floor is only inferred or recalled · 下限只是推断或回忆时"
    shape, examples = f"../{file.as_posix()}", f"../tests/shapes/{rule.id}"
    links = (
        f"[good]({examples}/good.ttl)",
        f"[bad]({examples}/bad.ttl)",
        f"[page](../docs/rules/{rule.id}.md)",
    )
    return "\n".join(
        (
            f"### {rule.id}\n",
            f"**{rule.name.en}** · {rule.name.zh}\n",
            f"{rule.description.en}\n",
            f"{rule.description.zh}\n",
            "| | |",
            "| --- | --- |",
            f"| severity | {severity} |",
            f"| assurance | `{rule.assurance}` |",
            f"| clause | {_clause(rule, facts)} |",
            f"| about | `{short(rule.field or '')}` |",
            f"| says | {rule.message.en}<br>{rule.message.zh} |",
            f"| to mend | {rule.fix.en}<br>{rule.fix.zh} |",
            *(
                [f"| to mend in a table | {rule.fix_in_table.en}<br>{rule.fix_in_table.zh} |"]
                if rule.fix_in_table
                else []
            ),
            f"| shape | [{file.as_posix()}]({shape}) |",
            f"| examples | {', '.join(links)} |",
            "",
        )
    )


def _severity(severity: Severity) -> str:
    words = _SEVERITIES[severity]
    return f"{words.en} · {words.zh}"


def clause_of(rule: Rule, facts: Facts) -> Text | None:
    """The document and the clause that a rule rests on."""
    if rule.clause is None:
        return None
    clause = NamedNode(rule.clause)
    titles = [facts.label(facts.value(clause, _PART_OF)), facts.label(clause)]
    known = [title for title in titles if title]
    return Text(" ".join(t.zh for t in known), ", ".join(t.en for t in known))


def _clause(rule: Rule, facts: Facts) -> str:
    clause = clause_of(rule, facts)
    if clause is None or rule.clause is None:
        return ""
    return f"{clause.en} · {clause.zh} (`{rule.clause.removeprefix(BASE)}`)"


def main() -> None:
    """Write the pages."""
    sources = find_sources()
    path = sources.root / "docs" / "rules.md"
    if not path.is_file():
        raise UnreadableFile(path, "there is no such file", "run this in a checkout")
    path.write_text(page(path.read_text(encoding="utf-8"), sources), encoding="utf-8")
    folder = path.with_suffix("")
    folder.mkdir(exist_ok=True)
    written = pages(sources)
    for old in folder.glob("*.md"):
        if old.stem not in written:
            old.unlink()
    for name, text in written.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
