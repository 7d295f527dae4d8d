"""Waiting for what the cloud does behind our back, in seconds that can be counted."""
from __future__ import annotations

from typing import Callable, Iterator, TypeVar

from autoscale.clouds.rackspace.retry import Sleep

T = TypeVar("T")

BOUND = 60.0


def pauses(first: float, longest: float, bound: float = BOUND) -> Iterator[float]:
    """Pauses that grow by half from ``first`` to ``longest``; together at most ``bound``."""
    waited, pause = 0.0, first
    while waited + pause <= bound:
        yield pause
        waited += pause
        pause = min(pause * 1.5, longest)


def wait_for(look: Callable[[], T | None], sleep: Sleep, among: Iterator[float]) -> T | None:
    """The first thing that ``look`` answers, or None when the pauses are over."""
    found = look()
    while found is None:
        pause = next(among, None)
        if pause is None:
            return None
        sleep(pause)
        found = look()
    return found
