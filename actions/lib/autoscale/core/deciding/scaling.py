"""Requests that change how many nodes are desired, or whether anything may."""
from __future__ import annotations

from autoscale.core import texts
from autoscale.core.deciding.decision import Decision, denied, out_of_bounds
from autoscale.core.group import Group
from autoscale.core.requests import Request


def expand(group: Group, request: Request, now: int) -> Decision:
    wanted = group.clamp(group.desired + group.expand_by)
    if wanted == group.desired:
        return out_of_bounds(group, "max_nodes")
    ready = group.last_expand_timestamp + 60 * group.expand_delay
    if now < ready and not request.force:
        return denied(f"the last expansion is too recent, the next is possible "
                       f"{texts.wait(ready - now)}", possible_at=ready)
    return Decision(True, f"expanding from {group.desired} to {texts.count(wanted, group.noun)}", {
        "last_expand_timestamp": now, "last_deflate_timestamp": now, "status": "expanding",
        "desired_nodes": wanted})


def deflate(group: Group, request: Request, now: int) -> Decision:
    wanted = group.clamp(group.desired - group.deflate_by)
    if wanted == group.desired:
        return out_of_bounds(group, "min_nodes")
    ready = group.last_deflate_timestamp + 60 * group.deflate_delay
    if now < ready and not request.force:
        return denied(f"the last change is too recent, the next deflation is possible "
                       f"{texts.wait(ready - now)}", possible_at=ready)
    return Decision(True, f"deflating from {group.desired} to {texts.count(wanted, group.noun)}", {
        "last_deflate_timestamp": now, "status": "deflating", "desired_nodes": wanted})


def add_node(group: Group, request: Request, now: int) -> Decision:
    wanted = group.clamp(group.desired + 1)
    if wanted == group.desired:
        return out_of_bounds(group, "max_nodes")
    return Decision(True, f"adding a {group.noun}, {texts.are(wanted, group.noun)} desired then",
                    {"status": "expanding", "desired_nodes": wanted})


def exact(group: Group, request: Request, now: int) -> Decision:
    """As many nodes as an outside controller says, within the bounds; no delay counts for it.

    It starts the delay of deflating, so that the governor does not undo it at once.
    """
    wanted = group.clamp(request.nodes)
    held = "" if wanted == request.nodes else (
        f", not {request.nodes}: {'max' if request.nodes > wanted else 'min'}_nodes is {wanted}")
    size = texts.count(wanted, group.noun)
    if wanted == group.desired:
        return denied(f"it is to have {size} already{held}")
    return Decision(True, f"from {group.desired} to exactly {size}{held}", {
        "last_deflate_timestamp": now,
        "status": "expanding" if wanted > group.desired else "deflating", "desired_nodes": wanted})


def alert(group: Group, request: Request, now: int) -> Decision:
    """An incident is open: remembered whatever follows, so that the governor goes on with it."""
    urgent = request.severity == "critical" or group.expand_on == "warning"
    if not urgent:
        return denied("it is a warning, and expand_on is critical")
    opened = {"active_incident": True}
    if group.paused:
        return Decision(True, "the incident is remembered, but the group is paused", opened)
    growth = expand(group, request, now)
    return Decision(True, f"an incident is open: {growth.message}", {**opened, **growth.changes},
                    growth.possible_at)


def recovery(group: Group, request: Request, now: int) -> Decision:
    return Decision(True, "the incident is over: capacity goes down later, slowly",
                    {"active_incident": False})


def pause(group: Group, request: Request, now: int) -> Decision:
    if group.paused:
        return denied("it is paused already")
    return Decision(True, "paused: nothing acts on the group until asg.resume", {"paused": True})


def resume(group: Group, request: Request, now: int) -> Decision:
    if not group.paused:
        return denied("it is not paused")
    return Decision(True, "resumed", {"paused": False})
