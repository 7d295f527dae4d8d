"""Alerts of Prometheus Alertmanager: its webhook's payload, version 4.

One payload holds the alerts of one of Alertmanager's groups, firing and resolved, each with its
own ``status``, ``labels`` and ``annotations``.
"""
from __future__ import annotations

from typing import Any, Mapping

from autoscale.core.alerts.alert import Alert, Malformed, mapping, name, sentence, severity, word

APPLICATION_LABELS = ("application", "service", "job")
"""The labels that name the application: the first that an alert has."""
_STATES = {"firing": "open", "resolved": "closed"}


def read(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    """One alert for each that the body lists."""
    return labelled(body, "alertmanager")


def labelled(
    body: Mapping[str, Any], source: str, untold: tuple[str, ...] = ()
) -> tuple[Alert, ...]:
    """The alerts that the body lists, but for those of an ``untold`` name.

    Those that name no application are kept as long as others do: they concern no group.
    """
    listed = body.get("alerts")
    if not isinstance(listed, list) or not listed:
        raise Malformed("the body has no alerts")
    told = [one for one in listed if name(_labels(one).get("alertname")) not in untold]
    alerts = dict.fromkeys(_alert(one, source) for one in told)
    if alerts and not any(alert.application for alert in alerts):
        raise Malformed(f"no alert has a label {', '.join(APPLICATION_LABELS[:-1])} "
                        f"or {APPLICATION_LABELS[-1]}")
    return tuple(alerts)


def _labels(one: Any) -> Mapping[str, Any]:
    return mapping(mapping(one, "an alert").get("labels"), "what an alert has as labels")


def _alert(one: Mapping[str, Any], source: str) -> Alert:
    labels, annotations = _labels(one), one.get("annotations")
    said = annotations if isinstance(annotations, Mapping) else {}
    return Alert(
        application=name(*(labels.get(label) for label in APPLICATION_LABELS)),
        state=word(one, "status", _STATES),
        severity=severity(labels.get("severity")),
        source=source,
        text=sentence(said.get("summary"), said.get("description"), labels.get("alertname")))
