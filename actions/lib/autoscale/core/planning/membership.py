"""Who is in the load balancers: nodes that are ready, and nobody of ours who is gone."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Collection, Mapping, Sequence

from autoscale.core.group import Group
from autoscale.core.observation import LoadBalancer, Node, Observation, Server
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.places import Place, is_right, lacks_address, places
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.profiles import is_configured
from autoscale.core.planning.roster import Roster
from autoscale.core.planning.runs import Runs
from autoscale.core.planning.tally import Departures
from autoscale.core.steps import AddNode, ChangeNode, RemoveNode, Step


def readiness(
    group: Group, roster: Roster, leaving: Departures, seen: Observation, runs: Runs
) -> tuple[tuple[Server, ...], Plan]:
    """The servers that may serve, and what is wrong of others that are up.

    Those that fail their health check are not among them; what comes of it says wellness.
    """
    ready: list[Server] = []
    problems: list[str] = []
    for server in roster.are(Fate.ACTIVE):
        if server.id in leaving:
            continue
        network = lacks_address(group, server)
        if network:
            problems.append(
                f"{server.name} has no {network} address: see asg.{group.name}."
                "node_network")
        elif not is_configured(group, server, runs):
            continue
        elif seen.healthy is None or server.id in seen.healthy:
            ready.append(server)
    up = {server.id for server in ready} | set(leaving)
    coming = [server for server in roster.are(Fate.BUILDING, Fate.ACTIVE) if server.id not in up]
    return tuple(ready), Plan(
        problems=tuple(problems), more_to_join=bool(coming or roster.unseen))


@dataclass(frozen=True)
class _Gate:
    """One load balancer, and who of ours is to be there.

    ``wanted``: by server, as which nodes. ``servers`` and ``hosts``: whose an address is, among
    those that exist and those that are gone. ``rightful``: where each server's nodes may be here;
    one without any was made for this load balancer once, and its nodes stay until it leaves.
    """

    balancer: LoadBalancer
    wanted: Sequence[tuple[Server, Node]]
    draining: Collection[str]
    gone: Mapping[str, str]
    servers: Mapping[str, Server]
    leaving: Collection[str]
    rightful: Mapping[str, Collection[tuple[str, int]]]


def membership(
    group: Group, roster: Roster, leaving: Departures, seen: Observation,
    ready: tuple[Server, ...], given_up: Collection[str] = (),
) -> Plan:
    """The next change of each load balancer: one a cycle, what is dead leaves first."""
    plan = Plan()
    if "load_balancer" in seen.unseen:
        return plan
    belonging = {server.id: places(group, server, seen) for server in roster.present}
    for balancer in seen.balancers:
        if balancer.changeable and _is_ours(group, seen, balancer):
            gate = _gate(group, roster, leaving, balancer, ready, belonging)
            plan += Plan(steps=_next_change(gate, given_up))
    return plan


def _is_ours(group: Group, seen: Observation, balancer: LoadBalancer) -> bool:
    named = {group.loadbalancer_id, *(one.id for one in group.associations.values())}
    return (balancer.owner == group.name or balancer.id in named
            or balancer in seen.former_balancers)


def _gate(
    group: Group, roster: Roster, leaving: Departures, balancer: LoadBalancer,
    ready: Sequence[Server], belonging: Mapping[str, Sequence[Place]],
) -> _Gate:
    def nodes_of(servers: Sequence[Server]) -> list[tuple[Server, Node]]:
        return [(server, one.node) for server in servers for one in belonging[server.id]
                if one.balancer == balancer.id]

    drains = [s for s in roster.present if s.id in leaving and not leaving[s.id].final]
    drained = [(server, replace(node, condition="DRAINING")) for server, node in nodes_of(drains)]
    return _Gate(
        balancer, nodes_of(ready) + drained,
        draining={server.id for server in drains},
        gone={address: host for host, member in group.members.items()
              for address in member.addresses},
        servers={address: server for server in roster.present
                 for address in (server.private, server.public) if address},
        leaving={server for server, one in leaving.items() if one.final},
        rightful={server: [(one.node.address, one.node.port) for one in theirs
                           if one.balancer == balancer.id]
                  for server, theirs in belonging.items()})


def _next_change(gate: _Gate, given_up: Collection[str]) -> tuple[Step, ...]:
    """Nodes that are elsewhere now leave once they are there, unless nothing can be added."""
    changes = [_departures, _corrections, _additions, _misplaced]
    if AddNode.__name__ in given_up:
        changes.remove(_additions)
    return next((tuple(steps) for change in changes for steps in [change(gate)] if steps), ())


def _departures(gate: _Gate) -> list[Step]:
    """Nodes of servers that leave for good or are gone."""
    steps: list[Step] = []
    for node in gate.balancer.nodes:
        server = gate.servers.get(node.address)
        if server is None and node.address in gate.gone:
            steps.append(_removal(gate, "its server is gone", gate.gone[node.address], node))
        elif server and server.id in gate.leaving:
            steps.append(_removal(gate, "its server leaves the group", server.name, node))
    return steps


def _removal(gate: _Gate, why: str, host: str, node: Node) -> Step:
    return RemoveNode(why, gate.balancer.id, host, node.address, node.id)


def _corrections(gate: _Gate) -> list[Step]:
    """Nodes that should take traffic and don't, nodes that should drain and don't."""
    there = gate.balancer.doors
    return [
        ChangeNode(_state(gate, old), gate.balancer.id, server.name, old.address, old.port, old.id,
                   node.condition, node.weight)
        for server, node in gate.wanted
        for old in [there.get((node.address, node.port))]
        if old and not is_right(gate.balancer, node)]


def _state(gate: _Gate, node: Node) -> str:
    weight = f", weight {node.weight}" if gate.balancer.weighs else ""
    return f"it is {node.condition}, {node.type}{weight}"


def _additions(gate: _Gate) -> list[Step]:
    there = gate.balancer.doors
    return [
        AddNode("it is ready", gate.balancer.id, server.name, node.address, node.port,
                node.condition, node.weight)
        for server, node in gate.wanted
        if (node.address, node.port) not in there and server.id not in gate.draining]


def _misplaced(gate: _Gate) -> list[Step]:
    """Nodes of ours at an address or a port where the server does not belong."""
    steps: list[Step] = []
    for node in gate.balancer.nodes:
        server = gate.servers.get(node.address)
        right = gate.rightful[server.id] if server else ()
        if server and right and (node.address, node.port) not in right:
            why = "the node is at {}:{}".format(*next(iter(right)))
            steps.append(_removal(gate, why, server.name, node))
    return steps
