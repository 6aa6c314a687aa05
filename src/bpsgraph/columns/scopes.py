"""Which variables the parts of plans name and bind, worked out once for each part: plans do not change."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from bpsgraph.columns import plan

_MOST_PARTS = 50_000
_Answer = TypeVar("_Answer")


class Scopes:
    """What `plan` says of parts, remembered by the part itself: to compare two would cost as much again."""

    def __init__(self) -> None:
        # With the part, so that none of another plan comes to lie in its place.
        self._known: dict[tuple[object, ...], tuple[Any, Any]] = {}

    def variables(self, part: plan.Pattern | plan.Expression) -> set[str]:
        """See `plan.variables`; not to be changed."""
        return self._of(plan.variables, part)

    def certain(self, part: plan.Pattern, given: frozenset[str]) -> frozenset[str]:
        """See `plan.certain`."""
        return self._of(plan.certain, part, given)

    def bound(self, part: plan.Pattern) -> frozenset[str]:
        """See `plan.bound`."""
        return self._of(plan.bound, part)

    def gathers(self, part: plan.Pattern) -> bool:
        """See `plan.gathers`."""
        return self._of(plan.gathers, part)

    def _of(self, ask: Callable[..., _Answer], part: Any, *more: Any) -> _Answer:
        key = (ask, id(part), *more)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= _MOST_PARTS:
                self._known.clear()
            known = self._known[key] = part, ask(part, *more)
        return cast(_Answer, known[1])
