"""Alerts of Datadog's monitors: the payload that docs/monitors.md gives its webhook."""
from __future__ import annotations

from typing import Any, Mapping

from autoscale.core.alerts.alert import Alert, Malformed, name, names, sentence, severity, word

_TRANSITIONS = {
    "Triggered": "open", "Re-Triggered": "open", "Warn": "open", "Re-Warn": "open",
    "Renotify": "open", "Recovered": "closed", "No Data": "", "Re-No Data": "",
}


def read(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    """An alert for each application that is named; none when the monitor has no data."""
    state = word(body, "transition", _TRANSITIONS)
    applications = names(body.get("application")) or _tagged(body.get("tags"))
    if not applications:
        raise Malformed("the body has neither application nor a tag application:NAME in tags")
    urgency = severity(body.get("type"))
    if "warn" in name(body.get("transition")).lower():
        urgency = "warning"
    text = sentence(body.get("title"))
    return tuple(Alert(application, state, urgency, "datadog", text)
                 for application in applications if state)


def _tagged(tags: Any) -> tuple[str, ...]:
    """The values of the tags ``application``, in a list of tags or in a line with commas."""
    listed = [tag for line in names(tags) for tag in line.split(",")]
    keys = [tag.partition(":") for tag in listed]
    return names([value for key, _, value in keys if key.strip().lower() == "application"])
