"""Schedules over two years, across every change of daylight saving: none lost, none doubled."""
from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from dateutil import tz

from autoscale.core.governor import schedules
from autoscale.core.policies import Policy, Run
from autoscale.core.schedules import due, next_due
from tests.core.examples import NOW, group

BERLIN = tz.gettz("Europe/Berlin")
START = int(datetime(2026, 1, 1, tzinfo=timezone.utc).timestamp())
TWO_YEARS = 730 * 86400


def at(text):
    return int(datetime.fromisoformat(text).timestamp())


def seen_to(cron, zone, step, tolerance=10**6):
    """The times that a governor sees to that looks every ``step`` seconds for two years."""
    found, last = [], START
    for now in range(START, START + TWO_YEARS, step):
        while True:
            one = due("", cron, zone, tolerance, last, now)
            if one is None:
                break
            found.append(one.at)
            last = one.at
    return found


@pytest.mark.parametrize(("cron", "a_year"), [
    ("30 2 * * *", 365), ("0 3 * * 1", 52), ("15 8-10 * * 1-5", 3 * 261)])
def test_a_time_of_day_comes_once_a_day_whatever_the_clocks_do(cron, a_year):
    found = seen_to(cron, "Europe/Berlin", step=6 * 3600)
    assert len(found) == len(set(found))
    assert abs(len(found) - 2 * a_year) <= 3
    days = [datetime.fromtimestamp(moment, BERLIN).date() for moment in found]
    if a_year == 365:
        assert days == [days[0] + timedelta(days=n) for n in range(len(days))]


def test_every_hour_is_every_hour_that_passes():
    found = seen_to("0 * * * *", "Europe/Berlin", step=12 * 3600)
    assert {later - earlier for earlier, later in zip(found, found[1:])} == {3600}


def test_a_time_that_the_clocks_skip_comes_as_they_jump():
    spring = at("2026-03-29T00:00:00+01:00")
    assert next_due("", "30 2 * * *", "Europe/Berlin", spring) == at("2026-03-29T03:00:00+02:00")


def test_a_time_that_the_clocks_repeat_comes_once():
    autumn = at("2026-10-25T00:00:00+02:00")
    first = next_due("", "30 2 * * *", "Europe/Berlin", autumn)
    assert first == at("2026-10-25T02:30:00+02:00")
    assert next_due("", "30 2 * * *", "Europe/Berlin", first) == at("2026-10-26T02:30:00+01:00")


def test_one_time_comes_once():
    moment = at("2026-12-24T18:00:00+01:00")
    text = "2026-12-24T18:00:00+01:00"
    assert due(text, "", "UTC", 300, START, moment - 1) is None
    assert due(text, "", "UTC", 300, START, moment).at == moment
    assert due(text, "", "UTC", 300, moment, moment + 1) is None


def test_what_came_while_nobody_looked_is_run_in_turn_if_it_is_not_too_late():
    now = at("2026-06-01T12:02:00+00:00")
    last = at("2026-06-01T11:58:30+00:00")
    order = []
    while True:
        one = due("", "* * * * *", "UTC", 300, last, now)
        if one is None:
            break
        order.append((one.at - now, one.missed))
        last = one.at
    assert order == [(-180, 0), (-120, 0), (-60, 0), (0, 0)]


def test_what_is_too_late_is_reported_together_and_the_rest_is_run():
    now = at("2026-06-01T12:00:00+00:00")
    first = due("", "*/10 * * * *", "UTC", 300, now - 3600, now)
    assert (first.at, first.missed) == (now - 600, 5)
    assert due("", "*/10 * * * *", "UTC", 300, first.at, now).missed == 0


def test_a_paused_groups_schedules_wait():
    policies = {"up": Policy("change_in_capacity", 1, cron="* * * * *")}
    runs = {"up": Run(due=NOW - 100)}
    assert len(schedules(group(policies=policies, policy_runs=runs), NOW)) == 1
    assert schedules(group(policies=policies, policy_runs=runs, paused=True), NOW) == []


def test_what_was_decided_and_not_written_comes_again():
    policies = {"up": Policy("change_in_capacity", 1, cron="0 0 1 1 *")}
    runs = {"up": Run(due=NOW - 100, wanted=4)}
    (one,) = schedules(group(policies=policies, policy_runs=runs), NOW)
    assert one.due == NOW - 100
