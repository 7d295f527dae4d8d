"""What each monitor posts, from its webhook to the groups concerned. The groups are paused: an
alert is remembered, and nothing is built."""
from __future__ import annotations

import html
import json
from typing import Any

import pytest

from tests.core.alerts.samples import SAMPLES, monitor, sample
from tests.e2e.stage import Execution, Stage, message

APPLICATION = {"alertmanager": "My shop", "aodh": "My shop", "datadog": "my_shop",
               "grafana": "My shop", "generic": "My shop"}
CYCLES = {
    "alertmanager": ("alertmanager_firing", "alertmanager_resolved"),
    "aodh": ("aodh_alarm", "aodh_ok"),
    "datadog": ("datadog_triggered", "datadog_recovered"),
    "grafana": ("grafana_firing", "grafana_resolved"),
    "generic": ("generic_open", "generic_closed"),
}
"""The payloads by which each monitor opens and closes an incident."""


def intakes(stage: Stage) -> list[str]:
    found, _ = stage.app.executions.list(100, ascending=True, action="autoscale.alert.intake")
    return [each["id"] for each in found]


def posted(stage: Stage, name: str, body: Any) -> Execution:
    """Post it as its monitor does; answer the execution that follows."""
    before = intakes(stage)
    answer = stage.post(f"/api/v1/webhooks/autoscale_{name}", json=body)
    assert answer.status_code == 202, answer.text
    stage.until(lambda: len(intakes(stage)) > len(before), "the rule acts")
    return stage.end((set(intakes(stage)) - set(before)).pop())


@pytest.fixture(scope="module")
def shop(stage: Stage) -> Stage:
    stage.seed("kiosk", application_name="My shop")
    stage.seed("booth", application_name="my_shop")
    return stage


def group(name: str) -> str:
    return "booth" if APPLICATION[name] == "my_shop" else "kiosk"


@pytest.mark.parametrize("name", sorted(CYCLES))
def test_a_monitor_opens_and_closes_an_incident(shop: Stage, name: str) -> None:
    opening, closing = (sample(each) for each in CYCLES[name])
    opened = posted(shop, name, opening)
    assert (opened["status"], message(opened)) == ("succeeded", f"alert for {group(name)}")
    assert shop.key(group(name), "active_incident") == "True"
    closed = posted(shop, name, closing)
    assert (closed["status"], message(closed)) == ("succeeded", f"recovery for {group(name)}")
    assert shop.key(group(name), "active_incident") == "False"


def test_what_still_fires_beats_what_is_resolved_in_the_same_payload(shop: Stage) -> None:
    told = posted(shop, "alertmanager", sample("alertmanager_several"))
    assert message(told) == "alert for kiosk (1 alert without an application left out)"
    assert shop.key("kiosk", "active_incident") == "True"
    posted(shop, "alertmanager", sample("alertmanager_resolved"))


@pytest.mark.parametrize("payload", [
    "aodh_insufficient_data", "datadog_no_data", "grafana_no_data"])
def test_missing_data_changes_nothing_and_is_said(shop: Stage, payload: str) -> None:
    before = shop.keys()
    told = posted(shop, monitor(payload), SAMPLES[payload])
    assert told["status"] == "succeeded"
    assert message(told) == (
        f"{monitor(payload)} tells of nothing that opened or closed: nothing to do")
    assert shop.keys() == before


@pytest.mark.parametrize("name", sorted(CYCLES))
def test_what_a_monitor_does_not_post_fails_clearly_and_changes_nothing(
        shop: Stage, name: str) -> None:
    before = shop.keys()
    told = posted(shop, name, {"hello": "{{ config_context.api_key }}"})
    assert told["status"] == "failed"
    assert message(told).split()[0] in ("the", "current", "transition")
    assert "Traceback" not in json.dumps(told["result"])
    assert shop.keys() == before


def test_nothing_in_a_payload_is_taken_for_a_template(shop: Stage) -> None:
    live = "{{ config_context.api_key }} <% st2kv('system.rackspace_api_key') %>"
    told = posted(shop, "generic", {**sample("generic_open"), "severity": "warning", "text": live,
                                    "source": live})
    assert told["status"] == "succeeded"
    assert "config_context.api_key" in html.unescape(shop.told("kiosk")[-1])
    unknown = posted(shop, "generic", sample("generic_open", application=live))
    assert "config_context.api_key" in message(unknown)


def test_a_controller_outside_sets_a_groups_capacity_within_its_bounds(stage: Stage) -> None:
    stage.seed("pool", max_nodes=3)
    stage.set("pool", "paused", False)
    wish = {"group": "pool", "exact_capacity": 2, "text": "forecast", "source": "forecaster"}
    told = posted(stage, "generic", wish)
    assert (told["status"], message(told)) == ("succeeded", "exact for pool")
    assert stage.key("pool", "desired_nodes") == "2"
    assert stage.serves("pool", 2)
    assert "from 1 to exactly 2 nodes (forecaster: forecast)" in stage.told("pool")[0]
    by_hand = stage.run("asg.exact_capacity", asg="pool", nodes=9, reason="{{ a fair }}")
    assert "from 2 to exactly 3 nodes, not 9: max_nodes is 3" in message(by_hand)
    assert stage.serves("pool", 3)


def test_a_wish_for_a_group_that_there_is_not_is_said(stage: Stage) -> None:
    told = posted(stage, "generic", {"group": "nobodys", "exact_capacity": 2})
    assert message(told) == "there is no group nobodys: nothing to do"
