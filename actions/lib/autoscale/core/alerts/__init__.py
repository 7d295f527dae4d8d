"""What monitors post, as the same values whichever the monitor: one parser each.

A monitor more is a module with a ``read`` here, its line in ``PARSERS``, and a rule that names it.
"""
from __future__ import annotations

from typing import Any, Callable, Mapping

from autoscale.core.alerts import alertmanager, aodh, datadog, generic, grafana, newrelic
from autoscale.core.alerts.alert import Alert, Capacity, Malformed, Said, mapping

__all__ = ["PARSERS", "Alert", "Capacity", "Malformed", "Said", "read"]

PARSERS: Mapping[str, Callable[[Mapping[str, Any]], tuple[Said, ...]]] = {
    "newrelic": newrelic.read,
    "alertmanager": alertmanager.read,
    "aodh": aodh.read,
    "datadog": datadog.read,
    "grafana": grafana.read,
    "generic": generic.read,
}


def read(body: Any, monitor: str = "newrelic") -> tuple[Said, ...]:
    """What the body of a request says; nothing where it is understood and tells of no change.

    Raises Malformed when it is not understood.
    """
    if monitor not in PARSERS:
        raise Malformed(f"there is no monitor {monitor!r}: use {', '.join(PARSERS)}")
    return PARSERS[monitor](mapping(body, "the body"))
