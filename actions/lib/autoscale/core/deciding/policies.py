"""Requests that concern scaling policies: keeping them, and running them."""
from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from autoscale.core import alarms, policies, texts
from autoscale.core.deciding.decision import Decision, denied
from autoscale.core.group import Group
from autoscale.core.policies import Policy, Run
from autoscale.core.requests import BadRequest, Request


def create_policy(group: Group, request: Request, now: int) -> Decision:
    """The same policy again is accepted, another of that name refused."""
    if not policies.NAME.fullmatch(request.policy):
        raise BadRequest(f"{request.policy!r} can't be a policy's name: use lower-case letters, "
                         "digits, hyphens and underscores, at most 63")
    policy = _read(request)
    existing = group.policies.get(request.policy)
    if existing == policy:
        return denied(f"policy {request.policy} is so already")
    if existing:
        raise BadRequest(f"policy {request.policy} exists: asg.policy_update changes it")
    return _keep(group, request.policy, policy, now, "made")


def update_policy(group: Group, request: Request, now: int) -> Decision:
    """Change the given fields; a changed schedule counts from now on."""
    old = _existing(group, request.policy)
    given = {name: value for name, value in request.definition.items() if value is not None}
    policy = _read(replace(request, definition={**asdict(old), **given}))
    if policy == old:
        return denied(f"policy {request.policy} is so already")
    return _keep(group, request.policy, policy, now, "changed")


def delete_policy(group: Group, request: Request, now: int) -> Decision:
    """Deleting what is not there is accepted, what an alarm runs is not."""
    if request.policy not in group.policies:
        return denied(f"there is no policy {request.policy}")
    runners = [name for name, alarm in sorted(group.alarms.items())
               if request.policy in alarms.policies_of(alarm)]
    if runners:
        raise BadRequest(f"policy {request.policy} is run by the "
                         f"{texts.form(len(runners), 'alarm')} {texts.listed(runners)}: "
                         "asg.alarm_update or asg.alarm_delete first")
    return Decision(True, f"policy {request.policy} deleted", {
        "policies": _without(group.policies, request.policy),
        "policy_runs": _without(group.policy_runs, request.policy)})


def _read(request: Request) -> Policy:
    try:
        return policies.read(request.definition)
    except ValueError as error:
        raise BadRequest(f"policy {request.policy}: {error}") from None


def _existing(group: Group, name: str) -> Policy:
    if name not in group.policies:
        there = texts.listed(sorted(group.policies)) or "none"
        raise BadRequest(f"{group.name} has no policy {name!r}; its policies are: {there}")
    return group.policies[name]


def _keep(group: Group, name: str, policy: Policy, now: int, done: str) -> Decision:
    run = replace(group.policy_runs.get(name, Run()), due=now)
    return Decision(True, f"policy {name} {done}: {policies.told(policy, group.noun)}", {
        "policy_runs": {**group.policy_runs, name: run},
        "policies": {**group.policies, name: policy}})


def _without(mapping: Any, name: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key != name}


def execute_policy(group: Group, request: Request, now: int) -> Decision:
    """Run a policy, for its schedule (``due``) at most once for each of its times."""
    policy, run = _existing(group, request.policy), group.policy_runs.get(request.policy, Run())
    if not request.due:
        return _execute(group, request, policy, run, now)
    if request.due <= run.due:
        return denied(f"policy {request.policy} was seen to for that time already")
    seen_to = replace(run, due=request.due)
    if now - request.due > policy.tolerance:
        times = texts.count(max(1, request.missed), "time")
        decision = denied(f"policy {request.policy} was missed {times}, the last time "
                          f"{now - request.due} s ago; its tolerance is {policy.tolerance} s")
    else:
        decision = _execute(group, request, policy, seen_to, now)
    runs = {**group.policy_runs, request.policy: seen_to}
    return replace(decision, changes={"policy_runs": runs, **decision.changes})


def _execute(group: Group, request: Request, policy: Policy, run: Run, now: int) -> Decision:
    wanted = policy.wanted(group.desired, group.min_nodes, group.max_nodes)
    size = texts.count(wanted, group.noun)
    if wanted == group.desired:
        return denied(f"policy {request.policy} wants {size}, as desired")
    up = wanted > group.desired
    ready = max(run.at + policy.cooldown, _group_ready(group, up))
    if now < ready and not request.force:
        return denied(f"policy {request.policy} is possible {texts.wait(ready - now)}",
                      possible_at=ready)
    stamps = {"last_expand_timestamp": now} if up else {}
    return Decision(True, f"policy {request.policy}: from {group.desired} to {size}", {
        "policy_runs": {**group.policy_runs, request.policy: replace(run, at=now, wanted=wanted)},
        **stamps, "last_deflate_timestamp": now,
        "status": "expanding" if up else "deflating", "desired_nodes": wanted})


def _group_ready(group: Group, up: bool) -> int:
    """When the group's own delay is over."""
    if up:
        return group.last_expand_timestamp + 60 * group.expand_delay
    return group.last_deflate_timestamp + 60 * group.deflate_delay
