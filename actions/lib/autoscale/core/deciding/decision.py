"""The value that deciding answers with."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping


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
