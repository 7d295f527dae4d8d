"""Converging: look at a group, plan, write down what the plan relies on, answer what to do next.

This is the action that asg.converge's loop calls between batches. Nothing is remembered between
two calls but what the datastore, the cloud and the loop's own result hold.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Iterable, Mapping, Sequence
from urllib.parse import unquote

from autoscale import groups
from autoscale.core import events, keys, verdict
from autoscale.core.group import Group
from autoscale.core.observation import Observation
from autoscale.core.planning import Plan, plan
from autoscale.core.planning.renewing import told
from autoscale.core.requests import BadRequest, group_name
from autoscale.core.steps import batches
from autoscale.observe import PARTS, QUICK_PARTS, observe
from autoscale.parts import Parts
from autoscale.seams import Refused

CYCLES = 60
"""Cycles of one convergence; what is still awaited then is left to self-healing."""

PATIENCE = 25
"""Seconds for which one look goes on while all there is to do is to wait."""

_SEEN_OVER_TIME = ("health_failures", "checks", "leaving", "hook_runs")
"""What every look counts for: since when nodes fail their checks, and that a newcomer has passed;
since when they drain; and who waits to be told that he has finished, for whom that is to be
answered at once. Written in this order: see Wellness.as_plan."""

_PAUSES = (1, 1, 1.5, 1.5, 2, 3, 5)


@dataclass(frozen=True)
class Progress:
    """What one cycle hands on to the next, through the workflow.

    ``given_up``: kinds of step that were refused, with the reason.
    """

    cycles: int = 0
    given_up: Mapping[str, str] = field(default_factory=dict)
    force: bool = False


def cycle(
    parts: Parts, asg: str, progress: Mapping[str, Any] | None = None,
    applied: Sequence[Any] = (), force: bool = False,
) -> dict[str, Any]:
    """One cycle: look, plan, answer what to do next.

    ``{asg, next: apply|hooks|plan|forget|done|failed, outcome: working|waiting|resting|converged|
    failed|paused|gone, message, batches, hooks, awaited, errors, progress}``. ``applied`` are the
    answers of the batches of the cycle before; one that is no answer was a crash, and is looked
    into by looking again. ``force`` lifts the safety limit. Raises BadRequest where the name is not
    written as it is: by that text StackStorm keeps two convergences of a group apart.
    """
    name = group_name(unquote(asg))
    if name != asg:
        raise BadRequest(f"write the group's name as it is, without quotes: {name}")
    answers = [answer for answer in applied if isinstance(answer, Mapping) and "do" in answer]
    now_at = replace(_advance(Progress(**(progress or {})), answers), force=force)
    try:
        group = _load(parts, asg, answers)
    except keys.Unreadable as error:
        return _result(asg, now_at, "failed", errors=[f"{p}: nothing is done until it is corrected"
                                                      for p in error.problems])
    if group is None:
        return _result(asg, now_at, "gone", message=f"there is no group {asg}")
    _record(parts, group, answers)
    _pause_after_trouble(parts, answers)
    try:
        group, planned = _look_until_there_is_work(parts, group, now_at)
    except Refused as error:
        planned = Plan(problems=(str(error),), total=group.total_nodes)
    return _conclude(parts, group, planned, now_at, busy=bool(answers))


def _advance(before: Progress, answers: Iterable[Mapping[str, Any]]) -> Progress:
    refused = {answer["do"]: failure["message"] for answer in answers
               for failure in answer["failed"] if failure["lasting"]}
    return replace(before, cycles=before.cycles + 1, given_up={**before.given_up, **refused})


def _load(parts: Parts, asg: str, answers: Iterable[Mapping[str, Any]]) -> Group | None:
    """The group, without the reservations of what was certainly not created."""
    group = groups.load(parts.store, asg)
    if group is None:
        return None
    refused = {failure["name"] for answer in answers if answer["do"].startswith("Create")
               for failure in answer["failed"] if failure["certain"]}
    kept = {name: since for name, since in group.reserved.items() if name not in refused}
    groups.save(parts.store, group, asg, {"reserved": kept})
    return replace(group, reserved=kept)


def _record(parts: Parts, group: Group, answers: Iterable[Mapping[str, Any]]) -> None:
    now = parts.clock()
    groups.record(parts.store, group.name, events.CONVERGED, [
        events.event(now, "converge", f"{answer['do']} {what}", outcome)
        for answer in answers
        for outcome, whats in (
            ("done", answer["done"]),
            ("failed", [f"{f['name']}: {f['message']}" for f in answer["failed"]]))
        for what in whats])


def _pause_after_trouble(parts: Parts, answers: Iterable[Mapping[str, Any]]) -> None:
    """Before trying again: as long as the cloud asked for, or a little."""
    trouble = [answer for answer in answers if any(not f["lasting"] for f in answer["failed"])]
    if trouble:
        asked = max(answer["retry_after"] for answer in trouble)
        parts.sleep(min(PATIENCE, asked or 5))


def _look_until_there_is_work(
    parts: Parts, group: Group, now_at: Progress
) -> tuple[Group, Plan]:
    """Look, and again every few seconds for as long as there is only waiting to be done."""
    started = parts.clock()
    seen = observe(parts.cloud, group)
    for turn in range(10**6):
        planned = _plan(parts, group, seen, now_at)
        pause = _PAUSES[min(turn, len(_PAUSES) - 1)]
        if told(group.rolling_progress, planned.learned.get("rolling_progress")):
            break
        waiting = bool(planned.awaited) and (planned.idle or planned.can_wait)
        if not waiting or parts.clock() + pause - started > PATIENCE:
            break
        seen_now = {name: planned.learned[name] for name in _SEEN_OVER_TIME
                    if name in planned.learned}
        groups.save(parts.store, group, group.name, seen_now)
        parts.sleep(pause)
        group = groups.load(parts.store, group.name) or group
        seen = observe(parts.cloud, group, {*QUICK_PARTS, *seen.unseen} & set(PARTS), seen)
    return group, planned


def _plan(parts: Parts, group: Group, seen: Observation, now_at: Progress) -> Plan:
    return plan(group, seen, parts.clock(), parts.fresh_names(), frozenset(now_at.given_up),
                retry=now_at.cycles == 1, force=now_at.force)


def _conclude(
    parts: Parts, group: Group, planned: Plan, now_at: Progress, busy: bool
) -> dict[str, Any]:
    """Write down what was learned and how the group is, tell what is new, answer."""
    outcome = verdict.outcome(group, planned, now_at.given_up)
    if outcome == "gone":
        parts.tell(group.name, group.channel, "deleted: nothing is left of it")
        return _result(group.name, now_at, outcome, message=f"{group.name} is deleted")
    errors = verdict.errors(group, planned, now_at.given_up, parts.clock())
    well = outcome in ("converged", "resting")
    renewed = told(group.rolling_progress, planned.learned.get("rolling_progress"))
    number = parts.chance.randrange(1, 10**9) if planned.steps else group.plan
    news = verdict.news(group, planned, errors, well, busy or now_at.cycles > 1)
    groups.save(parts.store, group, group.name, {
        **planned.learned,
        "plan": number,
        "total_nodes": planned.total,
        "looked_at": int(parts.clock()),
        "errors": () if well else errors or group.errors,
        "health": "ACTIVE" if well else "ERROR" if errors else group.health,
        "status": verdict.status(group, outcome),
    } if outcome != "paused" else {"status": "idle"})
    groups.record(parts.store, group.name, events.CONVERGED, [
        *(events.event(parts.clock(), "converge", line) for line in renewed),
        *(events.event(parts.clock(), "converge", what, how) for what, how in planned.news)])
    for run in planned.used:
        parts.store.delete(keys.key(group.name, keys.HOOK_RESULT + run))
    parts.tell(group.name, group.channel, *renewed, *news)
    return _result(
        group.name, now_at, outcome,
        message=verdict.message(group, planned, outcome, errors),
        batches=[{**batch.to_dict(), "plan": number, "max_nodes": group.max_nodes}
                 for batch in batches(planned.steps)],
        hooks=[_hook(group, planned, run) for run in planned.hooks],
        awaited=list(planned.awaited[:20]),
        errors=[problem.message for problem in errors])


def _hook(group: Group, planned: Plan, run: str) -> dict[str, Any]:
    """What lets a run begin: the trigger's payload; the rest is written down already."""
    return {"asg": group.name, "run": run, "since": planned.learned["hook_runs"][run].since}


_FOLLOWING = {"working": "apply", "waiting": "plan", "failed": "failed", "gone": "forget"}


def _result(asg: str, now_at: Progress, outcome: str, **more: Any) -> dict[str, Any]:
    following = _FOLLOWING.get(outcome, "done")
    if following == "apply" and not more.get("batches"):
        following = "hooks"
    if now_at.cycles >= CYCLES and following in ("apply", "plan", "hooks"):
        following, more = "done", {**more, "message": more["message"] + "; self-healing goes on"}
    return {
        "asg": asg, "next": following, "outcome": outcome,
        "message": str(more.pop("message", "")) or "; ".join(more.get("errors", [])),
        "batches": [], "hooks": [], "awaited": [], "errors": [],
        **more,
        "progress": {"cycles": now_at.cycles, "given_up": dict(now_at.given_up)},
    }
