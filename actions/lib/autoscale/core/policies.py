"""Scaling policies: named changes of a group's capacity, on request or by schedule."""
from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Mapping

from autoscale.core import texts
from autoscale.core.capacity import CHANGE_TYPES, changed
from autoscale.core.schedules import Due, check_at, check_cron, due

NAME = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?")
DAY = 86400


@dataclass(frozen=True)
class Policy:
    """A change of capacity.

    ``change`` is in nodes or per cent, by ``change_type`` (capacity.CHANGE_TYPES); ``cooldown`` in
    seconds. A schedule is ``at``, an ISO 8601 time with its zone, or ``cron`` in ``timezone``; one
    that is late by more than ``tolerance`` seconds is reported, not run.
    """

    change_type: str
    change: int
    min_adjustment_step: int = 0
    cooldown: int = 0
    at: str = ""
    cron: str = ""
    timezone: str = "UTC"
    tolerance: int = 300

    def wanted(self, current: int, least: int, most: int) -> int:
        """The capacity after it, from this one."""
        return changed(current, self.change, self.change_type, least, most,
                       self.min_adjustment_step)

    def due(self, run: Run, now: float) -> Due | None:
        """What of its schedule is to be seen to; what was left unfinished comes first."""
        if run.wanted is not None and run.due:
            return Due(run.due)
        return due(self.at, self.cron, self.timezone, self.tolerance, run.due, now)


@dataclass(frozen=True)
class Run:
    """When a policy last changed something, and the last time of its schedule that was seen to.

    Both in seconds since 1970; ``due`` starts as the time when the policy was made. ``wanted`` is
    the capacity that is being written down: left over, it was not, and has to be.
    """

    at: int = 0
    due: int = 0
    wanted: int | None = None


def read(given: Mapping[str, Any]) -> Policy:
    """The policy, or ValueError with all that is wrong with it. None counts as not given."""
    values = {name: value for name, value in given.items() if value is not None}
    known = {field.name: field for field in fields(Policy)}
    complaints = [f"{name} is not a field of a policy" for name in values if name not in known]
    for name in ("change", "min_adjustment_step", "cooldown", "tolerance"):
        if name in values:
            try:
                values[name] = _whole(values[name])
            except ValueError:
                complaints.append(f"{name} is {values[name]!r}: not a whole number")
    complaints += [f"{name} is missing" for name in ("change_type", "change") if name not in values]
    if not complaints:
        cleaned: dict[str, Any] = {name: value if isinstance(value, int) else str(value).strip()
                                   for name, value in values.items()}
        policy = Policy(**cleaned)
        complaints = _wrong(policy)
    if complaints:
        raise ValueError("; ".join(complaints))
    return policy


def _whole(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and value != int(value)):
        raise ValueError
    return int(value)


def _wrong(policy: Policy) -> list[str]:
    """What is wrong with the values, each a sentence."""
    wrong = []
    percentage = policy.change_type == "percentage_change_in_capacity"
    if policy.change_type not in CHANGE_TYPES:
        wrong.append(f"change_type must be one of {', '.join(CHANGE_TYPES)}")
    if abs(policy.change) > 10**6 or (policy.change_type == "exact_capacity" and policy.change < 0):
        wrong.append(f"change is {policy.change}: out of range")
    if not 0 <= policy.min_adjustment_step <= 10**6:
        wrong.append("min_adjustment_step must not be negative")
    if policy.min_adjustment_step and not percentage:
        wrong.append("min_adjustment_step goes with percentage_change_in_capacity only")
    if not 0 <= policy.cooldown <= DAY:
        wrong.append(f"cooldown must be from 0 to {DAY} seconds")
    if not 0 <= policy.tolerance <= DAY:
        wrong.append(f"tolerance must be from 0 to {DAY} seconds")
    if policy.at and policy.cron:
        wrong.append("a policy has either at or cron")
    return [*wrong, *check_at(policy.at), *check_cron(policy.cron, policy.timezone)]


def encode(policies: Mapping[str, Policy]) -> dict[str, Any]:
    return {name: asdict(policy) for name, policy in policies.items()}


def decode(value: Mapping[str, Any]) -> dict[str, Policy]:
    return {str(name): read(policy) for name, policy in value.items()}


def decode_runs(value: Mapping[str, Any]) -> dict[str, Run]:
    return {str(name): _run(run) for name, run in value.items()}


def _run(value: Mapping[str, Any]) -> Run:
    wanted = value.get("wanted")
    return Run(int(value["at"]), int(value["due"]), None if wanted is None else int(wanted))


def unfinished(runs: Mapping[str, Run]) -> int | None:
    """The capacity that a run wanted and that may not have been written, if there is one."""
    return next((run.wanted for run in runs.values() if run.wanted is not None), None)


def settled(runs: Mapping[str, Run]) -> dict[str, Run]:
    """The same runs, all of them written down."""
    return {name: replace(run, wanted=None) for name, run in runs.items()}


def told(policy: Policy, noun: str) -> str:
    """The policy in words: ``+3 nodes``, ``-10 %, at least 2``, ``exactly 8 nodes at 18:00``.

    ``noun``: what its group is counted in.
    """
    nodes = texts.form(policy.change, noun)
    kind = {"exact_capacity": f"exactly {policy.change} {nodes}",
            "change_in_capacity": f"{policy.change:+d} {nodes}"}.get(
                policy.change_type, f"{policy.change:+d} %")
    step = f", at least {policy.min_adjustment_step}" if policy.min_adjustment_step else ""
    when = f" at {policy.at}" if policy.at else ""
    when = f" by cron {policy.cron} in {policy.timezone}" if policy.cron else when
    return f"{kind}{step}{when}"
