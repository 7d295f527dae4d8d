"""Words with numbers: every number has its right form."""
from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core import report, verdict
from autoscale.core.alarms import Threshold
from autoscale.core.deciding import decide
from autoscale.core.planning import Plan
from autoscale.core.policies import Policy
from autoscale.core.renewal import RollingUpdate, UpdatePolicy
from autoscale.core.requests import BadRequest, Request
from tests.core.examples import NOW, done, group, members, planned, seen, server, servers

ONE = group(desired_nodes=1)
FULL = replace(ONE, max_nodes=1)
TWO = replace(ONE, desired_nodes=2)
PLUS_ONE = Policy("change_in_capacity", 1)


@pytest.mark.parametrize(("of", "request_", "message"), [
    (FULL, Request("expand"), "nothing changed: 1 node is desired and max_nodes is 1"),
    (FULL, Request("add_node"), "nothing changed: 1 node is desired and max_nodes is 1"),
    (ONE, Request("deflate"), "nothing changed: 1 node is desired and min_nodes is 1"),
    (ONE, Request("delete_node", node="web-1"), "nothing changed: 1 node is desired and min_nodes "
     "is 1; replace=true gets a new node for it"),
    (FULL, Request("adopt", server=server(9, metadata={})),
     "nothing changed: 1 node is desired and max_nodes is 1"),
    (ONE, Request("add_node"), "adding a node, 2 nodes are desired then"),
    (TWO, Request("delete_node", node="web-1"), "removing node web-1, 1 node is desired then"),
    (TWO, Request("release", node="web-1"), "releasing node web-1, 1 node is desired then"),
    (replace(ONE, min_nodes=0), Request("delete_node", node="web-1"),
     "removing node web-1, 0 nodes are desired then"),
    (replace(ONE, min_nodes=0, desired_nodes=0), Request("adopt", server=server(9, metadata={})),
     "adopting server web-9, 1 node is desired then")])
def test_what_is_desired_is_told_in_the_right_number(of, request_, message):
    assert decide(of, request_, NOW).message == message


@pytest.mark.parametrize(("names", "told"), [
    ("a", "the alarm a:"), ("ab", "the alarms a and b:")])
def test_alarms_that_keep_a_policy_are_told_in_the_right_number(names, told):
    alarm = Threshold("cpu", "above", 1, policy_alarm="more")
    of = group(policies={"more": PLUS_ONE}, alarms=dict.fromkeys(names, alarm))
    with pytest.raises(BadRequest, match=told):
        decide(of, Request("policy_delete", policy="more"), NOW)


@pytest.mark.parametrize(("up", "desired", "words"), [
    (0, 1, "0 of 1 node up"), (1, 1, "1 of 1 node up"), (2, 3, "2 of 3 nodes up"),
    (2, 1, "2 nodes up, 1 desired"), (1, 0, "1 node up, 0 desired"), (0, 0, "0 of 0 nodes up")])
def test_more_than_desired_are_not_told_as_a_part_of_it(up, desired, words):
    of = group(min_nodes=0, desired_nodes=desired, total_nodes=up)
    assert verdict.message(of, Plan(total=up), "converged", ()) == f"web: {words}"
    assert f"ACTIVE, {words} (0 to 10)" in report.summary_line(report.summary(of), "node")
    told = report.status(of, seen(*servers(*["ACTIVE"] * up)), NOW)
    told["group"]["activeCapacity"] = up
    assert f"{words.replace(' up', ' active')} (0 to 10)" in report.status_text(told, "node")


def test_what_is_more_than_desired_is_not_told_to_be_as_desired():
    assert verdict.news(ONE, Plan(total=2), (), True, True) == ["2 nodes up, 1 desired"]
    assert verdict.news(ONE, Plan(total=1), (), True, True) == ["1 node up, as desired"]


@pytest.mark.parametrize(("desired", "there", "why"), [
    (1, 0, "1 node is desired, 0 count"), (2, 1, "2 nodes are desired, 1 counts"),
    (4, 2, "4 nodes are desired, 2 count")])
def test_a_server_is_created_for_a_number_of_nodes(desired, there, why):
    answer = planned(group(desired_nodes=desired), seen(*servers(*["ACTIVE"] * there)))
    assert answer.steps[0].why == why


def test_surplus_goes_for_a_number_of_nodes():
    answer = planned(ONE, seen(*servers("ACTIVE", "ACTIVE"), load_balancer=None))
    assert "1 node is desired and it is the first to go" in {step.why for step in answer.steps}


@pytest.mark.parametrize(("missing", "told"), [
    (1, "1 more server must wait until others are gone or built"),
    (2, "2 more servers must wait until others are gone or built")])
def test_servers_for_whom_there_is_no_room_are_told_in_the_right_number(missing, told):
    full = group(desired_nodes=3, max_nodes=3)
    there = servers(*["ERROR"] * missing, *["ACTIVE"] * (3 - missing))
    answer = planned(full, seen(*there))
    assert not done(answer, "CreateServer")
    assert told in answer.awaited


@pytest.mark.parametrize(("missing", "told"), [
    (1, "1 server must wait for the group's key pair"),
    (2, "2 servers must wait for the group's key pair")])
def test_servers_that_wait_for_a_key_pair_are_told_in_the_right_number(missing, told):
    of = group(desired_nodes=missing, ssh_pub_key="ssh-ed25519 AAAA ops")
    assert told in planned(of, seen()).awaited


def test_the_safety_limit_says_what_is_desired_in_the_right_number():
    there = servers(*["ACTIVE"] * 5)
    problem, = planned(replace(ONE, members=members(*there)), seen(*there[:4])).problems
    assert problem.startswith("refused: of 5 servers 1 is not listed any more and 3 would be "
                              "deleted, as 1 node is desired.")


@pytest.mark.parametrize(("minimum", "told"), [
    (0, "at least 0 are to be"), (1, "at least 1 is to be"), (2, "at least 2 are to be")])
def test_a_rolling_update_says_how_many_are_to_be_in_service(minimum, told):
    wish = RollingUpdate(NOW, UpdatePolicy(min_instances_in_service=minimum))
    status = report.status(group(rolling_update=wish), seen(*servers(*["ACTIVE"] * 3)), NOW)
    assert told in status["rolling_update"]["text"]
