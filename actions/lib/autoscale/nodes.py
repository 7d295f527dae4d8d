"""Looking up the node, or the server, that a request names."""
from __future__ import annotations

from dataclasses import replace
from typing import Any, Iterable

from autoscale import groups
from autoscale.core import texts
from autoscale.core.deciding.nodes import unit_of
from autoscale.core.group import Group
from autoscale.core.observation import Observation, Server
from autoscale.core.planning import roster
from autoscale.core.planning.units import place
from autoscale.core.requests import BadRequest, Request
from autoscale.parts import Parts

KINDS = frozenset({"delete_node", "protect", "unprotect", "release", "adopt"})
"""The requests that name a node or a server."""


def looked_up(
    parts: Parts, group: Group, request: Request
) -> tuple[Group, Request, dict[str, Any]]:
    """The group without the names of nodes that are gone, and the request with its server.

    In the end, what this changes of the group: it is to be written before the decision is. Raises
    BadRequest where what is named does not exist.
    """
    members = _members(parts, group)
    changes = _forgotten(parts, group, members)
    group = replace(group, **changes)
    find = _to_adopt if request.kind == "adopt" else _node
    server = find(parts, group, request, members)
    name = server.name if server and request.kind == "release" else request.node
    taken = tuple(member.name for member in members)
    unit = tuple(member.id for member in members
                 if server and place(member, group)[0] == place(server, group)[0])
    return group, replace(request, node=name, server=server, taken=taken, unit=unit), changes


def outdated(parts: Parts, group: Group) -> tuple[str, ...]:
    """The names of the group's nodes that are of an earlier launch configuration."""
    seen = Observation(servers=_members(parts, group))
    roll = roster.call(group, seen, parts.clock())
    return tuple(server.name for server in roll.counted if server.id not in roll.current)


def _members(parts: Parts, group: Group) -> tuple[Server, ...]:
    """The group's servers. A list can be stale: only who is not found by its id either is gone."""
    listed = [server for server in parts.cloud.servers.list() if server.group == group.name]
    known = {*group.made.values(), *(m.server for m in group.members.values() if m.server)}
    missing = [parts.cloud.servers.get(server)
               for server in sorted(known - {server.id for server in listed})]
    return tuple(sorted(
        (server for server in [*listed, *missing] if server and server.group == group.name),
        key=lambda server: server.name))


def _forgotten(parts: Parts, group: Group, members: Iterable[Server]) -> dict[str, Any]:
    """The fields that name what is gone, without that; and without adoptions that are done."""
    there = {server.name for server in members}
    done = {server.id for server in members}
    adopting = {server: adoption for server, adoption in group.adopting.items()
                if server not in done and _may_come(parts, server)}
    units = {unit_of(group, name)
             for name in [*there, *(adoption.name for adoption in adopting.values())]}
    kept = {
        "evict": tuple(name for name in group.evict if name in there),
        "releasing": tuple(name for name in group.releasing if name in there),
        "protected": tuple(name for name in group.protected
                           if not units.isdisjoint((name, unit_of(group, name)))),
        "adopting": adopting}
    return {field: value for field, value in kept.items() if value != getattr(group, field)}


def _may_come(parts: Parts, server_id: str) -> bool:
    """Whether the server may still be adopted: it exists, and no other group has it."""
    server = parts.cloud.servers.get(server_id)
    return server is not None and not server.group


def _node(
    parts: Parts, group: Group, request: Request, members: tuple[Server, ...]
) -> Server | None:
    """The node of that name; what is to be adopted may be protected, and released, already."""
    node = request.node
    found = next((server for server in members if server.name == node), None)
    if found or request.kind == "unprotect" and node in group.protected:
        return found
    if request.kind in ("protect", "release"):
        for server, adoption in group.adopting.items():
            if node in (server, adoption.name):
                return parts.cloud.servers.get(server)
    there = texts.listed([server.name for server in members]) or "none"
    raise BadRequest(f"{node!r} is not a node of {group.name}; its nodes are: {there}")


def _to_adopt(
    parts: Parts, group: Group, request: Request, members: tuple[Server, ...]
) -> Server:
    found = parts.cloud.servers.find(request.node)
    if not found:
        raise BadRequest(f"there is no server {request.node!r}: give the name or the id of one "
                         "that is running")
    if len(found) > 1:
        ids = texts.listed(sorted(server.id for server in found))
        raise BadRequest(f"{len(found)} servers are called {request.node!r}: give the id of one, "
                         f"{ids}")
    return _unclaimed(parts, group, found[0])


def _unclaimed(parts: Parts, group: Group, server: Server) -> Server:
    """The server, unless another group has been asked to adopt it and has not marked it yet."""
    others, _ = groups.load_all(parts.store)
    for other in others:
        if other.name != group.name and server.id in other.adopting and not server.group:
            raise BadRequest(f"server {server.name} is being adopted by group {other.name}: "
                             "asg.release it there first")
    return server
