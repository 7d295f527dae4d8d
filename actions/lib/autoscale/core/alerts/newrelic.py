"""Alerts of New Relic, in every form that it has had.

Sources: New Relic's workflow webhooks (issues, with ``impactedEntities`` and ``priority``), its
first JSON form (``targets`` and ``current_state``) and the legacy form field ``alert``.
"""
from __future__ import annotations

import json
from typing import Any, Mapping

from autoscale.core.alerts.alert import (
    Alert,
    Malformed,
    mapping,
    name,
    names,
    sentence,
    severity,
    word,
)

_SOURCE = "newrelic"
_CRITICAL = frozenset({"critical", "high", "downtime"})


def read(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    """One alert for each application or server that the body names."""
    if "alert" in body:
        return (_legacy(_form_field(body["alert"])),)
    if "current_state" in body:
        return _targets(body)
    if "state" in body and "priority" in body:
        return _issue(body)
    raise Malformed("the body has neither state and priority, nor current_state, nor alert")


def _issue(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    states = {"CREATED": "open", "ACTIVATED": "open", "CLOSED": "closed"}
    state = word(body, "state", states)
    entities = names(body.get("application") or body.get("impactedEntities"))
    if not entities:
        raise Malformed("the body names no impactedEntities")
    urgency = severity(body.get("priority"), _CRITICAL)
    text = sentence(body.get("title"), body.get("issueUrl"))
    return tuple(Alert(entity, state, urgency, _SOURCE, text) for entity in entities)


def _targets(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    state = word(body, "current_state", {"OPEN": "open", "CLOSED": "closed",
                                         "ACKNOWLEDGED": "open"})
    urgency = severity(body.get("severity"), _CRITICAL)
    text = sentence(body.get("details"), body.get("condition_name"))
    targets = body.get("targets")
    if not isinstance(targets, list) or not targets:
        raise Malformed("the body has no targets")
    alerts = []
    for target in targets:
        described = target if isinstance(target, Mapping) else {"name": target}
        named = names(described.get("name"))
        if not named:
            raise Malformed("a target has no name")
        server = name(described.get("type")).lower() in ("server", "host")
        alerts.append(Alert("" if server else named[0], state, urgency, _SOURCE, text,
                            named if server else ()))
    return tuple(dict.fromkeys(alerts))


def _legacy(alert: Mapping[str, Any]) -> Alert:
    described = name(alert.get("long_description"))
    opened, ended = (described.startswith(f"Alert {what}") for what in ("opened", "ended"))
    if not opened and not ended:
        raise Malformed("long_description starts with neither 'Alert opened' nor 'Alert ended'")
    application = name(alert.get("application_name"))
    servers = names(alert.get("servers"))
    if not application and not servers:
        raise Malformed("the alert names neither application_name nor servers")
    policy = names(alert.get("alert_policy_name"))
    return Alert(application, "open" if opened else "closed",
                 severity(alert.get("severity"), _CRITICAL), _SOURCE, sentence(described),
                 () if application else servers + policy)


def _form_field(field: Any) -> Mapping[str, Any]:
    value = field[0] if isinstance(field, list) and field else field
    try:
        value = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        raise Malformed("the form field alert is not JSON") from None
    return mapping(value, "the form field alert")
