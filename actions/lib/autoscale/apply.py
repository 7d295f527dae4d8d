"""Applying: one batch of steps becomes calls to the cloud, and what became of each is answered."""
from __future__ import annotations

from typing import Any, Mapping

from autoscale import groups
from autoscale.calls import KINDS, Errors
from autoscale.core import texts
from autoscale.core.group import Group
from autoscale.core.steps import Batch, Step
from autoscale.parts import Parts
from autoscale.seams import Busy, CloudError, Gone


def apply(parts: Parts, asg: str, encoded: Mapping[str, Any]) -> dict[str, Any]:
    """Apply a batch; answer ``{do, done: [sentence], failed: [{name, message, lasting,
    certain}], retry_after}``. Never raises for what the cloud does or does not."""
    batch = Batch.from_dict(encoded)
    group = groups.load(parts.store, asg)
    if group is None or _is_outdated(group, batch) or _is_overtaken(group, encoded):
        errors: Errors = [Busy("the group's wishes have changed")] * len(batch.steps)
    else:
        errors = KINDS[batch.do].carry_out(parts, group, batch.steps)
    return _answer(parts, group, batch, errors)


def _is_outdated(group: Group, batch: Batch) -> bool:
    """Whether the group has been paused, or is to be deleted, since the batch was planned."""
    if group.deleted:
        return batch.do in ("CreateServer", "AdoptServer", "CreateLoadBalancer", "CreateZone",
                            "CreateKeyPair")
    return group.paused


def _is_overtaken(group: Group, encoded: Mapping[str, Any]) -> bool:
    """Whether another plan was made since: a loop that an event has forked goes on only once.

    Or whether the bound has fallen since the group was read for this one.
    """
    fallen = group.max_nodes < encoded.get("max_nodes", 0) and encoded["do"] == "CreateServer"
    return fallen or "plan" in encoded and encoded["plan"] != group.plan


def _answer(parts: Parts, group: Group | None, batch: Batch, errors: Errors) -> dict[str, Any]:
    done = [step for step, error in zip(batch.steps, errors) if error is None]
    failed = [(step, error) for step, error in zip(batch.steps, errors) if error]
    if group:
        lines = [KINDS[batch.do].done.format(texts.listed([s.label for s in done]))] * bool(done)
        messages = sorted({str(error) for _, error in failed if not isinstance(error, Busy)})
        lines += [f"{KINDS[batch.do].failed}: {texts.line([message])}" for message in messages]
        parts.tell(group.name, group.channel, *lines)
    waits = [error.retry_after for _, error in failed if error.retry_after]
    return {
        "do": batch.do,
        "done": [f"{step.label}: {step.why}" for step in done],
        "failed": [_failure(step, error) for step, error in failed],
        "retry_after": max(waits, default=0),
    }


def _failure(step: Step, error: CloudError) -> dict[str, Any]:
    return {
        "name": step.label,
        "message": texts.line([str(error)]),
        "lasting": not error.retry and not isinstance(error, Gone),
        "certain": error.certain,
    }
