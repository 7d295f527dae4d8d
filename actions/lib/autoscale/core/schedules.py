"""Schedules: when a policy is due, by cron or at one time, across changes of daylight saving."""
from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone, tzinfo

from cronsim import CronSim, CronSimError
from dateutil import parser, tz

MOST_MISSED = 100
"""Missed times that are reported together at most."""


def check_at(at: str) -> list[str]:
    """What is wrong with a time, as sentences."""
    if not at:
        return []
    try:
        moment = parser.isoparse(at)
    except (ValueError, OverflowError):
        return [f"at is {at!r}: not ISO 8601, such as 2026-12-24T18:00:00+01:00"]
    return [] if moment.tzinfo else [f"at is {at!r}: it needs its time zone, such as +01:00 or Z"]


def check_cron(cron: str, zone: str) -> list[str]:
    """What is wrong with a cron expression and its time zone, as sentences."""
    if not cron:
        return []
    found = _zone(zone)
    if found is None:
        return [f"timezone is {zone!r}: no such time zone, try Europe/Berlin"]
    if len(cron.split()) != 5:
        return [f"cron is {cron!r}: it has five fields, minute hour day month weekday"]
    try:
        next(CronSim(cron, datetime(2026, 1, 1, tzinfo=found)))
    except (CronSimError, StopIteration) as error:
        return [f"cron is {cron!r}: {error or 'it never comes'}"]
    return []


@dataclass(frozen=True)
class Due:
    """A time of a schedule that is to be seen to, and how many were missed up to it.

    With ``missed`` it is the last of those that are too late to run.
    """

    at: int
    missed: int = 0


def due(at: str, cron: str, zone: str, tolerance: int, seen_to: float, now: float) -> Due | None:
    """What of the schedule is to be seen to next, after the time that was seen to last.

    One at a time, the oldest first; what is late by more than ``tolerance`` seconds together.
    """
    first = next_due(at, cron, zone, seen_to)
    if first is None or first > now:
        return None
    if now - first <= tolerance:
        return Due(first)
    last, missed, following = first, 1, next_due(at, cron, zone, first)
    while following is not None and now - following > tolerance and missed < MOST_MISSED:
        last, missed, following = following, missed + 1, next_due(at, cron, zone, following)
    return Due(last, missed)


def next_due(at: str, cron: str, zone: str, after: float) -> int | None:
    """The first time after ``after`` at which it is due, in seconds since 1970."""
    if at:
        moment = int(parser.isoparse(at).timestamp())
        return moment if moment > after else None
    if not cron:
        return None
    local = datetime.fromtimestamp(int(after), _zone(zone) or timezone.utc)
    try:
        return int(next(CronSim(cron, local)).timestamp())
    except StopIteration:
        return None


def _zone(name: str) -> tzinfo | None:
    return timezone.utc if name == "UTC" else tz.gettz(name)
