"""Requests that answer a node's before_terminate hook: it may go, or it stays."""
from __future__ import annotations

from typing import Iterable

from autoscale.core.deciding.decision import Decision, denied
from autoscale.core.group import Group
from autoscale.core.hooks import ABANDON, BEFORE_TERMINATE, COMPLETE, answer
from autoscale.core.requests import Request


def complete(group: Group, request: Request, now: int) -> Decision:
    server = _waiting(group, request.node)
    if server is None:
        return _nothing_waits(group, request.node)
    return Decision(True, f"node {request.node} has finished: it is deleted",
                    {"hook_answers": answered(group, [server], COMPLETE)})


def abandon(group: Group, request: Request, now: int) -> Decision:
    server = _waiting(group, request.node)
    if server is None:
        return _nothing_waits(group, request.node)
    if group.deleted:
        return denied("the group is being deleted: asg.hook_complete lets the node go")
    run = group.hook_runs[f"{BEFORE_TERMINATE}.{server}"]
    return Decision(True, f"node {request.node} stays and goes back into rotation", {
        "hook_answers": answered(group, [server], ABANDON),
        "evict": tuple(name for name in group.evict if name != run.name)})


def _waiting(group: Group, node: str) -> str | None:
    """The server of that name, or id, whose hook is under way and has no answer yet."""
    for run in group.hook_runs.values():
        departure = group.leaving.get(run.server)
        if (run.point == BEFORE_TERMINATE and node in (run.name, run.server) and not run.outcome
                and departure and not departure.stays
                and group.hook_answers.get(run.server) not in (
                    answer(COMPLETE, departure.since), answer(ABANDON, departure.since))):
            return run.server
    return None


def _nothing_waits(group: Group, node: str) -> Decision:
    waiting = sorted(run.name for run in group.hook_runs.values()
                     if _waiting(group, run.server) == run.server)
    return denied(f"no before_terminate hook waits for {node}; it waits for: "
                  f"{', '.join(waiting) or 'none'}")


def answered(group: Group, servers: Iterable[str], word: str) -> dict[str, str]:
    """The answers with one more, without those to servers that are gone."""
    kept = {one: told for one, told in group.hook_answers.items() if one in group.leaving}
    return {**kept, **{one: answer(word, group.leaving[one].since) for one in servers}}
