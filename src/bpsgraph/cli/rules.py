"""`bpsgraph rules`: which rules there are, and what one of them asks, finds and takes as a cure."""

import json
from itertools import groupby
from pathlib import Path
from typing import Annotated

from bpsgraph.cli.output import LanguageOption, OutputOption, choose, write
from bpsgraph.cli.parameters import Argument, Option
from bpsgraph.config import load_settings
from bpsgraph.errors import UnknownRule
from bpsgraph.results import Text
from bpsgraph.sources import Sources, find_sources
from bpsgraph.terms import short
from bpsgraph.validation.docs import clause_of, documents, pages
from bpsgraph.validation.report.words import ASSURANCES, MARKS, SEVERITIES, place_of
from bpsgraph.validation.rules import Rule, as_csv, rules_of
from bpsgraph.validation.shapes import ShapesGraph

FORMATS = ("text", "markdown", "json", "csv")
_LINES = {
    "purpose": Text("为何", "purpose"),
    "assurance": Text("保障要求", "assurance"),
    "clause": Text("依据", "clause"),
    "severity": Text("级别", "severity"),
    "unverified": Text("下限未核实时", "where the floor is not verified"),
    "field": Text("所关栏目", "about"),
    "message": Text("会说", "says"),
    "fix": Text("改法", "to mend"),
    "bad": Text("它会指出", "what it finds"),
    "good": Text("它不会指出", "what it lets pass"),
}


def rules(
    id: Annotated[str | None, Argument(metavar="ID", help="Only this rule, with its examples.")] = None,
    format: Annotated[
        str | None, Option("--format", metavar="|".join(FORMATS), help="The format of the answer.")
    ] = None,
    output: OutputOption = None,
    lang: LanguageOption = None,
) -> None:
    """List the rules by assurance, or show one: purpose, clause, severity, message, cure and examples.

    \b
      bpsgraph rules
      bpsgraph rules baseline-below
      bpsgraph rules --format csv -o rules.csv
    """
    settings = load_settings({"lang": lang})
    chosen = choose(format, output, FORMATS, "text", "text").name
    sources = find_sources(settings.sources)
    known = {rule.id: rule for rule in rules_of(ShapesGraph.read(sources.shapes())).values()}
    if id is not None and id not in known:
        raise UnknownRule(id, known)
    listed = (
        [known[id]] if id else sorted(known.values(), key=lambda rule: (place_of(rule.assurance), rule.id))
    )
    if chosen == "json":
        text = json.dumps([rule.to_dict() for rule in listed], ensure_ascii=False, indent=1) + "\n"
    elif chosen == "csv":
        text = as_csv(listed)
    elif chosen == "markdown":
        written = pages(sources)
        text = "\n".join(written[rule.id] for rule in listed)
    else:
        text = _one(known[id], sources, settings.lang) if id else _list(listed, settings.lang)
    write(text, output)


def _list(listed: list[Rule], lang: str) -> str:
    """The rules by assurance, each with the mark of its severity and its name."""
    lines = []
    for assurance, group in groupby(listed, key=lambda rule: rule.assurance):
        name = ASSURANCES.get(assurance, Text(assurance, assurance)).in_language(lang)
        lines.append(f"{name} ({assurance})")
        lines += [f"  {MARKS[rule.severity]} {rule.id:<36} {rule.name.in_language(lang)}" for rule in group]
        lines.append("")
    legend = "  ".join(f"{mark} {SEVERITIES[severity].in_language(lang)}" for severity, mark in MARKS.items())
    return "\n".join([*lines, legend]) + "\n"


def _one(rule: Rule, sources: Sources, lang: str) -> str:
    clause = clause_of(rule, documents(sources))
    said = {
        "purpose": rule.description.in_language(lang),
        "assurance": ASSURANCES.get(rule.assurance, Text(rule.assurance, rule.assurance)).in_language(lang),
        "clause": clause.in_language(lang) if clause else "",
        "severity": SEVERITIES[rule.severity].in_language(lang),
        "unverified": SEVERITIES[rule.unverified_severity].in_language(lang)
        if rule.unverified_severity
        else "",
        "field": short(rule.field or ""),
        "message": rule.message.in_language(lang),
        "fix": rule.fix.in_language(lang),
    }
    lines = [f"{rule.id}  {rule.name.in_language(lang)}", ""]
    lines += [f"{_LINES[name].in_language(lang)}: {text}" for name, text in said.items() if text]
    examples = sources.examples(rule.id)
    for name in ("bad", "good"):
        if name in examples:
            lines += ["", f"{_LINES[name].in_language(lang)}:", "", _indented(examples[name])]
    return "\n".join(lines) + "\n"


def _indented(file: Path) -> str:
    return "\n".join(f"    {line}".rstrip() for line in file.read_text(encoding="utf-8").strip().splitlines())
