"""Documents: what they say of a group, what they would change, and back again."""
from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core import documents
from autoscale.core.alarms import Threshold, Tracking
from autoscale.core.checks import HealthCheck
from autoscale.core.deciding.applying import apply_document
from autoscale.core.evaluation import State
from autoscale.core.hooks import Hook
from autoscale.core.policies import Policy, Run
from autoscale.core.requests import BadRequest
from tests.core.examples import NOW, group

UP = Policy("change_in_capacity", 2, cron="0 9 * * *", timezone="Europe/Berlin")
FULL = group(
    application_name="My shop", policies={"up": UP}, drain_timeout=60,
    policy_runs={"up": Run(at=NOW - 50, due=NOW - 50)}, health_check=HealthCheck("http", "/ready"),
    hooks={"configure": Hook("pack.action", {"x": 1})},
    alarms={"slow": Threshold("response_time", "above", 500.0, policy_alarm="up"),
            "cpu": Tracking("cpu", 60.0)})
DEFAULTS = {"min_nodes": 1, "max_nodes": 5, "vm_size_id": "2", "vm_image_id": "image"}
SMALL = {"group": {"name": "web", "domain": "example.com"}}


def applied(to, content, **more):
    return apply_document(to, documents.read(content), more.get("dry_run", False), DEFAULTS, NOW)


def test_a_group_survives_being_a_document():
    decision = applied(FULL, documents.write(FULL))
    assert not decision.changes
    assert "all of it is so already" in decision.message


def test_a_document_leaves_out_what_is_so_by_default():
    assert documents.write(group()) == {
        "group": {"name": "web", "domain": "example.com", "channel": "#ops", "min_nodes": 1,
                  "max_nodes": 10},
        "launch_configuration": {"vm_image_id": "image", "vm_size_id": "2"}}


def test_a_schedule_is_a_section_of_its_policy():
    assert documents.write(FULL)["policies"]["up"] == {
        "change_type": "change_in_capacity", "change": 2,
        "schedule": {"cron": "0 9 * * *", "timezone": "Europe/Berlin"}}


def test_a_new_group_is_made_whole_and_desired_comes_last():
    decision = applied(None, {**SMALL, "policies": {"up": {
        "change_type": "change_in_capacity", "change": 2}}})
    assert decision.accepted
    assert decision.changes["policies"] == {"up": Policy("change_in_capacity", 2)}
    assert decision.changes["policy_runs"]["up"].due == NOW
    assert list(decision.changes)[-1] == "desired_nodes"


def test_a_dry_run_changes_nothing_and_says_what_would():
    decision = applied(FULL, {**SMALL, "group": {**SMALL["group"], "max_nodes": 7},
                              "alarms": {}}, dry_run=True)
    assert not decision.accepted
    assert not decision.changes
    for said in ("max_nodes: 10 -> 7", "alarm cpu: deleted", "alarm slow: deleted"):
        assert said in decision.message


def test_what_is_not_mentioned_stays_and_what_changes_starts_anew():
    content = documents.write(FULL)
    content["policies"]["up"]["change"] = 3
    content["alarms"]["slow"]["threshold"] = 700
    states = {"slow": State(), "cpu": State()}
    decision = applied(replace(FULL, alarm_states=states), content)
    assert decision.changes["policy_runs"]["up"] == Run(at=NOW - 50, due=NOW)
    assert set(decision.changes["alarm_states"]) == {"cpu"}
    assert "domain" not in decision.changes


def test_long_texts_are_named_but_not_shown():
    told = documents.difference(group(), documents.read(
        {**SMALL, "launch_configuration": {"user_data": "QUJD"}}))
    assert told == ["user_data: changed"]


@pytest.mark.parametrize(("section", "complaint"), [
    ({"policies": {"UP": {"change_type": "exact_capacity", "change": 1}}}, "policies.UP: not a"),
    ({"policies": {"up": {"change_type": "exact_capacity", "change": -1}}}, "policies.up: change"),
    ({"alarms": {"UP": {"metric": "cpu", "target": 1}}}, "alarms.UP: not an"),
    ({"alarms": {"up": {"metric": "cpu"}}}, "alarms.up: comparison is missing"),
    ({"alarms": {"up": {"metric": "cpu", "comparison": "above", "threshold": 1,
                        "policy_alarm": "gone"}}}, "alarms.up: there is no policy gone"),
    ({"group": {"name": "web", "domain": "example.org"}}, "domain can't be changed"),
])
def test_what_is_wrong_is_refused_by_its_path(section, complaint):
    with pytest.raises(BadRequest, match=complaint):
        applied(group(), {**SMALL, **section})
