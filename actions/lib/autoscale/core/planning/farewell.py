"""Deleting a group: everything that carries its mark goes, whatever else is broken."""
from __future__ import annotations

from autoscale.core import names
from autoscale.core.group import Departure, Group
from autoscale.core.observation import LoadBalancer, Observation
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.roster import UNSEEN_LIMIT, Roster, is_recent
from autoscale.core.planning.staffing import ASK_AGAIN
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


def farewell(group: Group, roster: Roster, seen: Observation, now: int) -> Plan:
    """Delete all at once, then wait until nothing is seen, nor expected, any more."""
    servers = _servers(group, roster, now)
    awaited = seen.blind_spots + _expected(group, roster, seen, now)
    return Plan(steps=_things(group, roster, seen), awaited=awaited) + servers


def _servers(group: Group, roster: Roster, now: int) -> Plan:
    steps: list[Step] = []
    for server in roster.present:
        old = group.leaving.get(server.id, Departure(0))
        if server.leaving or is_recent(old.asked, now, ASK_AGAIN):
            continue
        goes = ReleaseServer if server.name in group.releasing else DeleteServer
        steps.append(goes(_WHY, server.id, server.name))
    awaited = tuple(f"{server.name} is being deleted or released" if server.name in group.releasing
                    else f"{server.name} is being deleted" for server in roster.present)
    return Plan(steps=tuple(steps), awaited=awaited)


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
    named = {group.loadbalancer_id, *(one.id for one in group.associations.values())}
    for balancer in seen.balancers:
        if balancer.status in _IN_CHANGE:
            continue
        if balancer.owner == group.name:
            steps.append(DeleteLoadBalancer(_WHY, balancer.id))
        elif balancer.id in named or balancer in seen.former_balancers:
            steps += _leave(group, roster, balancer)
    if seen.zone and seen.zone.owner == group.name:
        steps.append(DeleteZone(_WHY, seen.zone.id))
    prefix = names.key_pair_prefix(group.name)
    steps += [DeleteKeyPair(_WHY, name) for name in seen.key_pairs if name.startswith(prefix)]
    return tuple(steps)


def _expected(group: Group, roster: Roster, seen: Observation, now: int) -> tuple[str, ...]:
    """What was asked for and may still turn up, and what takes no change at this moment."""
    awaited = [f"{name} was asked for and may still appear" for name in roster.unseen]
    awaited += [f"load balancer {there.id} is {there.status}" for there in seen.balancers
                if there.owner == group.name and there.status in _IN_CHANGE]
    awaited += [f"load balancer {balancer} was asked for and may still appear"
                for name, balancer in group.balancer_names.items() if not seen.balancer(name)
                and is_recent(group.reserved.get(balancer, 0), now, UNSEEN_LIMIT)]
    return tuple(awaited)
