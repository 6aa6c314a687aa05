"""The words of the summary, shared by the page, the workbook and the terminal."""

from bpsgraph.batch.changes import Mark
from bpsgraph.batch.outcome import ASSURANCES
from bpsgraph.batch.ranking import OVERALL
from bpsgraph.batch.summary import Row, Summary
from bpsgraph.results import Severity, Text
from bpsgraph.validation.report import WRITERS, words

# What each submission gets where nothing else is asked for.
DEFAULT_FORMATS = tuple(name for name in WRITERS if name in {"html", "json"})
MARKS = {
    Mark.IMPROVED: Text("改进", "improved"),
    Mark.WORSE: Text("退步", "worse"),
    Mark.UNCHANGED: Text("不变", "unchanged"),
    Mark.FIRST: Text("首次", "first"),
    Mark.NOT_COMPARED: Text("不作比较", "not compared"),
}
RANK = Text("名次", "rank")
PLACE = Text("地区", "place")
FILE = Text("文件", "file")
COMPARED_WITH = Text("对照", "compared with")
SHARE = Text("达标比例", "floors met")
CHANGE = Text("变化", "change")
NEW = Text("新增", "new")
FIXED = Text("已改正", "fixed")
OPEN = Text("未改正", "open")
COLUMNS = {
    "rank": RANK,
    "file": FILE,
    "code": Text("地区代码", "code"),
    "place_zh": PLACE,
    "place_en": Text("地区（英文）", "place (English)"),
    "catalogue": Text("清单", "catalogue"),
    "title_zh": Text("清单名称", "title"),
    "title_en": Text("清单名称（英文）", "title (English)"),
    "edition": Text("对照版本", "edition"),
    "asOf": Text("对照日期", "as of"),
    **{severity.label: words.SEVERITIES[severity] for severity in Severity},
    "waived": Text("豁免", "waived"),
    **{name: words.ASSURANCES[name] for name in ASSURANCES},
    **{
        f"{name}_rank": Text(f"{words.ASSURANCES[name].zh}名次", f"rank: {words.ASSURANCES[name].en}")
        for name in ASSURANCES
    },
    "floors": Text("可判定的下限", "floors"),
    "met": Text("达到的下限", "met"),
    "share": SHARE,
    "new": NEW,
    "fixed": FIXED,
    "open": OPEN,
    "mark": CHANGE,
    "sameCatalogue": Text("同一清单的其他文件", "other files of the catalogue"),
    "error": Text("错误代码", "error"),
    "sentence": Text("原因", "sentence"),
}
_TOTALS = Text("{files}份文件：{counts}", "{files} files: {counts}")
_CHANGES = Text(
    "与上次相比：新增{new}，已改正{fixed}，未改正{open}；{marks}",
    "since the last run: {new} new, {fixed} fixed, {open} open; {marks}",
)
_WAIVED = Text("豁免{count}", "{count} waived")
_UNUSABLE = Text("{count}份无法判定", "{count} could not be judged")
_PARTLY = Text("{count}份有部分读不懂", "{count} partly unread")
_SKIPPED = Text("跳过{count}个文件：{names}", "skipped {count} files: {names}")
_WITH_REASON = Text("{file}（{reason}）", "{file} ({reason})")
_TWICE = Text("同一清单有多个文件：{names}", "several files for one catalogue: {names}")
_GONE = Text("上次有而这次没有：{names}", "there last time and not any more: {names}")
_FEW = 5


def percent(row: Row) -> str:
    """The share of the floors that are met: `97.7%`, or a dash where there is none."""
    share = row.outcome.share
    return "–" if share is None else f"{float(share) * 100:.1f}%"


def table(summary: Summary, language: str) -> tuple[list[str], list[list[str]]]:
    """The ranking for a terminal: headings, and a row of texts for each submission that could be judged."""
    heads = [RANK, PLACE, FILE, COMPARED_WITH, SHARE, *(words.SEVERITIES[s] for s in sorted(Severity)[::-1])]
    if summary.earlier:
        heads += [CHANGE, NEW, FIXED]
    rows = []
    for row in summary.rows:
        outcome = row.outcome
        if outcome.problem:
            continue
        place = outcome.place or outcome.title
        cells = [
            str(row.ranks[OVERALL]),
            place.in_language(language) if place else "",
            outcome.file,
            outcome.edition or (outcome.as_of.isoformat() if outcome.as_of else ""),
            f"{percent(row)} {outcome.met}/{outcome.floors}" if outcome.floors else "–",
            *(str(number) for number in outcome.counts().values()),
        ]
        if row.change:
            cells += [
                MARKS[row.change.mark].in_language(language),
                str(len(row.change.new)),
                str(len(row.change.fixed)),
            ]
        rows.append(cells)
    return [head.in_language(language) for head in heads], rows


def totals(summary: Summary, language: str) -> list[str]:
    """A few lines: how many files and findings, what has changed, what was skipped or is there twice."""
    comma = "，" if language == "zh" else ", "
    space = "" if language == "zh" else " "
    counts = [
        f"{words.SEVERITIES[severity].in_language(language)}{space}{number}"
        for severity, number in summary.counts().items()
    ]
    for text, count in (
        (_WAIVED, summary.waived),
        (_UNUSABLE, summary.unusable),
        (_PARTLY, summary.partly_unread),
    ):
        if count:
            counts.append(text.in_language(language).format(count=count))
    lines = [_TOTALS.in_language(language).format(files=len(summary.rows), counts=comma.join(counts))]
    if summary.earlier:
        marks = [
            f"{MARKS[mark].in_language(language)}{space}{number}"
            for mark, number in summary.marks().items()
            if number
        ]
        lines.append(_CHANGES.in_language(language).format(**summary.changed(), marks=comma.join(marks)))
    twice = ["＝".join((row.outcome.file, *row.same_catalogue)) for row in summary.rows if row.leads]
    skipped = [
        _WITH_REASON.in_language(language).format(file=one.file, reason=one.reason.in_language(language))
        for one in summary.skipped
    ]
    for text, names in ((_TWICE, sorted(twice)), (_SKIPPED, skipped), (_GONE, list(summary.gone))):
        if names:
            listed = comma.join(names[:_FEW]) + ("…" if len(names) > _FEW else "")
            lines.append(text.in_language(language).format(count=len(names), names=listed))
    return lines
