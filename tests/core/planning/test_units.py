"""Scaling units of several roles: made whole, and removed as a whole."""
from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core.group import Departure
from autoscale.core.report import status
from autoscale.core.units import Role, place_of, server_name
from tests.core.examples import NOW, done, group, planned, seen, server

PAIRS = group(roles={"web": Role(), "worker": Role(vm_size_id="3", load_balancers=())},
              desired_nodes=2, max_nodes=4)


def pair(unit: str, number: int, **changes):
    """The web and the worker of a unit, servers s<number> and s<number + 1>."""
    return [
        replace(server(number + place, **changes), name=f"{role}-{unit}",
                metadata={"asg": "web", "asg_unit": unit, "asg_role": role})
        for place, role in enumerate(("web", "worker"))]


def test_a_unit_is_made_of_one_server_of_each_role():
    plan = planned(PAIRS, seen())
    assert done(plan, "CreateServer") == [
        "web-new-1", "worker-new-1", "web-new-2", "worker-new-2"]


def test_a_unit_that_lost_a_server_is_made_whole_and_no_other_is_made():
    whole, (web, _) = pair("brisk-otter", 1), pair("calm-heron", 3)
    plan = planned(PAIRS, seen(*whole, web))
    assert done(plan, "CreateServer") == ["worker-calm-heron"]


def test_a_broken_server_of_a_unit_is_replaced_under_another_name():
    whole, (web, worker) = pair("brisk-otter", 1), pair("calm-heron", 3)
    plan = planned(PAIRS, seen(*whole, web, replace(worker, state="ERROR")))
    assert done(plan, "CreateServer") == ["worker-calm-heron-r2"]
    assert done(plan, "DeleteServer") == ["worker-calm-heron"]


def test_a_server_that_the_cloud_refused_is_asked_for_under_another_name():
    """The same name would not be asked for twice within two minutes: the first might have been
    granted without an answer."""
    whole, (web, _) = pair("brisk-otter", 1), pair("calm-heron", 3)
    refused = replace(PAIRS, asked={"worker-calm-heron": NOW + 10})
    assert done(planned(refused, seen(*whole, web)), "CreateServer") == ["worker-calm-heron-r2"]


def test_a_unit_that_is_protected_though_it_was_to_go_is_made_whole_all_the_same():
    whole, (web, _) = pair("brisk-otter", 1), pair("calm-heron", 3)
    both = replace(PAIRS, evict=("web-calm-heron",), protected=("calm-heron",))
    assert done(planned(both, seen(*whole, web)), "CreateServer") == ["worker-calm-heron"]


def test_a_unit_for_which_max_nodes_has_no_room_needs_a_person_and_is_not_waited_for():
    """Both are protected, so that nothing will ever be gone by itself."""
    whole, (web, _) = pair("brisk-otter", 1), pair("calm-heron", 3)
    both = replace(PAIRS, min_nodes=1, max_nodes=1, desired_nodes=1,
                   protected=("brisk-otter", "calm-heron"))
    answer = planned(both, seen(*whole, web))
    assert (answer.steps, answer.awaited) == ((), ())
    assert answer.problems == (
        "calm-heron lacks its worker, and max_nodes is 1: raise max_nodes, or take the protection "
        "from units that may go (asg.unprotect)",)
    goes = planned(replace(both, protected=("calm-heron",)), seen(*whole, web))
    assert goes.problems == ()
    assert "1 more server must wait until others are gone or built" in goes.awaited


def test_surplus_goes_by_whole_units():
    there = [*pair("brisk-otter", 1), *pair("calm-heron", 3), *pair("deep-lynx", 5)]
    plan = planned(PAIRS, seen(*there))
    assert set(plan.learned["leaving"]) == {"s1", "s2"}


def test_a_unit_that_is_not_whole_is_the_first_surplus():
    there = [*pair("brisk-otter", 1), *pair("calm-heron", 3), pair("deep-lynx", 5, age=10)[0]]
    plan = planned(PAIRS, seen(*there))
    assert set(plan.learned["leaving"]) == {"s5"}
    assert done(plan, "CreateServer") == []


def test_whoever_evicts_a_server_evicts_its_unit():
    there = [*pair("brisk-otter", 1), *pair("calm-heron", 3)]
    plan = planned(replace(PAIRS, desired_nodes=1, evict=("worker-calm-heron",)), seen(*there))
    assert set(plan.learned["leaving"]) == {"s3", "s4"}


def test_a_unit_is_deleted_together_when_none_of_it_serves_any_more():
    there = [*pair("brisk-otter", 1), *pair("calm-heron", 3)]
    leaving = {"s3": Departure(0), "s4": Departure(0)}
    wished = replace(PAIRS, desired_nodes=1, leaving=leaving)
    assert done(planned(wished, seen(*there)), "DeleteServer") == []
    out = replace(seen(*there), load_balancer=seen(*there[:2]).load_balancer)
    assert done(planned(wished, out), "DeleteServer") == ["web-calm-heron", "worker-calm-heron"]


def test_only_whole_units_are_begun_where_there_is_room_for_a_part():
    there = pair("brisk-otter", 1)
    plan = planned(replace(PAIRS, max_nodes=2, desired_nodes=2),
                   seen(*there, replace(there[1], id="s9", name="worker-old-r2", state="ERROR")))
    assert done(plan, "CreateServer") == []


def test_a_second_server_in_one_place_is_surplus():
    there = [*pair("brisk-otter", 1), *pair("calm-heron", 3)]
    double = replace(there[3], id="s9", name="worker-calm-heron-r2", created=there[3].created + 5)
    plan = planned(PAIRS, seen(*there, double))
    assert set(plan.learned["leaving"]) == {"s9"}


def test_who_replaces_a_server_that_is_still_there_has_its_place():
    """One that fails its check, or got no profile, is ACTIVE until it is gone."""
    whole, (web, worker) = pair("brisk-otter", 1), pair("calm-heron", 3)
    new = replace(server(5, state="BUILD", age=5), name="web-calm-heron-r2", metadata=web.metadata)
    going = replace(PAIRS, leaving={"s3": Departure(NOW - 9, asked=NOW - 5, why="unhealthy")})
    plan = planned(going, seen(*whole, web, worker, new))
    assert (done(plan, "CreateServer"), done(plan, "DeleteServer")) == ([], [])
    assert set(plan.learned["leaving"]) == {"s3"}


def test_total_counts_whole_units():
    there = [*pair("brisk-otter", 1), pair("calm-heron", 3)[0]]
    assert planned(PAIRS, seen(*there)).total == 1


@pytest.mark.parametrize("again", [1, 2, 13])
@pytest.mark.parametrize("unit", ["brisk-otter", "brisk-otter-2"])
def test_a_servers_place_can_be_read_from_its_name(unit, again):
    roles = {"web": Role(), "worker": Role()}
    assert place_of(server_name(unit, "worker", again), roles) == (unit, "worker")


def test_status_counts_units_and_names_the_unit_and_the_role_of_each_server():
    there = [*pair("brisk-otter", 1), pair("calm-heron", 3)[0]]
    told = status(PAIRS, seen(*there), NOW)
    assert (told["group"]["activeCapacity"], told["group"]["pendingCapacity"]) == (1, 1)
    assert {(node["unit"], node["role"]) for node in told["nodes"]} == {
        ("brisk-otter", "web"), ("brisk-otter", "worker"), ("calm-heron", "web")}
