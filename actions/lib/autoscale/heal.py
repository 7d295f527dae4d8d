"""A pass of self-healing: one listing of the region's servers for all groups."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Iterable

from autoscale import groups
from autoscale.core.group import Group
from autoscale.core.healing import drifted, due, is_tended
from autoscale.core.observation import Observation, Server
from autoscale.observe import observe
from autoscale.parts import Parts

AT_ONCE = 5
"""Groups whose load balancers and zones are looked at at the same time."""

WHOLE_LOOKS = 25
"""Groups looked at as a whole in one pass: a zone takes two questions, Cloud DNS allows 60 a minute
for everything."""

_EARLIER = "not looked at in this pass"


def survey(parts: Parts) -> dict[str, Any]:
    """Find the groups to be converged: ``{message, groups: [{asg, reason}], unreadable}``.

    Every group's servers are compared with one listing; load balancers and zones are looked at
    for the groups whose last look is longest ago. Raises CloudError when there is no listing: what
    was not seen can't have drifted.
    """
    known, unreadable = groups.load_all(parts.store)
    now = parts.clock()
    servers = _by_group(parts.cloud.servers.list())
    key_pairs = parts.cloud.servers.key_pairs()
    ssh_key = parts.store.get("ssh_pub_key") or ""
    idle = [replace(group, ssh_pub_key=ssh_key) for group in known if not is_tended(group, now)]
    oldest = sorted((group for group in idle if due(group, now)), key=lambda g: g.looked_at)
    whole = {group.name for group in oldest[:WHOLE_LOOKS]}

    def reason(group: Group) -> str | None:
        before = Observation(servers=tuple(servers.get(group.name, ())), key_pairs=key_pairs)
        if group.name in whole:
            return _whole(parts, group, before, now)
        if group.errors:
            return None
        return drifted(group, _servers_only(before), now)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        reasons = zip(idle, pool.map(reason, idle))
    found = [{"asg": group.name, "reason": why} for group, why in reasons if why]
    return {"message": f"{len(found)} of {len(known)} groups are to be healed", "groups": found,
            "unreadable": [problem for error in unreadable for problem in error.problems]}


def _by_group(servers: Iterable[Server]) -> dict[str | None, list[Server]]:
    """Each group's own, so that looking at a thousand groups is not a thousand looks at all."""
    found: dict[str | None, list[Server]] = {}
    for server in servers:
        found.setdefault(server.group, []).append(server)
    return found


def _whole(parts: Parts, group: Group, before: Observation, now: float) -> str | None:
    seen = observe(parts.cloud, group, ("load_balancer", "zone"), before)
    why = drifted(group, seen, now)
    if why is None and not seen.unseen:
        groups.save(parts.store, group, group.name, {"looked_at": int(now)})
    return why


def _servers_only(before: Observation) -> Observation:
    return replace(before, unseen={"load_balancer": _EARLIER, "zone": _EARLIER})
