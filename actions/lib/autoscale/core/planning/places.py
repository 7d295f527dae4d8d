"""Where nodes belong: which load balancer, on which port. Nothing here knows how one is changed."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable, Mapping

from autoscale.core.associations import MAIN, Association
from autoscale.core.group import Group
from autoscale.core.launch import BALANCER_MARK, joined, read_homes
from autoscale.core.observation import LoadBalancer, Node, Observation, Server
from autoscale.core.planning.units import place


@dataclass(frozen=True)
class Place:
    """A server belongs to this load balancer (its id), as this node."""

    balancer: str
    node: Node


def places(group: Group, server: Server, seen: Observation) -> tuple[Place, ...]:
    """Where the server belongs, as far as those load balancers exist.

    It keeps to those that the group had when it was made, while they exist.
    """
    marked = read_homes(server.metadata.get(BALANCER_MARK))
    found = []
    for name, association in joined(group, place(server, group)[1]).items():
        balancer = home(name, marked, seen)
        address = server.address(association.network or group.node_network)
        if balancer and address:
            found.append(Place(balancer, node_of(group, association, address)))
    return tuple(found)


def conditions(group: Group, server: Server, seen: Observation) -> dict[str, str]:
    """How the server stands in each load balancer that it is to join, by association; or out."""
    marked = read_homes(server.metadata.get(BALANCER_MARK))
    nodes = {(balancer.id, node.address): node.condition
             for balancer in seen.balancers for node in balancer.nodes}
    return {
        name: nodes.get((home(name, marked, seen) or "",
                         server.address(association.network or group.node_network) or ""), "out")
        for name, association in joined(group, place(server, group)[1]).items()}


def serving(group: Group, seen: Observation, ready: Iterable[Server]) -> frozenset[str]:
    """Ids of the servers that traffic reaches: ready, and in every load balancer they belong to."""
    there = {(balancer.id, node.address, node.port, node.condition)
             for balancer in seen.balancers for node in balancer.nodes}

    def serves(server: Server) -> bool:
        if not joined(group, place(server, group)[1]):
            return True
        theirs = [(one.balancer, one.node.address, one.node.port, one.node.condition)
                  for one in places(group, server, seen)]
        return bool(theirs) and there.issuperset(theirs)

    return frozenset(server.id for server in ready if serves(server))


def is_off(group: Group, server: Server, seen: Observation) -> bool:
    """Whether no load balancer sends it new requests any more, where it belongs.

    A change of nodes counts once the load balancer is ACTIVE again.
    """
    theirs = {(one.balancer, one.node.address, one.node.port)
              for one in places(group, server, seen)}
    return "load_balancer" not in seen.unseen and all(
        balancer.changeable and balancer.doors[(address, port)].condition != "ENABLED"
        for balancer in seen.balancers for its, address, port in theirs
        if its == balancer.id and (address, port) in balancer.doors)


def in_change(group: Group, server: Server, seen: Observation) -> bool:
    """Whether a load balancer where it belongs still does what it did before its last change."""
    theirs = {one.balancer for one in places(group, server, seen)}
    return any(balancer.status == "PENDING_UPDATE" and balancer.id in theirs
               for balancer in seen.balancers)


def home(name: str, marked: Mapping[str, str] | None, seen: Observation) -> str | None:
    """The id of the load balancer that a server has for this association.

    ``marked``: what the server was made for, by association; None when nobody wrote it down.
    """
    if marked is not None and name not in marked:
        return None
    old = (marked or {}).get(name)
    if any(balancer.id == old for balancer in seen.former_balancers):
        return old
    current = seen.balancer(name)
    return current.id if current else None


def node_of(group: Group, association: Association, address: str) -> Node:
    """The node that a server at this address is to be."""
    return Node(address, association.port or group.node_port, condition=association.condition,
                weight=association.weight)


def door(group: Group, role: str) -> tuple[str, int] | None:
    """The network and port where servers of a role are asked for their health: where the main load
    balancer finds them, or else the first one. None for those that join no load balancer."""
    there = joined(group, role)
    one = there.get(MAIN) or next(iter(there.values()), None)
    return (one.network or group.node_network, one.port or group.node_port) if one else None


def lacks_address(group: Group, server: Server) -> str | None:
    """The network on which the server has no address and needs one, or None."""
    networks = [one.network or group.node_network
                for one in joined(group, place(server, group)[1]).values()]
    missing = [network for network in networks or [group.node_network]
               if server.address(network) is None]
    return missing[0] if missing else None


def is_right(balancer: LoadBalancer, wanted: Node) -> bool:
    """Whether the node is there and is as it should be, as far as that counts there."""
    there = balancer.doors.get((wanted.address, wanted.port))
    return there is not None and (
        (there.condition, there.type) == (wanted.condition, wanted.type)
        and (there.weight == wanted.weight or not balancer.weighs))


def vain_weights(group: Group, seen: Observation) -> tuple[str, ...]:
    """A sentence for each weight that has no effect."""
    return tuple(
        f"weight {one.weight} of {name} has no effect: load balancer {balancer.id} has an "
        "algorithm that ignores weights"
        for name, one in group.associations.items() for balancer in [seen.balancer(name)]
        if balancer and not balancer.weighs and one.weight != 1)
