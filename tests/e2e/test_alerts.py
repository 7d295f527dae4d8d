"""Alerts, from the webhook to the groups that they concern. The groups are paused: an alert is
remembered, and nothing is built."""
from __future__ import annotations

import html
import json
from typing import Any

import pytest
import requests

from tests.e2e.stage import CLOUD_KEY, Stage, message


def issue(application: str, state: str = "ACTIVATED", priority: str = "CRITICAL",
          **more: Any) -> dict[str, Any]:
    """What New Relic's workflows post."""
    return {"json": {
        "id": "9a7e3f5c", "issueUrl": "https://radar-api.service.newrelic.com/accounts/1/issues/9",
        "title": "Response time is above 2 seconds", "priority": priority, "state": state,
        "impactedEntities": [application], "totalIncidents": 1, "trigger": "STATE_CHANGE",
        "isCorrelated": False, "alertPolicyNames": ["Shop"], "workflowName": "StackStorm", **more}}


def targets(application: str, state: str, severity: str = "CRITICAL") -> dict[str, Any]:
    """What New Relic's first JSON form looks like."""
    return {"json": {
        "account_name": "Shop", "condition_name": "Apdex", "current_state": state,
        "details": "Apdex is below 0.7", "event_type": "INCIDENT", "severity": severity,
        "targets": [{"id": "17", "name": application, "type": "Application"}]}}


def legacy(event: str, severity: str = "critical", **about: Any) -> dict[str, Any]:
    """What the legacy webhook posts: a form with one field."""
    return {"data": {"alert": json.dumps({
        "created_at": "2015-04-01T12:00:00+00:00", "account_name": "Shop", "severity": severity,
        "alert_policy_name": "none of ours", "message": "Apdex", "short_description": "Apdex",
        "long_description": f"Alert {event} on something: Apdex score fell", **about})}}


@pytest.fixture(scope="module")
def groups(stage: Stage) -> Stage:
    stage.seed("till", application_name="Till & Co")
    stage.seed("stock", application_name="Till & Co")
    stage.seed("ship", application_name="Till")
    return stage


def incidents(stage: Stage, *groups: str) -> list[str | None]:
    return [stage.key(asg, "active_incident") for asg in groups]


def test_an_issue_reaches_every_group_of_exactly_its_application(groups: Stage) -> None:
    opened, = groups.alerts(issue("Till & Co"))
    assert (opened["status"], message(opened)) == (
        "succeeded", "alert for stock and alert for till")
    assert incidents(groups, "till", "stock", "ship") == ["True", "True", None]
    assert groups.told("till")[-1].startswith("the incident is remembered, but the group is paused")
    closed, = groups.alerts(issue("Till & Co", "CLOSED"))
    assert message(closed) == "recovery for stock and recovery for till"
    assert incidents(groups, "till", "stock") == ["False", "False"]


FORMS = {
    "issue": (issue("issue", priority="HIGH"), issue("issue", "CLOSED", "HIGH")),
    "targets": (targets("targets", "open"), targets("targets", "closed")),
    "legacy": (legacy("opened", application_name="legacy"),
               legacy("ended", application_name="legacy")),
    "downtime": (legacy("opened", "downtime", application_name="downtime"),
                 legacy("ended", "downtime", application_name="downtime")),
    "crate": (legacy("opened", "downtime", servers=["calm-otter"]),
              legacy("ended", servers=["calm-otter"])),
    "cart": (legacy("opened", servers=["brave-fox.cart.example.com"]),
             legacy("ended", "downtime", servers=["brave-fox.cart.example.com"])),
}
"""How an incident of the group is opened and closed, in every form and for applications and servers
alike."""


def test_every_form_of_alert_opens_and_closes_an_incident(groups: Stage) -> None:
    for asg in FORMS:
        groups.seed(asg)
    groups.set("crate", "members", json.dumps({"calm-otter": {"node": None, "record": None}}))
    groups.alerts(*(opening for opening, _ in FORMS.values()))
    assert incidents(groups, *FORMS) == ["True"] * len(FORMS)
    groups.alerts(*(closing for _, closing in FORMS.values()))
    assert incidents(groups, *FORMS) == ["False"] * len(FORMS)


def test_a_warning_is_told_and_changes_nothing(groups: Stage) -> None:
    groups.seed("mild")
    before = groups.keys("asg.mild.")
    warned, = groups.alerts(issue("mild", priority="MEDIUM"))
    assert warned["status"] == "succeeded"
    after = groups.keys("asg.mild.")
    assert {name for name in after if after[name] != before.get(name)} == {"asg.mild.events"}
    assert "nothing changed: it is a warning, and expand_on is critical" in groups.told("mild")[0]


def test_an_unknown_application_is_said_and_makes_no_group(groups: Stage) -> None:
    before = groups.keys()
    unknown, = groups.alerts(issue("Nobody's"))
    assert unknown["status"] == "succeeded"
    assert message(unknown) == "no group serves Nobody's: nothing to do"
    assert groups.keys() == before


def test_what_is_no_alert_fails_clearly_and_changes_nothing(groups: Stage) -> None:
    before = groups.keys()
    said = [message(each) for each in groups.alerts(
        {"json": {"hello": "world"}},
        {"json": [1, 2]},
        {"json": {"state": "ACTIVATED", "priority": "CRITICAL"}},
        {"json": {"state": "BROKEN", "priority": "CRITICAL", "impactedEntities": ["Till"]}},
        {"data": {"alert": "{not json"}},
        {"data": {"other": "field"}})]
    assert said == [
        "the body has neither state and priority, nor current_state, nor alert",
        "the body is not an object",
        "the body names no impactedEntities",
        "state is none of CREATED, ACTIVATED, CLOSED",
        "the form field alert is not JSON",
        "the body has neither state and priority, nor current_state, nor alert",
    ]
    assert groups.keys() == before


TEMPLATES = [
    "{{ config_context.api_key }}", "{{ st2kv.system.rackspace_api_key | decrypt_kv }}",
    "<% st2kv('system.rackspace_api_key', decrypt => true) %>", "{% raw %}"]


def test_nothing_in_a_body_is_taken_for_a_template(groups: Stage) -> None:
    blind = groups.alerts(*(issue(text) for text in TEMPLATES))
    aimed = groups.alerts(*(issue("Till", title=text) for text in TEMPLATES))
    assert {each["status"] for each in blind + aimed} == {"succeeded"}
    told = html.unescape("\n".join(groups.told("ship")))
    for text, answer in zip(TEMPLATES, map(message, blind)):
        heart = text.strip("{}<%> ")
        assert f"{heart} " in answer
        assert heart in told
    assert CLOUD_KEY not in told + "".join(map(message, blind))


def test_one_who_has_no_key_reaches_nothing(groups: Stage) -> None:
    answer = requests.post(f"{groups.app.api.url}/api/v1/webhooks/nrhook", timeout=10,
                           **issue("Till"))
    assert answer.status_code == 401
    assert groups.post("/api/v1/webhooks/other", json={}).status_code == 404
