"""The one table of writers: every answer in every format. What is heavy is loaded when it is written."""

from collections.abc import Callable, Sequence
from importlib import import_module
from types import MappingProxyType

from bpsgraph.answers.answer import Answer

Writer = Callable[[Sequence[Answer], str], str | bytes]


def _later(module: str, name: str) -> Writer:
    def write(answers: Sequence[Answer], language: str) -> str | bytes:
        writer: Writer = getattr(import_module(f"bpsgraph.answers.{module}"), name)
        return writer(answers, language)

    return write


# Format -> what writes an answer with its further ones in a language, `zh` or `en`.
WRITERS: MappingProxyType[str, Writer] = MappingProxyType(
    {
        "table": _later("text", "to_table"),
        "csv": _later("data", "to_csv"),
        "tsv": _later("data", "to_tsv"),
        "json": _later("data", "to_json"),
        "xlsx": _later("workbook", "to_xlsx"),
        "parquet": _later("data", "to_parquet"),
        "markdown": _later("text", "to_markdown"),
        "html": _later("page", "to_html"),
        "turtle": _later("graph", "to_turtle"),
        "vega-lite": _later("charts", "to_vega_lite"),
        "svg": _later("drawing", "to_svg"),
        "png": _later("drawing", "to_png"),
    }
)
# Formats that hold one table: further ones are files of their own.
SINGLE = ("csv", "tsv", "json", "parquet")
# Formats that hold one chart, and nothing else.
CHARTS = ("vega-lite", "svg", "png")
