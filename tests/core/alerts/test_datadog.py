from __future__ import annotations

import pytest

from autoscale.core.alerts import Alert, Malformed, read
from tests.core.alerts.samples import sample, without


@pytest.mark.parametrize(("name", "state", "severity", "word"), [
    ("datadog_triggered", "open", "critical", "Triggered"),
    ("datadog_warn", "open", "warning", "Warn"),
    ("datadog_recovered", "closed", "warning", "Recovered")])
def test_a_transition_opens_or_closes(name, state, severity, word):
    assert read(sample(name), "datadog") == (
        Alert("my_shop", state, severity, "datadog", f"[{word}] The shop answers slowly"),)


@pytest.mark.parametrize(("transition", "kind", "state", "severity"), [
    ("Re-Triggered", "error", "open", "critical"), ("Renotify", "error", "open", "critical"),
    ("Renotify", "warning", "open", "warning"), ("Re-Warn", "error", "open", "warning"),
    ("TRIGGERED", "error", "open", "critical"), ("Triggered", None, "open", "warning")])
def test_what_transition_and_type_mean_together(transition, kind, state, severity):
    alert, = read(sample("datadog_triggered", transition=transition, type=kind), "datadog")
    assert (alert.state, alert.severity) == (state, severity)


@pytest.mark.parametrize("transition", ["No Data", "Re-No Data"])
def test_missing_data_neither_opens_nor_closes_anything(transition):
    assert read(sample("datadog_no_data", transition=transition), "datadog") == ()


@pytest.mark.parametrize(("changes", "applications"), [
    ({"tags": "env:x, application:a ,application:b,application:a"}, ["a", "b"]),
    ({"tags": ["env:x", "application:a"]}, ["a"]), ({"tags": "Application:a:b"}, ["a:b"]),
    ({"application": "My shop"}, ["My shop"]), ({"application": " "}, ["my_shop"])])
def test_the_application_is_a_tag_or_a_field_of_its_own(changes, applications):
    read_ = read(sample("datadog_triggered", **changes), "datadog")
    assert [alert.application for alert in read_] == applications


@pytest.mark.parametrize(("body", "missing"), [
    (without("datadog_triggered", "transition"), "transition is none of Triggered"),
    (sample("datadog_triggered", transition="Null"), "transition is none of"),
    (sample("datadog_triggered", transition="$ALERT_TRANSITION"), "transition is none of"),
    (without("datadog_triggered", "tags"), "a tag application:NAME in tags"),
    (sample("datadog_triggered", tags="application,applications:x,application:"), "a tag"),
    (sample("datadog_triggered", tags={"application": "x"}), "a tag"),
])
def test_a_malformed_body_is_refused_saying_what_is_missing(body, missing):
    with pytest.raises(Malformed, match=missing):
        read(body, "datadog")
