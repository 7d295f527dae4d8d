"""Requests that concern rolling updates, and changes that start one by themselves."""
from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Mapping

from autoscale.core import texts
from autoscale.core.deciding.decision import Decision, denied
from autoscale.core.deciding.nodes import unit_of
from autoscale.core.group import Group
from autoscale.core.renewal import (
    RUNNING,
    STOPPED,
    RollingUpdate,
    UpdatePolicy,
    decode_policy,
    fitting_batch,
    too_narrow,
)
from autoscale.core.requests import BadRequest, Request

LAUNCH = ("vm_image_id", "vm_size_id", "user_data", "key_name", "roles")
"""The fields whose change makes servers outdated."""


def rolling_update(group: Group, request: Request, now: int) -> Decision:
    """Renew what is outdated; one that is under way goes on with what is left, as it is asked now.

    ``request.outdated``: the names of the nodes that are, as the caller has seen them.
    """
    policy = _policy(group, request.definition)
    if not request.outdated:
        return denied("all nodes have the current launch configuration")
    protected = {unit_of(group, name) for name in group.protected}
    outdated = {unit_of(group, name) for name in request.outdated}
    kept, left = sorted(outdated & protected), len(outdated - protected)
    if not left:
        return denied(f"all outdated {group.noun}s are protected: {texts.listed(kept)}")
    fit = _first_batch(group, policy, left)
    if fit is None:
        return denied(too_narrow(policy, group.max_nodes, group.noun))
    said = f"rolling update of {texts.count(left, group.noun)}, {_told(group, policy, *fit)}"
    said += f"; protected, and left as they are: {texts.listed(kept)}" if kept else ""
    return Decision(True, said, {"status": "converging", **_wish(group, policy, now)})


def _first_batch(group: Group, policy: UpdatePolicy, left: int) -> tuple[int, int] | None:
    size = group.desired
    return fitting_batch(size, size, max(0, size - left), policy, group.max_nodes)


def _told(group: Group, policy: UpdatePolicy, capacity: int, batch: int) -> str:
    """How careful it is, in words."""
    if not batch:
        return f"with nothing to renew while no {group.noun}s are desired"
    pause = f", {texts.count(policy.pause_time, 'second')} apart" if policy.pause_time else ""
    return f"{batch} at a time{pause}, at least {capacity - batch} in service"


def cancel_rolling_update(group: Group, request: Request, now: int) -> Decision:
    """Renew nothing more; what is renewed stays so."""
    wish, progress = group.rolling_update, group.rolling_progress
    if wish is None:
        return denied("there is no rolling update")
    if progress and progress.of == wish.since and progress.state not in (RUNNING, STOPPED):
        return denied(f"the rolling update is {progress.state} already")
    if wish.cancelled:
        return denied("the rolling update is cancelled already")
    return Decision(True, "rolling update cancelled: nothing more is renewed",
                    {"rolling_update": replace(wish, cancelled=True)})


def by_itself(group: Group, changes: Mapping[str, Any], now: int) -> tuple[str, dict[str, Any]]:
    """The rolling update that these changes of the configuration start: a sentence, and its wish.

    Both are empty unless what makes servers changes and the group has an update policy.
    """
    changed = replace(group, **changes)
    policy = changed.update_policy
    if policy is None or not any(field in changes for field in LAUNCH):
        return "", {}
    fit = _first_batch(changed, policy, changed.desired)
    said = (_told(changed, policy, *fit) if fit
            else f"but {too_narrow(policy, changed.max_nodes, changed.noun)}")
    return f"a rolling update follows, {said}", _wish(group, policy, now)


def _policy(group: Group, given: Mapping[str, Any]) -> UpdatePolicy:
    """What is asked for, and where that says nothing the group's own policy, or Heat's."""
    said = {name: value for name, value in given.items() if value not in (None, "")}
    usual = asdict(group.update_policy or UpdatePolicy())
    try:
        return decode_policy({**usual, **said}) or UpdatePolicy()
    except (TypeError, ValueError) as error:
        raise BadRequest(f"rolling update: {error}") from None


def _wish(group: Group, policy: UpdatePolicy, now: int) -> dict[str, Any]:
    before = group.rolling_update
    since = max(now, before.since + 1) if before else now
    return {"rolling_update": RollingUpdate(since, policy)}
