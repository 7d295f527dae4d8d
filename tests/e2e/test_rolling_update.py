"""A rolling update as people ask for it: in chat, through the real actions and workflows."""
from __future__ import annotations

from tests.e2e.stage import message


def test_a_group_is_renewed_from_chat_and_says_how_far_it_is(stage):
    made = stage.run("asg.create", name="roll", domain="example.com", min_nodes=2, max_nodes=4)
    assert made["status"] == "succeeded"
    before = {server["id"] for server in stage.servers("roll")}
    stage.run("asg.update", asg="roll", user_data="I2Nsb3VkLWNvbmZpZw==")
    asked, = stage.hubot("asg rolling update asg=roll min_instances_in_service=2 max_batch_size=2")
    assert asked["status"] == "succeeded"
    assert stage.heard(asked) == (
        "roll: rolling update of 2 nodes, 2 at a time, at least 2 in service; "
        "roll: 2 of 2 nodes up")
    assert stage.serves("roll", 2)
    assert before.isdisjoint(server["id"] for server in stage.servers("roll"))
    told = [line for line in stage.told("roll") if line.startswith("rolling update:")]
    assert told == [
        "rolling update: 2 of 2 renewed",
        "rolling update: done, all nodes have the current launch configuration"]
    status = stage.run("asg.status", asg="roll")["result"]["result"]
    assert status["rolling_update"]["state"] == "done"
    again, = stage.errbot("asg rolling update asg=roll")
    assert "all nodes have the current launch configuration" in stage.heard(again)
    late, = stage.hubot("asg rolling update cancel asg=roll")
    assert "the rolling update is done already" in stage.heard(late)


def test_one_that_can_not_be_is_refused_saying_what_to_change(stage):
    stage.seed("narrow", paused=False, desired_nodes=1, min_nodes=1, max_nodes=1)
    stage.run("asg.converge", asg="narrow")
    stage.run("asg.update", asg="narrow", user_data="I2Nsb3VkLWNvbmZpZw==")
    refused = stage.run("asg.rolling_update", asg="narrow", min_instances_in_service=1)
    assert "raise max_nodes, or lower min_instances_in_service to 0" in message(refused)
    wrong = stage.run("asg.rolling_update", asg="narrow", pause_time="PT2H")
    assert wrong["status"] == "failed"
    assert "pause_time must be at most one hour" in message(wrong)
