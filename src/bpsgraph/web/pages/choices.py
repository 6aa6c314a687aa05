"""Ways to look at a page: each a link that changes one thing of the address."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several ways to look at a page; `count` is empty where nothing is counted."""

    label: str
    href: str
    chosen: bool = False
    count: str = ""
    mark: str = ""


def given(asked: Mapping[str, str], **changed: str) -> dict[str, str]:
    """The parameters of an address after a change; those without a value are left out."""
    return {name: value for name, value in {**asked, **changed}.items() if value}
