"""The questions of the five documents, each with a clause that the data hold and saved questions that exist."""

import re
from pathlib import Path

import pytest

from bpsgraph.library import Library

ROOT = Path(__file__).parents[1]
LIBRARY = Library(ROOT / "queries")
DOCUMENTS = (
    "document/sac-2023-61",
    "document/public-services-plan-14th",
    "standard/GB-T-43507-2023",
    "document/jincheng-2021-45",
    "document/taizhou-pilot-2020",
)
CLAUSES = "\n".join(
    path.read_text(encoding="utf-8") for path in sorted((ROOT / "data" / "ttl" / "documents").glob("*.ttl"))
)


def rows() -> list[tuple[str, str, list[str]]]:
    """Question, clause and names of saved questions of every row of the tables."""
    found = []
    for line in (ROOT / "docs" / "questions.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and "`" in line:
            question, clause, answers = (cell.strip() for cell in line.strip("|").split("|"))
            found.append((question, clause.strip("`"), re.findall(r"`([^`]+)`", answers)))
    return found


ROWS = rows()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_document_asks_something(document: str) -> None:
    assert len([clause for _, clause, _ in ROWS if clause.startswith(f"{document}/")]) >= 8


@pytest.mark.parametrize(
    ("question", "clause", "names"), ROWS, ids=[question[:12] for question, _, _ in ROWS]
)
def test_a_question_has_both_languages_a_clause_and_answers(
    question: str, clause: str, names: list[str]
) -> None:
    zh, en = question.split("<br>")
    assert re.search("[一-鿿]", zh)
    assert en.isascii()
    assert names
    assert [name for name in names if name not in LIBRARY or LIBRARY[name].kind != "query"] == []
    assert f"\n<{clause}>\n" in CLAUSES
