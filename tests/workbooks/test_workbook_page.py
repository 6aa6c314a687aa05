"""The page of the workbook says what the layout says."""

from bpsgraph.sources import find_sources
from bpsgraph.workbooks.docs import page


def test_the_page_is_up_to_date() -> None:
    written = (find_sources().root / "docs/workbook.md").read_text(encoding="utf-8")
    assert written == page(written), "run: python -m bpsgraph.workbooks.docs"
