"""The value that deciding answers with."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

from autoscale.core import texts
from autoscale.core.group import Group


@dataclass(frozen=True)
class Decision:
    """What was decided. ``changes`` are the group's fields to be written, in this order.

    ``possible_at``: when the same request would be granted, seconds since 1970, if that is known.
    ``quiet``: the changes are nobody's news.
    """

    accepted: bool
    message: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    possible_at: int | None = None
    quiet: bool = False


def denied(reason: str, **more: Any) -> Decision:
    """Nothing changes; the reason says why."""
    return Decision(False, f"nothing changed: {reason}", **more)


def out_of_bounds(group: Group, bound: str, advice: str = "") -> Decision:
    """Denied, for no more, or no fewer, may be desired. ``bound``: max_nodes or min_nodes."""
    told = f"{texts.are(group.desired, group.noun)} desired and {bound} is {getattr(group, bound)}"
    return denied(f"{told}; {advice}" if advice else told)
