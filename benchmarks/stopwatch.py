"""What a call costs this process: its processor's time, whatever else the machine does."""
from __future__ import annotations

import time
from typing import Callable

ENOUGH = 0.3  # seconds


def seconds(call: Callable[[], object]) -> float:
    """The cheapest of as many rounds as fit into a moment, at least one, at most 50."""
    rounds: list[float] = []
    while sum(rounds) < ENOUGH and len(rounds) < 50:
        started = time.process_time()
        call()
        rounds.append(time.process_time() - started)
    return min(rounds)
