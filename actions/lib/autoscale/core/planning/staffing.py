"""Creating what is missing, deleting who has left."""
from __future__ import annotations

from itertools import islice
from typing import Iterable

from autoscale.core.group import Group
from autoscale.core.observation import Observation, Server
from autoscale.core.planning.departures import Departures, in_rotation, room, shortage
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.roster import Fate, Roster, is_recent
from autoscale.core.steps import CreateServer, DeleteServer

CREATES_AT_ONCE = 50
"""Clouds allow about 100 creations a minute for a whole account."""

CREATE_WITHIN = 60
"""Seconds after a reservation in which the server may be asked for: well before it runs out."""

ASK_AGAIN = 30
"""Seconds after which the cloud is asked once more to delete a server that is still there."""


def creations(
    group: Group, roster: Roster, leaving: Departures, seen: Observation, now: int,
    fresh: Iterable[str],
) -> Plan:
    """Ask for the servers that are missing, as far as the bound and the key pair allow."""
    missing = shortage(group, roster, leaving)
    awaited = tuple(f"{server.name} is being built" for server in roster.are(Fate.BUILDING)
                    if server.id not in leaving)
    awaited += tuple(f"{name} was asked for and is not seen yet" for name in roster.unseen)
    if missing <= 0:
        return Plan(awaited=awaited)
    if group.own_key_pair and group.own_key_pair not in seen.key_pairs:
        return Plan(awaited=(*awaited, f"{missing} servers wait for the group's key pair"))
    count = min(missing, max(0, room(group, roster)), CREATES_AT_ONCE)
    why = f"{group.desired} nodes are desired, {group.desired - missing} count"
    names = islice(_unused(group, roster, fresh), count)
    steps = tuple(CreateServer(why, name, now + CREATE_WITHIN) for name in names)
    if len(steps) < missing:
        awaited += (f"{missing - len(steps)} more servers must wait until others are gone or "
                    "built",)
    return Plan(steps=steps, awaited=awaited)


def _unused(group: Group, roster: Roster, fresh: Iterable[str]) -> Iterable[str]:
    taken = {server.name for server in roster.present}
    taken.update(group.reserved, group.evict, group.members)
    return (name for name in fresh if name not in taken)


def deletions(
    group: Group, roster: Roster, leaving: Departures, seen: Observation, now: int
) -> Plan:
    """Delete those who leave for good, once they are out of the load balancer."""
    steps, awaited = [], []
    for server in roster.present:
        departure = leaving.get(server.id)
        if departure is None:
            continue
        if not departure.final:
            awaited.append(f"{server.name} is draining")
        elif in_rotation(server, seen):
            awaited.append(f"{server.name} has to be out of the load balancer first")
        elif server.leaving or is_recent(departure.asked, now, ASK_AGAIN):
            awaited.append(f"{server.name} is being deleted")
        else:
            steps.append(DeleteServer(_reason(group, roster, server), server.id, server.name))
    return Plan(steps=tuple(steps), awaited=tuple(awaited))


def _reason(group: Group, roster: Roster, server: Server) -> str:
    if server.name in group.evict:
        return "its removal was asked for"
    if roster.fates[server.id] is Fate.BROKEN:
        late = " for too long" if server.state in ("BUILD", "UNKNOWN") else ""
        return f"it is in state {server.state}{late}"
    return f"{group.desired} nodes are desired and it is the first to go"
