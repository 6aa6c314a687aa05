"""Regular expressions that are compiled when they are first used.

To read the words of officials takes a hundred patterns, and to compile them takes longer than to read a
workbook that has only numbers and names in it.
"""

import re
from collections.abc import Callable, Iterator
from functools import cached_property


class Pattern:
    """A pattern with the methods of `re.Pattern` that readers use."""

    def __init__(self, text: str, flags: re.RegexFlag = re.NOFLAG) -> None:
        self._text = text
        self._flags = flags

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self._text, self._flags)

    # Each is looked up once and then costs no more than that of the pattern itself.

    @cached_property
    def search(self) -> Callable[..., re.Match[str] | None]:
        """As `re.Pattern.search`."""
        return self._compiled.search

    @cached_property
    def match(self) -> Callable[..., re.Match[str] | None]:
        """As `re.Pattern.match`."""
        return self._compiled.match

    @cached_property
    def fullmatch(self) -> Callable[..., re.Match[str] | None]:
        """As `re.Pattern.fullmatch`."""
        return self._compiled.fullmatch

    @cached_property
    def finditer(self) -> Callable[..., Iterator[re.Match[str]]]:
        """As `re.Pattern.finditer`."""
        return self._compiled.finditer

    @cached_property
    def findall(self) -> Callable[..., list[str]]:
        """As `re.Pattern.findall`, of a pattern with one group or none."""
        return self._compiled.findall

    @cached_property
    def split(self) -> Callable[..., list[str]]:
        """As `re.Pattern.split`, of a pattern without groups."""
        return self._compiled.split

    @cached_property
    def sub(self) -> Callable[..., str]:
        """As `re.Pattern.sub`."""
        return self._compiled.sub
