"""A pass of the alarms: every application is asked once, and groups where it matters are named."""
from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from typing import Any, Iterable, Mapping
from urllib.parse import quote

from autoscale import groups
from autoscale.core import texts
from autoscale.core.alarms import Alarm
from autoscale.core.deciding import decide
from autoscale.core.evaluation import Measurement, Reading, State, is_due, wanted
from autoscale.core.group import Group
from autoscale.core.requests import Request
from autoscale.parts import Parts
from autoscale.seams import Health, Monitor

AT_ONCE = 5
"""Applications that are asked about at the same time."""

_Asked = Mapping[str, Mapping[Measurement, float]]


def evaluate(parts: Parts) -> dict[str, Any]:
    """Find what the alarms ask of which groups: ``{message, requests, unreadable}``.

    ``requests`` are ``{asg, asked}``, ``asked`` as ask.asked_for decodes it. Each group is decided
    on here as it will be, on trial: those where nothing would come of it cost no task. Nothing is
    written.
    """
    known, unreadable = groups.load_all(parts.store)
    told = [problem for error in unreadable for problem in error.problems]
    watched = [group for group in known if group.alarms and not group.paused and not group.deleted]
    if not watched or not parts.monitor:
        lacking = "no group has alarms" if not watched else (
            f"{texts.count(len(watched), 'group')} with alarms, but no newrelic_api_key is "
            "configured: nothing is evaluated")
        return {"message": lacking, "requests": [], "unreadable": told}
    now = parts.clock()
    due = {group.name: _due(group, now) for group in watched}
    measured = _measured(parts.monitor, watched, due)
    requests = [_request(parts.monitor, group, due[group.name], measured, now)
                for group in watched if due[group.name]]
    found = [request for request in requests if request]
    return {"message": f"to be decided on: {len(found)} of {texts.count(len(watched), 'group')} "
            "with alarms", "requests": found, "unreadable": told}


def _due(group: Group, now: float) -> dict[str, Measurement]:
    """What is to be measured for each alarm whose last whole period has not counted yet."""
    return {name: wanted(alarm, now) for name, alarm in group.alarms.items()
            if is_due(alarm, group.alarm_states.get(name, State()), now)}


def _application(group: Group, alarm: Alarm) -> str:
    return alarm.application or group.application_name


def _measured(
    monitor: Monitor, watched: Iterable[Group], due: Mapping[str, Mapping[str, Measurement]]
) -> _Asked:
    """What was measured of each application, each asked about once."""
    asked: dict[str, set[Measurement]] = {}
    for group in watched:
        for name, measurement in due[group.name].items():
            application = _application(group, group.alarms[name])
            asked.setdefault(application, set()).add(measurement)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(lambda one: monitor.measure(*one), asked.items())
        return dict(zip(asked, answers))


def _request(
    monitor: Monitor, group: Group, due: Mapping[str, Measurement], measured: _Asked, now: float
) -> dict[str, str] | None:
    """What is asked of the group, or None when nothing would come of it."""
    readings = [asdict(Reading(
        name, one.since, one.until,
        measured[_application(group, group.alarms[name])].get(one))) for name, one in due.items()]
    definition = {"readings": readings, "health": Health.WELL.value}
    trial = Request("wishes", definition=definition)
    decision = decide(group, trial, now)
    if decision.changes.get("desired_nodes", group.desired) < group.desired:
        definition["health"] = monitor.health(group.application_name).value
        decision = decide(group, replace(trial, definition=definition), now)
    if not decision.changes:
        return None
    asked = {"by": "alarms", "definition": definition}
    return {"asg": group.name, "asked": quote(json.dumps(asked), safe="")}
