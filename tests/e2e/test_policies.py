"""Policies, schedules and documents through the actions, the governor and the rule."""
from __future__ import annotations

import time
from datetime import datetime, timezone
from pathlib import Path

from tests.e2e.conftest import staged

EXAMPLE = Path(__file__).parents[2] / "examples" / "office-hours.yaml"


def test_a_policy_is_made_run_listed_and_deleted(stage):
    stage.seed("pol", max_nodes=3)
    made = stage.run("asg.policy_create", asg="pol", policy="more", change=50,
                     change_type="percentage_change_in_capacity", min_adjustment_step=2)
    assert made["status"] == "succeeded"
    assert "+50 %, at least 2" in made["result"]["output"]["message"]
    listed = stage.run("asg.policy_list", asg="pol")["result"]["result"]
    assert listed["policies"][0]["name"] == "more"
    denied = stage.run("asg.policy_execute", asg="pol", policy="more")
    assert "it is paused" in denied["result"]["output"]["message"]
    wrong = stage.run("asg.policy_update", asg="pol", policy="less", change=1)
    assert wrong["status"] == "failed"
    assert "its policies are: more" in wrong["result"]["output"]["message"]
    stage.run("asg.policy_delete", asg="pol", policy="more")
    assert stage.key("pol", "policies") == "{}"


def test_a_document_is_compared_applied_and_exported(stage):
    text = EXAMPLE.read_text().replace("min_nodes: 2", "min_nodes: 1")
    dry = stage.run("asg.apply", document=text, dry_run=True)
    assert dry["status"] == "succeeded"
    assert "group office: made" in dry["result"]["output"]["message"]
    assert stage.keys("asg.office.") == {}
    done = stage.run("asg.apply", document=text)
    assert done["status"] == "succeeded", done["result"]
    assert stage.serves("office", 1)
    again = stage.run("asg.apply", document=text)
    assert "all of it is so already" in again["result"]["output"]["message"]
    exported = stage.run("asg.export", asg="office")["result"]["result"]["document"]
    assert "cron: 30 7 * * 1-5" in exported
    wrong = stage.run("asg.apply", document="group: {name: office, domain: example.com, x: 1}")
    assert wrong["status"] == "failed"
    assert "group: Additional properties" in wrong["result"]["output"]["message"]


def test_the_governor_runs_a_schedule_once(tmp_path):
    with staged(tmp_path, sensors=True, poll_interval=4) as stage:
        stage.seed("clock", paused=False, desired_nodes=1, max_nodes=4, deflate_delay=600)
        moment = datetime.fromtimestamp(int(time.time()) + 3, timezone.utc).isoformat()
        stage.app.keys.set("asg.clock.last_deflate_timestamp", str(int(time.time())))
        stage.run("asg.policy_create", asg="clock", policy="once", change=2, at=moment,
                  change_type="change_in_capacity")
        stage.until(lambda: stage.key("clock", "desired_nodes") == "3", "the schedule is run")
        stage.until(lambda: stage.serves("clock", 3), "and the group follows")
        runs, _ = stage.app.executions.list(10, action="autoscale.asg.policy_execute")
        assert len(runs) == 1
