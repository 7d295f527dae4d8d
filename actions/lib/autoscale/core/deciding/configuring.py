"""Requests that make, change and delete groups."""
from __future__ import annotations

from typing import Any, Mapping

from autoscale.core import texts, units
from autoscale.core.deciding.decision import Decision, denied
from autoscale.core.deciding.renewing import by_itself
from autoscale.core.fields import FIELDS
from autoscale.core.group import Group
from autoscale.core.hooks import BEFORE_TERMINATE
from autoscale.core.requests import BadRequest, Request, consistent

FIXED = ("domain", "port", "protocol")
"""Fields that can't change once the load balancer and the zone are made from them."""


def update(group: Group, request: Request, now: int) -> Decision:
    changes = _in_order(group, {name: value for name, value in request.changes.items()
                                if value != getattr(group, name)})
    fixed = [name for name in FIXED if name in changes]
    if fixed:
        raise BadRequest(f"{texts.listed(fixed)} can't be changed: create another group")
    consistent(group.name, {**vars(group), **changes})
    if bool(changes.get("roles", group.roles)) != bool(group.roles):
        raise BadRequest("a group can't be given its first role, nor lose its last: create another "
                         "group")
    if not changes:
        return denied("all of it is so already")
    least, most = (changes.get(name, getattr(group, name)) for name in ("min_nodes", "max_nodes"))
    desired = max(least, min(most, group.desired))
    if desired != group.desired_nodes:
        changes["desired_nodes"] = desired
    told = [f"{name}={FIELDS[name].write(value)}" for name, value in changes.items()
            if name not in ("user_data", "hooks")]
    said, renewal = by_itself(group, changes, now)
    message = texts.line(["changed:", *(told or changes)])
    return Decision(True, f"{message}; {said}" if said else message, {**changes, **renewal})


def _in_order(group: Group, changes: dict[str, Any]) -> dict[str, Any]:
    """A max_nodes that rises is written first, one that falls last: never is min_nodes above it."""
    most = {name: changes.pop(name) for name in ["max_nodes"] if name in changes}
    rises = most.get("max_nodes", 0) > group.max_nodes
    return {**most, **changes} if rises else {**changes, **most}


def delete(group: Group, request: Request, now: int) -> Decision:
    """Nodes may finish first, but whoever says it twice, or by force, waits for none."""
    hurry = group.deleted or request.force
    changes = _nobody_finishes(group) if hurry else {}
    if group.deleted:
        return Decision(True, "going on with deleting it", changes)
    return Decision(True, "deleting everything that belongs to it",
                    {**changes, "deleted": True, "status": "deleting"})


def _nobody_finishes(group: Group) -> dict[str, Any]:
    others = {point: hook for point, hook in group.hooks.items() if point != BEFORE_TERMINATE}
    return {} if others == group.hooks else {"hooks": others}


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
    size = texts.count(wanted["min_nodes"], units.noun(wanted.get("roles") or {}))
    return Decision(True, f"creating it with {size}", {
        **wanted, "status": "creating", "health": "ACTIVE", "active_incident": False,
        "total_nodes": 0, "paused": False, "desired_nodes": wanted["min_nodes"]})
