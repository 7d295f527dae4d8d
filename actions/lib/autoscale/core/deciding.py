"""Deciding: a request becomes a change of what is desired, or is denied with the reason.

Nothing here looks at the cloud, and nothing but these functions changes what is desired.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable, Mapping

from autoscale.core import texts
from autoscale.core.fields import FIELDS
from autoscale.core.group import Group
from autoscale.core.requests import BadRequest, Request, consistent


@dataclass(frozen=True)
class Decision:
    """What was decided. ``changes`` are the group's fields to be written, in this order.

    ``possible_at``: when the same request would be granted, seconds since 1970, if that is known.
    """

    accepted: bool
    message: str
    changes: Mapping[str, Any] = field(default_factory=dict)
    possible_at: int | None = None


def decide(group: Group, request: Request, now: float) -> Decision:
    """Decide on a request for a group that exists."""
    if request.kind not in KINDS:
        raise BadRequest(f"there is no request {request.kind!r}: use {', '.join(KINDS)}")
    if group.deleted and request.kind != "delete":
        return _denied("it is being deleted")
    if group.paused and request.kind in _SCALING:
        return _denied("it is paused: asg.resume lets it go on")
    return KINDS[request.kind](group, request, int(now))


def _denied(reason: str, **more: Any) -> Decision:
    return Decision(False, f"nothing changed: {reason}", **more)


def _expand(group: Group, request: Request, now: int) -> Decision:
    wanted = group.clamp(group.desired + group.expand_by)
    if wanted == group.desired:
        return _denied(f"{group.desired} nodes are desired and max_nodes is {group.max_nodes}")
    ready = group.last_expand_timestamp + 60 * group.expand_delay
    if now < ready and not request.force:
        return _denied(f"the last expansion is too recent, the next is possible "
                       f"{texts.wait(ready - now)}", possible_at=ready)
    return Decision(True, f"expanding from {group.desired} to {texts.count(wanted, 'node')}", {
        "last_expand_timestamp": now, "last_deflate_timestamp": now, "status": "expanding",
        "desired_nodes": wanted})


def _deflate(group: Group, request: Request, now: int) -> Decision:
    wanted = group.clamp(group.desired - group.deflate_by)
    if wanted == group.desired:
        return _denied(f"{group.desired} nodes are desired and min_nodes is {group.min_nodes}")
    ready = group.last_deflate_timestamp + 60 * group.deflate_delay
    if now < ready and not request.force:
        return _denied(f"the last change is too recent, the next deflation is possible "
                       f"{texts.wait(ready - now)}", possible_at=ready)
    return Decision(True, f"deflating from {group.desired} to {texts.count(wanted, 'node')}", {
        "last_deflate_timestamp": now, "status": "deflating", "desired_nodes": wanted})


def _add_node(group: Group, request: Request, now: int) -> Decision:
    wanted = group.clamp(group.desired + 1)
    if wanted == group.desired:
        return _denied(f"{group.desired} nodes are desired and max_nodes is {group.max_nodes}")
    return Decision(True, f"adding a node to the {group.desired}",
                    {"status": "expanding", "desired_nodes": wanted})


def _delete_node(group: Group, request: Request, now: int) -> Decision:
    """The caller has made sure that the node is the group's."""
    if request.node in group.evict:
        return Decision(True, f"node {request.node} is on its way out already")
    evict = (*group.evict, request.node)
    if request.replace:
        return Decision(True, f"replacing node {request.node}",
                        {"status": "converging", "evict": evict})
    if group.desired - 1 < group.min_nodes:
        return _denied(f"{group.desired} nodes are desired and min_nodes is {group.min_nodes}; "
                       "replace=true gets a new node for it")
    return Decision(True, f"removing node {request.node}, {group.desired - 1} are desired then",
                    {"status": "deflating", "evict": evict, "desired_nodes": group.desired - 1})


def _alert(group: Group, request: Request, now: int) -> Decision:
    """An incident is open: remembered whatever follows, so that the governor goes on with it."""
    urgent = request.severity == "critical" or group.expand_on == "warning"
    if not urgent:
        return _denied("it is a warning, and expand_on is critical")
    opened = {"active_incident": True}
    if group.paused:
        return Decision(True, "the incident is remembered, but the group is paused", opened)
    growth = _expand(group, request, now)
    return Decision(True, f"an incident is open: {growth.message}", {**opened, **growth.changes},
                    growth.possible_at)


def _recovery(group: Group, request: Request, now: int) -> Decision:
    return Decision(True, "the incident is over: capacity goes down later, slowly",
                    {"active_incident": False})


def _pause(group: Group, request: Request, now: int) -> Decision:
    if group.paused:
        return _denied("it is paused already")
    return Decision(True, "paused: nothing acts on the group until asg.resume", {"paused": True})


def _resume(group: Group, request: Request, now: int) -> Decision:
    if not group.paused:
        return _denied("it is not paused")
    return Decision(True, "resumed", {"paused": False})


FIXED = ("domain", "port", "protocol")
"""Fields that can't change once the load balancer and the zone are made from them."""


def _update(group: Group, request: Request, now: int) -> Decision:
    changes = _in_order(group, {name: value for name, value in request.changes.items()
                                if value != getattr(group, name)})
    fixed = [name for name in FIXED if name in changes]
    if fixed:
        raise BadRequest(f"{texts.listed(fixed)} can't be changed: create another group")
    consistent(group.name, {**vars(group), **changes})
    if not changes:
        return _denied("all of it is so already")
    least, most = (changes.get(name, getattr(group, name)) for name in ("min_nodes", "max_nodes"))
    desired = max(least, min(most, group.desired))
    if desired != group.desired_nodes:
        changes["desired_nodes"] = desired
    told = [f"{name}={FIELDS[name].write(value)}" for name, value in changes.items()
            if name not in ("user_data", "hooks")]
    return Decision(True, texts.line(["changed:", *(told or changes)]), changes)


def _in_order(group: Group, changes: dict[str, Any]) -> dict[str, Any]:
    """A max_nodes that rises is written first, one that falls last: never is min_nodes above it."""
    most = {name: changes.pop(name) for name in ["max_nodes"] if name in changes}
    rises = most.get("max_nodes", 0) > group.max_nodes
    return {**most, **changes} if rises else {**changes, **most}


def _delete(group: Group, request: Request, now: int) -> Decision:
    if group.deleted:
        return Decision(True, "going on with deleting it")
    return Decision(True, "deleting everything that belongs to it",
                    {"deleted": True, "status": "deleting"})



KINDS: Mapping[str, Callable[[Group, Request, int], Decision]] = {
    "expand": _expand,
    "deflate": _deflate,
    "add_node": _add_node,
    "delete_node": _delete_node,
    "alert": _alert,
    "recovery": _recovery,
    "pause": _pause,
    "resume": _resume,
    "update": _update,
    "delete": _delete,
}
_SCALING = frozenset({"expand", "deflate", "add_node", "delete_node"})


def create(existing: Mapping[str, Any] | None, request: Request, name: str) -> Decision:
    """Decide on a new group. ``existing``: the configuration of a group of that name, if any.

    The same configuration again carries on where an earlier creation stopped. ``desired_nodes``
    is written last: a group without it is not there yet.
    """
    wanted = dict(request.changes)
    consistent(name, wanted)
    if existing is not None:
        other = sorted(field for field, value in wanted.items() if existing.get(field) != value)
        if other:
            raise BadRequest(
                f"group {name} exists with another {texts.listed(other)}: asg.update changes a "
                "group, asg.delete removes it")
        return Decision(True, "it exists with the same configuration: carrying on")
    return Decision(True, f"creating it with {texts.count(wanted['min_nodes'], 'node')}", {
        **wanted, "status": "creating", "health": "ACTIVE", "active_incident": False,
        "total_nodes": 0, "paused": False, "desired_nodes": wanted["min_nodes"]})
