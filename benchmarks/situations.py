"""Groups of any size in the situations that a planner meets, with what is seen of them."""
from __future__ import annotations

from dataclasses import replace
from typing import Callable, Mapping, NamedTuple

from autoscale.core.checks import Check, HealthCheck, mark
from autoscale.core.group import Departure, Group, Member
from autoscale.core.hooks import Hook
from autoscale.core.launch import LAUNCH_MARK
from autoscale.core.observation import LoadBalancer, Node, Observation, Record, Server, Zone
from autoscale.core.renewal import RollingUpdate, UpdatePolicy

NOW = 1_700_000_000


class Situation(NamedTuple):
    group: Group
    seen: Observation


def server(number: int, group: str = "web") -> Server:
    low, high = number % 250 + 1, number // 250
    return Server(f"id-{number}", f"node-{number}", "ACTIVE", NOW - 9000 + number % 3600, NOW,
                  f"10.1.{high}.{low}", f"10.2.{high}.{low}", metadata={"asg": group})


def at_rest(size: int) -> Situation:
    """All is as it should be."""
    servers = tuple(server(number) for number in range(size))
    group = Group(
        "web", min_nodes=0, max_nodes=2 * size, vm_image_id="image", vm_size_id="2",
        domain="example.com", desired_nodes=size, loadbalancer_id="1", dns_zone_id="2",
        members={s.name: Member(s.private, s.public) for s in servers})
    nodes = tuple(Node(str(s.private), 8080, f"n{s.id}") for s in servers)
    records = tuple(Record(f"{s.name}.web.example.com", str(s.public), f"r{s.id}")
                    for s in servers)
    balancer = LoadBalancer("1", "asg_web_lb", "ACTIVE", "10.9.0.1", "web", nodes)
    lb = Record("lb.web.example.com", "10.9.0.1", "r")
    return Situation(group, Observation(
        servers, balancer, Zone("2", "web.example.com", "web", (lb, *records))))


def joining(size: int) -> Situation:
    """All have just come up, none is in the load balancer or the zone."""
    group, seen = at_rest(size)
    return Situation(replace(group, members={}), _without_traces(seen))


def shrinking(size: int) -> Situation:
    """Half of them, all in service, are too many."""
    group, seen = at_rest(size)
    return Situation(replace(group, desired_nodes=size // 2), seen)


def draining(size: int) -> Situation:
    """Half of them are draining, and capacity is wanted again."""
    group, seen = at_rest(size)
    leaving = {s.id: Departure(NOW - 5, final=False) for s in seen.servers[: size // 2]}
    return Situation(replace(group, drain_timeout=600, leaving=leaving), seen)


def departing(size: int) -> Situation:
    """Half of them leave for good and are out of the load balancer."""
    group, seen = shrinking(size)
    assert seen.load_balancer
    balancer = replace(seen.load_balancer, nodes=seen.load_balancer.nodes[size // 2:])
    leaving = {s.id: Departure(NOW - 5) for s in seen.servers[: size // 2]}
    return Situation(replace(group, leaving=leaving), replace(seen, load_balancer=balancer))


def finishing(size: int) -> Situation:
    """Half of them leave for good, and each has its hook to begin."""
    group, seen = departing(size)
    return Situation(replace(group, hooks={"before_terminate": Hook("db.resync")}), seen)


def renewing(size: int) -> Situation:
    """All are of an earlier launch configuration, in the midst of a rolling update."""
    group, seen = at_rest(size)
    old = tuple(replace(s, metadata={**s.metadata, LAUNCH_MARK: "old"}) for s in seen.servers)
    policy = UpdatePolicy(max_batch_size=max(1, size // 4))
    return Situation(replace(group, rolling_update=RollingUpdate(NOW - 60, policy)),
                     replace(seen, servers=old))


def evicted(size: int) -> Situation:
    """A person wants every single one replaced."""
    group, seen = at_rest(size)
    return Situation(replace(group, evict=tuple(s.name for s in seen.servers)), seen)


def lost(size: int) -> Situation:
    """Half of the servers are gone, their nodes and records are not."""
    group, seen = at_rest(size)
    return Situation(group, replace(seen, servers=seen.servers[size // 2:]))


def broken(size: int) -> Situation:
    """Half of the servers are in ERROR, in the load balancer still."""
    group, seen = at_rest(size)
    ill = tuple(replace(s, state="ERROR") for s in seen.servers[: size // 2])
    return Situation(group, replace(seen, servers=ill + seen.servers[size // 2:]))


def unhealthy(size: int) -> Situation:
    """All are up, none has ever passed its health check, in time enough."""
    group, seen = joining(size)
    return _checked(group, replace(seen, healthy=frozenset()), failing=size)


def ailing(size: int) -> Situation:
    """A quarter of them, in service, has failed its health check too often."""
    group, seen = at_rest(size)
    well = frozenset(s.id for s in seen.servers[size // 4:])
    return _checked(group, replace(seen, healthy=well), failing=size // 4)


def _checked(group: Group, seen: Observation, failing: int) -> Situation:
    check = HealthCheck("http", "/ready")
    of = mark(check, (group.node_network, group.node_port))
    checks = {s.id: Check(NOW - 9000, NOW - 10, 2 * (number < failing), number >= failing, of)
              for number, s in enumerate(seen.servers)}
    return Situation(replace(group, health_check=check, checks=checks), seen)


def without_profile(size: int) -> Situation:
    """All are up, none has been configured."""
    group, seen = joining(size)
    return Situation(replace(group, hooks={"configure": Hook("chef.run")}), seen)


def deleted(size: int) -> Situation:
    """The group is to be deleted."""
    group, seen = at_rest(size)
    return Situation(replace(group, deleted=True), seen)


def _without_traces(seen: Observation) -> Observation:
    assert seen.load_balancer
    assert seen.zone
    return replace(seen, load_balancer=replace(seen.load_balancer, nodes=()),
                   zone=replace(seen.zone, records=()))


SITUATIONS: Mapping[str, Callable[[int], Situation]] = {
    situation.__name__.replace("_", " "): situation
    for situation in (at_rest, joining, shrinking, draining, departing, finishing, renewing,
                      evicted, lost, broken, unhealthy, ailing, without_profile, deleted)
}
