"""What goes wrong is said, and leaves nothing wrong behind."""
from __future__ import annotations

from typing import Any, Callable

import pytest

from simcloud import Fault
from tests.e2e.stage import SLACK_TOKEN, Stage, message

PLENTY = {"min_nodes": 1, "max_nodes": 6, "expand_by": 3, "expand_delay": 0, "deflate_delay": 0}


def wish(asg: str, **more: Any) -> dict[str, Any]:
    """What asg.create is asked for."""
    return {"name": asg, "domain": "example.com", "channel": f"#{asg}", **PLENTY, **more}


@pytest.fixture(scope="module")
def groups(stage: Stage) -> Stage:
    """The groups to which things happen here, made at once."""
    ended = stage.run_all("asg.create", *map(wish, ("once", "full", "lossy", "mortal")))
    assert {each["status"] for each in ended} == {"succeeded"}
    return stage


WRONG: list[tuple[dict[str, Any], list[str]]] = [
    ({"vm_image_id": "no-such-image"}, ["no-such-image", "Ubuntu"]),
    ({"vm_size_id": "99"}, ["99"]),
    ({"min_nodes": 5, "max_nodes": 3}, ["asg.wrong.min_nodes is 5, more than asg.wrong.max_nodes"]),
    ({"expand_by": 0, "deflate_by": 0}, ["expand_by is 0: must be at least 1", "deflate_by is 0"]),
    ({"name": "Wrong.Name"}, ["'Wrong.Name' can't be a group's name: use lower-case letters"]),
    ({"domain": "not a domain"}, ["domain is 'not a domain'"]),
]


def test_a_group_that_can_not_be_is_refused(groups: Stage) -> None:
    keys = groups.keys()
    refused = groups.run_all("asg.create", *({**wish("wrong"), **given} for given, _ in WRONG))
    for each, (_, words) in zip(refused, WRONG):
        assert each["status"] == "failed"
        assert [word for word in words if word not in message(each)] == []
        assert groups.tasks(each) == ["autoscale.asg.decide"]
    assert groups.keys() == keys
    assert groups.balancer("wrong") is None


def test_a_group_is_created_once_and_deleted_as_often_as_one_likes(groups: Stage) -> None:
    stage = groups
    foreign = stage.region.tamper.add_server("somebody-elses")["name"]
    keys = stage.keys("asg.once.")
    other = stage.start("asg.create", name="once", domain="example.com", max_nodes=9)
    stranger = stage.start("asg.delete_node", name=foreign, asg="once")
    other, stranger = stage.end(other), stage.end(stranger)
    assert (other["status"], stranger["status"]) == ("failed", "failed")
    assert "group once exists with another " in message(other)
    assert "'somebody-elses' is not a node of once; its nodes are: " in message(stranger)
    assert stage.keys("asg.once.") == keys
    assert stage.region.servers.find(foreign)

    same = stage.run("asg.create", **wish("once"))
    assert message(same) == (
        "once: it exists with the same configuration: carrying on; once: 1 of 1 node up")
    gone = stage.run("asg.delete", name="once")
    assert message(gone) == "once: deleting everything that belongs to it; once is deleted"
    assert (stage.keys("asg.once."), stage.servers("once")) == ({}, [])
    assert stage.balancer("once") is None
    assert "once.example.com" not in {zone["name"] for zone in stage.region.snapshot()["zones"]}
    again = stage.run("asg.delete", name="once")
    assert (again["status"], stage.keys("asg.once.")) == ("succeeded", {})


def test_a_quota_that_is_used_up_is_said_once_and_tried_again(groups: Stage) -> None:
    stage = groups
    fault = stage.region.faults.add(Fault("quota", "POST", r"/servers$", count=None))
    failed = stage.run("asg.expand", asg="full")
    again = stage.run("asg.converge", asg="full")
    stage.region.faults.remove(fault)
    assert (failed["status"], again["status"]) == ("failed", "failed")
    assert "full: expanding from 1 to 4 nodes; " in message(failed)
    assert "quota" in message(failed).lower()
    assert (stage.key("full", "health"), stage.key("full", "status")) == ("ERROR", "idle")
    assert len([line for line in stage.told("full") if "needs attention" in line]) == 1
    assert stage.run("asg.converge", asg="full")["status"] == "succeeded"
    assert stage.serves("full", 4)
    assert stage.key("full", "health") == "ACTIVE"
    assert "is well again" in stage.told("full")[-2:][0]


def test_answers_that_are_lost_and_a_slack_that_fails_cost_nothing(groups: Stage) -> None:
    stage = groups
    stage.region.slack.refuse_with = "channel_not_found"
    stage.region.faults.add(Fault(method="POST", path=r"/servers$", status=504, after_effect=True,
                                  retry_after=1))
    stage.region.faults.add(Fault("drop", method="POST", path=r"/servers$", after_effect=True))
    stage.region.faults.add(Fault(method="POST", path=r"/nodes", status=503, retry_after=1))
    before = len(stage.told("lossy"))
    grown = stage.run("asg.expand", asg="lossy")
    stage.region.slack.refuse_with = None
    assert grown["status"] == "succeeded", message(grown)
    assert stage.serves("lossy", 4)
    assert stage.creates("lossy") == 4
    assert len(stage.told("lossy")) == before
    errors = "".join(str(each["result"].get("stderr")) for each in
                     stage.app.executions.children(grown["id"]))
    assert "Slack did not take a message for #lossy" in errors
    assert SLACK_TOKEN not in errors


def kill_first(stage: Stage, id: str, ref: str, when: Callable[[], Any] = lambda: True) -> None:
    """Kill the first action of this name below the execution, as soon as it runs and `when`."""
    found: list[str] = []

    def running() -> bool:
        found[:] = [each["id"] for each in stage.app.executions.children(id)
                    if each["action"]["ref"] == f"autoscale.{ref}" and stage.process(each["id"])]
        return bool(found and when())

    stage.until(running, f"{ref} runs")
    process = stage.process(found[0])
    assert process
    process.kill()


def test_an_action_that_dies_fails_its_workflow_and_a_repeat_makes_it_good(groups: Stage) -> None:
    stage = groups
    said = []
    for ref in ("asg.decide", "converge.plan"):
        id = stage.start("asg.add_node", asg="mortal")
        kill_first(stage, id, ref)
        said.append((stage.end(id)["status"], message(stage.end(id))))
    assert said == [
        ("failed", "asg.decide broke off, see its stderr"),
        ("failed", "mortal: adding a node, 2 nodes are desired then; "
         "converge.plan broke off, see its stderr")]

    stage.region.faults.add(Fault("delay", "POST", r"/servers$", seconds=1.5, count=4))
    id = stage.start("asg.expand", asg="mortal")
    kill_first(stage, id, "converge.apply", lambda: any(
        fault.kind == "delay" and fault.hits == 4 for fault in stage.region.faults))
    grown = stage.end(id)
    assert (grown["status"], message(grown)) == (
        "succeeded", "mortal: expanding from 2 to 5 nodes; mortal: 5 of 5 nodes up")
    assert stage.serves("mortal", 5)
    assert stage.creates("mortal") == 5, "those that were under way took effect, and were seen"
