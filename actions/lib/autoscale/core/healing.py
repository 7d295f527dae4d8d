"""Self-healing: which groups are to be converged although nobody has asked."""
from __future__ import annotations

from typing import Mapping

from autoscale.core.checks import Check
from autoscale.core.group import Group
from autoscale.core.observation import Observation
from autoscale.core.planning import plan, safety
from autoscale.core.planning.fates import Fate, fate
from autoscale.core.planning.runs import settle
from autoscale.core.renewal import RUNNING, RollingProgress

LOOK_EVERY = 240
"""Seconds after which a group is looked at as a whole; with a pass a minute that is within 300."""

ALIVE = 120
"""Seconds for which a group that was looked at counts as being converged right now."""

LONGEST = 1800
"""Seconds between two attempts, at the longest, for a group that needs a person."""


Checks = Mapping[str, Check]


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


def fails(group: Group) -> bool:
    """Whether, at the last look, nobody passed the group's health check."""
    judged = [check for check in group.checks.values() if not check.replaced]
    return group.health_check is not None and bool(judged) and all(c.failed for c in judged)


def is_watched(group: Group) -> bool:
    """Whether nodes are asked for their health although the group is in ERROR: it may end, or get
    worse, by that alone. Nobody passed at the last look, or a newcomer is kept that never has."""
    return fails(group) or bool(_kept(group))


def _kept(group: Group) -> list[str]:
    kept = [server for server, check in group.checks.items() if check.kept]
    return kept if group.health_check else []


def recovers(group: Group, seen: Observation) -> bool:
    """Whether a node of a group in which nobody passed the health check passes again, or one
    passes that is kept."""
    awaited = group.checks.keys() if fails(group) else _kept(group)
    return not set(awaited).isdisjoint(seen.healthy or ())


def is_hurt(group: Group, seen: Observation, now: float) -> bool:
    """Whether a server is lost, broken or failing, or a hook is over, that the last look knew
    nothing of.

    Not where a person is asked whether that is meant: there the loss is known, and left as it is.
    """
    if any(problem.message.startswith(safety.REFUSED) for problem in group.errors):
        return False
    known = {member.server for member in group.members.values()
             if member.server and not member.dismissed}
    there = {server.id: fate(server, group, now) for server in seen.servers}
    lost = not known <= there.keys()
    broken = any(of is Fate.BROKEN and server not in group.leaving for server, of in there.items())
    return lost or broken or bool(settle(group, int(now)).runs) or _is_newly_failing(group, seen)


def _is_newly_failing(group: Group, seen: Observation) -> bool:
    """Whether a node that passed its health check at the last look does not."""
    if seen.healthy is None:
        return False
    well = seen.healthy | seen.unasked
    passed = {server for server, check in group.checks.items()
              if check.passed and not (check.failed or check.replaced)}
    return any(server.id in passed and server.id not in well for server in seen.servers
               if server.state == "ACTIVE" and not server.leaving)


def drifted(group: Group, seen: Observation, now: float) -> str | None:
    """Why the group is to be converged, going by what was seen of it, or None."""
    if group.deleted:
        return "it is to be deleted, but nobody works on it"
    planned = plan(group, seen, now)
    if group.status != "idle":
        return f"its status is {group.status}, but nobody works on it"
    reasons = [step.why for step in planned.steps]
    reasons += [f"a hook is to run: {run}" for run in planned.hooks]
    awaited = [what for what in planned.awaited if what not in seen.blind_spots]
    reasons += [*planned.problems, *awaited]
    reasons += [f"{server.name} passes its health check again" for server in seen.servers
                if _is_well_again(server.id, group.checks, planned.learned.get("checks", {}))]
    reasons += _concluded(group.rolling_progress, planned.learned.get("rolling_progress"))
    reasons += ["nothing is wrong with it any more"] * (group.health == "ERROR")
    return next(iter(reasons), None)


def _concluded(before: RollingProgress | None, after: RollingProgress | None) -> list[str]:
    """That a rolling update has come to its end, and nobody has written it down."""
    if after is None or after.state == RUNNING:
        return []
    known = before is not None and (before.of, before.state) == (after.of, after.state)
    return [] if known else [f"its rolling update is {after.state}"]


def _is_well_again(server: str, before: Checks, after: Checks) -> bool:
    return server in before and server in after and before[server].failed > after[server].failed
