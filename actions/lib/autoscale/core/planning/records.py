"""The group's records in its zone: one for the load balancer, one for each node."""
from __future__ import annotations

from autoscale.core import names
from autoscale.core.associations import MAIN
from autoscale.core.group import Group
from autoscale.core.observation import Observation, Record, Server
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.roster import Roster
from autoscale.core.planning.tally import Departures
from autoscale.core.steps import AddRecord, RemoveRecord

BALANCER_HOST = "lb"


def record_address(server: Server) -> str | None:
    """Where a node's name points: people and Chef reach it there."""
    return server.public or server.private


def records(
    group: Group, roster: Roster, leaving: Departures, seen: Observation, ready: tuple[Server, ...]
) -> Plan:
    """Add what is missing, remove what belongs to nobody or points elsewhere."""
    zone = seen.zone
    if zone is None or (zone.owner != group.name and zone.id != group.dns_zone_id):
        return Plan()
    wanted, problems = _wanted(group, seen, ready)
    kept = {BALANCER_HOST, *_balancer_hosts(group).values()}
    kept |= {server.name for server in roster.present
             if server.id not in leaving or not leaving[server.id].final}
    ours = {f"{host}.{zone.name}" for host in _our_hosts(group, roster)}
    there = [record for record in zone.records if record.type == "A" and record.name in ours]
    removals = tuple(
        RemoveRecord(why, zone.id, record.name, record.data, record.id)
        for record in there for why in [_removal_reason(record, wanted, kept)] if why
    )
    correct = {record.name for record in there if wanted.get(record.name) == record.data}
    additions = tuple(
        AddRecord("the zone has no such record", zone.id, name, data)
        for name, data in wanted.items() if name not in correct
    )
    return Plan(steps=removals + additions, problems=problems)


def has_record(group: Group, seen: Observation, server: Server) -> bool:
    """Whether the server still has a record that is ours to remove; it may, when nobody looked."""
    zone = seen.zone
    if zone is None or (zone.owner != group.name and zone.id != group.dns_zone_id):
        return "zone" in seen.unseen
    return any(record.type == "A" and record.name == f"{server.name}.{zone.name}"
               for record in zone.records)


def _wanted(
    group: Group, seen: Observation, ready: tuple[Server, ...]
) -> tuple[dict[str, str], tuple[str, ...]]:
    wanted, problems = {}, []
    for association, host in _balancer_hosts(group).items():
        balancer = seen.balancer(association)
        if balancer and balancer.address and balancer.owner == group.name:
            wanted[f"{host}.{group.zone_name}"] = balancer.address
    for server in ready:
        address = record_address(server)
        if not names.is_label(server.name) or server.name in _balancer_hosts(group).values():
            problems.append(f"server {server.id} gets no DNS record: its name is no host name")
        elif address:
            wanted[f"{server.name}.{group.zone_name}"] = address
    return wanted, tuple(problems)


def _our_hosts(group: Group, roster: Roster) -> set[str]:
    return {BALANCER_HOST, *_balancer_hosts(group).values(), *group.members,
            *(server.name for server in roster.present)}


def _balancer_hosts(group: Group) -> dict[str, str]:
    """Under which names the group's own load balancers are found, by association."""
    return {name: BALANCER_HOST if name == MAIN else f"{BALANCER_HOST}-{name}"
            for name in group.balancer_names}


def _removal_reason(record: Record, wanted: dict[str, str], kept: set[str]) -> str | None:
    if record.name in wanted:
        right = wanted[record.name]
        return None if record.data == right else f"it should point to {right}"
    host = record.name.split(".", 1)[0]
    return None if host in kept else "its server leaves the group"
