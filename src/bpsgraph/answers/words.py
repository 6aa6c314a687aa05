"""The words that answers of several formats share, in Chinese and English."""

from bpsgraph.answers.answer import Answer
from bpsgraph.results import Text

NO_ROWS = Text("没有结果。", "No rows.")
NOTE = Text("注：", "Note: ")
QUESTION = Text("问题：{name}（第{version}版）", "Question: {name} (version {version})")
PARAMETERS = Text("参数：{parameters}", "Parameters: {parameters}")
NO_PARAMETERS = Text("参数：无", "Parameters: none")
DATA = Text("数据：{store}", "Data: {store}")


def made_from(answer: Answer, language: str) -> list[str]:
    """What an answer was made from, a line each: the question, its parameters, the state of the data."""
    made = answer.provenance
    given = " ".join(f"{name}={value}" for name, values in made.parameters.items() for value in values)
    return [
        QUESTION.in_language(language).format(name=answer.name, version=made.version),
        PARAMETERS.in_language(language).format(parameters=given)
        if given
        else NO_PARAMETERS.in_language(language),
        DATA.in_language(language).format(store=made.store),
    ]
