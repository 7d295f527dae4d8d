from __future__ import annotations

import json

import pytest

from autoscale.core import alerts
from autoscale.core.alerts import Alert, Malformed

ISSUE = {
    "id": "1", "issueUrl": "https://radar-api.service.newrelic.com/1", "title": "CPU is high",
    "priority": "CRITICAL", "impactedEntities": ["My shop"], "state": "ACTIVATED",
    "trigger": "STATE_CHANGE",
}
TARGETS = {
    "current_state": "open", "severity": "CRITICAL", "details": "CPU is high",
    "targets": [{"name": "My shop", "type": "Application"}],
}
APPLICATION = {
    "created_at": "2015-01-01T00:00:00Z", "application_name": "My shop",
    "account_name": "acme", "severity": "critical", "message": "Apdex is low",
    "short_description": "New alert", "long_description": "Alert opened on: Apdex is low",
}
SERVER = {**{k: v for k, v in APPLICATION.items() if k != "application_name"},
          "servers": ["web-1.web.example.com"], "alert_policy_name": "Web servers",
          "server_events": []}


def legacy(alert, **changes):
    return {"alert": json.dumps({**alert, **changes})}


@pytest.mark.parametrize(("state", "meaning"), [
    ("CREATED", "open"), ("ACTIVATED", "open"), ("activated", "open"), ("CLOSED", "closed")])
@pytest.mark.parametrize(("priority", "severity"), [
    ("CRITICAL", "critical"), ("HIGH", "critical"), ("high", "critical"), ("MEDIUM", "warning"),
    ("LOW", "warning"), (None, "warning")])
def test_an_issue_of_new_relic_is_read(state, meaning, priority, severity):
    assert alerts.read({**ISSUE, "state": state, "priority": priority}) == (
        Alert("My shop", meaning, severity, "newrelic", "CPU is high"),)


def test_an_issue_of_several_entities_is_an_alert_for_each_once():
    read = alerts.read({**ISSUE, "impactedEntities": ["My shop", "Blog", " My shop ", "", 5]})
    assert [alert.application for alert in read] == ["My shop", "Blog"]


def test_an_application_in_the_template_beats_the_entities():
    assert [a.application for a in alerts.read({**ISSUE, "application": "Blog"})] == ["Blog"]


@pytest.mark.parametrize(("state", "meaning"), [
    ("open", "open"), ("OPEN", "open"), ("acknowledged", "open"), ("closed", "closed")])
def test_the_first_json_form_is_read(state, meaning):
    assert alerts.read({**TARGETS, "current_state": state}) == (
        Alert("My shop", meaning, "critical", "newrelic", "CPU is high"),)


def test_a_target_that_is_a_server_is_a_server_alert():
    read, = alerts.read({**TARGETS, "targets": [{"name": "web-1", "type": "Server"}]})
    assert (read.application, read.servers) == ("", ("web-1",))


def test_targets_may_be_plain_names():
    assert [a.application for a in alerts.read({**TARGETS, "targets": ["A", "B", "A"]})] == [
        "A", "B"]


@pytest.mark.parametrize("described", ["opened", "ended"])
@pytest.mark.parametrize("severity", ["critical", "downtime", "Downtime"])
def test_the_four_legacy_events_are_read(described, severity):
    state = "open" if described == "opened" else "closed"
    changes = {"long_description": f"Alert {described} on: x", "severity": severity}
    application, = alerts.read(legacy(APPLICATION, **changes))
    assert (application.application, application.state, application.severity) == (
        "My shop", state, "critical")
    server, = alerts.read(legacy(SERVER, **changes))
    assert (server.application, server.state, server.severity, server.servers) == (
        "", state, "critical", ("web-1.web.example.com", "Web servers"))


def test_the_legacy_field_may_be_decoded_already_or_be_a_list_as_forms_are():
    once = alerts.read(legacy(APPLICATION))
    assert alerts.read({"alert": APPLICATION}) == once
    assert alerts.read({"alert": [json.dumps(APPLICATION)]}) == once


@pytest.mark.parametrize(("body", "missing"), [
    (None, "not an object"), ([], "not an object"), ("{}", "not an object"),
    ({}, "neither state and priority"), ({"state": "CREATED"}, "neither state and priority"),
    ({**ISSUE, "state": "RESTED"}, "state is none of"), ({**ISSUE, "state": None}, "state is none"),
    ({**ISSUE, "impactedEntities": []}, "impactedEntities"),
    ({**ISSUE, "impactedEntities": {}}, "impactedEntities"),
    ({**ISSUE, "impactedEntities": [" "]}, "impactedEntities"),
    ({**TARGETS, "current_state": "half"}, "current_state is none of"),
    ({**TARGETS, "targets": []}, "no targets"), ({**TARGETS, "targets": "x"}, "no targets"),
    ({**TARGETS, "targets": [{}]}, "has no name"), ({**TARGETS, "targets": [5]}, "has no name"),
    ({"alert": "{"}, "not JSON"), ({"alert": "[" * 100_000}, "not JSON"),
    ({"alert": "[]"}, "not an object"), ({"alert": []}, "not an object"),
    ({"alert": None}, "not an object"),
    ({"alert": {"application_name": "x"}}, "long_description"),
    (legacy(APPLICATION, long_description=7), "long_description"),
    (legacy(APPLICATION, application_name=""), "neither application_name nor servers"),
    (legacy(SERVER, servers=[]), "neither application_name nor servers"),
], ids=lambda value: str(value)[:40])
def test_a_malformed_body_is_refused_saying_what_is_missing(body, missing):
    with pytest.raises(Malformed, match=missing):
        alerts.read(body)


def test_what_an_alert_says_is_one_line_of_a_bearable_length():
    read, = alerts.read({**ISSUE, "title": "a\nb " * 500})
    assert "\n" not in read.text
    assert len(read.text) <= 200
