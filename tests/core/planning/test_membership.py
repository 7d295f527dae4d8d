"""Who is in the load balancer, and who has a record."""
from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core.checks import HealthCheck
from autoscale.core.group import Departure, Member
from autoscale.core.hooks import Hook
from autoscale.core.observation import Node, Record
from tests.core.examples import (
    NOW,
    balancer,
    done,
    group,
    members,
    node,
    places,
    planned,
    record,
    seen,
    server,
    servers,
    told,
    zone,
)

THREE = servers("ACTIVE", "ACTIVE", "ACTIVE")
ONE = server(1)
LONE = group(desired_nodes=1)
HOOKED = group(desired_nodes=1, hooks={"configure": Hook("chef.run")})


def test_nodes_that_are_ready_join_all_at_once():
    answer = planned(group(), seen(*THREE, load_balancer=balancer()))
    assert done(answer, "AddNode") == ["web-1", "web-2", "web-3"]
    assert {(step.address, step.port) for step in answer.steps} == {
        (f"10.0.0.{n}", 8080) for n in (1, 2, 3)}
    assert places(answer.learned["members"]) == places(members(*THREE))


def test_the_port_and_the_network_are_the_groups():
    wished = group(desired_nodes=1, node_port=80, node_network="public")
    step, = planned(wished, seen(ONE, load_balancer=balancer())).steps
    assert (step.address, step.port) == ("192.0.2.1", 80)


@pytest.mark.parametrize("state", ["BUILD", "REBOOT", "RESCUE", "UNKNOWN", "SUSPENDED"])
def test_what_is_not_active_does_not_join(state):
    answer = planned(LONE, seen(server(1, state), load_balancer=balancer()))
    assert answer.steps == ()


def test_a_node_without_an_address_is_a_problem_that_names_the_key():
    answer = planned(LONE, seen(server(1, private=None), load_balancer=balancer()))
    assert "asg.web.node_network" in answer.problems[0]
    assert answer.steps == ()


@pytest.mark.parametrize("wrong", [
    {"condition": "DISABLED"}, {"condition": "DRAINING"}, {"weight": 5}, {"type": "SECONDARY"}])
def test_a_node_with_a_wrong_condition_weight_or_type_is_put_right(wrong):
    answer = planned(LONE, seen(ONE, load_balancer=balancer(node(ONE, **wrong))))
    step, = answer.steps
    assert (type(step).__name__, step.node, step.condition) == ("ChangeNode", "node-s1", "ENABLED")


def test_a_node_on_a_wrong_port_leaves_once_it_is_on_the_right_one():
    wrong = seen(ONE, load_balancer=balancer(node(ONE, port=80)))
    assert told(planned(LONE, wrong)) == [("AddNode", "web-1")]
    both = seen(ONE, load_balancer=balancer(node(ONE, port=80, id="old"), node(ONE)))
    step, = planned(LONE, both).steps
    assert (type(step).__name__, step.node) == ("RemoveNode", "old")


def test_a_node_on_a_wrong_port_makes_room_where_nothing_can_be_added():
    wrong = seen(ONE, load_balancer=balancer(node(ONE, port=80)))
    answer = planned(LONE, wrong, given_up=frozenset({"AddNode"}))
    assert told(answer) == [("RemoveNode", "web-1")]


def test_a_node_at_the_servers_other_address_leaves_once_it_is_at_the_right_one():
    wrong = Node("192.0.2.1", 8080, "n")
    assert done(planned(LONE, seen(ONE, load_balancer=balancer(wrong))), "AddNode") == ["web-1"]
    answer = planned(LONE, seen(ONE, load_balancer=balancer(wrong, node(ONE))))
    assert told(answer) == [("RemoveNode", "web-1")]


def test_a_node_whose_server_is_gone_is_removed():
    wished = group(desired_nodes=1, members=members(ONE, server(9)))
    observed = seen(ONE, load_balancer=balancer(node(ONE), node(server(9))))
    assert told(planned(wished, observed)) == [("RemoveNode", "web-9")]


def test_a_node_whose_server_has_state_deleted_is_removed():
    wished = group(desired_nodes=1, members=members(ONE, server(9)))
    observed = seen(ONE, server(9, "DELETED"), load_balancer=balancer(node(ONE), node(server(9))))
    assert told(planned(wished, observed)) == [("RemoveNode", "web-9")]


def test_one_kind_of_change_a_cycle_and_the_dead_leave_first():
    there = servers("ACTIVE", "ACTIVE", "ERROR")
    observed = seen(*there, load_balancer=balancer(node(there[0], weight=2), node(there[2])))
    assert done(planned(group(), observed), "RemoveNode") == ["web-3"]
    kinds = {kind for kind, _ in told(planned(group(), observed))}
    assert not kinds & {"AddNode", "ChangeNode"}
    later = seen(*there, load_balancer=balancer(node(there[0], weight=2)))
    kinds = {kind for kind, _ in told(planned(group(), later))}
    assert "ChangeNode" in kinds
    assert "AddNode" not in kinds


@pytest.mark.parametrize("foreign", [
    Node("10.9.9.9", 8080, "x"), Node("10.9.9.9", 80, "x", "DISABLED", weight=7)])
def test_nodes_of_others_are_left_alone(foreign):
    assert planned(LONE, seen(ONE, load_balancer=balancer(foreign, node(ONE)))).converged


@pytest.mark.parametrize("status", ["BUILD", "PENDING_UPDATE"])
def test_a_load_balancer_that_is_being_changed_is_waited_for(status):
    answer = planned(LONE, seen(ONE, load_balancer=balancer(status=status)))
    assert answer.steps == ()
    assert answer.awaited == (f"load balancer lb-1 is {status}",)


def test_a_server_is_not_deleted_while_nobody_can_see_the_load_balancer():
    answer = planned(group(), seen(*servers("ACTIVE", "ACTIVE", "ERROR"), load_balancer=None,
                                   unseen={"load_balancer": "no answer"}))
    assert done(answer, "DeleteServer") == []
    assert "no answer" in " ".join(answer.awaited)


def test_a_server_is_deleted_only_when_it_is_out_of_rotation():
    broken = server(3, "ERROR")
    wished = group(desired_nodes=2)
    inside = seen(*THREE[:2], broken, load_balancer=balancer(*map(node, (*THREE[:2], broken))))
    assert told(planned(wished, inside)) == [("RemoveNode", "web-3")]
    assert told(planned(wished, seen(*THREE[:2], broken))) == [("DeleteServer", "web-3")]


# Before a node joins.

def test_a_node_gets_its_profile_before_it_joins():
    answer = planned(HOOKED, seen(ONE, load_balancer=balancer(), zone=zone()))
    assert answer.steps == ()
    assert answer.hooks == ("configure.s1",)
    marked = server(1, metadata={"asg": "web", "asg_configured": "True"})
    answer = planned(HOOKED, seen(marked, load_balancer=balancer()))
    assert done(answer, "AddNode") == ["web-1"]
    assert answer.hooks == ()


def test_a_node_that_leaves_gets_no_profile():
    wished = group(desired_nodes=1, hooks=HOOKED.hooks, leaving={"s2": Departure(NOW)})
    answer = planned(wished, seen(ONE, server(2), load_balancer=balancer(), zone=zone()))
    assert answer.hooks == ("configure.s1",)


def test_a_node_joins_when_its_health_check_passes():
    sick = seen(ONE, load_balancer=balancer(), healthy=frozenset())
    checked = group(desired_nodes=1, health_check=HealthCheck("tcp"))
    answer = planned(checked, sick)
    assert done(answer, "AddNode") == []
    assert answer.awaited == ("web-1 is up but fails its health check",)
    well = seen(ONE, load_balancer=balancer(), healthy=frozenset({"s1"}))
    assert done(planned(checked, well), "AddNode") == ["web-1"]


# Records.

def test_every_node_and_the_load_balancer_has_a_record():
    answer = planned(LONE, seen(ONE, zone=zone(record(ONE), records=())))
    assert [(step.name, step.data) for step in answer.steps] == [
        ("lb.web.example.com", "198.51.100.1"), ("web-1.web.example.com", "192.0.2.1")]


def test_a_node_without_a_public_address_has_its_private_one():
    step, = planned(LONE, seen(server(1, public=None), zone=zone())).steps
    assert step.data == "10.0.0.1"


@pytest.mark.parametrize("wrong", [record(ONE, data="192.0.2.99"),
                                   Record("lb.web.example.com", "192.0.2.99", "r")])
def test_a_record_that_points_elsewhere_is_replaced(wrong):
    there = [r for r in zone(record(ONE)).records if r.name != wrong.name]
    answer = planned(LONE, seen(ONE, zone=zone(records=(*there, wrong))))
    removed, added = answer.steps
    assert (type(removed).__name__, removed.record) == ("RemoveRecord", wrong.id)
    assert (type(added).__name__, added.name) == ("AddRecord", wrong.name)


def test_a_record_whose_server_is_gone_is_removed():
    wished = group(desired_nodes=1, members=members(ONE, server(9)))
    answer = planned(wished, seen(ONE, zone=zone(record(ONE), record(server(9)))))
    assert told(answer) == [("RemoveRecord", "web-9.web.example.com")]


def test_who_leaves_loses_its_record_but_not_while_it_drains():
    for final, removed in ((True, ["web-1.web.example.com"]), (False, [])):
        wished = group(desired_nodes=2, drain_timeout=60,
                       leaving={"s1": Departure(NOW, final=final)})
        assert done(planned(wished, seen(*THREE)), "RemoveRecord") == removed


@pytest.mark.parametrize("foreign", [
    Record("www.web.example.com", "1.2.3.4", "x"),
    Record("web-1.web.example.com", "hello", "x", type="TXT"),
    Record("web.example.com", "ns.example.com", "x", type="NS"),
    Record("a.web-1.web.example.com", "1.2.3.4", "x")])
def test_records_of_others_are_left_alone(foreign):
    assert planned(LONE, seen(ONE, zone=zone(record(ONE), foreign))).converged


def test_a_server_whose_name_is_no_host_name_gets_none_and_says_so():
    odd = server(1, name="Web One")
    answer = planned(LONE, seen(odd, zone=zone()))
    assert done(answer, "AddRecord") == []
    assert "its name is no host name" in answer.problems[0]


def test_a_server_called_lb_does_not_take_the_load_balancers_record():
    answer = planned(LONE, seen(server(1, name="lb"), zone=zone()))
    assert answer.steps == ()
    assert len(answer.problems) == 1


def test_the_record_of_a_load_balancer_that_a_hand_has_chosen_is_left_to_that_hand():
    answer = planned(LONE, seen(ONE, load_balancer=balancer(node(ONE), owner=None),
                                zone=zone(record(ONE), records=(record(ONE),))))
    assert answer.converged


# What is remembered of them.

def test_who_has_left_is_forgotten_once_no_trace_is_seen():
    wished = group(desired_nodes=1, members=members(ONE, server(9)))
    for observed, kept in (
            (seen(ONE), {"web-1"}),
            (seen(ONE, load_balancer=balancer(node(ONE), node(server(9)))), {"web-1", "web-9"}),
            (seen(ONE, zone=zone(record(ONE), record(server(9)))), {"web-1", "web-9"}),
            (seen(ONE, zone=None, unseen={"zone": "no answer"}), {"web-1", "web-9"})):
        assert set(planned(wished, observed).learned["members"]) == kept


@pytest.mark.parametrize("part", ["zone", "load_balancer"])
def test_nobody_is_forgotten_by_an_earlier_look(part):
    """Its record may have come up since: it is looked for once more."""
    gone = group(desired_nodes=0, min_nodes=0, members=members(server(1)))
    empty = seen(load_balancer=balancer(), zone=zone())
    assert planned(gone, empty).learned["members"] == {}
    assert "web-1" in planned(gone, replace(empty, earlier=frozenset({part}))).learned["members"]


def test_members_that_a_hand_has_lost_are_remembered_again():
    learned = planned(LONE, seen(ONE)).learned["members"]
    assert places(learned) == places(members(ONE))


def test_an_address_that_has_changed_is_remembered_when_the_node_joins_again():
    wished = group(desired_nodes=1, members={"web-1": Member("10.7.7.7", "192.0.2.1")})
    answer = planned(wished, seen(ONE, load_balancer=balancer()))
    assert places(answer.learned["members"]) == places(members(ONE))
