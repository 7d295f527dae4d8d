"""Deleting a group: everything that carries its mark goes, whatever else is broken."""
from __future__ import annotations

from dataclasses import replace
from typing import Collection

from autoscale.core import names
from autoscale.core.group import RELEASED, SURPLUS, Departure, Group
from autoscale.core.observation import LoadBalancer, Observation
from autoscale.core.planning.endings import finish
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.roster import UNSEEN_LIMIT, Roster, is_recent
from autoscale.core.planning.runs import Runs, now_known
from autoscale.core.planning.staffing import ASK_AGAIN
from autoscale.core.planning.tally import Departures
from autoscale.core.planning.telling import last_words, tell
from autoscale.core.steps import (
    DeleteKeyPair,
    DeleteLoadBalancer,
    DeleteServer,
    DeleteZone,
    ReleaseServer,
    RemoveNode,
    Step,
)

_WHY = "the group is being deleted"

_IN_CHANGE = ("BUILD", "PENDING_UPDATE")
"""What a load balancer is in while it takes no other change, a deletion neither."""


_PATIENCE = 300
"""Seconds that a server waits at most to be out of the load balancers that others use too."""


def farewell(
    group: Group, roster: Roster, seen: Observation, runs: Runs, now: int
) -> tuple[dict[str, Departure], Plan]:
    """Delete all at once, then wait until nothing is seen, nor expected, any more.

    Who is to finish first, by the group's hook, is deleted after that; nobody can stay. And who is
    in a load balancer that others use too leaves that first, if it lets him.
    """
    leaving = {server.id: replace(
        group.leaving.get(server.id, Departure(now)), final=True, stays=False,
        why=RELEASED if server.name in group.releasing else SURPLUS) for server in roster.present}
    ends = finish(group, roster, leaving, seen, runs, now)
    awaited = seen.blind_spots + _expected(group, roster, seen, now)
    whole = Plan(steps=_things(group, roster, seen), awaited=awaited) + ends.plan
    whole += tell(group, roster, leaving, runs, now)
    whole += last_words(group, now_known(group, whole), now)
    serving = _serving(group, roster, seen, leaving, now) - ends.held
    whole += Plan(awaited=tuple(f"{server.name} has to be out of the load balancer first"
                                for server in roster.present if server.id in serving))
    return leaving, whole + _servers(leaving, roster, ends.held | serving, now)


def _serving(
    group: Group, roster: Roster, seen: Observation, leaving: Departures, now: int
) -> frozenset[str]:
    """Ids of the servers that others' load balancers may send requests to; not for ever."""
    waiting = [server for server in roster.present
               if is_recent(leaving[server.id].since, now, _PATIENCE)]
    if "load_balancer" in seen.unseen:
        given = any(one.id for one in group.associations.values())
        return frozenset(server.id for server in waiting if given)
    nodes = {node.address for balancer in _shared(group, seen) for node in balancer.nodes}
    return frozenset(server.id for server in waiting
                     if not nodes.isdisjoint((server.private, server.public)))


def _shared(group: Group, seen: Observation) -> list[LoadBalancer]:
    """The load balancers that the group has joined and that are not its own."""
    named = {group.loadbalancer_id, *(one.id for one in group.associations.values())}
    return [balancer for balancer in seen.balancers if balancer.owner != group.name
            and (balancer.id in named or balancer in seen.former_balancers)]


def _servers(leaving: Departures, roster: Roster, held: Collection[str], now: int) -> Plan:
    steps: list[Step] = []
    awaited: list[str] = []
    for server in roster.present:
        old = leaving[server.id]
        if server.id in held:
            continue
        released = old.why == RELEASED
        awaited.append(f"{server.name} is being deleted" + " or released" * released)
        if not server.leaving and not is_recent(old.asked, now, ASK_AGAIN):
            goes = ReleaseServer if released else DeleteServer
            steps.append(goes(_WHY, server.id, server.name))
    return Plan(steps=tuple(steps), awaited=tuple(awaited))


def _leave(group: Group, roster: Roster, balancer: LoadBalancer) -> list[Step]:
    """Take the group's nodes out of a load balancer that is not its own."""
    hosts = {address: host for host, member in group.members.items()
             for address in member.addresses}
    hosts.update({address: server.name for server in roster.present
                  for address in (server.private, server.public) if address})
    return [RemoveNode(_WHY, balancer.id, hosts[node.address], node.address, node.id)
            for node in balancer.nodes if node.address in hosts]


def _things(group: Group, roster: Roster, seen: Observation) -> tuple[Step, ...]:
    """The load balancer, zone and key pairs that are the group's own."""
    steps: list[Step] = []
    for balancer in seen.balancers:
        if balancer.owner == group.name and balancer.status not in _IN_CHANGE:
            steps.append(DeleteLoadBalancer(_WHY, balancer.id))
    for balancer in _shared(group, seen):
        if balancer.status not in _IN_CHANGE:
            steps += _leave(group, roster, balancer)
    if seen.zone and seen.zone.owner == group.name:
        steps.append(DeleteZone(_WHY, seen.zone.id))
    prefix = names.key_pair_prefix(group.name)
    steps += [DeleteKeyPair(_WHY, name) for name in seen.key_pairs if name.startswith(prefix)]
    return tuple(steps)


def _expected(group: Group, roster: Roster, seen: Observation, now: int) -> tuple[str, ...]:
    """What was asked for and may still turn up, and what takes no change at this moment."""
    awaited = [f"{name} was asked for and may still appear" for name in roster.unseen]
    shared = _shared(group, seen)
    awaited += [f"load balancer {there.id} is {there.status}" for there in seen.balancers
                if there.status in _IN_CHANGE and (there.owner == group.name or (
                    there in shared and _leave(group, roster, there)))]
    unseen = {balancer for name, balancer in group.balancer_names.items()
              if not seen.balancer(name)}
    unseen |= set(group.left_unseen.values()) - {there.name for there in seen.former_balancers}
    awaited += [f"load balancer {balancer} was asked for and may still appear"
                for balancer in sorted(unseen)
                if is_recent(group.reserved.get(balancer, 0), now, UNSEEN_LIMIT)]
    return tuple(awaited)
