"""Alerts of New Relic, in every form that it has had, as one value.

Sources: New Relic's workflow webhooks (issues, with ``impactedEntities`` and ``priority``), its
first JSON form (``targets`` and ``current_state``) and the legacy form field ``alert``.
"""
from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Iterable, Mapping

from autoscale.core import texts
from autoscale.core.group import Group

_CRITICAL = frozenset({"CRITICAL", "HIGH", "DOWNTIME"})


class Malformed(ValueError):
    """The body is no alert that we know; the text says what is missing."""


@dataclass(frozen=True)
class Alert:
    """Something a monitor says of an application, or of servers.

    ``state``: open or closed. ``severity``: critical or warning. ``servers``: names of the servers
    that it is about, when it names no application.
    """

    application: str
    state: str
    severity: str
    source: str
    text: str
    servers: tuple[str, ...] = ()

    def concerns(self, group: Group) -> bool:
        """Whether the group serves exactly this application, or has one of these servers."""
        if self.application:
            return group.application_name == self.application
        return any(
            name == group.application_name or name in group.members
            or name.lower().endswith("." + group.zone_name) for name in self.servers
        )


def read(body: Any) -> tuple[Alert, ...]:
    """The alerts in the body of a request: one for each application that it names."""
    if not isinstance(body, Mapping):
        raise Malformed("the body is not an object")
    if "alert" in body:
        return (_legacy(_form_field(body["alert"])),)
    if "current_state" in body:
        return _targets(body)
    if "state" in body and "priority" in body:
        return _issue(body)
    raise Malformed("the body has neither state and priority, nor current_state, nor alert")


def _issue(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    states = {"CREATED": "open", "ACTIVATED": "open", "CLOSED": "closed"}
    state = _word(body, "state", states)
    entities = _names(body.get("application") or body.get("impactedEntities"))
    if not entities:
        raise Malformed("the body names no impactedEntities")
    text = _text(body.get("title") or body.get("issueUrl") or "")
    severity = _severity(body.get("priority"))
    return tuple(Alert(name, state, severity, "newrelic", text) for name in entities)


def _targets(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    state = _word(body, "current_state", {"OPEN": "open", "CLOSED": "closed",
                                          "ACKNOWLEDGED": "open"})
    severity = _severity(body.get("severity"))
    text = _text(body.get("details") or body.get("condition_name") or "")
    targets = body.get("targets")
    if not isinstance(targets, list) or not targets:
        raise Malformed("the body has no targets")
    alerts = []
    for target in targets:
        name = _names(target.get("name") if isinstance(target, Mapping) else target)
        if not name:
            raise Malformed("a target has no name")
        server = isinstance(target, Mapping) and str(target.get("type")).lower() in (
            "server", "host")
        alerts.append(Alert("" if server else name[0], state, severity, "newrelic", text,
                            name if server else ()))
    return tuple(dict.fromkeys(alerts))


def _legacy(alert: Mapping[str, Any]) -> Alert:
    described = str(alert.get("long_description") or "")
    opened, ended = (described.startswith(f"Alert {word}") for word in ("opened", "ended"))
    if not opened and not ended:
        raise Malformed("long_description starts with neither 'Alert opened' nor 'Alert ended'")
    application = "".join(_names(alert.get("application_name"))[:1])
    servers = _names(alert.get("servers"))
    if not application and not servers:
        raise Malformed("the alert names neither application_name nor servers")
    policy = _names(alert.get("alert_policy_name"))
    return Alert(application, "open" if opened else "closed", _severity(alert.get("severity")),
                 "newrelic", _text(described), () if application else servers + policy)


def _form_field(field: Any) -> Mapping[str, Any]:
    value = field[0] if isinstance(field, list) and field else field
    try:
        value = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        raise Malformed("the form field alert is not JSON") from None
    if not isinstance(value, Mapping):
        raise Malformed("the form field alert is not an object")
    return value


def _word(body: Mapping[str, Any], field: str, meanings: Mapping[str, str]) -> str:
    try:
        return meanings[str(body[field]).upper()]
    except KeyError:
        raise Malformed(f"{field} is none of {', '.join(meanings)}") from None


def _severity(given: Any) -> str:
    return "critical" if str(given).upper() in _CRITICAL else "warning"


def _names(given: Any) -> tuple[str, ...]:
    """Names in a list, each once, or one name."""
    listed: Iterable[Any] = given if isinstance(given, list) else [given]
    words = (name.strip() for name in listed if isinstance(name, str))
    return tuple(dict.fromkeys(filter(None, words)))


def _text(given: Any) -> str:
    return texts.line([str(given)], 200)
