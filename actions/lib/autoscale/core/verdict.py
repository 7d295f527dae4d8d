"""The verdict on a convergence: where it stands, what is wrong, and what people have to hear."""
from __future__ import annotations

from typing import Mapping, Sequence

from autoscale.core import texts
from autoscale.core.group import Group, Problem
from autoscale.core.planning import Plan


def outcome(group: Group, planned: Plan, given_up: Mapping[str, str]) -> str:
    """Where the convergence stands: working, waiting, resting, converged, failed, paused or
    gone."""
    if group.paused and not group.deleted:
        return "paused"
    if not planned.idle:
        return "working"
    if planned.awaited:
        return "waiting"
    if planned.problems or given_up:
        return "failed"
    if planned.resting:
        return "resting"
    return "gone" if group.deleted else "converged"


def errors(
    group: Group, planned: Plan, given_up: Mapping[str, str], now: float
) -> tuple[Problem, ...]:
    """What a person has to see to, each with the time since when it has been so."""
    since = {problem.about: problem.since for problem in group.errors}
    found = {**{problem: problem for problem in planned.problems}, **given_up}
    return tuple(Problem(message, since.get(about, int(now)), about)
                 for about, message in found.items())


def news(
    group: Group, planned: Plan, wrong: Sequence[Problem], well: bool, worked: bool
) -> list[str]:
    """What the channel has not heard yet."""
    known = {problem.about for problem in group.errors}
    told = [what for what, outcome in planned.news if outcome == "failed"]
    told += [f"needs attention: {texts.line([problem.message])}"
            for problem in wrong if problem.about not in known]
    if well and group.health == "ERROR":
        told.append("is well again")
    if well and not planned.resting and (worked or group.total_nodes != planned.total):
        told.append(f"{texts.count(planned.total, group.noun)} up, as desired"
                    if planned.total == group.desired else _up(group, planned))
    return told


def status(group: Group, now: str) -> str:
    """What the group is said to be doing, at this outcome."""
    if group.deleted:
        return "deleting"
    if now in ("converged", "resting", "failed"):
        return "idle"
    return "converging" if group.status == "idle" else group.status


def message(group: Group, planned: Plan, now: str, wrong: Sequence[Problem]) -> str:
    """The convergence in a line, for whoever asked for it."""
    if now == "paused":
        return f"{group.name} is paused"
    told = [*(problem.message for problem in wrong), *planned.resting, *planned.notes]
    return texts.line(["; ".join([f"{group.name}: {_up(group, planned)}", *told])])


def _up(group: Group, planned: Plan) -> str:
    return texts.share(planned.total, group.desired, group.noun, "up")
