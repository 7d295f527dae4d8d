"""The group's own load balancer, zone and key pair."""
from __future__ import annotations

import pytest

from autoscale.core import names
from tests.core.examples import (
    NOW,
    balancer,
    done,
    group,
    node,
    planned,
    seen,
    server,
    told,
    zone,
)

NEW = group(desired_nodes=1, loadbalancer_id="", dns_zone_id="")
LONE = group(desired_nodes=1)
ONE = server(1)
LB = "asg_web_lb"
KEYED = group(desired_nodes=1, ssh_pub_key="ssh-rsa AAAA")
PAIR = names.key_pair_name("web", "ssh-rsa AAAA")


def test_a_new_group_gets_its_things_and_its_servers_at_the_same_time():
    answer = planned(NEW, seen(load_balancer=None, zone=None))
    assert told(answer) == [
        ("CreateLoadBalancer", LB), ("CreateZone", "web.example.com"), ("CreateServer", "new-1")]
    assert answer.learned["reserved"] == {LB: NOW, "new-1": NOW}


@pytest.mark.parametrize(("ago", "creates"), [
    (0, False), (119, False), (120, True), (10**9, True), (-5, False), (-10**9, True)])
def test_a_load_balancer_that_was_asked_for_is_not_asked_for_again_for_two_minutes(ago, creates):
    asked = group(desired_nodes=1, loadbalancer_id="", reserved={LB: NOW - ago})
    answer = planned(asked, seen(ONE, load_balancer=None))
    assert bool(done(answer, "CreateLoadBalancer")) is creates
    assert answer.learned["reserved"] == {LB: NOW if creates else NOW - ago}
    assert not answer.converged


def test_what_carries_the_groups_mark_is_adopted():
    answer = planned(NEW, seen(ONE))
    assert answer.steps == ()
    assert (answer.learned["loadbalancer_id"], answer.learned["dns_zone_id"]) == ("lb-1", "zone-1")
    assert planned(NEW, seen(ONE, load_balancer=balancer(status="BUILD"))).learned[
        "loadbalancer_id"] == "lb-1"


def test_a_reservation_ends_when_the_load_balancer_is_seen():
    asked = group(desired_nodes=1, loadbalancer_id="", reserved={LB: NOW})
    assert planned(asked, seen(ONE)).learned["reserved"] == {}


@pytest.mark.parametrize("owner", [None, "shop"])
def test_a_namesake_that_is_not_the_groups_is_refused_never_taken_over(owner):
    answer = planned(NEW, seen(ONE, load_balancer=balancer(owner=owner), zone=zone(owner=owner)))
    assert answer.steps == ()
    assert "loadbalancer_id" not in answer.learned
    assert "dns_zone_id" not in answer.learned
    assert len(answer.problems) == 2
    assert all("is not this group's" in problem for problem in answer.problems)


def test_what_a_hand_has_chosen_by_its_id_is_used():
    answer = planned(LONE, seen(ONE, load_balancer=balancer(owner=None), zone=zone(owner=None)))
    assert done(answer, "AddNode") == ["web-1"]
    assert done(answer, "AddRecord") == ["web-1.web.example.com"]


@pytest.mark.parametrize(("part", "field"), [
    ("load_balancer", "loadbalancer_id"), ("zone", "dns_zone_id")])
def test_what_is_lost_is_a_problem_and_not_replaced_and_the_servers_stay(part, field):
    answer = planned(LONE, seen(ONE, **{part: None}))
    assert answer.steps == ()
    assert "does not exist any more" in answer.problems[0]
    assert f"asg.web.{field}" in answer.problems[0]


def test_a_load_balancer_in_error_is_a_problem():
    answer = planned(LONE, seen(ONE, load_balancer=balancer(node(ONE), status="ERROR")))
    assert "ask the cloud's support" in answer.problems[0]


@pytest.mark.parametrize("part", ["load_balancer", "zone", "key_pairs"])
def test_a_part_that_nobody_could_see_is_waited_for(part):
    nothing = () if part == "key_pairs" else None
    wished = group(desired_nodes=1, loadbalancer_id="", dns_zone_id="", ssh_pub_key="ssh-rsa AAAA")
    blind = seen(ONE, **{"key_pairs": (PAIR,), part: nothing}, unseen={part: "no answer"})
    answer = planned(wished, blind)
    kinds = {kind for kind, _ in told(answer)}
    assert not kinds & {"CreateLoadBalancer", "CreateZone", "CreateKeyPair", "DeleteKeyPair"}
    assert any("no answer" in awaited for awaited in answer.awaited)


# The key pair.

def test_servers_wait_for_the_groups_key_pair():
    first = planned(KEYED, seen())
    assert told(first) == [("CreateKeyPair", PAIR)]
    assert "wait for the group's key pair" in first.awaited[0]
    assert done(planned(KEYED, seen(key_pairs=(PAIR,))), "CreateServer") == ["new-1"]


def test_another_public_key_is_another_key_pair_and_the_old_one_goes():
    answer = planned(KEYED, seen(ONE, key_pairs=("asg_web_old", "asg_shop_1", "joe")))
    assert told(answer) == [("CreateKeyPair", PAIR), ("DeleteKeyPair", "asg_web_old")]


def test_a_group_with_a_key_of_its_owners_keeps_no_key_pair():
    named = group(desired_nodes=1, key_name="ops", ssh_pub_key="ssh-rsa AAAA")
    assert told(planned(named, seen(ONE, key_pairs=("ops", PAIR)))) == [("DeleteKeyPair", PAIR)]


def test_a_key_of_its_owners_stays_even_when_its_name_begins_as_ours_do():
    named = group(desired_nodes=1, key_name="asg_web_mine")
    assert planned(named, seen(ONE, key_pairs=("asg_web_mine",))).converged


def test_without_a_public_key_there_is_no_key_pair():
    assert planned(LONE, seen(ONE, key_pairs=("joe",))).converged
