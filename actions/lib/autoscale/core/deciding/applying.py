"""Requests to make a group what a document says."""
from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping

from autoscale.core import texts
from autoscale.core.alarms import Alarm
from autoscale.core.deciding.configuring import create, update
from autoscale.core.deciding.decision import Decision, denied
from autoscale.core.deciding.renewing import by_itself
from autoscale.core.documents import Document, dangling, difference
from autoscale.core.group import Group
from autoscale.core.policies import Policy, Run
from autoscale.core.requests import Request


def apply_document(
    group: Group | None, document: Document, dry_run: bool, defaults: Mapping[str, Any], now: int
) -> Decision:
    """Make the group, or change it, in one decision; with ``dry_run`` only say what would change.

    ``defaults``: the configuration of a new group where the document says nothing.
    """
    dangling(group, document)
    told = difference(group, document)
    if not told:
        return denied("all of it is so already")
    if group is None:
        wanted = {**defaults, **document.configuration}
        decision = create(None, Request("create", changes=wanted), document.name)
    else:
        decision = update(group, Request("update", changes=document.configuration), now)
        told += filter(None, [by_itself(group, decision.changes, now)[0]])
    changes = {**_policies(group, document, now), **_alarms(group, document), **decision.changes}
    if dry_run:
        return Decision(False, texts.line(["would change:", "; ".join(told)], 2000))
    return Decision(True, texts.line(["; ".join(told)], 2000), changes)


def _policies(group: Group | None, document: Document, now: int) -> dict[str, Any]:
    """The policies, and when each was run: a schedule that is new or changed counts from now."""
    if document.policies is None:
        return {}
    runs = group.policy_runs if group else {}
    old: Mapping[str, Policy] = group.policies if group else {}
    kept = {
        name: runs.get(name, Run()) if old.get(name) == policy
        else replace(runs.get(name, Run()), due=now)
        for name, policy in document.policies.items()
    }
    return {"policy_runs": kept, "policies": document.policies}


def _alarms(group: Group | None, document: Document) -> dict[str, Any]:
    """The alarms, and their states: one that is new or changed starts anew."""
    if document.alarms is None:
        return {}
    states = group.alarm_states if group else {}
    old: Mapping[str, Alarm] = group.alarms if group else {}
    kept = {name: states[name] for name, alarm in document.alarms.items()
            if name in states and old.get(name) == alarm}
    return {"alarm_states": kept, "alarms": document.alarms}
