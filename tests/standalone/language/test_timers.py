from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from standalone.timers import schedule
from standalone.triggers import CRON, INTERVAL

START = datetime(2024, 5, 6, 12, 0, 0, tzinfo=timezone.utc)  # a Monday
SECOND = timedelta(seconds=1)


def fires(type_: str, parameters: dict[str, Any], at: str) -> bool:
    moment = datetime.fromisoformat(at).replace(tzinfo=timezone.utc)
    return schedule(type_, parameters, START).due(moment - SECOND, moment)


@pytest.mark.parametrize(
    ("unit", "delta", "seconds", "expected"),
    [
        ("seconds", 30, 29, 0),
        ("seconds", 30, 60, 2),
        ("minutes", 1, 90, 1),
        ("hours", 1, 3600, 1),
        ("days", 1, 86399, 0),
    ],
)
def test_an_interval_fires_each_time_it_has_passed(
    unit: str, delta: int, seconds: int, expected: int
) -> None:
    made = schedule(INTERVAL, {"unit": unit, "delta": delta}, START)
    moments = [START + timedelta(seconds=second) for second in range(seconds + 1)]
    assert sum(made.due(a, b) for a, b in zip(moments, moments[1:])) == expected


@pytest.mark.parametrize(
    ("parameters", "at", "expected"),
    [
        ({"minute": "*/5"}, "2024-05-06T12:10:00", True),
        ({"minute": "*/5"}, "2024-05-06T12:10:01", False),
        ({"minute": "*/5"}, "2024-05-06T12:11:00", False),
        ({"hour": 3}, "2024-05-07T03:00:00", True),
        ({"hour": 3}, "2024-05-07T03:01:00", False),
        ({"second": "10,20-22"}, "2024-05-06T12:00:21", True),
        ({"day_of_week": "mon-fri", "hour": 6}, "2024-05-07T06:00:00", True),
        ({"day_of_week": "mon-fri", "hour": 6}, "2024-05-11T06:00:00", False),
        ({"month": "jun", "day": 1}, "2024-06-01T00:00:00", True),
        ({"hour": 8, "timezone": "Europe/Paris"}, "2024-05-07T06:00:00", True),
    ],
)
def test_cron_fires_when_all_its_fields_match(
    parameters: dict[str, Any], at: str, expected: bool
) -> None:
    assert fires(CRON, parameters, at) is expected


@pytest.mark.parametrize(
    ("type_", "parameters"),
    [
        (CRON, {"day": "last"}),
        (CRON, {"week": 5}),
        (CRON, {"hour": 25}),
        (CRON, {}),
        (INTERVAL, {"unit": "seconds", "delta": 0}),
    ],
)
def test_what_is_not_understood_is_refused(type_: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="."):
        schedule(type_, parameters, START)
