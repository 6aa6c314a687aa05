"""What the templates say in English: the messages of `locale/en/*.po`, each beside its Chinese source."""

from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel.messages.pofile import read_po

LOCALE = Path(__file__).parent / "locale"


class Translations(NullTranslations):
    """Messages by their Chinese source; what has no translation stays Chinese."""

    def __init__(self, messages: dict[str, str]) -> None:
        super().__init__()
        self._messages = messages

    def gettext(self, message: str) -> str:
        """The message in the language."""
        return self._messages.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """The message for that number; Chinese has one form for all, so messages are worded without."""
        return self.gettext(msgid1 if n == 1 else msgid2)


@cache
def translations(language: str) -> Translations:
    """The messages in `zh`, in which they are written, or `en`."""
    found: dict[str, str] = {}
    for file in sorted((LOCALE / language).glob("*.po")):
        with file.open("rb") as opened:
            found |= {
                str(message.id): str(message.string)
                for message in read_po(opened)
                if message.id and message.string
            }
    return Translations(found)
