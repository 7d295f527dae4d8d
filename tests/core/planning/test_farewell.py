"""Deleting a group."""
from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core.associations import Association
from autoscale.core.group import Departure
from autoscale.core.observation import LoadBalancer
from tests.core.examples import (
    NOW,
    balancer,
    group,
    members,
    node,
    planned,
    seen,
    server,
    servers,
    told,
    zone,
)

LEAVING = group(deleted=True)
TWO = servers("ACTIVE", "BUILD")


def test_everything_that_is_the_groups_goes_at_once():
    observed = seen(*TWO, key_pairs=("asg_web_1", "asg_web_2"))
    assert sorted(told(planned(LEAVING, observed))) == [
        ("DeleteKeyPair", "asg_web_1"), ("DeleteKeyPair", "asg_web_2"),
        ("DeleteLoadBalancer", "lb-1"), ("DeleteServer", "web-1"), ("DeleteServer", "web-2"),
        ("DeleteZone", "zone-1")]


def test_nothing_of_others_goes():
    observed = seen(
        server(1, metadata={"asg": "shop"}), load_balancer=balancer(owner="shop"),
        zone=zone(owner=None), key_pairs=("joe", "asg_shop_1", "asg_webshop_1"))
    assert planned(LEAVING, observed).converged


def test_it_is_over_when_nothing_is_left():
    assert planned(LEAVING, seen(load_balancer=None, zone=None)).converged


def test_it_goes_on_although_the_group_is_paused():
    assert told(planned(group(deleted=True, paused=True), seen(*TWO)))


def test_servers_that_go_are_waited_for_and_asked_again_after_30_seconds():
    observed = seen(*TWO, load_balancer=None, zone=None)
    first = planned(LEAVING, observed)
    later = replace(LEAVING, **first.learned)
    for seconds, steps in ((5, 0), (29, 0), (30, 2)):
        answer = planned(later, observed, NOW + seconds)
        assert len(answer.steps) == steps
        assert not answer.converged
        assert answer.learned["leaving"].keys() == {"s1", "s2"}


def test_what_was_asked_for_and_not_repeated_is_remembered_all_the_same():
    observed = seen(*TWO, load_balancer=None, zone=None)
    wished = LEAVING
    asked = []
    for seconds in range(0, 60, 5):
        answer = planned(wished, observed, NOW + seconds)
        wished = replace(wished, **answer.learned)
        asked += [seconds] * bool(answer.steps)
    assert asked == [0, 30]


def test_a_deletion_time_that_a_hand_has_put_into_the_future_does_not_hold_it_up():
    odd = group(deleted=True, leaving={"s1": Departure(NOW, True, NOW + 10**9)})
    assert ("DeleteServer", "web-1") in told(planned(odd, seen(*TWO)))


def test_a_server_that_is_going_already_is_only_waited_for():
    answer = planned(LEAVING, seen(server(1, leaving=True), load_balancer=None, zone=None))
    assert answer.steps == ()
    assert answer.awaited == ("web-1 is being deleted",)


@pytest.mark.parametrize("name", ["web-9", "asg_web_lb"])
@pytest.mark.parametrize(("ago", "waits"), [(0, True), (119, True), (120, False), (-10**9, False)])
def test_what_was_asked_for_and_may_still_appear_is_waited_for(name, ago, waits):
    expecting = group(deleted=True, reserved={name: NOW - ago})
    answer = planned(expecting, seen(load_balancer=None, zone=None))
    assert answer.converged is not waits
    assert (name in " ".join(answer.awaited)) is waits
    assert answer.learned["reserved"] == ({name: NOW - ago} if waits else {})


@pytest.mark.parametrize("part", ["load_balancer", "zone", "key_pairs"])
def test_it_is_not_over_while_a_part_can_not_be_seen(part):
    nothing = {"load_balancer": None, "zone": None}
    assert not planned(LEAVING, seen(**nothing, unseen={part: "no answer"})).converged


def test_a_kind_that_was_refused_does_not_hold_up_the_rest():
    answer = planned(LEAVING, seen(*TWO), given_up=frozenset({"DeleteZone"}))
    assert ("DeleteZone", "zone-1") not in told(answer)
    assert ("DeleteServer", "web-1") in told(answer)


SHARED = group(deleted=True, load_balancers={"main": Association(), "public": Association("4711")})
ONE = server(1)


def shared(*nodes, status="ACTIVE"):
    return {"public": LoadBalancer("4711", "public", status, nodes=nodes)}


def test_nodes_leave_a_given_load_balancer_before_their_servers_are_deleted():
    """Others go on sending requests there."""
    answer = planned(SHARED, seen(ONE, zone=None, others=shared(node(ONE))))
    assert sorted(told(answer)) == [("DeleteLoadBalancer", "lb-1"), ("RemoveNode", "web-1")]
    after = planned(SHARED, seen(ONE, zone=None, load_balancer=None, others=shared()))
    assert told(after) == [("DeleteServer", "web-1")]


def test_a_given_load_balancer_that_is_in_change_is_waited_for():
    busy = shared(node(ONE), status="PENDING_UPDATE")
    there = planned(SHARED, seen(ONE, zone=None, load_balancer=None, others=busy))
    assert (told(there), there.converged) == ([], False)
    of = replace(SHARED, members=members(ONE))
    gone = planned(of, seen(zone=None, load_balancer=None, others=busy))
    assert "load balancer 4711 is PENDING_UPDATE" in gone.awaited


def test_servers_do_not_wait_for_ever_for_a_given_load_balancer():
    busy = shared(node(ONE), status="PENDING_UPDATE")
    late = replace(SHARED, leaving={"s1": Departure(NOW - 400)})
    answer = planned(late, seen(ONE, zone=None, load_balancer=None, others=busy))
    assert told(answer) == [("DeleteServer", "web-1")]


def test_servers_wait_while_nobody_can_look_at_a_given_load_balancer():
    blind = seen(ONE, zone=None, load_balancer=None, unseen={"load_balancer": "no answer"})
    assert told(planned(SHARED, blind)) == []
    assert told(planned(LEAVING, blind)) == [("DeleteServer", "web-1")]
