"""The region's time: everything that ages is asked its age against one of these clocks."""
from __future__ import annotations

import time
from datetime import datetime, timezone
from email.utils import formatdate
from typing import Protocol


class Clock(Protocol):
    """Seconds since 1970 as the region sees them; `speed` region seconds pass in a real one."""

    @property
    def speed(self) -> float: ...

    def now(self) -> float: ...


class ManualClock:
    """Stands still until it is told to advance."""

    speed = 1.0

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        return self._now

    def advance(self, seconds: float) -> None:
        """Let `seconds` (never negative) pass."""
        if seconds < 0:
            raise ValueError("time does not run backwards: advance by 0 seconds or more")
        self._now += seconds


class SystemClock:
    """Starts at the real time and runs `speed` times as fast."""

    def __init__(self, speed: float = 1.0) -> None:
        if speed <= 0:
            raise ValueError("a clock's speed must be above 0")
        self.speed = speed
        self._start = time.time()
        self._started = time.monotonic()

    def now(self) -> float:
        return self._start + (time.monotonic() - self._started) * self.speed


def iso(seconds: float) -> str:
    """The moment as Servers and Load Balancers write it: 2023-11-14T22:13:20Z."""
    return _utc(seconds).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_with_milliseconds(seconds: float, zone: str) -> str:
    """The moment as Identity (zone 'Z') and DNS (zone '+0000') write it."""
    moment = _utc(seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}{zone}"


def http_date(seconds: float) -> str:
    """The moment as an HTTP header writes it."""
    return formatdate(seconds, usegmt=True)


def _utc(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
