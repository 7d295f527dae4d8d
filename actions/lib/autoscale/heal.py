"""A pass of self-healing: one listing of the region's servers for all groups."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Iterable, Mapping, Sequence

from autoscale import groups
from autoscale.core import texts
from autoscale.core.group import Group
from autoscale.core.healing import drifted, due, is_hurt, is_tended, is_watched, recovers
from autoscale.core.observation import Observation, Server
from autoscale.health import Answers, ask_all
from autoscale.observe import observe, questions, with_answers
from autoscale.parts import Parts

AT_ONCE = 5
"""Groups whose load balancers and zones are looked at at the same time."""

WHOLE_LOOKS = 25
"""Groups looked at as a whole in one pass: a zone takes two questions, Cloud DNS allows 60 a minute
for everything."""

BALANCER_LOOKS = 200
"""Further groups whose load balancers are looked at: Cloud Load Balancers allow 600 a minute."""

ASK_WITHIN = 15
"""Seconds in which a pass asks nodes for their health; with time-outs of at most 10 s that leaves
it more than half of its minute. That is some 300 nodes if none of them answers, and many thousands
if they do; for whom there was no time comes earlier another minute, by chance."""

FAILING_GROUPS = 50
"""Groups that one pass has converged because nodes fail their health checks."""

_EARLIER = "not looked at in this pass"


def survey(parts: Parts) -> dict[str, Any]:
    """Find the groups to be converged: ``{message, groups: [{asg, reason}], unreadable}``.

    Every group's servers are compared with one listing; load balancers and zones are looked at
    for groups whose last look is some minutes ago, and nodes of groups with a health check are
    asked for their health. Raises CloudError when there is no listing: what
    was not seen can't have drifted.
    """
    known, unreadable = groups.load_all(parts.store)
    now = parts.clock()
    servers = _by_group(parts.cloud.servers.list())
    key_pairs = parts.cloud.servers.key_pairs()
    ssh_key = parts.store.get("ssh_pub_key") or ""
    idle = [replace(group, ssh_pub_key=ssh_key) for group in known if not is_tended(group, now)]
    looks, health = _looks(idle, now), _health(idle, servers, now)

    def reason(group: Group) -> str | None:
        before = Observation(servers=tuple(servers.get(group.name, ())), key_pairs=key_pairs,
                             unseen={"load_balancer": _EARLIER, "zone": _EARLIER})
        if group.name in health:
            before = with_answers(group, before, health[group.name])
        if group.errors and not (
                due(group, now) or recovers(group, before) or is_hurt(group, before, now)):
            return None
        return _look(parts, group, looks.get(group.name, ()), before, now)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        reasons = zip(idle, pool.map(reason, idle))
    found = [{"asg": group.name, "reason": why} for group, why in reasons if why]
    return {"message": f"to be healed: {len(found)} of {texts.count(len(known), 'group')}",
            "groups": found,
            "unreadable": [problem for error in unreadable for problem in error.problems]}


def _looks(idle: Iterable[Group], now: float) -> dict[str, Sequence[str]]:
    """What is looked at beside the servers, by group; the longest ago comes first."""
    oldest = sorted((group for group in idle if due(group, now)), key=lambda g: g.looked_at)
    whole, balancers = oldest[:WHOLE_LOOKS], oldest[WHOLE_LOOKS:WHOLE_LOOKS + BALANCER_LOOKS]
    return {**{group.name: ("load_balancer", "zone") for group in whole},
            **{group.name: ("load_balancer",) for group in balancers}}


def _by_group(servers: Iterable[Server]) -> dict[str | None, list[Server]]:
    """Each group's own, so that looking at a thousand groups is not a thousand looks at all."""
    found: dict[str | None, list[Server]] = {}
    for server in servers:
        found.setdefault(server.group, []).append(server)
    return found


def _health(
    idle: Iterable[Group], servers: Mapping[str | None, Sequence[Server]], now: float
) -> dict[str, Answers]:
    """What the nodes of groups with a health check answer, by group.

    Of the groups in which somebody fails only some are told of: converging is a process each.
    Those in ERROR come last, for there it is known mostly.
    """
    asked = {group.name: questions(group, servers.get(group.name, ()))
             for group in sorted(idle, key=lambda group: (bool(group.errors), group.looked_at))
             if not group.errors or due(group, now) or is_watched(group)}
    answers = ask_all([one for each in asked.values() for one in each], ASK_WITHIN)
    found: dict[str, Answers] = {}
    failing = 0
    for name, each in asked.items():
        ids = frozenset(one.server for one in each)
        told = Answers(ids & answers.passed, ids & answers.unasked)
        fails_now = len(told.passed) + len(told.unasked) < len(ids)
        failing += fails_now
        if ids and not (fails_now and failing > FAILING_GROUPS):
            found[name] = told
    return found


def _look(
    parts: Parts, group: Group, at: Sequence[str], before: Observation, now: float
) -> str | None:
    """Why the group has drifted; one that has not, and was seen whole, has been looked at."""
    seen = observe(parts.cloud, group, at, before) if at else before
    why = drifted(group, seen, now)
    if why is None and not seen.unseen:
        groups.save(parts.store, group, group.name, {"looked_at": int(now)})
    return why
