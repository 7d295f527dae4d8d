"""Calls functions at their time: delays, timeouts, respawns. One thread for all of them."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from typing import Callable

LOG = logging.getLogger(__name__)


class Alarms:
    """Functions waiting for their time. They must be quick: they share one thread."""

    def __init__(self) -> None:
        self._waiting: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Forgets what is still waiting."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join()

    def after(self, seconds: float, function: Callable[[], None]) -> int:
        """Calls the function in so many seconds; the number is for `cancel`."""
        number = next(self._numbers)
        with self._changed:
            heapq.heappush(self._waiting, (time.monotonic() + seconds, number, function))
            self._changed.notify()
        return number

    def cancel(self, number: int) -> None:
        """The function won't be called, if it has not been yet."""
        with self._changed:
            self._waiting = [one for one in self._waiting if one[1] != number]
            heapq.heapify(self._waiting)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._stopped and not self._due():
                    self._changed.wait(self._left())
                if self._stopped:
                    return
                _, _, function = heapq.heappop(self._waiting)
            try:
                function()
            except Exception:
                LOG.exception("an alarm failed")

    def _left(self) -> float | None:
        return max(0.0, self._waiting[0][0] - time.monotonic()) if self._waiting else None

    def _due(self) -> bool:
        return bool(self._waiting) and self._waiting[0][0] <= time.monotonic()
