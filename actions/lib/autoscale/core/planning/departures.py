"""Who leaves the group: the broken, the evicted, and the surplus."""
from __future__ import annotations

from dataclasses import replace
from typing import Mapping

from autoscale.core.group import Departure, Group
from autoscale.core.observation import Observation, Server
from autoscale.core.planning.roster import Fate, Roster, is_recent

Departures = Mapping[str, Departure]


def choose(group: Group, roster: Roster, seen: Observation, now: int) -> dict[str, Departure]:
    """Everyone who is leaving now, by server id: those who were chosen before, and new ones."""
    leaving = _carry_on(group, roster, now)
    for server in roster.are(Fate.BROKEN):
        leaving[server.id] = replace(leaving.get(server.id, Departure(now)), final=True)
    if shortage(group, roster, leaving) > 0:
        _take_back(group, roster, leaving)
    for server in _evicted(group, roster, leaving) + _surplus(group, roster, leaving):
        serves = roster.fates[server.id] is Fate.ACTIVE and in_rotation(server, seen)
        drains = serves and group.drain_timeout > 0
        leaving[server.id] = Departure(now, final=not drains)
    return leaving


def _carry_on(group: Group, roster: Roster, now: int) -> dict[str, Departure]:
    """Those who were leaving already and still exist; a drain that has run out is final."""
    return {
        server.id: replace(
            old, final=old.final or not is_recent(old.since, now, group.drain_timeout))
        for server in roster.present
        for old in [group.leaving.get(server.id)] if old
    }


def in_rotation(server: Server, seen: Observation) -> bool:
    """Whether traffic may still reach the server; when nobody could look, it may."""
    if "load_balancer" in seen.unseen:
        return True
    addresses = (server.private, server.public)
    return any(not balancer.addresses.isdisjoint(addresses) for balancer in seen.balancers)


def staying(roster: Roster, leaving: Departures) -> tuple[Server, ...]:
    """Those who count and don't leave, in the order in which surplus is taken."""
    return tuple(server for server in roster.counted if server.id not in leaving)


def _split(
    group: Group, roster: Roster, leaving: Departures
) -> tuple[list[Server], list[Server]]:
    """Those who don't leave yet: who is to be evicted, and who is not."""
    there = staying(roster, leaving)
    evict = frozenset(group.evict)
    asked = [server for server in there if server.name in evict]
    return asked, [server for server in there if server.name not in evict]


def shortage(group: Group, roster: Roster, leaving: Departures) -> int:
    """How many servers are wanted beyond those that are there to stay, or may still turn up."""
    _, others = _split(group, roster, leaving)
    return group.desired - len(others) - len(roster.unseen)


def room(group: Group, roster: Roster) -> int:
    """How many more servers may exist, counting all that do, in whatever state."""
    return group.max_nodes - len(roster.present) - len(roster.unseen)


def _take_back(group: Group, roster: Roster, leaving: dict[str, Departure]) -> None:
    """A wish for more ends the draining of those who were surplus, the youngest first."""
    drainers = [
        server for server in reversed(roster.counted)
        if server.id in leaving and not leaving[server.id].final and server.name not in group.evict
    ]
    for server in drainers[:shortage(group, roster, leaving)]:
        del leaving[server.id]


def _evicted(group: Group, roster: Roster, leaving: Departures) -> list[Server]:
    """The evicted who can go now: their replacements are up, or there is no room for them."""
    asked, others = _split(group, roster, leaving)
    up = [server for server in others if roster.fates[server.id] is not Fate.BUILDING]
    if len(up) >= group.desired:
        return asked
    in_the_way = shortage(group, roster, leaving) - max(0, room(group, roster))
    return asked[:max(0, in_the_way)]


def _surplus(group: Group, roster: Roster, leaving: Departures) -> list[Server]:
    """Those beyond the wish. Names that are not seen yet may never be, and cost nobody a place."""
    _, others = _split(group, roster, leaving)
    return others[:max(0, len(others) - group.desired)]
