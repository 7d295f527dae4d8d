"""Schedules: what thousands of scheduled policies cost in one tick of the governor."""
from __future__ import annotations

from functools import partial
from typing import Sequence

from autoscale.core.governor import schedules
from autoscale.core.group import Group
from autoscale.core.policies import Policy, Run
from benchmarks.report import Promise, Report, ratio
from benchmarks.stopwatch import seconds

POLICIES = (100, 1_000, 10_000)
A_GROUP = 10
NOW = 1_790_000_000
CRONS = ("30 7 * * *", "0 19 * * *", "*/15 8-18 * * *", "0 0,12 * * *", "5 4 * * 0-6")
ZONES = ("UTC", "Europe/Berlin", "America/New_York")


def bench(sizes: Sequence[int] = POLICIES) -> Report:
    rows, once, first = [], True, 0.0
    for size in sizes:
        groups = [_group(number) for number in range(size // A_GROUP)]
        found = sum(len(schedules(group, NOW)) for group in groups)
        once = once and found == sum(len(group.policies) for group in groups)
        taken = seconds(partial(_tick, groups))
        first = first or taken / size
        rows.append([f"{size:,}", f"{found:,}", ratio(taken / size / first),
                     f"{1e6 * taken / size:.0f}", f"{taken:.2f}"])
    return Report(
        "Scheduled policies in one tick, all of them due: time for each against the first row",
        ["policies", "due", "each", "us each", "s"], rows,
        promises=[Promise("every policy that is due is found, however many", once)])


def _tick(groups: Sequence[Group]) -> None:
    for group in groups:
        schedules(group, NOW)


def _group(number: int) -> Group:
    """Policies that were last seen to a day ago, with a tolerance as long: each is due."""
    policies = {
        f"p{index}": Policy("change_in_capacity", 1, cron=CRONS[(number + index) % len(CRONS)],
                            timezone=ZONES[index % len(ZONES)], tolerance=86_400)
        for index in range(A_GROUP)}
    runs = {name: Run(due=NOW - 86_400) for name in policies}
    return Group(f"g{number}", 0, 10, "image", "2", "example.com", policies=policies,
                 policy_runs=runs)
