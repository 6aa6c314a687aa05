"""Draws `docs/finding.svg`: what `bpsgraph validate` prints at a terminal, as it prints it.

`python docs/picture.py` renews it; `make docs` does so too.
"""

import html
import io
import os
import re
import subprocess
import sys
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "validate data/ttl/local/140500-2021.ttl --edition 2023 --show violation"
_WIDTH = 100
# The width of a cell in the units of rich's SVG: 20 high, and 0.61 as wide.
_CELL = 12.2
# Chinese is as wide as two Latin letters only in fonts that are made for both.
_FONTS = (
    "'Noto Sans Mono CJK SC', 'Sarasa Mono SC', 'Source Han Mono SC', 'Noto Sans CJK SC', 'PingFang SC', "
    "'Microsoft YaHei', 'SimHei', monospace"
)


def picture(store: Path) -> str:
    """The SVG of the report of the command, asked of the store; the same for the same data."""
    done = subprocess.run(
        [sys.executable, "-m", "bpsgraph", *COMMAND.split(), "--fail-on", "never", "--store", str(store)],
        cwd=ROOT,
        env=os.environ | {"FORCE_COLOR": "1", "COLUMNS": str(_WIDTH), "TERM": "xterm-256color"},
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    console = Console(record=True, width=_WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(done.stdout.rstrip("\n")))
    drawn = console.export_svg(title=f"bpsgraph {COMMAND}", unique_id="finding")
    # Fonts are taken from the reader's machine, never from elsewhere on the web.
    drawn = re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    drawn = re.sub(r"font-family: [^;]+;", f"font-family: {_FONTS};", drawn)
    # rich makes every letter full width, and counts characters where cells are meant.
    drawn = drawn.replace("font-variant-east-asian: full-width;", "").replace("\r\n", "\n")
    drawn = re.sub(r'textLength="[0-9.]+"([^>]*)>([^<]*)<', _measured, drawn)
    return "".join(f"{line.rstrip()}\n" for line in drawn.splitlines())


def _measured(found: re.Match[str]) -> str:
    attributes, words = found.groups()
    return f'textLength="{cell_len(html.unescape(words)) * _CELL:g}"{attributes}>{words}<'


if __name__ == "__main__":
    (ROOT / "docs" / "finding.svg").write_text(picture(Path(sys.argv[1])), encoding="utf-8")
