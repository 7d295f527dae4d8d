"""Groups at work: many requests at once, many nodes at once, hooks, and what st2 shows of them."""
from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.stage import Stage, message

ROOMY = {"domain": "example.com", "min_nodes": 0, "max_nodes": 25, "expand_delay": 0}


@pytest.fixture(scope="module")
def groups(stage: Stage) -> Stage:
    """The groups that are at work here, made at once."""
    ended = stage.run_all(
        "asg.create", {"name": "busy", **ROOMY, "max_nodes": 4, "expand_by": 3},
        {"name": "aside", **ROOMY}, {"name": "wide", **ROOMY, "expand_by": 20},
        {"name": "dressed", **ROOMY, "min_nodes": 1, "hooks": hook("web")},
        {"name": "tended", **ROOMY, "min_nodes": 1, "application_name": "Tended well"})
    assert {each["status"] for each in ended} == {"succeeded"}
    return stage


def hook(role: str) -> dict[str, Any]:
    return {"configure": {"action": "profiles.give", "parameters": {"role": role}, "attempts": 1}}


def calls(stage: Stage, asg: str, kind: str) -> int:
    """Changes of the group's load balancer or zone."""
    balancer, = [each for each in [stage.balancer(asg)] if each]
    zone, = [zone for zone in stage.region.snapshot()["zones"]
             if zone["name"] == f"{asg}.example.com"]
    path = {"servers": r"/servers$", "balancer": rf"/loadbalancers/{balancer['id']}/",
            "zone": rf"/domains/{zone['id']}/"}[kind]
    return sum(stage.region.calls.count(method, path) for method in ("POST", "PUT", "DELETE"))


def test_requests_for_one_group_are_decided_in_turn_and_other_groups_go_on_beside(
        groups: Stage) -> None:
    stage = groups
    ids = [stage.start("asg.expand", asg="busy"), stage.start("asg.add_node", asg="busy"),
           stage.start("asg.expand", asg="busy"), stage.start("asg.expand", asg="busy", force=True),
           stage.start("asg.add_node", asg="aside")]
    ended = [stage.end(id) for id in ids]
    assert {each["status"] for each in ended} == {"succeeded"}
    granted = [each["result"]["output"]["decision"]["accepted"] for each in ended[:4]]
    assert sorted(granted) == [False, False, True, True]
    assert (stage.creates("busy"), stage.creates("aside")) == (4, 1)
    assert stage.serves("busy", 4)
    assert stage.serves("aside", 1)
    for ref in ("asg.decide", "asg.converge"):
        assert overlaps(stage, ref, "busy") == []
    beside, last = (spans(stage, "asg.converge", asg)[-1][0] for asg in ("aside", "busy"))
    assert beside < last


def spans(stage: Stage, ref: str, asg: str) -> list[tuple[str, str]]:
    """When the executions for this group ran."""
    found, _ = stage.app.executions.list(200, action=f"autoscale.{ref}")
    return sorted((next(e["timestamp"] for e in each["log"] if e["status"] == "running"),
                   each["end_timestamp"]) for each in found if each["parameters"]["asg"] == asg)


def overlaps(stage: Stage, ref: str, asg: str) -> list[Any]:
    ran = spans(stage, ref, asg)
    return [(one, two) for one, two in zip(ran, ran[1:]) if one[1] > two[0]]


def test_many_nodes_take_no_more_tasks_and_no_more_changes_than_one(groups: Stage) -> None:
    stage = groups
    one = stage.run("asg.add_node", asg="wide")
    before = {kind: calls(stage, "wide", kind) for kind in ("servers", "balancer", "zone")}
    many = stage.run("asg.expand", asg="wide")
    after = {kind: calls(stage, "wide", kind) for kind in before}
    assert message(many) == "wide: expanding from 1 to 21 nodes; wide: 21 of 21 nodes up"
    assert stage.serves("wide", 21)
    assert after["servers"] - before["servers"] == 20
    assert after["balancer"] - before["balancer"] <= 2
    assert after["zone"] - before["zone"] <= 2
    cycles = [stage.tasks(each).count("autoscale.converge.plan") for each in (one, many)]
    tasks = [len(stage.tasks(each)) for each in (one, many)]
    assert tasks[1] <= tasks[0] + 2 * max(0, cycles[1] - cycles[0]), (tasks, cycles)
    assert max(cycles) <= 6, "and it is soon done"


def given(stage: Stage, asg: str) -> dict[str, list[str]]:
    """What the hook was told of each node, each time: id, address, role."""
    found = stage.keys(f"profiles.{asg}.")
    return {name.rpartition(".")[2]: text.splitlines() for name, text in found.items()}


def test_a_hook_runs_once_for_each_node_before_it_serves(groups: Stage) -> None:
    stage = groups
    first, = stage.servers("dressed")
    address = first["addresses"]["private"][0]["addr"]
    assert given(stage, "dressed") == {first["name"]: [f"{first['id']} {address} web"]}
    assert stage.serves("dressed", 1)

    stage.run("asg.update", asg="dressed", hooks=hook("refused-once"))
    failed = stage.run("asg.add_node", asg="dressed")
    _, left = stage.servers("dressed")
    why = f"the configure hook failed on {left['name']}"
    assert failed["status"] == "failed"
    assert why in message(failed)
    assert why in stage.told("dressed")[-1]
    assert stage.rotation("dressed") == {address}, "it does not serve"

    mended = stage.run("asg.converge", asg="dressed")
    assert (mended["status"], message(mended)) == ("succeeded", "dressed: 2 of 2 nodes up")
    assert {node: len(told) for node, told in given(stage, "dressed").items()} == {
        first["name"]: 1, left["name"]: 2}
    assert stage.serves("dressed", 2)


def test_the_command_line_shows_a_group(groups: Stage) -> None:
    told = groups.st2.together(
        "run -j autoscale.asg.status asg=tended", "run -j autoscale.asg.list",
        "run -j autoscale.asg.lookup application_name='Tended well'",
        "run -j autoscale.asg.plan asg=tended", "run -j autoscale.asg.history asg=tended last=1",
        "run autoscale.asg.update asg=tended port=81")
    status, there, found, plan, history = (each.json["result"]["result"] for each in told[:5])
    assert status["group"]["activeCapacity"] == status["group"]["desiredCapacity"] == 1
    assert "tended" in [group["name"] for group in there["groups"]]
    assert found["groups"] == ["tended"]
    assert (plan["message"], plan["steps"]) == ("tended is converged: nothing to do", [])
    assert [event["outcome"] for event in history["events"]] == ["done"]
    assert [each.code for each in told[:5]] == [0] * 5
    assert told[5].code != 0
    assert "be changed: create another group" in told[5].text


def test_the_command_line_changes_a_group(groups: Stage) -> None:
    stage = groups

    def st2(*words: str) -> dict[str, Any]:
        begun = stage.st2("run", "-a", *words)
        return stage.end(begun.text.split("st2 execution get ")[1].split()[0])

    stage.region.tamper.delete_server(stage.servers("tended")[0]["id"])
    st2("autoscale.asg.pause", "asg=tended")
    assert "0 of" in message(stage.run("asg.heal")), "a group that is paused is left alone"
    assert stage.servers("tended") == []
    assert message(st2("autoscale.asg.resume", "asg=tended")) == (
        "tended: resumed; tended: 1 of 1 node up")
    stage.region.tamper.delete_server(stage.servers("tended")[0]["id"])
    assert st2("autoscale.asg.heal")["status"] == "succeeded"
    assert stage.serves("tended", 1)
    st2("autoscale.asg.pause", "asg=tended")  # nothing listens in this region, nobody could pass
    changed = st2("autoscale.asg.update", "asg=tended", "max_nodes=7", "channel=#other",
                  'health_check={"type": "tcp"}')
    assert changed["result"]["output"]["decision"]["accepted"]
    assert (stage.key("tended", "max_nodes"), stage.key("tended", "channel")) == ("7", "#other")
    assert json.loads(str(stage.key("tended", "health_check")))["type"] == "tcp"
