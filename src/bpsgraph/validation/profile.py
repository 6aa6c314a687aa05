"""Profiles: which severities a province or a city changes, and which findings it lets pass until when.

```toml
[severity]
funding = {to = "violation", reason = "省财政厅要求"}         # every rule of an assurance
overreach-assessment = {to = "off", reason = "已另行评估"}    # one rule, which goes before its assurance

[[waiver]]
rule = "baseline-below"
item = "义务教育阶段免除学杂费"       # its name, its key or its IRI; so are measure and segment
reason = "过渡期内按原标准执行"
author = "张三"
expires = 2025-12-31                 # the last day on which it holds
```

The checks of a store (`validation/checks.py`) are rules of the assurance `checks`; one file may hold both.
"""

import io
import re
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

from bpsgraph import opening
from bpsgraph.errors import BadConfig, did_you_mean, visible
from bpsgraph.results import READING, Finding, Notice, Severity, Text, Waiver
from bpsgraph.terms import short
from bpsgraph.validation.rules import Rule

OFF = "off"
_SEVERITIES: Mapping[str, Severity | None] = {severity.label: severity for severity in Severity} | {OFF: None}
_CHANGE = ("to", "reason")
_SCOPE = ("rule", "fingerprint", "item", "measure", "segment", "catalogue")
_GROUNDS = ("reason", "author", "expires")
_WORDS = {
    Severity.VIOLATION: Text("错误", "violation"),
    Severity.WARNING: Text("警告", "warning"),
    Severity.INFO: Text("提示", "info"),
    None: Text("停用", "off"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """Another severity for a rule, or for all rules of an assurance; None switches them off."""

    key: str
    severity: Severity | None
    reason: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One waiver of a profile: what it covers, empty where it does not matter, and on which grounds."""

    scope: Mapping[str, str]
    grounds: Waiver

    def covers(self, finding: Finding, names: Mapping[str, frozenset[str]]) -> bool:
        """Whether the finding is meant; `names` are those of its item, measure, segment and catalogue."""
        said = {
            "rule": frozenset({finding.rule}),
            "fingerprint": frozenset({finding.fingerprint}),
            **names,
        }
        return all(value in said.get(key, ()) for key, value in self.scope.items())

    def words(self) -> str:
        """What it covers, for people: `baseline-below 法律援助`."""
        return " ".join(self.scope.values())


@dataclass(frozen=True, slots=True)
class Profile:
    """The severities that a profile changes, by rule or assurance, and its waivers."""

    name: str = ""
    changes: Mapping[str, Change] = field(default_factory=dict)
    clauses: tuple[Clause, ...] = ()

    def change(self, rule: Rule) -> Change | None:
        """The change that holds for a rule: its own, else that of its assurance; none for what is unread."""
        if _protected(rule):
            return None
        return self.changes.get(rule.id) or self.changes.get(rule.assurance)

    def waiver(self, finding: Finding, names: Mapping[str, frozenset[str]], today: date) -> Waiver | None:
        """The grounds of the first waiver that covers the finding and still holds."""
        if finding.rule.startswith(READING) and finding.severity is Severity.VIOLATION:
            return None
        for clause in self.clauses:
            if today <= clause.grounds.expires and clause.covers(finding, names):
                return clause.grounds
        return None

    def notices(
        self, rules: Iterable[Rule], findings: Iterable[Finding], dropped: Mapping[str, int], today: date
    ) -> list[Notice]:
        """What the profile did, in sentences: changed severities, and each waiver whether it holds or not.

        What it says of other rules than these is for another command, and is not told. `dropped` is how many
        findings of a rule are not among the findings because it is switched off.
        """
        rules = list(rules)
        ids = {rule.id for rule in rules}
        waived = [finding.waived for finding in findings]
        return [
            *(
                self._changed(change, rules, dropped)
                for change in self.changes.values()
                if any(self.change(rule) is change for rule in rules)
            ),
            *(
                _waived(clause, sum(grounds is clause.grounds for grounds in waived), today)
                for clause in self.clauses
                if clause.scope.get("rule") in {None, *ids}
            ),
        ]

    def _changed(self, change: Change, rules: list[Rule], dropped: Mapping[str, int]) -> Notice:
        meant = [rule for rule in rules if self.change(rule) is change]
        before = sorted({rule.severity for rule in meant}, reverse=True)
        zh = "、".join(_WORDS[severity].zh for severity in before)
        en = " and ".join(_WORDS[severity].en for severity in before)
        number = sum(dropped.get(rule.id, 0) for rule in meant)
        left_out = (
            Text(f"，{number}项发现未列出", f", {number} findings are left out") if number else Text("", "")
        )
        to = _WORDS[change.severity]
        return Notice(
            Severity.INFO,
            Text(
                f"按“{self.name}”，{change.key}的级别由{zh}改为{to.zh}{left_out.zh}：{change.reason}",
                f"by {self.name} the severity of {change.key} is {to.en} instead of {en}{left_out.en}: "
                f"{change.reason}",
            ),
        )


def read_profile(path: Path, rules: Iterable[Rule]) -> Profile:
    """The profile in a file of TOML.

    Raises `UnreadableFile`, and `BadConfig` with the line for what is no TOML, for a rule or an assurance
    that does not exist, for an entry without its reason, and for one that lets pass what could not be read.
    """
    return profile_in(opening.content(path), path, rules)


def profile_in(content: bytes, path: Path, rules: Iterable[Rule]) -> Profile:
    """The profile in the bytes of a file, of which `path` is only the name; see `read_profile`."""
    try:
        # As a file opened as text is read: every end of a line is one character.
        text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8").read()
    except UnicodeDecodeError as error:
        raise BadConfig("this is not UTF-8", "save it as UTF-8", where=str(path)) from error
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadConfig(f"this is not TOML: {error}", "correct that line", where=str(path)) from error
    return _Reader(path, text, {rule.id: rule for rule in rules}).profile(table)


class _Reader:
    """Checks the tables of one file."""

    def __init__(self, path: Path, text: str, rules: Mapping[str, Rule]) -> None:
        self.path = path
        self.lines = text.splitlines()
        self.rules = rules
        self.assurances = sorted({rule.assurance for rule in rules.values()})

    def profile(self, table: Mapping[str, Any]) -> Profile:
        self.known(table, ("severity", "waiver"), "the parts of a profile are: severity, waiver")
        severity, waivers = table.get("severity", {}), table.get("waiver", [])
        if not isinstance(severity, dict):
            self.refuse(
                "severity is no table", 'write [severity] and below it rule = {to = "info", reason = "…"}'
            )
        if not isinstance(waivers, list) or not all(isinstance(waiver, dict) for waiver in waivers):
            self.refuse(
                "waiver is no list of tables", "begin each waiver with a line [[waiver]]", key="waiver"
            )
        return Profile(
            self.path.name,
            {key: self.change(key, entry) for key, entry in severity.items()},
            tuple(self.clause(number, entry) for number, entry in enumerate(waivers, 1)),
        )

    def change(self, key: str, entry: object) -> Change:
        if key not in self.rules and key not in self.assurances:
            self.refuse(
                f"there is no rule or assurance {key!r}",
                did_you_mean(key, [*self.rules, *self.assurances], "list them with `bpsgraph rules`"),
                key=key,
            )
        if key == READING.rstrip("-") or (key in self.rules and _protected(self.rules[key])):
            self.refuse(
                f"{key} is about what could not be read, so that nothing is known of it",
                "leave it out, and correct the file that is judged",
                key=key,
            )
        if not isinstance(entry, dict):
            self.refuse(
                f"{key} needs a severity and a reason",
                f'write {key} = {{to = "info", reason = "…"}}',
                key=key,
            )
        self.known(entry, _CHANGE, 'write {to = "info", reason = "…"}', key=key)
        to = entry.get("to")
        if not isinstance(to, str) or to not in _SEVERITIES:
            self.refuse(
                f"{to!r} is no severity" if to else f"{key} has no `to`",
                f"choose one of: {', '.join(_SEVERITIES)}",
                key=key,
            )
        return Change(key, _SEVERITIES[to], self.words(entry, "reason", key=key))

    def clause(self, number: int, entry: Mapping[str, Any]) -> Clause:
        self.known(
            entry, (*_SCOPE, *_GROUNDS), f"a waiver has: {', '.join((*_SCOPE, *_GROUNDS))}", waiver=number
        )
        scope = {key: self.words(entry, key, waiver=number) for key in _SCOPE if key in entry}
        if not {"rule", "fingerprint"} & scope.keys():
            self.refuse(
                "a waiver says what it waives",
                "give its rule, or the fingerprint of the finding",
                waiver=number,
            )
        rule = scope.get("rule")
        if rule is not None and rule not in self.rules:
            self.refuse(
                f"there is no rule {rule!r}",
                did_you_mean(rule, self.rules, "list them with `bpsgraph rules`"),
                key="rule",
                waiver=number,
            )
        if rule is not None and _protected(self.rules[rule]):
            self.refuse(
                "what could not be read cannot be waived",
                "correct the file that is judged",
                key="rule",
                waiver=number,
            )
        expires = entry.get("expires")
        if isinstance(expires, str):
            with suppress(ValueError):
                expires = date.fromisoformat(expires)
        if not isinstance(expires, date) or isinstance(expires, datetime):
            self.refuse(
                "a waiver has no last day" if expires is None else f"{str(expires)!r} is no date",
                "write expires = 2025-12-31",
                key="expires",
                waiver=number,
            )
        grounds = Waiver(
            reason=self.words(entry, "reason", waiver=number),
            author=self.words(entry, "author", waiver=number),
            expires=expires,
        )
        return Clause(scope, grounds)

    def words(
        self, entry: Mapping[str, Any], name: str, *, key: str | None = None, waiver: int | None = None
    ) -> str:
        said = entry.get(name)
        if not isinstance(said, str) or not said.strip():
            whose = key or "a waiver"
            self.refuse(
                f"{whose} has no {name}"
                if said is None
                else f"the {name} of {whose} is no text, or is empty",
                f'write {name} = "…"',
                key=key or name,
                waiver=waiver,
            )
        return visible(str(said).strip())

    def known(
        self,
        entry: Mapping[str, Any],
        names: Iterable[str],
        cure: str,
        *,
        key: str | None = None,
        waiver: int | None = None,
    ) -> None:
        for name in entry:
            if name not in names:
                self.refuse(
                    f"{name!r} is unknown here",
                    did_you_mean(name, names, cure),
                    key=key or name,
                    waiver=waiver,
                )

    def refuse(
        self, problem: str, cure: str, *, key: str | None = None, waiver: int | None = None
    ) -> NoReturn:
        raise BadConfig(problem, cure, where=f"{self.path}, line {self.line(key or 'severity', waiver)}")

    def line(self, key: str, waiver: int | None) -> int:
        """Where a key stands: TOML is parsed without its lines, which are looked up in the text again."""
        written = re.compile(rf"\s*(\[+\s*)?[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
        heads = [n for n, line in enumerate(self.lines) if re.match(r"\s*\[\[\s*waiver\s*\]\]", line)]
        start = heads[waiver - 1] if waiver is not None and waiver <= len(heads) else 0
        ends = [head for head in heads if head > start]
        end = ends[0] if waiver is not None and ends else len(self.lines)
        return next((n + 1 for n in range(start, end) if written.match(self.lines[n])), start + 1)


def names_of(iri: str | None, label: Text | None) -> frozenset[str]:
    """Whatever a profile may call a thing: its IRI, its key with and without the class, its names."""
    keys = (iri, short(iri), short(iri).partition("/")[2]) if iri else ()
    return frozenset(name for name in (*keys, *((label.zh, label.en) if label else ())) if name)


def _protected(rule: Rule) -> bool:
    """Whether the rule says that a part of the file could not be read: nobody may let that pass."""
    return rule.id.startswith(READING) and rule.severity is Severity.VIOLATION


def _waived(clause: Clause, number: int, today: date) -> Notice:
    grounds = clause.grounds
    about, until = clause.words(), grounds.expires
    if grounds.expires < today:
        return Notice(
            Severity.WARNING,
            Text(
                f"豁免已于{until}到期，不再有效：{about}（{grounds.author}：{grounds.reason}）",
                f"a waiver ended on {until} and has no effect: {about} ({grounds.author}: {grounds.reason})",
            ),
        )
    if not number:
        return Notice(
            Severity.INFO,
            Text(
                f"这项豁免没有对应的发现，可以删去：{about}（{grounds.author}：{grounds.reason}）",
                f"a waiver covers nothing that was found: {about} ({grounds.author}: {grounds.reason})",
            ),
        )
    return Notice(
        Severity.INFO,
        Text(
            f"豁免{number}项，至{until}：{about}（{grounds.author}：{grounds.reason}）",
            f"{number} waived until {until}: {about} ({grounds.author}: {grounds.reason})",
        ),
    )
