"""Whatever strikes a change: what the call says of its effect is true, and it is never doubled."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

import pytest

from autoscale.core.observation import Node, Record
from autoscale.seams import CloudError
from simcloud import Fault, RegionServer

from .simulated import CHANGE, SERVICES, SimulatedWorld

NODES = tuple(Node(address=f"10.20.30.{n}", port=8080) for n in range(3))
RECORDS = tuple(Record(name=f"web-{n}.example.com", data=f"162.20.30.{n}") for n in range(3))


@dataclass(frozen=True)
class Things:
    """What there is before the change."""

    server: str
    balancer: str
    nodes: tuple[Node, ...]
    zone: str
    records: tuple[str, ...]


def prepared(world: SimulatedWorld) -> Things:
    cloud = world.cloud
    server = cloud.servers.create(
        "web-0", image=world.image, size=world.size, metadata={"asg": "w"}
    )
    balancer = cloud.load_balancers.create("lb", port=80, protocol="HTTP", owner="w")
    zone = cloud.dns.create_zone("example.com", email="a@example.com", owner="w")
    world.settle()
    cloud.load_balancers.add_nodes(balancer, NODES[:1])
    cloud.dns.add_records(zone, RECORDS[:1])
    world.settle()
    seen, names = cloud.load_balancers.get(balancer), cloud.dns.get(zone)
    assert seen is not None
    assert names is not None
    records = tuple(each.id for each in names.records if each.type == "A")
    return Things(server, balancer, seen.nodes, zone, records)


Change = Callable[[SimulatedWorld, Things], object]

CHANGES: dict[str, Change] = {
    "create server": lambda w, _: w.cloud.servers.create(
        "web-1", image=w.image, size=w.size, metadata={"asg": "w"}
    ),
    "delete server": lambda w, t: w.cloud.servers.delete(t.server),
    "tag server": lambda w, t: w.cloud.servers.tag(t.server, {"configured": "True"}),
    "create key pair": lambda w, _: w.cloud.servers.create_key_pair(
        "asg-w", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7 test@example.com"
    ),
    "create balancer": lambda w, _: w.cloud.load_balancers.create(
        "lb2", port=80, protocol="HTTP", owner="w"
    ),
    "delete balancer": lambda w, t: w.cloud.load_balancers.delete(t.balancer),
    "add nodes": lambda w, t: w.cloud.load_balancers.add_nodes(t.balancer, NODES),
    "change node": lambda w, t: w.cloud.load_balancers.change_node(
        t.balancer, Node(NODES[0].address, 8080, t.nodes[0].id, "DRAINING")
    ),
    "remove nodes": lambda w, t: w.cloud.load_balancers.remove_nodes(
        t.balancer, [t.nodes[0].id, "424242"]
    ),
    "create zone": lambda w, _: w.cloud.dns.create_zone("new.org", email="a@new.org", owner="w"),
    "delete zone": lambda w, t: w.cloud.dns.delete_zone(t.zone),
    "add records": lambda w, t: w.cloud.dns.add_records(t.zone, RECORDS),
    "remove records": lambda w, t: w.cloud.dns.remove_records(t.zone, [*t.records, "A-424242"]),
}

FAULTS: dict[str, dict[str, Any]] = {
    "none": {"count": 0},
    "500": {"status": 500},
    "503 with Retry-After": {"status": 503, "retry_after": 3},
    "504 after the effect": {"status": 504, "after_effect": True},
    "cut": {"kind": "drop"},
    "cut after the effect": {"kind": "drop", "after_effect": True},
    "rate limit": {"kind": "rate_limit", "retry_after": 3},
    "rate limit without an end": {"kind": "rate_limit", "retry_after": 3, "count": None},
    "401": {"status": 401},
    "401 without an end": {"status": 401, "count": None},
    "cut on the second": {"kind": "drop", "skip": 1},
}


def state(world: SimulatedWorld) -> Any:
    """All that the changes concern, once everything has settled; no times and no statuses."""
    world.settle()
    seen = world.region.snapshot()
    return (
        [(each["id"], each["metadata"]) for each in seen["servers"]],
        [(each["id"], each.get("nodes")) for each in seen["load_balancers"]],
        [(each["id"], each["name"]) for each in seen["zones"]],
        sorted((each["name"], each["type"], each["data"]) for each in seen["records"]),
        [each["name"] for each in seen["keypairs"]],
    )


def size(what: Any) -> list[int]:
    return [len(part) for part in what] + [len(nodes or ()) for _, nodes in what[1]]


@pytest.fixture(scope="module")
def wanted(server: RegionServer) -> dict[str, list[int]]:
    """How much there is after each change that nothing disturbs."""
    sizes = {}
    for name, change in CHANGES.items():
        world = SimulatedWorld(server)
        change(world, prepared(world))
        sizes[name] = size(state(world))
    return sizes


def tried(change: Change, world: SimulatedWorld, things: Things) -> CloudError | None:
    try:
        change(world, things)
    except CloudError as error:
        return error
    return None


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("name", CHANGES)
def test_what_a_call_says_of_its_effect_is_true(
    world: SimulatedWorld, wanted: dict[str, list[int]], name: str, fault: dict[str, Any]
) -> None:
    things = prepared(world)
    before = state(world)
    world.region.faults.add(Fault(method=CHANGE, path=SERVICES, **fault))
    error = tried(CHANGES[name], world, things)
    after = state(world)
    if error is None:
        assert size(after) == wanted[name]
        assert after != before
    else:
        assert after == before or not error.certain
        assert size(after) in (size(before), wanted[name])


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
@pytest.mark.parametrize("name", [name for name in CHANGES if not name.startswith("create ")])
def test_a_change_that_was_disturbed_can_be_repeated(
    world: SimulatedWorld, wanted: dict[str, list[int]], name: str, fault: dict[str, Any]
) -> None:
    things = prepared(world)
    world.region.faults.add(Fault(method=CHANGE, path=SERVICES, **fault))
    tried(CHANGES[name], world, things)
    world.settle()
    world.region.faults.clear()
    CHANGES[name](world, things)
    assert size(state(world)) == wanted[name]
