"""What a reader raises where a text is no value for certain."""


class Unreadable(ValueError):  # noqa: N818 - what a reader has to say of a cell, not an error that users meet
    """Why a text could not be read as a value: a `reason` of the code list `reading`, and what to write."""

    def __init__(self, reason: str, expected: str) -> None:
        super().__init__(f"{reason}: {expected}")
        self.reason = reason
        self.expected = expected
