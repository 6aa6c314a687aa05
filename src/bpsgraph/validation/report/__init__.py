"""Reports in different formats, all of the same findings."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module

from bpsgraph.results import Report
from bpsgraph.validation.rules import Rule

# Which function of which module writes a format; a module is read only when its format is asked for.
WRITERS: Mapping[str, tuple[str, str]] = {
    "text": ("text", "write"),
    "html": ("html", "write"),
    "xlsx": ("workbook", "write"),
    "csv": ("table", "write_csv"),
    "json": ("table", "write_json"),
    "markdown": ("markdown", "write"),
    "turtle": ("shacl", "write_turtle"),
    "jsonld": ("shacl", "write_jsonld"),
    "junit": ("junit", "write"),
    "sarif": ("sarif", "write"),
}


def write(name: str, reports: Sequence[Report], rules: Mapping[str, Rule], lang: str) -> str | bytes:
    """The reports in the format of that name; `rules` are those of the shapes, by the IRI of their shape.

    `lang` is `zh` or `en`: which of the two languages comes first, or alone where there is room for one.
    Text can always be encoded: what UTF-8 cannot hold (of the name of a file) is written out.
    """
    module, function = WRITERS[name]
    written = getattr(import_module(f"bpsgraph.validation.report.{module}"), function)(reports, rules, lang)
    if isinstance(written, str):
        # Almost always it can be, and to try is cheaper than to write it out and read it.
        with suppress(UnicodeEncodeError):
            written.encode()
            return written
        return written.encode("utf-8", "backslashreplace").decode()
    assert isinstance(written, bytes)
    return written
