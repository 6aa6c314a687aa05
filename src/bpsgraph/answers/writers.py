"""The one table of writers: every answer in every format."""

from collections.abc import Callable, Sequence
from types import MappingProxyType

from bpsgraph.answers.answer import Answer
from bpsgraph.answers.text import to_markdown, to_table

Writer = Callable[[Sequence[Answer], str], str | bytes]


def _csv(answers: Sequence[Answer], language: str) -> str:
    return answers[0].rows.to_csv()


def _tsv(answers: Sequence[Answer], language: str) -> str:
    return answers[0].rows.to_tsv()


def _json(answers: Sequence[Answer], language: str) -> str:
    return answers[0].rows.to_json()


# Format -> what writes an answer with its further ones in a language, `zh` or `en`.
WRITERS = MappingProxyType(
    {
        "table": to_table,
        "csv": _csv,
        "tsv": _tsv,
        "json": _json,
        "markdown": to_markdown,
    }
)
# Formats that hold one table: further ones are files of their own.
SINGLE = ("csv", "tsv", "json")
