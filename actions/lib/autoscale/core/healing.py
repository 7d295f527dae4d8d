"""Self-healing: which groups are to be converged although nobody has asked."""
from __future__ import annotations

from autoscale.core.group import Group
from autoscale.core.observation import Observation
from autoscale.core.planning import plan

LOOK_EVERY = 240
"""Seconds after which a group is looked at as a whole; with a pass a minute that is within 300."""

ALIVE = 120
"""Seconds for which a group that was looked at counts as being converged right now."""

LONGEST = 1800
"""Seconds between two attempts, at the longest, for a group that needs a person."""


def due(group: Group, now: float) -> bool:
    """Whether it is time for a look at the whole group, load balancer and zone included.

    A group in ERROR is tried again after as long as the error had lasted the last time.
    """
    pause = float(LOOK_EVERY)
    if group.errors:
        age = group.looked_at - min(problem.since for problem in group.errors)
        pause = max(pause, min(LONGEST, age))
    return now - group.looked_at >= pause


def is_tended(group: Group, now: float) -> bool:
    """Whether a convergence of the group is, or may be, under way, or is not wanted."""
    if group.paused and not group.deleted:
        return True
    return now - group.looked_at < ALIVE and group.status != "idle"


def drifted(group: Group, seen: Observation, now: float) -> str | None:
    """Why the group is to be converged, going by what was seen of it, or None."""
    if group.deleted:
        return "it is to be deleted, but nobody works on it"
    planned = plan(group, seen, now)
    if group.status != "idle":
        return f"its status is {group.status}, but nobody works on it"
    reasons = [step.why for step in planned.steps]
    reasons += [f"{server.name} has no profile" for server in planned.configure]
    awaited = [what for what in planned.awaited if what not in seen.blind_spots]
    reasons += [*planned.problems, *awaited]
    reasons += ["nothing is wrong with it any more"] * (group.health == "ERROR")
    return next(iter(reasons), None)
