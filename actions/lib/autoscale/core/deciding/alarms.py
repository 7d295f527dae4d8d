"""Requests that keep a group's alarms."""
from __future__ import annotations

from typing import Any, Mapping

from autoscale.core import alarms, texts
from autoscale.core.alarms import Alarm
from autoscale.core.deciding.decision import Decision, denied
from autoscale.core.group import Group
from autoscale.core.requests import BadRequest, Request


def create_alarm(group: Group, request: Request, now: int) -> Decision:
    """The same alarm again is accepted, another of that name refused."""
    if not alarms.NAME.fullmatch(request.alarm):
        raise BadRequest(f"{request.alarm!r} can't be an alarm's name: use lower-case letters, "
                         "digits, hyphens and underscores, at most 63")
    alarm = _read(group, request.alarm, request.definition)
    existing = group.alarms.get(request.alarm)
    if existing == alarm:
        return denied(f"alarm {request.alarm} is so already")
    if existing:
        raise BadRequest(f"alarm {request.alarm} exists: asg.alarm_update changes it")
    return _keep(group, request.alarm, alarm, "made")


def update_alarm(group: Group, request: Request, now: int) -> Decision:
    """Change the given fields; a changed alarm starts anew."""
    if request.alarm not in group.alarms:
        there = texts.listed(sorted(group.alarms)) or "none"
        raise BadRequest(f"{group.name} has no alarm {request.alarm!r}; its alarms are: {there}")
    old = group.alarms[request.alarm]
    given = {name: value for name, value in request.definition.items() if value is not None}
    alarm = _read(group, request.alarm, {**alarms.as_given(old), **given})
    if alarm == old:
        return denied(f"alarm {request.alarm} is so already")
    return _keep(group, request.alarm, alarm, "changed")


def delete_alarm(group: Group, request: Request, now: int) -> Decision:
    """Deleting what is not there is accepted."""
    if request.alarm not in group.alarms:
        return denied(f"there is no alarm {request.alarm}")
    return Decision(True, f"alarm {request.alarm} deleted", {
        "alarm_states": _without(group.alarm_states, request.alarm),
        "alarms": _without(group.alarms, request.alarm)})


def _read(group: Group, name: str, definition: Mapping[str, Any]) -> Alarm:
    try:
        alarm = alarms.read(definition)
    except ValueError as error:
        raise BadRequest(f"alarm {name}: {error}") from None
    unknown = [policy for policy in alarms.policies_of(alarm) if policy not in group.policies]
    if unknown:
        there = texts.listed(sorted(group.policies)) or "none"
        raise BadRequest(f"alarm {name}: {group.name} has no policy {texts.listed(unknown)}; its "
                         f"policies are: {there}")
    return alarm


def _keep(group: Group, name: str, alarm: Alarm, done: str) -> Decision:
    return Decision(True, f"alarm {name} {done}: {alarms.told(alarm, group.noun)}", {
        "alarm_states": _without(group.alarm_states, name),
        "alarms": {**group.alarms, name: alarm}})


def _without(mapping: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key != name}
