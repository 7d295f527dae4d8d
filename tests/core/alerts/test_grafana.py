from __future__ import annotations

import pytest

from autoscale.core.alerts import Alert, Malformed, read
from tests.core.alerts.samples import sample, without

TEXT = "The shop's servers are at 93 % CPU"


@pytest.mark.parametrize(("name", "state"), [
    ("grafana_firing", "open"), ("grafana_resolved", "closed")])
def test_an_alert_is_open_while_it_fires_and_closed_when_it_is_resolved(name, state):
    assert read(sample(name), "grafana") == (
        Alert("My shop", state, "critical", "grafana", TEXT),)


def test_each_alert_of_a_payload_counts_with_its_own_status():
    assert [(alert.application, alert.state, alert.text)
            for alert in read(sample("grafana_several"), "grafana")] == [
        ("My shop", "open", TEXT), ("Blog", "closed", "Blog CPU")]


@pytest.mark.parametrize("name", ["DatasourceNoData", "DatasourceError"])
@pytest.mark.parametrize("status", ["firing", "resolved"])
def test_missing_data_neither_opens_nor_closes_anything(name, status):
    body = sample("grafana_no_data")
    body["alerts"][0]["labels"]["alertname"] = name
    body["alerts"][0]["status"] = status
    assert read(body, "grafana") == ()


def test_missing_data_hides_no_alert_beside_it():
    body = sample("grafana_firing")
    body["alerts"] += sample("grafana_no_data")["alerts"]
    assert [alert.text for alert in read(body, "grafana")] == [TEXT]


@pytest.mark.parametrize(("body", "missing"), [
    (without("grafana_firing", "alerts"), "no alerts"),
    ({"ruleName": "CPU", "state": "alerting"}, "no alerts"),
    (sample("grafana_firing", alerts=[{"status": "firing", "labels": {"alertname": "x"}}]),
     "no alert has a label application"),
])
def test_a_malformed_body_is_refused_saying_what_is_missing(body, missing):
    with pytest.raises(Malformed, match=missing):
        read(body, "grafana")
