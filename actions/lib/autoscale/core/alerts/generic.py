"""The pack's own forms, for monitors that have no parser and for controllers outside.

An alert: ``application``, ``state`` (open, closed), ``severity`` (critical, warning; of no matter
when it is closed), ``text``, ``source``. A wish: ``group``, ``exact_capacity``, ``text``,
``source``.
"""
from __future__ import annotations

from typing import Any, Mapping

from autoscale.core.alerts.alert import Alert, Capacity, Malformed, Said, name, sentence, word
from autoscale.core.names import is_label

MOST_NODES = 10**6
"""More than anyone means: refused, not held to the bounds."""


def read(body: Mapping[str, Any]) -> tuple[Said, ...]:
    """The alert, or the wish."""
    source = sentence(body.get("source"), "generic")[:60]
    text = sentence(body.get("text"))
    if "exact_capacity" in body:
        return (Capacity(_group(body), _nodes(body["exact_capacity"]), source, text),)
    application = name(body.get("application"))
    if not application:
        raise Malformed("the body names neither an application nor an exact_capacity")
    state = word(body, "state", {"open": "open", "closed": "closed"})
    urgency = "critical" if state == "closed" else word(
        body, "severity", {"critical": "critical", "warning": "warning"})
    return (Alert(application, state, urgency, source, text),)


def _group(body: Mapping[str, Any]) -> str:
    group = name(body.get("group"))
    if not is_label(group):
        raise Malformed("group is missing, or can't be a group's name")
    return group


def _nodes(given: Any) -> int:
    whole = isinstance(given, int) and not isinstance(given, bool)
    if not whole or not 0 <= given <= MOST_NODES:
        raise Malformed(f"exact_capacity is no whole number from 0 to {MOST_NODES}")
    return int(given)
