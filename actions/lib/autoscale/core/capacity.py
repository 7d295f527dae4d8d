"""The arithmetic of changes of capacity, as OpenStack Heat defines it."""
from __future__ import annotations

CHANGE_TYPES = ("change_in_capacity", "percentage_change_in_capacity", "exact_capacity")


def changed(
    current: int, change: int, change_type: str, least: int, most: int, step: int = 0
) -> int:
    """The new capacity, within ``least`` and ``most``.

    A percentage is of ``current``: less than one node is rounded away from zero, more is truncated
    towards it, and ``step`` is the least that it changes. A change of zero, and a percentage of
    no nodes, change nothing but for the bounds.
    """
    if change_type == "exact_capacity":
        return max(least, min(most, change))
    delta = change
    if change_type == "percentage_change_in_capacity":
        sign = (change > 0) - (change < 0)
        size = max(1, current * abs(change) // 100, step) if current else 0
        delta = sign * size
    return max(least, min(most, current + delta))
