"""Servers that are running already and are to become nodes of the group."""
from __future__ import annotations

from typing import Sequence

from autoscale.core.group import Group
from autoscale.core.observation import Observation, Server
from autoscale.core.planning.fates import Fate, fate
from autoscale.core.planning.plan import Plan, together
from autoscale.core.steps import AdoptServer


def candidates(group: Group, seen: Observation, now: float) -> tuple[Server, ...]:
    """Those that are to be adopted and carry no mark yet: each has a place in the group, as if it
    were a node, so that no other server is made for it."""
    return tuple(server for server in _named(group, seen)
                 if fate(server, group, now) < Fate.BROKEN)


def _named(group: Group, seen: Observation) -> list[Server]:
    return [] if group.roles else sorted(
        (server for server in seen.servers if server.id in group.adopting and not server.group
         and server.name not in group.releasing), key=lambda server: server.id)


def adoptions(coming: Sequence[Server], places: int, room: int) -> Plan:
    """Take in as many as have a place. ``room``: how many more servers may exist.

    Who has no place costs no node its own: an adoption never makes surplus.
    """
    return together(_adoption(server, number < room)
                    for number, server in enumerate(coming[:max(0, places)]))


def _adoption(server: Server, has_room: bool) -> Plan:
    if server.state != "ACTIVE":
        return Plan(awaited=(f"{server.name} is {server.state}, and adopted when it is ACTIVE",))
    if has_room:
        return Plan(steps=(AdoptServer("its adoption was asked for", server.id, server.name),))
    return Plan(awaited=(f"{server.name} is adopted when another server is gone",))


def notes(
    group: Group, seen: Observation, coming: Sequence[Server], places: int
) -> tuple[str, ...]:
    """Why servers that are to be adopted are not."""
    broken = [f"{server.name} is in state {server.state} and is not adopted"
              for server in _named(group, seen) if server not in coming]
    homeless = [f"{server.name} is not adopted: there is no place for it; asg.add_node makes one, "
                "asg.release takes the adoption back" for server in coming[max(0, places):]]
    return (*broken, *homeless)
