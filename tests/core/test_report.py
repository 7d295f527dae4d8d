from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autoscale.core import report
from autoscale.core.associations import Association
from autoscale.core.checks import HealthCheck
from autoscale.core.group import Departure, Problem
from autoscale.core.hooks import Hook, HookResult, HookRun
from autoscale.core.launch import launch_mark
from autoscale.core.units import Role
from tests.core.examples import NOW, balancer, group, node, planned, seen, server, servers

THREE = seen(*servers("ACTIVE", "ACTIVE", "BUILD"))


def test_the_state_of_a_group_has_otters_shape():
    broken = group(health="ERROR", errors=(Problem("no quota", NOW),), reserved={"web-4": NOW})
    assert report.status(broken, THREE, NOW)["group"] == {
        "name": "web", "paused": False, "activeCapacity": 2, "pendingCapacity": 2,
        "active": [{"id": "s1", "name": "web-1"}, {"id": "s2", "name": "web-2"}],
        "desiredCapacity": 3, "status": "ERROR", "errors": [{"message": "no quota"}]}


def test_the_state_of_a_group_is_plain_json():
    told = report.status(group(), THREE, NOW)
    assert json.loads(json.dumps(told)) == told


def test_each_node_says_where_it_is():
    wished = group(desired_nodes=1, leaving={"s1": Departure(NOW)})
    nodes = report.status(wished, THREE, NOW)["nodes"]
    assert [node["load_balancer"] for node in nodes] == ["ENABLED", "ENABLED", "out"]
    assert [node["leaving"] for node in nodes] == [True, False, True]
    assert nodes[0]["age_seconds"] == 1999


def test_each_nodes_health_is_shown_where_it_is_checked():
    checked = group(health_check=HealthCheck("tcp"))
    told = report.status(checked, replace(THREE, healthy=frozenset({"s1"})), NOW)
    assert [node["health"] for node in told["nodes"]] == ["passing", "in grace", "unknown"]
    assert ("- web-2: ACTIVE, 10.0.0.2, in grace, load balancer: ENABLED"
            in report.status_text(told, "node"))


def test_without_a_load_balancer_everybody_is_out():
    told = report.status(group(), seen(server(1), load_balancer=None), NOW)
    assert told["loadbalancer"] is None
    assert told["nodes"][0]["load_balancer"] == "out"


@pytest.mark.parametrize(("of", "expand", "deflate"), [
    (group(), "possible now", "possible now"),
    (group(last_expand_timestamp=NOW, last_deflate_timestamp=NOW), "possible in 10 min",
     "possible in 30 min"),
    (group(desired_nodes=10), "no: 10 is max_nodes", "possible now"),
    (group(desired_nodes=1), "possible now", "no: 1 is min_nodes"),
    (group(paused=True), "not while the group is paused", "not while the group is paused"),
    (group(deleted=True), "not while the group is being deleted",
     "not while the group is being deleted")])
def test_it_says_when_the_group_may_change_and_why_not_now(of, expand, deflate):
    told = report.status(of, THREE, NOW)
    assert (told["expand"], told["deflate"]) == (expand, deflate)


def test_the_lines_for_a_chat_name_what_matters():
    broken = group(health="ERROR", errors=(Problem("no quota", NOW),))
    text = report.status_text(report.status(broken, THREE, NOW), "node")
    for part in ("web: idle, ERROR, 2 of 3 nodes active (1 to 10)", "needs attention: no quota",
                 "- web-1: ACTIVE, 10.0.0.1, load balancer: ENABLED", "expand: possible now"):
        assert part in text


def test_a_list_has_a_line_for_each_group():
    line = report.summary_line(report.summary(group(paused=True, active_incident=True,
                                                    total_nodes=1)), "node")
    assert line == "web: paused, ACTIVE, 1 of 3 nodes up (1 to 10), incident open"


@pytest.mark.parametrize(("states", "waits"), [("ACTIVE BUILD", True), ("ACTIVE", False)])
def test_a_plan_of_joins_alone_can_wait_while_others_are_about_to_join(states, waits):
    observed = seen(*servers(*states.split()), zone=THREE.zone)
    answer = planned(group(desired_nodes=len(states.split())), observed)
    assert answer.can_wait is waits


def test_a_plan_of_joins_does_not_wait_for_those_who_leave():
    new, old = server(1), server(2)
    wished = group(desired_nodes=1, drain_timeout=60, evict=("web-2",),
                   leaving={"s2": Departure(NOW, final=False)})
    draining = balancer(node(old, condition="DRAINING"))
    answer = planned(wished, seen(new, old, load_balancer=draining))
    assert [type(step).__name__ for step in answer.steps] == ["AddNode"]
    assert answer.awaited == ("web-2 is draining",)
    assert not answer.can_wait


def test_each_node_says_whether_it_is_of_todays_launch_configuration():
    current = server(1, metadata={"asg": "web", "asg_launch": launch_mark(group())})
    nodes = report.status(group(), seen(current, server(2)), NOW)["nodes"]
    assert [node["launch_configuration"] for node in nodes] == ["current", "earlier"]


def test_a_node_of_several_load_balancers_says_how_it_stands_in_each():
    wished = group(roles={"web": Role(), "worker": Role(load_balancers=())},
                   load_balancers={"main": Association(), "public": Association(id="77", port=9)})
    web, worker = (server(at, metadata={"asg": "web", "asg_unit": "a", "asg_role": role})
                   for at, role in ((1, "web"), (2, "worker")))
    told = report.status(
        wished, seen(web, worker, load_balancer=balancer(node(web, condition="DRAINING")),
                     others={"public": balancer(id="77")}), NOW)
    assert [node["load_balancer"] for node in told["nodes"]] == [
        "main DRAINING and public out", "none"]
    assert told["nodes"][0]["load_balancers"] == {"main": "DRAINING", "public": "out"}


def test_a_node_is_found_at_the_address_where_its_load_balancer_reaches_it():
    there = balancer(node(server(1), address="203.0.113.1"))
    wished = group(load_balancers={"main": Association(network="public")})
    told = report.status(wished, seen(server(1, public="203.0.113.1"), load_balancer=there), NOW)
    assert told["nodes"][0]["load_balancer"] == "ENABLED"


def test_a_node_that_stays_beside_the_wish_says_why():
    kept = group(leaving={"s1": Departure(NOW, final=False, stays=True)})
    four = seen(*servers(*["ACTIVE"] * 4))
    told = report.status(kept, four, NOW)
    assert [node["stays"] for node in told["nodes"]] == [True, False, False, False]
    assert [node["leaving"] for node in told["nodes"]] == [False] * 4
    lines = report.status_text(told, "node").splitlines()
    assert lines[0] == "web: idle, ACTIVE, 4 nodes active, 3 desired (1 to 10)"
    assert lines[1] == ("- web-1: ACTIVE, 10.0.0.1, load balancer: ENABLED, "
                        "stays: its removal was abandoned")
    assert [line for line in lines[2:] if "stays" in line] == []


def test_a_node_whose_removal_has_begun_anew_leaves_and_does_not_stay():
    named = group(evict=("web-1",), leaving={"s1": Departure(NOW - 9, final=False, stays=True)},
                  hook_answers={"s1": f"again:{NOW - 9}"})
    node, *_ = report.status(named, seen(*servers(*["ACTIVE"] * 4)), NOW)["nodes"]
    assert (node["stays"], node["leaving"]) == (False, True)


def test_a_node_that_stays_and_breaks_stays_no_more():
    kept = group(leaving={"s1": Departure(NOW, final=False, stays=True)})
    node, *_ = report.status(kept, seen(*servers("ERROR", *["ACTIVE"] * 3)), NOW)["nodes"]
    assert (node["stays"], node["leaving"]) == (False, True)


def test_all_of_a_unit_that_stays_say_so():
    roles = {"web": Role(), "worker": Role(load_balancers=())}
    departure = Departure(NOW, final=False, stays=True)
    kept = group(roles=roles, desired_nodes=1, leaving={"s1": departure, "s2": departure})
    there = [server(at, metadata={"asg": "web", "asg_unit": unit, "asg_role": role})
             for at, (unit, role) in enumerate(
                 ((unit, role) for unit in "ab" for role in roles), 1)]
    told = report.status(kept, seen(*there), NOW)
    assert [node["stays"] for node in told["nodes"]] == [True, True, False, False]
    assert "2 units active, 1 desired" in report.status_text(told, kept.noun)


def test_hooks_that_are_under_way_are_told():
    runs = {"before_terminate.s1": HookRun("before_terminate", NOW - 60, "s1", "web-1"),
            "configure.s2": HookRun("configure", NOW - 9, "s2", "web-2"),
            "after_create.s3": HookRun("after_create", 0, "s3", "web-3")}
    hooked = group(hook_runs=runs, hook_results={"configure.s2": HookResult(NOW - 9, NOW - 8)},
                   hooks={"before_terminate": Hook("", timeout=600), "configure": Hook("a.b"),
                          "after_create": Hook("a.b")})
    told = report.status(hooked, THREE, NOW)
    assert [(one["hook"], one["node"], one["state"]) for one in told["hooks"]] == [
        ("before_terminate", "web-1", "waits for asg.hook_complete"),
        ("configure", "web-2", "runs")]
    assert ("hook before_terminate of web-1 waits for asg.hook_complete, 60 of 600 s"
            in report.status_text(told, "node"))
