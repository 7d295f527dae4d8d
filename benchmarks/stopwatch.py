"""What a call costs this process: its processor's time, whatever else the machine does."""
from __future__ import annotations

import time
from typing import Callable

ENOUGH = 0.3  # seconds


def seconds(call: Callable[[], object]) -> float:
    """The cheapest of the rounds that fit into a moment, at least one, at most 50."""
    rounds = [_once(call)]
    while sum(rounds) < ENOUGH and len(rounds) < 50:
        rounds.append(_once(call))
    return min(rounds)


def _once(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return time.process_time() - started
