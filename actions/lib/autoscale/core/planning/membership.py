"""Who is in the load balancer: nodes that are ready, and nobody of ours who is gone."""
from __future__ import annotations

from autoscale.core.group import Group
from autoscale.core.launch import BALANCER_MARK
from autoscale.core.observation import LoadBalancer, Node, Observation, Server
from autoscale.core.planning.departures import Departures
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.roster import Roster
from autoscale.core.steps import AddNode, ChangeNode, RemoveNode, Step

CONFIGURED_MARK = "asg_configured"
"""Metadata key that says that a server has its profile."""


def readiness(
    group: Group, roster: Roster, leaving: Departures, seen: Observation, tried: frozenset[str]
) -> tuple[tuple[Server, ...], Plan]:
    """The servers that may serve, and what is to be done or awaited for the others that are up.

    ``tried`` are the names for which the configure hook has run in this convergence already.
    """
    ready: list[Server] = []
    configure: list[Server] = []
    awaited: list[str] = []
    problems: list[str] = []
    for server in roster.are(Fate.ACTIVE):
        if server.id in leaving:
            continue
        if server.address(group.node_network) is None:
            problems.append(
                f"{server.name} has no {group.node_network} address: see asg.{group.name}."
                "node_network")
        elif "configure" in group.hooks and CONFIGURED_MARK not in server.metadata:
            if server.name in tried:
                problems.append(_hook_failed(server))
            else:
                configure.append(server)
        elif seen.healthy is not None and server.id not in seen.healthy:
            awaited.append(f"{server.name} is up but fails its health check")
        else:
            ready.append(server)
    return tuple(ready), Plan(
        configure=tuple(configure), awaited=tuple(awaited), problems=tuple(problems))


def _hook_failed(server: Server) -> str:
    return (f"the configure hook failed on {server.name}: read its execution, mend the cause and "
            "run asg.converge, or replace the node with asg.delete_node replace=true")


def membership(
    group: Group, roster: Roster, leaving: Departures, seen: Observation, ready: tuple[Server, ...]
) -> Plan:
    """The next change of each load balancer: one a cycle, what is dead leaves first.

    A server belongs to the load balancer that the group had when it was made, while that exists.
    """
    plan = Plan()
    if "load_balancer" in seen.unseen:
        return plan
    for balancer in seen.balancers:
        if _is_usable(group, seen, balancer):
            here = tuple(server for server in ready if home(server, seen) == balancer.id)
            plan += _next_change(group, roster, leaving, balancer, here)
    return plan


def home(server: Server, seen: Observation) -> str | None:
    """The id of the load balancer that the server belongs to."""
    mark = server.metadata.get(BALANCER_MARK)
    if any(balancer.id == mark for balancer in seen.former_balancers):
        return mark
    return seen.load_balancer.id if seen.load_balancer else None


def _is_usable(group: Group, seen: Observation, balancer: LoadBalancer) -> bool:
    ours = balancer.owner == group.name or balancer.id == group.loadbalancer_id
    return (ours or balancer in seen.former_balancers) and balancer.changeable


def _next_change(
    group: Group, roster: Roster, leaving: Departures, balancer: LoadBalancer,
    ready: tuple[Server, ...],
) -> Plan:
    for change in (_removals, _corrections, _additions):
        steps = change(group, roster, leaving, balancer, ready)
        if steps:
            return Plan(steps=tuple(steps))
    return Plan()


def _removals(
    group: Group, roster: Roster, leaving: Departures, balancer: LoadBalancer,
    ready: tuple[Server, ...],
) -> list[Step]:
    """Nodes of servers that leave for good or are gone, and nodes of ours on a wrong port."""
    hosts = {member.node: host for host, member in group.members.items() if member.node}
    servers = {address: server for server in roster.present
               for address in (server.private, server.public) if address}
    steps: list[Step] = []
    for node in balancer.nodes:
        server = servers.get(node.address)
        host = server.name if server else hosts.get(node.address)
        why = _removal_reason(group, server, leaving, node)
        if host and why:
            steps.append(RemoveNode(why, balancer.id, host, node.address, node.id))
    return steps


def _removal_reason(
    group: Group, server: Server | None, leaving: Departures, node: Node
) -> str | None:
    if server is None:
        return "its server is gone"
    if server.id in leaving and leaving[server.id].final:
        return "its server leaves the group"
    right = (server.address(group.node_network), group.node_port)
    return None if (node.address, node.port) == right else f"the node is at {right[0]}:{right[1]}"


def _corrections(
    group: Group, roster: Roster, leaving: Departures, balancer: LoadBalancer,
    ready: tuple[Server, ...],
) -> list[Step]:
    """Nodes that should take traffic and don't, and nodes that should drain and don't."""
    draining = tuple(s for s in roster.present if s.id in leaving and not leaving[s.id].final)
    steps: list[Step] = []
    for condition, servers in (("ENABLED", ready), ("DRAINING", draining)):
        hosts = {server.address(group.node_network): server.name for server in servers}
        steps += [
            ChangeNode(f"it is {node.condition}, {node.type}, weight {node.weight}", balancer.id,
                       hosts[node.address], node.address, node.port, node.id, condition)
            for node in balancer.nodes
            if node.address in hosts
            and (node.condition, node.type, node.weight) != (condition, "PRIMARY", 1)
        ]
    return steps


def _additions(
    group: Group, roster: Roster, leaving: Departures, balancer: LoadBalancer,
    ready: tuple[Server, ...],
) -> list[Step]:
    there = {(node.address, node.port) for node in balancer.nodes}
    addresses = ((server, str(server.address(group.node_network))) for server in ready)
    return [
        AddNode("it is ready", balancer.id, server.name, address, group.node_port)
        for server, address in addresses if (address, group.node_port) not in there
    ]
