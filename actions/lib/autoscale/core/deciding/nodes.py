"""Requests that name a node: protecting, removing and releasing it, adopting a server as one.

The caller has made sure that the node is the group's, and has found the server.
"""
from __future__ import annotations

from dataclasses import replace
from typing import Any, Collection, Mapping

from autoscale.core import names, texts
from autoscale.core.deciding.decision import Decision, denied, out_of_bounds
from autoscale.core.deciding.hooks import answered
from autoscale.core.group import RELEASED, Adoption, Departure, Group
from autoscale.core.hooks import AGAIN
from autoscale.core.observation import Server
from autoscale.core.requests import Request
from autoscale.core.units import place_of

RESERVED_NAME = "lb"
"""The host name of the load balancer."""


def protect(group: Group, request: Request, now: int) -> Decision:
    node = request.node
    if is_protected(group, node):
        return denied(f"node {node} is protected already")
    if _is_called(group, node, (*group.evict, *group.releasing)) and not _stays(group, request):
        return denied(f"node {node} is on its way out already")
    return Decision(
        True, f"node {node} is protected: it goes neither as surplus nor in a rolling update",
        {"protected": (*group.protected, unit_of(group, node))})


def unprotect(group: Group, request: Request, now: int) -> Decision:
    """Whichever node of its scaling unit was named when it was protected."""
    if not is_protected(group, request.node):
        return denied(f"node {request.node} is not protected")
    unit = unit_of(group, request.node)
    kept = tuple(name for name in group.protected if unit not in (name, unit_of(group, name)))
    return Decision(True, f"node {request.node} is protected no more", {"protected": kept})


def delete_node(group: Group, request: Request, now: int) -> Decision:
    node = request.node
    if is_protected(group, node):
        return denied(f"node {node} is protected: asg.unprotect it first")
    if node in group.releasing:
        return denied(f"node {node} is being released, and stays as a server")
    if _stays(group, request):
        return Decision(True, f"removing node {node}, which its hook had abandoned", {
            "status": "deflating", "evict": _with(group.evict, node), **_again(group, request)})
    if _is_called(group, node, group.evict):
        return Decision(True, f"node {node} is on its way out already")
    return _one_less(group, request, "removing", {"evict": (*group.evict, node)})


def release(group: Group, request: Request, now: int) -> Decision:
    """A server that was to be adopted, and is not a node yet, is left as it is."""
    node, stays = request.node, _stays(group, request)
    if _is_candidate(group, request.server):
        return _one_less(group, request, "not adopting", {"adopting": _without(group, request)})
    if group.roles:
        return denied(f"node {node} is one of a scaling unit's servers, and they go together: "
                      "asg.delete_node removes them")
    if node in group.releasing and not stays:
        return Decision(True, f"node {node} is being released already")
    if not stays and (node in group.evict or _is_doomed(_departure(group, request))):
        return denied(f"node {node} is on its way out already, to be deleted")
    changes: dict[str, Any] = {
        "adopting": _without(group, request),
        "releasing": _with(group.releasing, node),
        "protected": tuple(name for name in group.protected if name != node)}
    if stays:
        kept = tuple(name for name in group.evict if name != node)
        return Decision(True, f"releasing node {node}, whose removal its hook had abandoned", {
            "status": "deflating", **changes, "evict": kept, **_again(group, request)})
    return _one_less(group, request, "releasing", changes)


def adopt(group: Group, request: Request, now: int) -> Decision:
    """The name is written before the wish: no other server may be made for its place.

    A decision that dies in between is finished by the next one: see ``unfinished``.
    """
    server = request.server
    assert server is not None
    if server.group == group.name:
        return denied(f"{server.name} is a node of it already")
    if server.id in group.adopting:
        return Decision(True, f"server {server.name} is being adopted already")
    complaint = _unfit(group, server, request.taken)
    if complaint:
        return denied(complaint)
    wanted = group.desired + 1
    if wanted > group.max_nodes:
        return out_of_bounds(group, "max_nodes")
    said = f"adopting server {server.name}, {texts.are(wanted, group.noun)} desired then"
    return Decision(True, said, {
        "status": "expanding",
        "adopting": {**group.adopting, server.id: Adoption(server.name, wanted)},
        "desired_nodes": wanted})


def unfinished(adopting: Mapping[str, Adoption]) -> int | None:
    """What desired_nodes is to be, where a decision to adopt may have died before it said so."""
    return max((adoption.desired for adoption in adopting.values()), default=0) or None


def settled(adopting: Mapping[str, Adoption]) -> dict[str, Adoption]:
    """The same, nothing of it left to be written."""
    return {server: replace(adoption, desired=0) for server, adoption in adopting.items()}


def is_protected(group: Group, node: str) -> bool:
    """Whether the node, or its scaling unit, or another server of that, is."""
    return _is_called(group, node, group.protected)


def _is_called(group: Group, node: str, called: Collection[str]) -> bool:
    """Whether the node's scaling unit, or a server of it, is among these names."""
    return unit_of(group, node) in {*called, *(unit_of(group, name) for name in called)}


def unit_of(group: Group, node: str) -> str:
    """The scaling unit that a node of this name belongs to."""
    return place_of(node, group.roles)[0]


def _one_less(
    group: Group, request: Request, doing: str, changes: Mapping[str, Any]
) -> Decision:
    """One node less is desired from then on, or a new one is made in its place."""
    if request.replace:
        said = f"{doing} node {request.node}, a new one takes its place"
        return Decision(True, said, {"status": "converging", **changes})
    left = group.desired - 1
    if left < group.min_nodes:
        return out_of_bounds(group, "min_nodes", f"replace=true gets a new {group.noun} for it")
    said = f"{doing} node {request.node}, {texts.are(left, group.noun)} desired then"
    return Decision(True, said, {"status": "deflating", **changes, "desired_nodes": left})


def _unfit(group: Group, server: Server, taken: tuple[str, ...]) -> str | None:
    """Why the server can't become a node of the group."""
    if group.roles:
        return "its scaling units have several servers each: a single one can't be adopted"
    if server.group:
        return f"server {server.name} belongs to group {server.group}: asg.release it there first"
    if server.state != "ACTIVE" or server.leaving:
        state = "being deleted" if server.leaving else f"in state {server.state}"
        return f"server {server.name} is {state}: only one that is ACTIVE can be adopted"
    if server.address(group.node_network) is None:
        return (f"server {server.name} has no {group.node_network} address, and node_network is "
                f"{group.node_network}")
    if not names.is_label(server.name) or server.name == RESERVED_NAME:
        return f"{server.name!r} can't be a host's name: rename the server"
    ours = {*taken, *group.reserved, *(adoption.name for adoption in group.adopting.values())}
    if server.name in ours:
        return f"the group has a node called {server.name} already: rename the server"
    return None


def _departure(group: Group, request: Request) -> Departure | None:
    return group.leaving.get(request.server.id) if request.server else None


def _stays(group: Group, request: Request) -> bool:
    """Whether the node is kept because its hook has abandoned its removal."""
    departure = _departure(group, request)
    return departure is not None and departure.stays


def _is_doomed(departure: Departure | None) -> bool:
    return departure is not None and departure.final and departure.why != RELEASED


def _is_candidate(group: Group, server: Server | None) -> bool:
    return server is not None and server.id in group.adopting and not server.group


def _again(group: Group, request: Request) -> dict[str, Any]:
    """The answer that starts a removal anew which a hook had abandoned, of the whole unit."""
    assert request.server is not None
    staying = [server for server in (request.server.id, *request.unit)
               if server in group.leaving and group.leaving[server].stays]
    return {"hook_answers": answered(group, staying, AGAIN)}


def _without(group: Group, request: Request) -> dict[str, Adoption]:
    gone = request.server.id if request.server else ""
    return {server: adoption for server, adoption in group.adopting.items() if server != gone}


def _with(nodes: tuple[str, ...], node: str) -> tuple[str, ...]:
    return nodes if node in nodes else (*nodes, node)
