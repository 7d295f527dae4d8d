"""Alerts of Grafana's own (unified) alerting: the payload of its webhook contact point.

It lists alerts as Alertmanager does. What Grafana fires in an alert's place when it has no data or
can't ask for it is neither open nor closed.
"""
from __future__ import annotations

from typing import Any, Mapping

from autoscale.core.alerts.alert import Alert
from autoscale.core.alerts.alertmanager import labelled

_UNTOLD = ("DatasourceNoData", "DatasourceError")


def read(body: Mapping[str, Any]) -> tuple[Alert, ...]:
    """One alert for each that the body lists; none for what tells of missing data."""
    return labelled(body, "grafana", _UNTOLD)
