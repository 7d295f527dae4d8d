"""Taking alerts in: from a monitor's request, or by hand, to requests to the groups concerned."""
from __future__ import annotations

import json
from typing import Any, Mapping
from urllib.parse import unquote

from autoscale import groups
from autoscale.core import alerts, texts
from autoscale.core.alerts import Alert, Malformed
from autoscale.core.group import Group
from autoscale.core.requests import unmarked
from autoscale.seams import Datastore

LARGEST = 100_000
"""Characters of a body that are read: alerts are small."""


def requests_of(store: Datastore, given: Mapping[str, Any]) -> dict[str, Any]:
    """What the alerts ask of which groups: ``{message, requests: [{asg, request, ...}]}``.

    ``given``: either ``body``, a monitor's request as percent-encoded JSON, or ``application``,
    percent-encoded too, and ``state``. A group that several alerts concern is asked once, for the
    worst.
    """
    read = _alerts(given)
    known, unreadable = groups.load_all(store)
    asked: dict[str, dict[str, Any]] = {}
    for alert in sorted(read, key=lambda alert: alert.severity, reverse=True):
        for group in known:
            if alert.concerns(group):
                asked[group.name] = _request_of(alert, group)
    told = [f"{request['request']} for {asg}" for asg, request in asked.items()]
    about = texts.listed(sorted({name for alert in read
                                 for name in [alert.application, *alert.servers] if name}))
    message = texts.listed(told) if told else f"no group serves {about}: nothing to do"
    return {"message": texts.line([message]), "requests": list(asked.values()),
            "unreadable": [str(error) for error in unreadable]}


def _request_of(alert: alerts.Alert, group: Group) -> dict[str, Any]:
    return {"asg": group.name, "request": "alert" if alert.state == "open" else "recovery",
            "severity": alert.severity, "reason": texts.line([alert.source + ":", alert.text], 160)}


def _alerts(given: Mapping[str, Any]) -> tuple[Alert, ...]:
    body = str(given.get("body") or "")
    if not body:
        application = unmarked(unquote(str(given.get("application") or "")))
        return (Alert(application, str(given["state"]), "critical", "by hand", ""),)
    if len(body) > LARGEST:
        raise Malformed(f"the body is larger than {LARGEST} characters")
    try:
        return alerts.read(json.loads(unquote(body)))
    except (json.JSONDecodeError, RecursionError):
        raise Malformed("the body is not JSON") from None
