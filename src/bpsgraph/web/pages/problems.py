"""What can go wrong, by code: cause and cure as docs/errors.md has them, and a name in Chinese."""

import re
from dataclasses import dataclass
from pathlib import Path

from bpsgraph.errors import BpsError, NotFound, nearest
from bpsgraph.results import Text
from bpsgraph.web.view import View

_CODE = re.compile(r"`([^`]+)`")
_LINK = re.compile(r"\[([^]]+)\]\([^)]+\)")
_STATUS = re.compile(r"\s*HTTP ([0-9]{3})\.")
NAMES = {
    "unreadable-file": "文件打不开",
    "unwritable-file": "文件写不进去",
    "malformed-file": "文件不合格式",
    "too-large": "文件太大，或其中一部分太大",
    "unsupported-format": "不支持这种文件",
    "empty-graph": "文件里没有内容",
    "foreign-vocabulary": "文件不用本图谱的词汇",
    "partly-unread": "有一部分读不出来",
    "unknown-query": "没有这个问题",
    "bad-query": "SPARQL 写错了",
    "read-only": "这里只读",
    "unauthorized": "没有出示令牌",
    "unsupported-media-type": "不支持这种内容类型",
    "foreign-graph": "不是可以写的图",
    "query-too-large": "查询太长",
    "too-complex": "查询太复杂",
    "bad-parameter": "参数的值不能用",
    "bad-config": "设置有误",
    "bad-usage": "命令写错了",
    "unknown-edition": "没有这一版国家标准",
    "unknown-catalogue": "没有这份清单",
    "unknown-dataset": "没有这套监测数据",
    "unknown-rule": "没有这条规则",
    "not-found": "找不到",
    "inconsistent-ontology": "本体自相矛盾",
    "foreign-statement": "说了不属于这份清单的事",
    "withdrawn": "已经撤回",
    "nothing-to-draw": "没有可画的图",
    "store-missing": "这里没有图谱库",
    "took-too-long": "校验超过时限",
    "worker-died": "校验进程意外结束",
    "judging-failed": "校验出错",
    "store-unavailable": "图谱库用不了",
    "store-damaged": "图谱库损坏",
    "store-format": "图谱库的格式版本不同",
    "journal-damaged": "日志损坏",
    "journal-lost": "日志有缺失",
    "backup-damaged": "备份损坏",
    "store-busy": "图谱库正被占用",
    "store-is-replica": "这是只读副本",
    "query-timeout": "查询超过时限",
    "out-of-memory": "查询用的内存超限",
    "busy": "正忙，请稍后再试",
    "worker-failed": "工作进程起不来",
    "rule-not-run": "有规则没能运行",
    "too-many-messages": "留言太多，请稍后再试",
    "folder-needed": "这一步要用本机文件夹里的图谱库",
    "missing-extra": "没有安装所需的组件",
    "remote-unreachable": "连不上远程图谱库",
    "remote-timeout": "远程图谱库没有及时答复",
    "remote-refused": "远程图谱库拒绝了请求",
    "remote-answer": "远程图谱库的答复不能用",
    "scheduler-unreachable": "连不上集群的调度程序",
    "cluster-lost": "集群中途断开",
    "versions-differ": "集群上的版本不一致",
    "folder-not-shared": "集群上的进程看不到这个文件夹",
}
"""What each problem is called in Chinese, by its code."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text, as code or as words."""

    text: str
    code: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its code, the status that a server answers with, its cause and its cure."""

    code: str
    name: str
    status: int
    cause: tuple[Piece, ...]
    cure: tuple[Piece, ...]


def problems(view: View) -> tuple[Problem, ...]:
    """All problems, in the order of the page; none where the page is not installed."""
    file = view.snapshot.sources.page_of_errors()
    found = view.snapshot.kept("problems", lambda: _read(file))
    return tuple(
        Problem(code, view.say(Text(NAMES.get(code, code), code)), status, cause, cure)
        for code, status, cause, cure in found
    )


def problem(view: View, code: str) -> Problem:
    """One problem; raises `NotFound`."""
    known = {one.code: one for one in problems(view)}
    if code not in known:
        raise NotFound(code, nearest(code, known))
    return known[code]


def codes() -> set[str]:
    """The codes of all errors."""

    def leaves(kind: type[BpsError]) -> set[str]:
        below = kind.__subclasses__()
        return {code for child in below for code in leaves(child)} or {kind.code}

    return leaves(BpsError)


def _read(file: Path) -> list[tuple[str, int, tuple[Piece, ...], tuple[Piece, ...]]]:
    if not file.is_file():
        return []
    found = []
    for section in re.split(r"^### ", file.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        code, _, text = section.partition("\n")
        text = re.split(r"^## ", text, flags=re.MULTILINE)[0]
        cause, _, cure = text.partition("**Cure.**")
        status = _STATUS.search(cause)
        cause = _STATUS.sub("", cause.replace("**Cause.**", ""))
        found.append((code.strip(), int(status[1]) if status else 500, _pieces(cause), _pieces(cure)))
    return found


def _pieces(text: str) -> tuple[Piece, ...]:
    words = _CODE.split(" ".join(_LINK.sub(r"\1", text).split()))
    return tuple(Piece(word, number % 2 == 1) for number, word in enumerate(words) if word)
