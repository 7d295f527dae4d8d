"""Looking at the cloud: everything that concerns a group, its parts at the same time."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Callable, Collection, Iterable, Mapping

from autoscale.core.associations import MAIN
from autoscale.core.group import Group
from autoscale.core.launch import BALANCER_MARK, balancer_id, read_homes
from autoscale.core.observation import LoadBalancer, Observation, Server, Zone
from autoscale.core.planning.places import door
from autoscale.core.planning.units import place
from autoscale.health import Answers, Question, ask_all
from autoscale.seams import Cloud, CloudError

PARTS = ("servers", "load_balancer", "zone", "key_pairs", "health")
QUICK_PARTS = ("servers", "load_balancer", "health")
"""What changes while something is awaited. DNS is asked less often: it allows little a minute."""

ASK_WITHIN = 10
"""Seconds in which one look asks nodes for their health: some 200 if none of them answers, and
thousands if they do."""


def observe(
    cloud: Cloud, group: Group, parts: Collection[str] = PARTS,
    before: Observation | None = None,
) -> Observation:
    """Look at these parts; the others are as they were ``before``.

    What can't be looked at for now is named in ``unseen``. Raises Refused when the cloud does not
    want to be looked at.
    """
    looks: Mapping[str, Callable[[], Any]] = {
        "servers": lambda: _servers(cloud, group),
        "load_balancer": lambda: _load_balancers(cloud, group),
        "zone": lambda: _zone(cloud, group),
        "key_pairs": cloud.servers.key_pairs,
    }
    with ThreadPoolExecutor(len(PARTS)) as pool:
        futures = {part: pool.submit(looks[part]) for part in parts if part in looks}
    seen: dict[str, Any] = {}
    unseen = {part: why for part, why in (before.unseen if before else {}).items()
              if part not in parts}
    for part, future in futures.items():
        try:
            seen[part] = future.result()
        except CloudError as error:
            if not error.retry:
                raise
            unseen[part] = str(error)
            seen[part] = () if part in ("servers", "key_pairs") else None
    if "load_balancer" in seen:
        found = seen["load_balancer"] or {}
        seen["load_balancer"] = found.get(MAIN)
        seen["others"] = {name: one for name, one in found.items() if one and name != MAIN}
    try:
        seen["former_balancers"] = _former_balancers(cloud, group, seen, before)
    except CloudError as error:
        if not error.retry:
            raise
        unseen["load_balancer"] = str(error)
    earlier = frozenset(PARTS).difference(parts) if before else frozenset()
    whole = replace(before or Observation(), unseen=unseen, earlier=earlier, **seen)
    return _with_health(group, whole) if "health" in parts else whole


def _servers(cloud: Cloud, group: Group) -> tuple[Server, ...]:
    """All that are listed, those that are to be adopted, and of the group's those that a list has
    left out.

    A list can be stale or cut short without a sign of it: only who is not found by its id either
    is gone.
    """
    listed = cloud.servers.list()
    there = {server.id for server in listed}
    known = {*group.made.values(), *group.adopting,
             *(m.server for m in group.members.values() if m.server)}
    missing = [cloud.servers.get(server) for server in sorted(known - there)]
    return (*listed, *(server for server in missing if server))


def _load_balancers(cloud: Cloud, group: Group) -> dict[str, LoadBalancer | None]:
    """The load balancers that the group's nodes belong to, by association."""
    return {name: _load_balancer(cloud, group, name) for name in group.associations}


def _load_balancer(cloud: Cloud, group: Group, association: str) -> LoadBalancer | None:
    """By its id, or by its name: a group that is to be deleted must not leave it behind."""
    known = balancer_id(group, association)
    if known:
        found = cloud.load_balancers.get(known)
        if found or not group.deleted or association not in group.balancer_names:
            return found
    namesakes = cloud.load_balancers.find(group.balancer_names[association])
    ours = [balancer for balancer in namesakes if balancer.owner == group.name]
    return next(iter([*ours, *namesakes]), None)


def _former_balancers(
    cloud: Cloud, group: Group, seen: Mapping[str, Any], before: Observation | None
) -> tuple[LoadBalancer, ...]:
    """Those that servers were made for while the group had them, or have nodes at, even if the
    servers are gone, and its own that it has left before anybody saw them; of a group that is to be
    deleted, its own too, whatever its keys say."""
    servers = seen.get("servers", before.servers if before else ())
    before = before or Observation()
    main = seen.get("load_balancer", before.load_balancer)
    current = [*seen.get("others", before.others).values(), *([main] if main else [])]
    marks = {home for server in servers if server.group == group.name
             for home in (read_homes(server.metadata.get(BALANCER_MARK)) or {}).values()}
    marks |= {home for member in group.members.values() for home in member.homes}
    known = {balancer_id(group, name) for name in group.associations}
    if group.deleted:
        marks |= {group.loadbalancer_id, *group.balancers.values()}
    others = marks - {"", *known, *(balancer.id for balancer in current)}
    found = [cloud.load_balancers.get(other) for other in sorted(others)]
    names = [*group.left_unseen.values()]
    if group.deleted and not any(balancer.owner == group.name for balancer in current):
        names.append(group.load_balancer_name)
    found += [balancer for name in names for balancer in cloud.load_balancers.find(name)
              if balancer.owner == group.name]
    return tuple({balancer.id: balancer for balancer in found if balancer}.values())


def _zone(cloud: Cloud, group: Group) -> Zone | None:
    if group.dns_zone_id:
        found = cloud.dns.get(group.dns_zone_id)
        if found or not group.deleted:
            return found
    if group.domain:
        return cloud.dns.find(group.zone_name)
    return cloud.dns.marked(group.name)  # a hand has broken the domain of a group to be deleted


def questions(group: Group, servers: Iterable[Server]) -> list[Question]:
    """How to ask those of the group's servers that are up, and join a load balancer, whether they
    serve."""
    check = group.health_check
    if check is None or group.deleted:
        return []
    up = [s for s in servers if s.group == group.name and s.state == "ACTIVE" and not s.leaving]
    doors = ((server, door(group, place(server, group)[1])) for server in up)
    return [Question(server.id, check, address, at[1]) for server, at in doors if at
            for address in [server.address(at[0])] if address]


def with_answers(group: Group, seen: Observation, answers: Answers) -> Observation:
    """The observation with what those who were asked have answered; who joins nothing is well."""
    others = (s.id for s in seen.servers if s.group == group.name
              and not door(group, place(s, group)[1]))
    return replace(seen, healthy=answers.passed.union(others), unasked=answers.unasked)


def _with_health(group: Group, seen: Observation) -> Observation:
    if group.health_check is None or group.deleted or "servers" in seen.unseen:
        return replace(seen, healthy=None, unasked=frozenset())
    return with_answers(group, seen, ask_all(questions(group, seen.servers), ASK_WITHIN))
