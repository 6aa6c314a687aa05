"""`python -m browser.screens [PAGE …]`: pictures of every kind of page in build/screens, to be looked at.

Each in Chinese and English, at the width of a phone and of a desk; `--dark` and `--print` make those too.
"""

import argparse
import sys
from pathlib import Path

from browser.chromium import DESK, PHONE, chromium
from browser.page_types import PAGE_TYPES
from served import served

# What is lower on a page is seldom of another kind.
_TALLEST = 3_000


def main() -> int:
    """Take the pictures and name the files."""
    parser = argparse.ArgumentParser(prog="python -m browser.screens", description=__doc__)
    parser.add_argument("page", nargs="*", help="names in the table of page types (default: all)")
    parser.add_argument("--store", type=Path, default=Path("build/store"))
    parser.add_argument("--folder", type=Path, default=Path("build/screens"))
    parser.add_argument("--dark", action="store_true", help="dark pictures in place of light ones")
    parser.add_argument("--print", action="store_true", help="one-column PDF files as they are printed, too")
    given = parser.parse_args()
    kinds = [kind for kind in PAGE_TYPES if not given.page or kind.name in given.page]
    given.folder.mkdir(parents=True, exist_ok=True)
    with served(given.store) as server, chromium() as browser:
        for width, size in {"phone": PHONE, "desk": DESK}.items():
            context = browser.new_context(viewport=size, color_scheme="dark" if given.dark else "light")
            page = context.new_page()
            for kind in kinds:
                for language in ("zh", "en"):
                    page.goto(server.url + kind.in_language(language), wait_until="load")
                    page.wait_for_timeout(300)
                    name = f"{kind.name.replace(' ', '-')}.{language}.{width}{'.dark' if given.dark else ''}"
                    height = min(_TALLEST, page.evaluate("document.documentElement.scrollHeight"))
                    file = given.folder / f"{name}.png"
                    page.screenshot(
                        path=file,
                        full_page=True,
                        clip={"x": 0, "y": 0, "width": size["width"], "height": height},
                    )
                    print(file)
                    if given.print and width == "desk":
                        page.pdf(path=given.folder / f"{name}.pdf", format="A4", print_background=True)
            context.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
