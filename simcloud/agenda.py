"""What is due when: builds that end, deletions, updates, jobs."""
from __future__ import annotations

import heapq
from itertools import count
from typing import Callable

Action = Callable[[], object]


class Agenda:
    """Actions waiting for their moment; they run in the order of time, then of entry.

    `moment` is the time at which the running action was due, however late the look at the clock:
    what follows from it is timed from then.
    """

    def __init__(self) -> None:
        self.moment: float | None = None
        self._waiting: list[tuple[float, int, Action]] = []
        self._entry = count()

    def at(self, when: float, action: Action) -> None:
        """Run `action` at the first look at or after `when`."""
        heapq.heappush(self._waiting, (when, next(self._entry), action))

    def run(self, now: float) -> None:
        """Run all that is due."""
        while self._waiting and self._waiting[0][0] <= now:
            self.moment, _, action = heapq.heappop(self._waiting)
            try:
                action()
            finally:
                self.moment = None
