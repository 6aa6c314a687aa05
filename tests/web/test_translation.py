"""Every message of the templates has its English, and none is kept for nothing."""

import io
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bpsgraph.web.rendering import TEMPLATES
from bpsgraph.web.translation import LOCALE, translations

FILES = sorted((LOCALE / "en").glob("*.po"))
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def said_by_templates() -> dict[str, str]:
    """Each message, with the template that says it."""
    found = extract_from_dir(
        TEMPLATES,
        [("**.jinja", "jinja2.ext:babel_extract")],
        {"**.jinja": {"trimmed": "yes", "silent": "false"}},
    )
    return {message: file for file, _, message, _, _ in found if isinstance(message, str)}


def test_every_message_has_its_english() -> None:
    english = translations("en")
    missing = {
        message: file for message, file in said_by_templates().items() if english.gettext(message) == message
    }
    assert missing == {}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_of_messages_holds_what_is_said_and_says_it_once(file: Path) -> None:
    said = set(said_by_templates())
    with file.open("rb") as opened:
        kept = [str(message.id) for message in read_po(opened) if message.id]
    others = {
        str(message.id)
        for other in FILES
        if other != file
        for message in read_po(io.BytesIO(other.read_bytes()))
        if message.id
    }
    assert [message for message in kept if message not in said] == []
    assert sorted(set(kept) & others) == []


def test_placeholders_are_those_of_the_source() -> None:
    english = translations("en")
    for message in said_by_templates():
        assert set(re.findall(r"%\(\w+\)s", message)) == set(
            re.findall(r"%\(\w+\)s", english.gettext(message))
        )


def test_no_words_stand_in_a_template_untranslated() -> None:
    """Chinese stands within `_( )` or a `trans` block only; `lang` says where it is a name."""
    for file in sorted(TEMPLATES.rglob("*.jinja")):
        text = re.sub(
            r"\{#.*?#\}|\{%-? *trans.*?endtrans *-?%\}|_\('[^']*'",
            "",
            file.read_text("utf-8"),
            flags=re.DOTALL,
        )
        left = [line for line in text.splitlines() if _CHINESE.search(line) and 'lang="zh-Hans"' not in line]
        assert left == [], file


def test_messages_are_text_and_no_markup() -> None:
    """Jinja2 takes messages for HTML that is safe: a `<` in one would be lost in the page."""
    english = translations("en")
    for message, file in said_by_templates().items():
        assert not re.search("[<>]|&(?!amp;)", message + english.gettext(message)), (message, file)
