"""Judging files from their bytes: what is read, found and written about them, in the order in which it is."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from bpsgraph.errors import BadParameter, InputError, PartlyUnread, RuleNotRun
from bpsgraph.formats import FORMATS, INPUT_FORMATS, Format, by_suffix
from bpsgraph.ingest import Submission, read_content
from bpsgraph.library import Library
from bpsgraph.results import Outcome, Report
from bpsgraph.uploads.asked import SHOWN, THRESHOLDS, Asked, Beside, Given
from bpsgraph.uploads.items import Document, Item, Note, Said, Verdict
from bpsgraph.validation import Profile
from bpsgraph.validation import report as formats
from bpsgraph.validation.checks import profile_of
from bpsgraph.validation.desk import Desk
from bpsgraph.validation.report.words import place
from bpsgraph.validation.rules import rules_of


def judge(
    asked: Asked,
    files: Iterable[Given],
    desk: Desk,
    beside: Beside | None = None,
) -> Iterator[Item]:
    """What there is to say of the files, each judged by itself, in the order in which it is known.

    Nothing outside the desk is read but the checks of `asked.library`. Raises what reading what is beside,
    and validating, raise; what is wrong with one file of several is an item.
    """
    return _Judging(asked, desk, beside or Beside()).items(files)


class _Judging:
    def __init__(self, asked: Asked, desk: Desk, beside: Beside) -> None:
        self.asked = asked
        self.desk = desk
        self.rules = rules_of(desk.shapes)
        self.patch = beside.patch
        self.profile = self._profile(beside.profile) if beside.profile else None
        context = beside.context
        self.context = read_content(context.read(), context.name, names=desk.names) if context else None

    def items(self, files: Iterable[Given]) -> Iterator[Item]:
        asked = self.asked
        judged: list[tuple[Report, Submission]] = []
        content = b""
        for file in files:
            try:
                content = file.read()
                judged.append(self._judged(file.name, content))
            except InputError as error:
                if asked.alone:
                    raise
                yield Said(error)
        if asked.suggest is not None or asked.apply is not None:
            yield from self._repairs(judged, content)
        reports = [report for report, _ in judged]
        listed = [report.limited(asked.limit) for report in reports]
        for key, kind in asked.reports:
            # What is shown, and no file, comes after the copy.
            if key != "shown":
                yield Document(key, self._written(kind, listed, shown=False))
        if asked.annotated is not None and reports:
            yield from self._annotated(content, reports[0])
        for key, kind in asked.reports:
            if key == "shown":
                yield Document(key, self._written(kind, listed, shown=True))
        yield from _unfinished(reports)
        threshold = THRESHOLDS[asked.fail_on]
        yield Verdict(any(report.fails(threshold) for report in reports))

    def _profile(self, given: Given) -> Profile:
        bundled, own = self.asked.sources / "queries", self.asked.library
        library = Library(bundled) if own is None else Library(bundled, own)
        return profile_of(Path(given.name), self.rules.values(), library, content=given.read())

    def _judged(self, name: str, content: bytes) -> tuple[Report, Submission]:
        asked = self.asked
        submission = read_content(content, name, names=self.desk.names, jurisdiction=asked.jurisdiction)
        report = self.desk.validator.validate(
            submission,
            edition=asked.edition,
            as_of=asked.as_of,
            against=asked.against,
            today=asked.today,
            context=self.context,
            profile=self.profile,
            engine=asked.engine,
        )
        return report, submission

    def _written(self, kind: str, listed: list[Report], *, shown: bool) -> str | bytes:
        if kind != "text":
            return formats.write(kind, listed, self.rules, self.asked.lang)
        from bpsgraph.validation.report.text import printed

        terminal = self.asked.terminal if shown else None
        return printed(
            listed,
            self.rules,
            self.asked.lang,
            summary=self.asked.summary,
            least=SHOWN[self.asked.show],
            width=terminal.width if terminal else None,
            colours=terminal.colours if terminal else None,
            plain=terminal.plain if terminal else False,
        )

    def _annotated(self, content: bytes, report: Report) -> Iterator[Item]:
        from bpsgraph.ingest.delimited import read_delimited
        from bpsgraph.ingest.package import looks_like_workbook
        from bpsgraph.validation.report.annotated import annotate

        target, lang = self.asked.annotated, self.asked.lang
        workbook = looks_like_workbook(content)
        copy = annotate(content if workbook else read_delimited(content, report.file), report, lang)
        for note in copy.notes:
            yield Note(f"{target}: {note.in_language(lang)}")
        yield Document("annotated", copy.content)
        marked = sum(finding.cell is not None and finding.waived is None for finding in report.findings)
        yield Note(f"{_count(marked, 'finding')} marked in their cells in {target}")

    def _repairs(self, judged: list[tuple[Report, Submission]], content: bytes) -> Iterator[Item]:
        from bpsgraph.repair import changes_of, patch_in, repaired, write_patch

        asked = self.asked
        changes = [
            change for report, submission in judged for change in changes_of(report, submission.places)
        ]
        if asked.suggest is not None:
            yield Document("suggest", write_patch(changes, asked.suggested))
            yield Note(f"{_count(len(changes), 'change')} suggested in {asked.suggest}")
        if asked.apply is None or not judged:
            return
        ((report, submission),) = judged
        if self.patch is not None:
            named = patch_in(self.patch.read(), Path(self.patch.name))
            changes = [change for change in named if Path(change.file).name == Path(report.file).name]
        copy = repaired(content, _format(report.file), submission, changes)
        yield Document("apply", copy.content)
        yield Note(f"{_count(len(copy.applied), 'change')} made in {asked.apply}")
        for skipped in copy.skipped:
            change = skipped.change
            where = f"{change.sheet}!{change.cell}" if change.sheet else change.cell or f"line {change.line}"
            why = skipped.why.in_language(asked.lang)
            made = f"{change.old or '∅'} → {change.new} ({change.rule})"
            yield Note(f"not made: {where}: {made}: {why}")
        if copy.applied:
            again, _ = self._judged(asked.apply, copy.content)
            before, after = _findings(report), _findings(again)
            gone, new = (before - after).total(), (after - before).total()
            yield Note(f"{asked.apply}: {_count(gone, 'finding')} fewer, {new} new")


def _unfinished(reports: list[Report]) -> Iterator[Said]:
    for report in reports:
        if report.unread:
            first, *others = report.unread
            yield Said(PartlyUnread(report.file, place(first, "en"), first.message.en, len(others)))
    for report in reports:
        for status in report.rules:
            if status.outcome is Outcome.ERROR:
                yield Said(RuleNotRun(report.file, status.rule, status.problem or ""))


def _findings(report: Report) -> Counter[str]:
    return Counter(finding.fingerprint for finding in report.findings)


def _format(file: str) -> Format:
    if Path(file).suffix.lower() == ".json":
        return FORMATS["jsonld"]
    found = by_suffix(file, INPUT_FORMATS)
    if found is None:
        raise BadParameter(file, "its suffix does not say the format", "name the file like county.xlsx")
    return found


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
