"""Answers for people: how a group is, what would be done, what was done, which groups there are."""
from __future__ import annotations

import dataclasses
import time
from typing import Any

from autoscale import groups
from autoscale.core import events, report, texts
from autoscale.core.alarms import as_given
from autoscale.core.alarms import told as describe_alarm
from autoscale.core.evaluation import State
from autoscale.core.group import Group
from autoscale.core.planning import plan
from autoscale.core.planning.runs import subject
from autoscale.core.policies import Run
from autoscale.core.policies import told as describe
from autoscale.core.requests import BadRequest, group_name, unmarked
from autoscale.core.webhooks import name_of
from autoscale.observe import observe
from autoscale.parts import Parts
from autoscale.seams import Datastore


def _load(store: Datastore, asg: object) -> Group:
    name = group_name(asg)
    group = groups.load(store, name)
    if group is None:
        known, _ = groups.load_all(store)
        others = texts.listed([other.name for other in known]) or "none"
        raise BadRequest(f"there is no group {name}; the groups are: {others}")
    return group


def status(parts: Parts, asg: object) -> dict[str, Any]:
    """The group's state and its nodes; see core.report.status."""
    group = _load(parts.store, asg)
    seen = observe(parts.cloud, group)
    told = report.status(group, seen, parts.clock())
    return {**told, "not_seen": dict(seen.unseen), "text": report.status_text(told, group.noun)}


def dry_run(parts: Parts, asg: object) -> dict[str, Any]:
    """What converging would do next, and why, without doing it: ``{asg, message, steps}``."""
    group = _load(parts.store, asg)
    planned = plan(group, observe(parts.cloud, group), parts.clock(), parts.fresh_names())
    steps = [f"{type(step).__name__} {step.label}: {step.why}" for step in planned.steps]
    runs = planned.learned.get("hook_runs", {})
    steps += [f"run {subject(runs[run])}" for run in planned.hooks]
    message = f"{group.name}: {texts.count(len(steps), 'step')} to do"
    if group.paused:
        message = f"{group.name} is paused: nothing is done until asg.resume"
    elif planned.converged:
        message = f"{group.name} is converged: nothing to do"
    rest = [*planned.awaited, *planned.resting, *planned.problems, *planned.notes]
    return {"asg": group.name, "message": message, "steps": steps,
            "awaited": [*planned.awaited, *planned.resting],
            "problems": list(planned.problems), "notes": list(planned.notes),
            "text": "\n".join([message, *(f"- {text}" for text in [*steps, *rest])])}


def overview(store: Datastore) -> dict[str, Any]:
    """Every group in a line: ``{groups: [...], unreadable: [sentence]}``."""
    known, unreadable = groups.load_all(store)
    told = [report.summary(group) for group in known]
    problems = [problem for error in unreadable for problem in error.problems]
    lines = [report.summary_line(one, group.noun) for one, group in zip(told, known)]
    lines += [f"can't be read: {problem}" for problem in problems]
    return {"groups": told, "unreadable": problems,
            "text": "\n".join(lines) or "there are no groups"}


def history(store: Datastore, asg: object, last: int) -> dict[str, Any]:
    """The last events of the group, the newest first."""
    name = group_name(asg)
    told = groups.texts(store, name)
    if not told:
        _load(store, name)
    found = events.merge(told.get(events.DECIDED), told.get(events.CONVERGED))
    happened = [
        {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(event.at)), "by": event.by,
         "what": event.what, "outcome": event.outcome}
        for event in reversed(found[-last:] if last > 0 else ())]
    lines = [f"{e['at']} {e['by']}: {e['what']} ({e['outcome']})" for e in happened]
    return {"asg": name, "events": happened, "text": "\n".join(lines) or "nothing happened yet"}


def policies(store: Datastore, asg: object) -> dict[str, Any]:
    """The group's scaling policies: ``{asg, policies: [{name, does, ...}], text}``."""
    group = _load(store, asg)
    told = [{"name": name, "does": describe(policy, group.noun), **dataclasses.asdict(policy),
             "last_executed": group.policy_runs.get(name, Run()).at or None}
            for name, policy in sorted(group.policies.items())]
    lines = [f"{one['name']}: {one['does']}" for one in told]
    return {"asg": group.name, "policies": told,
            "text": "\n".join(lines) or f"{group.name} has no policies"}


def webhooks(store: Datastore, asg: object, url: str) -> dict[str, Any]:
    """The group's webhooks, without secrets: ``{asg, url, webhooks: [{webhook, ...}], text}``."""
    group = _load(store, asg)
    told = [{"webhook": name_of(group.name, key), **dataclasses.asdict(webhook)}
            for key, webhook in sorted(group.webhooks.items(), key=lambda pair: pair[1].created)]
    lines = [f"{one['webhook']}: policy {one['policy']}"
             + (", by token" if one["capability"] else "") + (", revoked" if one["revoked"] else "")
             for one in told]
    return {"asg": group.name, "url": url, "webhooks": told,
            "text": "\n".join(lines) or f"{group.name} has no webhooks"}


def lookup(store: Datastore, application: object) -> dict[str, Any]:
    """The groups whose application_name is exactly this: ``{application_name, groups}``."""
    name = unmarked(application)
    known, _ = groups.load_all(store)
    found = [group.name for group in known if group.application_name == name]
    others = sorted({group.application_name for group in known})
    return {"application_name": name, "groups": found, "message": (
        f"{name}: {texts.listed(found)}" if found else
        f"no group serves the application {name!r}; known are: {texts.listed(others) or 'none'}")}


def alarms(store: Datastore, asg: object) -> dict[str, Any]:
    """The group's alarms: ``{asg, alarms: [{name, does, state, since, ...}], text}``.

    ``last_value`` is of the last period that made a difference.
    """
    group = _load(store, asg)
    told = [{"name": name, "does": describe_alarm(alarm, group.noun), **as_given(alarm),
             "state": state.state, "since": state.since or None, "last_value": state.value}
            for name, alarm in sorted(group.alarms.items())
            for state in [group.alarm_states.get(name, State())]]
    lines = [f"{one['name']}: {one['does']} ({one['state']})" for one in told]
    return {"asg": group.name, "alarms": told,
            "text": "\n".join(lines) or f"{group.name} has no alarms"}
