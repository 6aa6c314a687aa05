"""The checks of a library run over a store: queries whose rows are problems, judged like rules.

A check is a rule of the assurance `checks`: a profile changes its severity and waives its rows, and its
report is written in the same formats. A check that could not run is an error, never passed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from pyoxigraph import BlankNode, NamedNode

from bpsgraph.errors import BpsError, UnknownQuery
from bpsgraph.library import Library, Query, query_iri
from bpsgraph.results import Finding, Outcome, Report, Severity, Text, fingerprint
from bpsgraph.store import Store, select
from bpsgraph.terms import Term, short
from bpsgraph.validation.profile import Profile, names_of, profile_in, read_profile
from bpsgraph.validation.rules import Rule
from bpsgraph.validation.statuses import not_run, statuses_of

ASSURANCE = "checks"
_FOLDER = "checks/"
_TITLE = Text("数据库检查", "Checks of the store")


def checks_of(library: Library, names: Iterable[str] | None = None) -> dict[str, Rule | BpsError]:
    """The checks of that name (`cycle` or `checks/cycle`), all without names, as rules by the id of each.

    In the place of a file that is no check stands what is wrong with it. Raises `UnknownQuery` for a name
    that there is not.
    """
    known = [name for name in library if name.startswith(_FOLDER)]
    wanted = known if names is None else [_FOLDER + name.removeprefix(_FOLDER) for name in names]
    found: dict[str, Rule | BpsError] = {}
    for name in dict.fromkeys(wanted):
        if name not in known:
            raise UnknownQuery(name.removeprefix(_FOLDER), [one.removeprefix(_FOLDER) for one in known])
        try:
            found[name.removeprefix(_FOLDER)] = rule_of(library[name])
        except BpsError as error:
            found[name.removeprefix(_FOLDER)] = error
    return found


def profile_of(
    path: Path, rules: Iterable[Rule], library: Library, *, content: bytes | None = None
) -> Profile:
    """The profile in a file, which may name these rules and the checks of the library.

    Where its `content` is given, `path` is only its name. Raises what `read_profile` raises.
    """
    known = [*rules, *(check for check in checks_of(library).values() if isinstance(check, Rule))]
    return read_profile(path, known) if content is None else profile_in(content, path, known)


def rule_of(check: Query) -> Rule:
    """A check as a rule: its summary names it, its problem describes it, its solution is the cure."""
    problem, solution = check.header.problem, check.header.solution
    assert problem is not None
    assert solution is not None
    return Rule(
        id=check.name.removeprefix(_FOLDER),
        shape=query_iri(check.name).value,
        name=check.summary,
        description=problem,
        message=problem,
        fix=solution,
        severity=check.header.severity,
        unverified_severity=None,
        assurance=ASSURANCE,
        clause=None,
        path=None,
        field=None,
        operands=None,
    )


def run_checks(
    store: Store,
    library: Library,
    checks: Mapping[str, Rule | BpsError],
    *,
    profile: Profile | None = None,
    today: date,
    place: str,
) -> Report:
    """The rows of the checks as findings, and what became of each check.

    `place` is how the report calls the store. The entity of a row is the focus of its finding, the property
    its path. A check that the profile switches off does not run; one that cannot is an error.
    """
    profile = profile or Profile()
    rules: dict[str, Rule] = {}
    failed: dict[str, str] = {}
    findings: list[Finding] = []
    for id, check in checks.items():
        if isinstance(check, BpsError):
            rules[id] = unread(id)
            failed[id] = str(check)
            continue
        rules[id] = check
        change = profile.change(check)
        if change is not None and change.severity is None:
            continue
        severity = check.severity if change is None or change.severity is None else change.severity
        try:
            rows = select(store, library[_FOLDER + id].text)
        except BpsError as error:
            failed[id] = str(error)
            continue
        findings += [
            _finding(check, severity, row["entity"], row["property"], row["value"], profile, today)
            for row in rows
        ]
    statuses = statuses_of(rules, findings, failed, profile)
    return Report(
        file=place,
        catalogue=None,
        title=_TITLE,
        compared_with=Text(f"{len(rules)}项检查", f"{len(rules)} checks"),
        self_sourced=0,
        findings=tuple(findings),
        verdicts=(),
        rules=tuple(statuses),
        notices=(
            *(not_run(status) for status in statuses if status.outcome is Outcome.ERROR),
            *profile.notices(rules.values(), findings, {}, today),
        ),
    )


def unread(id: str) -> Rule:
    """The rule in the place of a file that is no check."""
    name, none = Text(id, id), Text("", "")
    severity = Severity.VIOLATION
    return Rule(id, id, name, none, none, none, severity, None, ASSURANCE, None, None, None, None)


def _finding(
    check: Rule,
    severity: Severity,
    entity: Term | None,
    property: Term | None,
    value: Term | None,
    profile: Profile,
    today: date,
) -> Finding:
    focus = _whole(entity)
    said = " ".join(filter(None, map(_plain, (entity, property, value))))
    finding = Finding(
        rule=check.id,
        severity=severity,
        message=Text(f"{check.name.zh}：{said}", f"{check.name.en}: {said}"),
        focus=focus,
        fingerprint=fingerprint(check.id, "", focus, "", "", _whole(property), _whole(value)),
        path=property.value if isinstance(property, NamedNode) else None,
        value=_plain(value) or None,
        fix=check.fix,
    )
    names = names_of(focus, None)
    waived = profile.waiver(finding, {"item": names, "catalogue": names}, today)
    return finding if waived is None else replace(finding, waived=waived)


def _whole(term: Term | None) -> str:
    if term is None:
        return ""
    return str(term) if isinstance(term, BlankNode) else term.value


def _plain(term: Term | None) -> str:
    return short(term.value) if isinstance(term, NamedNode) else _whole(term)
