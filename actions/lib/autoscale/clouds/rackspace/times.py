"""Points in time as Rackspace writes them: ISO 8601, HTTP dates, seconds to wait."""
from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d+))?\s*(Z|[+-]\d\d:?\d\d)?$", re.IGNORECASE
)


def epoch(text: str) -> float:
    """Seconds since 1970 of an ISO 8601 time; without a zone it is UTC. Raises ValueError.

    ``datetime.fromisoformat`` reads neither Z nor every number of decimals before Python 3.11.
    """
    match = _ISO.match(text.strip())
    if not match:
        raise ValueError(f"{text!r} is not a time")
    day, clock, fraction, zone = match.groups()
    moment = datetime.strptime(f"{day} {clock}", "%Y-%m-%d %H:%M:%S").replace(tzinfo=timezone.utc)
    return (moment - _offset(zone)).timestamp() + float(f"0.{fraction or 0}")


def _offset(zone: str | None) -> timedelta:
    if not zone or zone in "Zz":
        return timedelta(0)
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return timedelta(minutes=-minutes if zone[0] == "-" else minutes)


def seconds_to_wait(retry_after: str | None, date: str | None) -> float | None:
    """What ``Retry-After`` (seconds, an HTTP date or ISO 8601) asks for; None if it says nothing.

    A date is compared with the answer's own ``Date``, so that no two clocks have to agree.
    """
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    until, now = _moment(retry_after), _moment(date or "")
    return None if until is None or now is None else max(0.0, until - now)


def _moment(text: str) -> float | None:
    for read in (epoch, lambda value: parsedate_to_datetime(value).timestamp()):
        try:
            return read(text)
        except (TypeError, ValueError, IndexError):
            continue
    return None
