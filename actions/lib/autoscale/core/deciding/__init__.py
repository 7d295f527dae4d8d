"""Deciding: a request becomes a change of what is desired, or is denied with the reason.

Nothing here looks at the cloud, and nothing but these functions changes what is desired.
"""
from __future__ import annotations

from typing import Callable, Mapping

from autoscale.core.deciding.alarms import create_alarm, delete_alarm, update_alarm
from autoscale.core.deciding.configuring import FIXED, create, delete, update
from autoscale.core.deciding.decision import Decision, denied
from autoscale.core.deciding.hooks import abandon, complete
from autoscale.core.deciding.nodes import adopt, delete_node, protect, release, unprotect
from autoscale.core.deciding.policies import (
    create_policy,
    delete_policy,
    execute_policy,
    update_policy,
)
from autoscale.core.deciding.renewing import cancel_rolling_update, rolling_update
from autoscale.core.deciding.scaling import (
    add_node,
    alert,
    deflate,
    exact,
    expand,
    pause,
    recovery,
    resume,
)
from autoscale.core.deciding.wishing import wishes
from autoscale.core.group import Group
from autoscale.core.requests import BadRequest, Request

__all__ = ["FIXED", "KINDS", "Decision", "create", "decide"]

KINDS: Mapping[str, Callable[[Group, Request, int], Decision]] = {
    "expand": expand,
    "deflate": deflate,
    "add_node": add_node,
    "delete_node": delete_node,
    "protect": protect,
    "unprotect": unprotect,
    "adopt": adopt,
    "release": release,
    "exact": exact,
    "alert": alert,
    "recovery": recovery,
    "pause": pause,
    "resume": resume,
    "update": update,
    "delete": delete,
    "policy_create": create_policy,
    "policy_update": update_policy,
    "policy_delete": delete_policy,
    "policy_execute": execute_policy,
    "alarm_create": create_alarm,
    "alarm_update": update_alarm,
    "alarm_delete": delete_alarm,
    "wishes": wishes,
    "rolling_update": rolling_update,
    "rolling_update_cancel": cancel_rolling_update,
    "hook_complete": complete,
    "hook_abandon": abandon,
}
_ON_THE_WAY_OUT = frozenset({"delete", "hook_complete", "hook_abandon"})
_SCALING = frozenset({"expand", "deflate", "add_node", "delete_node", "adopt", "release", "exact",
                      "policy_execute", "rolling_update", "wishes"})


def decide(group: Group, request: Request, now: float) -> Decision:
    """Decide on a request for a group that exists."""
    if request.kind not in KINDS:
        raise BadRequest(f"there is no request {request.kind!r}: use {', '.join(KINDS)}")
    if group.deleted and request.kind not in _ON_THE_WAY_OUT:
        return denied("it is being deleted")
    if group.paused and request.kind in _SCALING:
        return denied("it is paused: asg.resume lets it go on")
    return KINDS[request.kind](group, request, int(now))
