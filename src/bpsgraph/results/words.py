"""Words for people, in both languages, and how bad what they say is."""

from dataclasses import dataclass
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Chinese and in English."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """The words in `zh` or `en`."""
        return self.en if language == "en" else self.zh


class Severity(IntEnum):
    """How bad a finding is, as in SHACL (`sh:Violation`, `sh:Warning`, `sh:Info`); the greater the worse."""

    INFO = 1
    WARNING = 2
    VIOLATION = 3

    @property
    def label(self) -> str:
        """`info`, `warning` or `violation`."""
        return self.name.lower()
