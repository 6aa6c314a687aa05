"""Answers to a questionnaire become figures: the mean of each question on its scale, and who answered it.

A table has a row for each respondent with a column for each question, or a row for each respondent and
question. The mean of the answers, from 1 (worst) to k (best), is rescaled to 100 x (mean - 1) / (k - 1).
Whoever gave no answer is counted and is never a zero. Respondents count alike: no weights are applied.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from bpsgraph.errors import MalformedFile
from bpsgraph.ingest.grid import Book, Cell, Sheet
from bpsgraph.ingest.names import folded
from bpsgraph.ingest.observations import Problem
from bpsgraph.ingest.transcription import number_of
from bpsgraph.results import Text

_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "respondent": ("受访者", "受访者编号", "问卷编号", "编号", "序号", "respondent", "id"),
    "question": ("问题", "题目", "题项", "question"),
    "answer": ("回答", "答案", "分值", "评分", "选项", "answer"),
    "place": ("行政区", "地区", "行政区划代码", "place", "jurisdiction", "code"),
}
_NAMES = {folded(word): name for name, words in _HEADINGS.items() for word in words}
_SILENT = frozenset(
    map(folded, ("—", "-", "…", "拒答", "未答", "未填", "不清楚", "不了解", "不知道", "缺", "n/a", "na"))
)


@dataclass(frozen=True, slots=True)
class Question:
    """What respondents of one place said to a question: the mean from 0 to 100, None where nobody did."""

    text: str
    place: str
    answers: int
    respondents: int
    score: Decimal | None

    @property
    def silent(self) -> int:
        """How many gave no answer."""
        return self.respondents - self.answers


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """The questions in the order of the table, and the cells that could not be read."""

    questions: tuple[Question, ...]
    problems: tuple[Problem, ...] = ()


def read_questionnaire(
    book: Book,
    *,
    steps: int = 5,
    answers: Sequence[str] = (),
    questions: Sequence[str] = (),
    place: str | None = None,
) -> Questionnaire:
    """The answers in a book, question by question and place by place.

    Answers are whole numbers from 1 to `steps`, or the words `answers` from best to worst. `questions` are
    the columns that are questions, where not all are. Raises `MalformedFile` where there is no table or no
    place.
    """
    words = {folded(word): len(answers) - at for at, word in enumerate(answers)}
    steps = len(answers) or steps
    reading = _Reading(book.name, steps, words, set(questions), place)
    for sheet in book.sheets:
        reading.read(sheet)
    if not reading.said:
        raise MalformedFile(
            book.name,
            "no column is a question",
            "write a row of headings: 受访者 and a column for each question, or 受访者, 问题 and 回答",
        )
    return reading.done()


class _Reading:
    def __init__(
        self, name: str, steps: int, words: Mapping[str, int], questions: set[str], place: str | None
    ) -> None:
        self.name = name
        self.steps = steps
        self.words = words
        self.questions = questions
        self.place = place
        self.said: dict[tuple[str, str], dict[str, int | None]] = {}
        self.respondents: dict[str, dict[str, None]] = {}
        self.problems: list[Problem] = []

    def read(self, sheet: Sheet) -> None:
        rows = [row for row in sheet.rows if any(cell.text for cell in row)]
        if not rows:
            return
        named = {_NAMES.get(folded(cell.text)): at for at, cell in reversed(list(enumerate(rows[0])))}
        if self.place is None and "place" not in named:
            raise MalformedFile(
                self.name, "the table has no column 行政区 (place)", "add it, or give --jurisdiction"
            )
        long = {"question", "answer"} <= set(named)
        asked = [
            (at, cell.text)
            for at, cell in enumerate(rows[0])
            if cell.text
            and _NAMES.get(folded(cell.text)) is None
            and (not self.questions or cell.text in self.questions)
        ]
        for number, row in enumerate(rows[1:], 1):
            place = row[named["place"]].text if "place" in named else self.place
            who = row[named["respondent"]] if "respondent" in named else None
            if not place or (who is not None and not who.text) or (long and who is None):
                self._problem(
                    who or row[0],
                    "没有写受访者或行政区。",
                    "the respondent or the place is not given.",
                )
                continue
            person = who.text if who is not None else f"{sheet.name}/{number}"
            self.respondents.setdefault(place, {})[person] = None
            if long:
                self._answer(place, row[named["question"]].text, person, row[named["answer"]])
            else:
                for at, question in asked:
                    self._answer(place, question, person, row[at])

    def _answer(self, place: str, question: str, person: str, cell: Cell) -> None:
        if self.questions and question not in self.questions:
            return
        said = self.said.setdefault((question, place), {})
        if not question:
            self._problem(cell, "没有写题目。", "the question is not given.")
        elif person in said:
            self._problem(
                cell,
                f"受访者“{person}”对“{question}”已有回答；每人每题只计一次。",
                f"{person!r} has answered {question!r} before; each respondent counts once.",
            )
        else:
            said[person] = self._value(cell)

    def _value(self, cell: Cell) -> int | None:
        text = folded(cell.text)
        if text in self.words:
            return self.words[text]
        if not text or text in _SILENT:
            return None
        number = None if self.words else number_of(cell)
        if number is None or number != int(number) or not 1 <= number <= self.steps:
            scale = "、".join(self.words) or f"1到{self.steps}的整数"
            english = ", ".join(self.words) or f"a whole number from 1 to {self.steps}"
            self._problem(
                cell,
                f"“{cell.text}”不是{scale}；没有回答的空着，不是题目的栏用 --question 排除。",
                f"{cell.text!r} is not {english}; leave it empty where nobody answered, and name the "
                "questions with --question where a column is none.",
            )
            return None
        return int(number)

    def done(self) -> Questionnaire:
        found = tuple(self._questions())
        return Questionnaire(found, tuple(self.problems))

    def _questions(self) -> Iterator[Question]:
        for (question, place), said in self.said.items():
            given = [value for value in said.values() if value is not None]
            score = None
            if given:
                share = Decimal(100 * (sum(given) - len(given))) / Decimal(len(given) * (self.steps - 1))
                score = share.quantize(Decimal("0.01"), ROUND_HALF_UP)
            yield Question(question, place, len(given), len(self.respondents[place]), score)

    def _problem(self, cell: Cell, zh: str, en: str) -> None:
        self.problems.append(Problem(cell.place, Text(zh, en)))
