"""Alerts on their way to requests: which groups are asked, for what, and once."""
from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from autoscale.core.alerts import Malformed
from autoscale.core.keys import key
from autoscale.intake import LARGEST, requests_of
from tests.core.alerts.samples import sample
from tests.core.examples import TEXTS
from tests.support.store import DictStore


@pytest.fixture
def store():
    groups = {"web": "My shop", "api": "My shop", "bills": "Billing", "blog": "Blog"}
    return DictStore({key(name, field): text for name, application in groups.items()
                      for field, text in {**TEXTS, "application_name": application}.items()})


def taken(store, monitor, body):
    return requests_of(store, {"monitor": monitor, "body": quote(json.dumps(body))})


def asked(store, monitor, body):
    return {(request["asg"], request["request"], request["severity"])
            for request in taken(store, monitor, body)["requests"]}


def test_each_group_is_asked_once_for_the_alert_that_weighs_most(store):
    body = sample("alertmanager_several")
    for alerts in (body["alerts"], body["alerts"][::-1]):
        assert asked(store, "alertmanager", {**body, "alerts": alerts}) == {
            ("web", "alert", "critical"), ("api", "alert", "critical"),
            ("bills", "alert", "critical")}


def test_what_has_ended_is_heard_beside_a_warning_unless_warnings_count(store):
    body = sample("alertmanager_several")
    ended, other = body["alerts"][:2]
    ended["labels"]["severity"], other["labels"]["severity"] = "critical", "warning"
    store.texts[key("api", "expand_on")] = "warning"
    assert asked(store, "alertmanager", {"alerts": [ended, other]}) == {
        ("web", "recovery", "critical"), ("api", "alert", "warning")}


def test_an_alert_and_a_wish_say_whose_they_are_and_why(store):
    request, = taken(store, "generic", sample("generic_capacity"))["requests"]
    assert request == {"asg": "web", "request": "exact", "nodes": 8, "severity": "critical",
                       "reason": "forecaster: forecast for 18:00"}
    closed = taken(store, "generic", sample("generic_closed"))["requests"]
    assert {request["reason"] for request in closed} == {"checkout-probe"}


def test_a_group_that_can_not_be_read_is_named_and_stops_no_other(store):
    store.texts[key("api", "max_nodes")] = "lots"
    answer = taken(store, "generic", sample("generic_open"))
    assert [request["asg"] for request in answer["requests"]] == ["web"]
    assert "asg.api.max_nodes is 'lots'" in answer["unreadable"][0]


def test_a_body_that_is_too_large_or_no_json_is_refused(store):
    with pytest.raises(Malformed, match=f"larger than {LARGEST}"):
        taken(store, "generic", sample("generic_open", text="x" * LARGEST))
    with pytest.raises(Malformed, match="not JSON"):
        requests_of(store, {"monitor": "generic", "body": "{"})
