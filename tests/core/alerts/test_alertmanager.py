from __future__ import annotations

import pytest

from autoscale.core.alerts import Alert, Malformed, read
from tests.core.alerts.samples import sample, without

TEXT = "The 99th percentile of the shop's latency is 3.2 s"


def one(**changes):
    """A payload of one alert, some of it changed."""
    body = sample("alertmanager_firing")
    body["alerts"][0].update(changes)
    return body


def labelled(**labels):
    return one(labels=labels)


@pytest.mark.parametrize(("name", "state"), [
    ("alertmanager_firing", "open"), ("alertmanager_resolved", "closed")])
def test_an_alert_is_open_while_it_fires_and_closed_when_it_is_resolved(name, state):
    assert read(sample(name), "alertmanager") == (
        Alert("My shop", state, "critical", "alertmanager", TEXT),)


def test_each_alert_of_a_payload_counts_with_its_own_status():
    read_ = read(sample("alertmanager_several"), "alertmanager")
    assert [(alert.application, alert.state, alert.severity) for alert in read_] == [
        ("My shop", "closed", "warning"), ("My shop", "open", "critical"),
        ("Billing", "open", "critical"), ("", "open", "warning")]


@pytest.mark.parametrize(("labels", "application"), [
    ({"application": "A", "service": "S", "job": "J"}, "A"), ({"service": "S", "job": "J"}, "S"),
    ({"job": "J"}, "J"), ({"application": " ", "job": "J"}, "J"),
    ({"application": 7, "job": "J"}, "J")])
def test_the_application_is_the_first_label_that_names_one(labels, application):
    assert read(labelled(**labels), "alertmanager")[0].application == application


@pytest.mark.parametrize(("given", "severity"), [
    ("critical", "critical"), ("Critical", "critical"), ("page", "critical"),
    ("error", "critical"), ("warning", "warning"), ("info", "warning"), ("purple", "warning"),
    ("", "warning"), (None, "warning"), ([], "warning")])
def test_what_a_severity_means(given, severity):
    assert read(labelled(job="J", severity=given), "alertmanager")[0].severity == severity


@pytest.mark.parametrize(("annotations", "text"), [
    ({"summary": "S", "description": "D"}, "S"), ({"description": "D"}, "D"), ({}, "LatencyHigh"),
    (None, "LatencyHigh"), ("text", "LatencyHigh")])
def test_what_an_alert_says_is_its_summary_or_what_comes_closest(annotations, text):
    assert read(one(annotations=annotations), "alertmanager")[0].text == text


@pytest.mark.parametrize(("body", "missing"), [
    (without("alertmanager_firing", "alerts"), "no alerts"),
    (sample("alertmanager_firing", alerts=[]), "no alerts"),
    (sample("alertmanager_firing", alerts={"a": 1}), "no alerts"),
    (sample("alertmanager_firing", alerts=["x"]), "an alert is not an object"),
    (one(labels=None), "has as labels is not an object"),
    (one(status="pending"), "status is none of firing, resolved"),
    (one(status=None), "status is none of"),
    (labelled(alertname="Watchdog"), "no alert has a label application, service or job"),
])
def test_a_malformed_body_is_refused_saying_what_is_missing(body, missing):
    with pytest.raises(Malformed, match=missing):
        read(body, "alertmanager")
