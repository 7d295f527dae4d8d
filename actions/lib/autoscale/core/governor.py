"""The governor: which groups need a pulse now, by their keys alone."""
from __future__ import annotations

from dataclasses import dataclass

from autoscale.core import texts
from autoscale.core.alarms import Tracking
from autoscale.core.evaluation import ALARM, OK, State
from autoscale.core.group import Group
from autoscale.core.hooks import written
from autoscale.core.policies import Run

BEGIN_SOON = 30
"""Seconds after which the governor, too, asks a run of a hook to begin."""

_BUSY = frozenset({"creating", "expanding", "deflating", "deleting"})


@dataclass(frozen=True)
class Pulse:
    """``direction`` is up or down; ``reason`` is a sentence for people."""

    direction: str
    reason: str


def pulse(group: Group, now: float) -> Pulse | None:
    """The pulse that the group needs at this moment, if any.

    Up while an incident is open, down while none is; never before the delay since the last
    change of that direction is over, beyond the bounds, or while the group is being changed. What
    tracks a target shrinks by that alone, and nothing does while one of its alarms holds it.
    """
    if group.paused or group.deleted or group.status in _BUSY:
        return None
    if group.active_incident:
        over = now >= group.last_expand_timestamp + 60 * group.expand_delay
        if over and group.desired < group.max_nodes:
            return Pulse("up", "the incident is still open "
                         f"{texts.count(group.expand_delay, 'minute')} after the last expansion")
        return None
    over = now >= group.last_deflate_timestamp + 60 * group.deflate_delay
    if over and group.desired > group.min_nodes and not _held(group):
        return Pulse("down", "no incident is open and the last change is "
                     f"{texts.count(group.deflate_delay, 'minute')} ago")
    return None


def _held(group: Group) -> bool:
    """Whether an alarm keeps the group from shrinking unasked: as an open incident does."""
    return any(isinstance(alarm, Tracking) or _open(group, name)
               for name, alarm in group.alarms.items())


def _open(group: Group, name: str) -> bool:
    """Whether the alarm is in alarm, or was when its data ended; one that shrinks holds nobody."""
    alarm, state = group.alarms[name], group.alarm_states.get(name, State())
    policy = None if isinstance(alarm, Tracking) else group.policies.get(alarm.policy_alarm)
    shrinks = policy and policy.wanted(group.desired, 0, 10**6) < group.desired
    return not shrinks and (state.state == ALARM or state.state != OK and state.owed)


def unbegun(group: Group, now: float) -> list[tuple[str, int]]:
    """Runs of hooks, each with the time it was asked for, that should have begun by now."""
    return [(name, run.since) for name, run in group.hook_runs.items()
            if run.point in group.hooks and group.hooks[run.point].action
            and run.since and not run.outcome and not written(run, group.hook_results.get(name))
            and now - run.since >= BEGIN_SOON]


@dataclass(frozen=True)
class Schedule:
    """A policy whose schedule is to be seen to: the time it was due, and how many were missed."""

    policy: str
    due: int
    missed: int


def schedules(group: Group, now: float) -> list[Schedule]:
    """The policies that are due. A paused group's wait: they run, or are missed, afterwards."""
    if group.paused or group.deleted:
        return []
    runs = {name: group.policy_runs.get(name, Run()) for name in group.policies}
    found = {name: policy.due(runs[name], now) for name, policy in group.policies.items()}
    return [Schedule(name, due.at, due.missed) for name, due in found.items() if due]
