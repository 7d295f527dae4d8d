"""What has to be written down before the steps are applied, so that repeating them is safe."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from autoscale.core.associations import MAIN
from autoscale.core.group import RELEASED, SURPLUS, Departure, Group, Member
from autoscale.core.observation import Observation, Server
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.records import record_address
from autoscale.core.planning.roster import UNSEEN_LIMIT, Roster, is_recent
from autoscale.core.planning.runs import now_known
from autoscale.core.planning.tally import Departures, spared
from autoscale.core.steps import (
    AddNode,
    AddRecord,
    CreateLoadBalancer,
    CreateServer,
    DeleteServer,
    ReleaseServer,
)


def learned(
    group: Group, roster: Roster, leaving: Departures, seen: Observation, plan: Plan, now: int
) -> dict[str, Any]:
    """The group's fields as they are to be written, those that changed and those that did not.

    They are written in this order. Who was made stays in ``made`` until ``members`` knows it: a
    death in between must not leave a server that a list may leave out without anybody who knows it.
    """
    return {
        **plan.learned,
        "hook_runs": now_known(group, plan),
        "members": _members(group, roster, seen, plan),
        "reserved": _reserved(group, roster, seen, plan, now),
        "leaving": {**_leaving(leaving, plan, now), **spared(group, roster, leaving)},
        "made": {},
    }


def _reserved(
    group: Group, roster: Roster, seen: Observation, plan: Plan, now: int
) -> dict[str, int]:
    """Names asked for and not seen, and those about to be asked for."""
    kept = {name: group.reserved[name] for name in roster.unseen}
    there = {balancer.name for balancer in seen.former_balancers}
    there |= {name for association, name in group.balancer_names.items()
              if seen.balancer(association)}
    kept.update({name: group.reserved[name] for name in _balancers(group)
                 if name in group.reserved and name not in there
                 and is_recent(group.reserved[name], now, UNSEEN_LIMIT)})
    if "load_balancer" in seen.unseen:
        kept.update({name: group.reserved[name] for name in group.left_unseen.values()})
    creations = (s for s in plan.steps if isinstance(s, (CreateServer, CreateLoadBalancer)))
    return {**kept, **{step.name: now for step in creations}}


def _balancers(group: Group) -> tuple[str, ...]:
    """What load balancers are called that the group may have asked for."""
    return (*group.balancer_names.values(), *group.left_unseen.values())


def _leaving(leaving: Departures, plan: Plan, now: int) -> dict[str, Departure]:
    released = {step.server for step in plan.steps if isinstance(step, ReleaseServer)}
    asked = {step.server for step in plan.steps if isinstance(step, DeleteServer)} | released
    absent = {server: Departure(now, why=RELEASED if server in released else SURPLUS)
              for server in asked if server not in leaving}
    return {server: replace(departure, asked=now) if server in asked else departure
            for server, departure in {**leaving, **absent}.items()}


def _members(group: Group, roster: Roster, seen: Observation, plan: Plan) -> dict[str, Member]:
    """Whose node and record we have put there: how those of a server that is gone are known."""
    joining = {step.host for step in plan.steps if isinstance(step, AddNode)}
    joining |= {step.name.split(".", 1)[0] for step in plan.steps if isinstance(step, AddRecord)}
    present = {server.name: server for server in roster.present}
    kept = {host: member if host in present else replace(member, server=None, dismissed=True)
            for host, member in group.members.items()
            if host in present or _has_traces(group, seen, host, member)}
    new = {host: Member(server.address(group.node_network), record_address(server),
                        server=server.id, other=_other_address(group, server))
           for host, server in present.items() if host in joining or host not in kept}
    known = {**kept, **new}
    if "load_balancer" not in seen.unseen:
        joins: dict[str, set[str]] = {}
        for step in plan.steps:
            if isinstance(step, AddNode):
                joins.setdefault(step.host, set()).add(step.on)
        known = {host: replace(member, homes=_homes(seen, member, joins.get(host, set())))
                 for host, member in known.items()}
    gone = {step.name for step in plan.steps if isinstance(step, (DeleteServer, ReleaseServer))}
    return {host: replace(member, dismissed=True) if host in gone else member
            for host, member in known.items()}


def _homes(seen: Observation, member: Member, joins: set[str]) -> tuple[str, ...]:
    """The load balancers (ids) where it has nodes, or ``joins`` now."""
    there = {balancer.id for balancer in seen.balancers
             if not balancer.addresses.isdisjoint(member.addresses)}
    return tuple(sorted(there | joins))


def _other_address(group: Group, server: Server) -> str | None:
    """The server's address on the network that is not the group's own."""
    return server.address("public" if group.node_network == "private" else "private")


def _has_traces(group: Group, seen: Observation, host: str, member: Member) -> bool:
    """Whether a node or record of the host is still there, or nobody could look, or has lately.

    Nobody could where what is expected is not there: it may only be called by a wrong id.
    """
    places = {"load_balancer", "zone"}
    lost = (MAIN in group.associations and group.loadbalancer_id and not seen.load_balancer
            or set(group.associations) - {MAIN} - set(seen.others)
            or group.dns_zone_id and not seen.zone)
    if not places.isdisjoint({*seen.unseen, *seen.earlier}) or lost and not group.deleted:
        return True
    joined = any(not balancer.addresses.isdisjoint(member.addresses)
                 for balancer in seen.balancers)
    named = seen.zone.names if seen.zone else ()
    return joined or f"{host}.{group.zone_name}" in named
