"""Schedules: when a policy is due, by cron or at one time, across changes of daylight saving."""
from __future__ import annotations

from datetime import datetime, timezone, tzinfo

from cronsim import CronSim, CronSimError
from dateutil import parser, tz

MOST_MISSED = 100
"""Missed times that are counted one by one."""


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


def last_due(at: str, cron: str, zone: str, now: float) -> int | None:
    """The last time up to ``now`` at which it was due, in seconds since 1970."""
    if at:
        moment = int(parser.isoparse(at).timestamp())
        return moment if moment <= now else None
    if not cron:
        return None
    # One second on: a time that is exactly now is due.
    local = datetime.fromtimestamp(int(now) + 1, _zone(zone) or timezone.utc)
    try:
        return int(next(CronSim(cron, local, reverse=True)).timestamp())
    except StopIteration:
        return None


def between(at: str, cron: str, zone: str, after: float, until: float) -> list[int]:
    """The times at which it was due after ``after`` and up to ``until``, the oldest first.

    The last MOST_MISSED of them at most.
    """
    found: list[int] = []
    moment = last_due(at, cron, zone, until)
    while moment is not None and moment > after and len(found) < MOST_MISSED:
        found.append(moment)
        moment = last_due("", cron, zone, moment - 1)
    return found[::-1]


def _zone(name: str) -> tzinfo | None:
    return timezone.utc if name == "UTC" else tz.gettz(name)
