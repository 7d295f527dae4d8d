"""Groups, servers and observations to test with: as they should be, but for what a test says."""
from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any, Mapping

from autoscale.core.group import Group, Member
from autoscale.core.observation import (
    LoadBalancer,
    Node,
    Observation,
    Record,
    Server,
    Zone,
)
from autoscale.core.planning import Plan, plan

NOW = 1_700_000_000

GROUP = Group(
    name="web", min_nodes=1, max_nodes=10, vm_image_id="image", vm_size_id="2",
    domain="example.com", desired_nodes=3, loadbalancer_id="lb-1", dns_zone_id="zone-1",
    channel="#ops")

# The fields of a group as its keys hold them.
TEXTS = {
    "min_nodes": "1", "max_nodes": "10", "vm_image_id": "image", "vm_size_id": "2",
    "domain": "example.com", "desired_nodes": "3",
}


def group(**changes: Any) -> Group:
    return replace(GROUP, **changes)


def server(number: int, state: str = "ACTIVE", age: int = 1000, **changes: Any) -> Server:
    """Server ``s<number>`` of the group, named ``web-<number>``, at 10.0.0.<number>."""
    return replace(Server(
        id=f"s{number}", name=f"web-{number}", state=state, created=NOW - age, updated=NOW - age,
        private=f"10.0.0.{number}", public=f"192.0.2.{number}", metadata={"asg": "web"}), **changes)


def servers(*states: str) -> tuple[Server, ...]:
    """Servers in these states, the oldest first."""
    return tuple(server(number, state, age=2000 - number)
                 for number, state in enumerate(states, 1))


def node(of: Server, **changes: Any) -> Node:
    return replace(Node(str(of.private), 8080, id=f"node-{of.id}"), **changes)


def record(of: Server, **changes: Any) -> Record:
    return replace(Record(f"{of.name}.web.example.com", str(of.public), id=f"record-{of.id}"),
                   **changes)


LB_RECORD = Record("lb.web.example.com", "198.51.100.1", id="record-lb")


def balancer(*nodes: Node, **changes: Any) -> LoadBalancer:
    return replace(LoadBalancer("lb-1", "asg_web_lb", "ACTIVE", "198.51.100.1", "web", nodes),
                   **changes)


def zone(*records: Record, **changes: Any) -> Zone:
    return replace(Zone("zone-1", "web.example.com", "web", (LB_RECORD, *records)), **changes)


def seen(*there: Server, **changes: Any) -> Observation:
    """These servers, those that are ACTIVE in the load balancer and the zone."""
    up = [s for s in there if s.state == "ACTIVE"]
    return replace(Observation(
        servers=there, load_balancer=balancer(*map(node, up)), zone=zone(*map(record, up))),
        **changes)


def members(*of: Server) -> dict[str, Member]:
    return {s.name: Member(s.private, s.public, server=s.id) for s in of}


def places(of: Mapping[str, Member]) -> dict[str, tuple[str | None, str | None]]:
    """Where these members' nodes and records point."""
    return {host: (member.node, member.record) for host, member in of.items()}


def planned(wished: Group, observed: Observation, now: float = NOW, **more: Any) -> Plan:
    """The plan, with names new-1, new-2 and so on for new servers."""
    return plan(wished, observed, now, (f"new-{number}" for number in count(1)), **more)


def told(answer: Plan) -> list[tuple[str, str]]:
    """The steps as pairs: what to do, and with what."""
    return [(type(step).__name__, step.label) for step in answer.steps]


def done(answer: Plan, do: str) -> list[str]:
    """What the plan does of this kind."""
    return [label for kind, label in told(answer) if kind == do]
