"""Alarms of OpenStack Aodh, Ceilometer's alarming: what it posts to an alarm's actions."""
from __future__ import annotations

from typing import Any, Mapping

from autoscale.core.alerts.alert import Alert, Malformed, name, sentence, severity, word

_STATES = {"alarm": "open", "ok": "closed", "insufficient data": ""}


def read(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    """The alarm's alert; none when its data is insufficient: that is neither open nor closed."""
    state = word(body, "current", _STATES)
    application = _application(name(body.get("alarm_name")))
    if not application:
        raise Malformed("the body has no alarm_name, which begins with the application's name")
    text = sentence(body.get("reason"), body.get("alarm_name"))
    urgency = severity(body.get("severity"))
    return (Alert(application, state, urgency, "aodh", text),) if state else ()


def _application(alarm: str) -> str:
    """``My shop`` of the alarm ``My shop: CPU is high``, or of the alarm ``My shop``."""
    before, colon, _ = alarm.rpartition(": ")
    return before.strip() if colon else alarm
