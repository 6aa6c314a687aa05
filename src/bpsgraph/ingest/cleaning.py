"""Takes from a text what nobody sees: spaces around it, zero-width characters, carriage returns."""

_UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_CHANGED = str.maketrans({"\u00a0": " ", "\r": "\n"} | dict.fromkeys(_UNSEEN))


def cleaned(text: str) -> str:
    """The text without spaces at its ends (no-break and full-width ones too), without zero-width characters
    and soft hyphens, with no-break spaces as spaces and every line break as a line feed."""
    # Of all that is changed here only the ASCII space is printable; most texts end the matter at this line.
    if text.isprintable() and not text.startswith(" ") and not text.endswith(" "):
        return text
    return text.replace("\r\n", "\n").translate(_CHANGED).strip()
