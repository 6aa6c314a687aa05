"""Answers for programs: CSV, TSV, the JSON of SPARQL results, Parquet, each with every column."""

import json
from collections.abc import Sequence
from typing import Any

from bpsgraph.answers.answer import Answer


def to_csv(answers: Sequence[Answer], language: str) -> str:
    """The rows of the first answer as SPARQL 1.1 Query Results CSV."""
    return answers[0].rows.to_csv()


def to_tsv(answers: Sequence[Answer], language: str) -> str:
    """The rows of the first answer as SPARQL 1.1 Query Results TSV."""
    return answers[0].rows.to_tsv()


def to_json(answers: Sequence[Answer], language: str) -> str:
    """The rows of the first answer as SPARQL 1.1 Query Results JSON; `bpsgraph` of its head has the rest.

    Readers of SPARQL results pass over a member of the head that they do not know.
    """
    found = json.loads(answers[0].rows.to_json())
    found["head"]["bpsgraph"] = described(answers[0])
    return json.dumps(found, ensure_ascii=False) + "\n"


def to_parquet(answers: Sequence[Answer], language: str) -> bytes:
    """The rows of the first answer as Parquet: typed columns with labels and units, and provenance."""
    import pyarrow
    from pyarrow import parquet

    answer = answers[0]
    table = answer.rows.to_arrow()
    fields = [
        table.schema.field(column.name).with_metadata(
            {
                key: words
                for key, words in (
                    ("label_zh", column.label.zh),
                    ("label_en", column.label.en),
                    ("unit", column.unit),
                    ("of", column.of),
                )
                if words
            }
        )
        for column in answer.columns
    ]
    about = json.dumps(described(answer), ensure_ascii=False)
    table = table.cast(pyarrow.schema(fields, metadata={"bpsgraph": about}))
    file = pyarrow.BufferOutputStream()
    parquet.write_table(table, file, compression="zstd")
    return bytes(file.getvalue())


def described(answer: Answer) -> dict[str, Any]:
    """Title, description, columns, notes and provenance of an answer, ready for JSON."""
    made = answer.provenance
    about: dict[str, Any] = {
        "name": answer.name,
        "version": made.version,
        "title": {"zh": answer.title.zh, "en": answer.title.en},
        "description": {"zh": answer.description.zh, "en": answer.description.en},
        "columns": [
            {"name": column.name, "zh": column.label.zh, "en": column.label.en}
            | ({"unit": column.unit} if column.unit else {})
            | ({"of": column.of} if column.of else {})
            for column in answer.columns
        ],
        "parameters": {name: list(values) for name, values in made.parameters.items()},
        "store": made.store,
    }
    if answer.notes:
        about["notes"] = [{"zh": note.zh, "en": note.en} for note in answer.notes]
    if made.text is not None:
        about["query"] = made.text
    return about
