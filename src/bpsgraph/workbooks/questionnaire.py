"""The figures of a questionnaire as the table that `bpsgraph observations` takes."""

import csv
from io import StringIO

from bpsgraph.ingest.figure_columns import COLUMNS
from bpsgraph.ingest.questionnaire import Questionnaire


def figures_table(found: Questionnaire, period: str, source: str) -> str:
    """Three rows for each question and place: its score, how many answered, and how many did not, in CSV.

    The same arguments make the same text; it begins with a byte order mark.
    """
    text = StringIO()
    out = csv.writer(text, lineterminator="\r\n")
    out.writerow([column.zh for column in COLUMNS.values()])
    for one in found.questions:
        note = f"问卷均分换算为0—100；应答{one.answers}人，未应答{one.silent}人"
        for indicator, value, unit in (
            (one.text, "" if one.score is None else f"{one.score.normalize():f}", "%"),
            (f"{one.text}：应答人数", str(one.answers), "人"),
            (f"{one.text}：未应答人数", str(one.silent), "人"),
        ):
            cells = {
                "indicator": indicator, "own": "是", "place": one.place, "period": period, "value": value,
                "unit": unit, "source": source, "note": note,
            }  # fmt: skip
            out.writerow([cells.get(name, "") for name in COLUMNS])
    return "\ufeff" + text.getvalue()
