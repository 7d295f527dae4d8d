"""Taking alerts in: from a monitor's request, or by hand, to requests to the groups concerned."""
from __future__ import annotations

import json
from typing import Any, Iterator, Mapping, Sequence
from urllib.parse import unquote

from autoscale import groups
from autoscale.core import alerts, texts
from autoscale.core.alerts import Alert, Capacity, Malformed, Said
from autoscale.core.group import Group
from autoscale.core.requests import unmarked
from autoscale.seams import Datastore

LARGEST = 100_000
"""Characters of a body that are read: alerts are small."""


def requests_of(store: Datastore, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the alerts ask of which groups: ``{message, requests: [{asg, request, ...}]}``.

    ``given``: either ``body``, a monitor's request as percent-encoded JSON, and ``monitor``, or
    ``application``, percent-encoded too, and ``state``. A group that several alerts concern is
    asked once, for the one that weighs most.
    """
    said = _said(given)
    known, unreadable = groups.load_all(store)
    asked = [request for group in known for request in _requests(said, group)]
    told = [f"{request['request']} for {request['asg']}" for request in asked]
    message = texts.listed(told) if told else _nothing(said, str(given.get("monitor")))
    return {"message": texts.line([message, *_nameless(said)]), "requests": asked,
            "unreadable": [str(error) for error in unreadable]}


def _requests(said: Sequence[Said], group: Group) -> Iterator[dict[str, Any]]:
    """What all of it asks of this group: an alert or a recovery, and what a controller wishes."""
    alerts = [one for one in said if isinstance(one, Alert) and one.concerns(group)]
    if alerts:
        alert = max(alerts, key=lambda one: one.weight(group))
        yield {"asg": group.name, "request": "alert" if alert.state == "open" else "recovery",
               "severity": alert.severity, "reason": _reason(alert), "nodes": 0}
    for wish in said:
        if isinstance(wish, Capacity) and wish.group == group.name:
            yield {"asg": group.name, "request": "exact", "severity": "critical",
                   "reason": _reason(wish), "nodes": wish.nodes}


def _reason(one: Said) -> str:
    return texts.line([f"{one.source}:", one.text] if one.text else [one.source], 160)


def _nothing(said: Sequence[Said], monitor: str) -> str:
    """Why nothing is asked of anybody."""
    if not said:
        return f"{monitor} tells of nothing that opened or closed: nothing to do"
    wished = [one.group for one in said if isinstance(one, Capacity)]
    if wished:
        return f"there is no group {texts.listed(wished)}: nothing to do"
    about = {name for one in said if isinstance(one, Alert)
             for name in (one.application, *one.servers) if name}
    return f"no group serves {texts.listed(sorted(about))}: nothing to do"


def _nameless(said: Sequence[Said]) -> list[str]:
    number = sum(isinstance(one, Alert) and not one.application and not one.servers for one in said)
    return [f"({texts.count(number, 'alert')} without an application left out)"] if number else []


def _said(given: Mapping[str, Any]) -> tuple[Said, ...]:
    body = str(given.get("body") or "")
    if not body:
        application = unmarked(unquote(str(given.get("application") or "")))
        return (Alert(application, str(given["state"]), "critical", "by hand", ""),)
    if len(body) > LARGEST:
        raise Malformed(f"the body is larger than {LARGEST} characters")
    try:
        parsed = json.loads(unquote(body))
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None
    return alerts.read(parsed, str(given.get("monitor") or "newrelic"))
