"""A number of each place as one of a few shades, with the words that say what a shade means."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MOST_SHADES = 4


@dataclass(frozen=True, slots=True)
class Shade:
    """A class of the picture and the numbers from `least` to `most` that it stands for.

    `step` is 0 where the number is 0, from 1 for the lightest colour; None for places without a number.
    """

    step: int | None
    least: int = 0
    most: int = 0

    @property
    def name(self) -> str:
        """The class in the stylesheet."""
        return "shade-none" if self.step is None else f"shade-{self.step}"


UNKNOWN = Shade(None)


def shades(values: Sequence[int]) -> tuple[Shade, ...]:
    """Shades for the numbers: one for 0, and up to four with about as many places each, the smallest first.

    Equal numbers have the same shade; there are fewer shades where there are fewer numbers.
    """
    counted = sorted(value for value in values if value > 0)
    found = [Shade(0)] if any(value == 0 for value in values) else []
    # The greatest number of each part.
    ends = sorted(
        {counted[max(0, len(counted) * part // MOST_SHADES - 1)] for part in range(1, MOST_SHADES + 1)}
        if counted
        else ()
    )
    darkest = MOST_SHADES - len(ends)
    least = counted[0] if counted else 0
    for place, most in enumerate(ends, start=1):
        found.append(Shade(place + darkest, least, most))
        least = next((value for value in counted if value > most), 0)
    return tuple(found)


def shaded(values: Mapping[str, int], known: Sequence[Shade]) -> dict[str, Shade]:
    """The shade of each place."""
    steps = [shade for shade in known if shade.step]
    ends = [shade.most for shade in steps]
    return {code: steps[bisect_left(ends, value)] if value else Shade(0) for code, value in values.items()}
