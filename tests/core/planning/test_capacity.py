"""How many servers there are to be: creating what is missing, taking what is too much."""
from __future__ import annotations

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from autoscale.core.group import Departure, Group, Member
from autoscale.core.hooks import Hook
from autoscale.core.observation import Observation
from autoscale.core.planning.staffing import CREATES_AT_ONCE
from tests.core.examples import (
    NOW,
    balancer,
    done,
    group,
    node,
    planned,
    seen,
    server,
    servers,
    told,
)


def test_a_group_as_it_should_be_is_left_alone():
    answer = planned(group(), seen(*servers("ACTIVE", "ACTIVE", "ACTIVE")))
    assert answer.converged
    assert answer.total == 3


def test_a_group_of_5_loses_one_then_5_more_are_asked_for_and_6_are_created():
    answer = planned(group(desired_nodes=10), seen(*servers(*["ACTIVE"] * 4)))
    assert len(done(answer, "CreateServer")) == 6


@pytest.mark.parametrize(("states", "creates"), [
    ("", 3), ("BUILD BUILD BUILD", 0), ("ACTIVE BUILD", 1), ("REBOOT RESCUE UNKNOWN", 0),
    ("ERROR ERROR ERROR", 3), ("ACTIVE SHUTOFF DELETED", 2), ("ACTIVE ACTIVE", 1)])
def test_what_is_missing_is_created(states, creates):
    answer = planned(group(), seen(*servers(*states.split())))
    assert len(done(answer, "CreateServer")) == creates


def test_names_are_reserved_before_servers_are_asked_for():
    answer = planned(group(reserved={"old": NOW - 500}), seen(server(1)))
    assert answer.learned["reserved"] == {"new-1": NOW, "new-2": NOW}
    assert {step.before for step in answer.steps if step.label.startswith("new")} == {NOW + 60}


def test_a_name_that_is_taken_is_not_given_again():
    taken = group(reserved={"new-1": NOW - 500}, evict=("new-2",), members={"new-3": Member()})
    answer = planned(taken, seen(server(1, name="new-4"), server(2)))
    assert done(answer, "CreateServer") == ["new-5"]


@pytest.mark.parametrize(("states", "reserved", "creates"), [
    ("ERROR ERROR ERROR", 0, 0), ("ERROR ERROR", 0, 1), ("ACTIVE ERROR", 1, 0), ("ERROR", 1, 1),
    ("", 3, 0), ("", 2, 1)])
def test_never_more_servers_than_max_nodes_exist_even_for_a_moment(states, reserved, creates):
    bounded = group(max_nodes=3, reserved={f"asked-{i}": NOW for i in range(reserved)})
    answer = planned(bounded, seen(*servers(*states.split())))
    assert len(done(answer, "CreateServer")) == creates
    assert answer.awaited or creates


def test_many_are_created_a_good_portion_at_a_time():
    answer = planned(group(max_nodes=500, desired_nodes=400), seen())
    assert len(done(answer, "CreateServer")) == CREATES_AT_ONCE
    assert f"{400 - CREATES_AT_ONCE} more servers must wait" in " ".join(answer.awaited)


def test_a_group_that_misses_servers_is_not_converged_though_no_names_are_left():
    from autoscale.core.planning import plan
    assert not plan(group(), seen(), NOW, fresh=()).converged


# Surplus.

def test_surplus_goes_building_first_then_waiting_then_left_alone_then_active_oldest_first():
    """Six kinds, newest first in the listing: the order is the fates', not the listing's."""
    order = ["BUILD", "BUILD", "REBOOT", "REBOOT", "RESCUE", "RESCUE", "ACTIVE", "ACTIVE"]
    there = [server(number, state, age=1000 - number) for number, state in enumerate(order, 1)]
    for wanted in range(1, 8):
        answer = planned(group(desired_nodes=wanted), seen(*reversed(there)), force=True)
        chosen = sorted(answer.learned["leaving"])
        assert chosen == [f"s{number}" for number in range(1, 9 - wanted)]


def test_a_victim_in_the_load_balancer_leaves_that_first():
    there = servers("ACTIVE", "ACTIVE")
    answer = planned(group(desired_nodes=1), seen(*there))
    assert ("RemoveNode", "web-1") in told(answer)
    assert done(answer, "DeleteServer") == []


def test_a_victim_that_builds_goes_at_once():
    answer = planned(group(desired_nodes=1), seen(*servers("ACTIVE", "BUILD")))
    assert told(answer) == [("DeleteServer", "web-2")]


def test_a_name_not_seen_yet_costs_no_server_that_serves():
    """It may never turn up; when it does it builds, and so is the first to go."""
    wished = group(desired_nodes=2, reserved={"web-3": NOW})
    there = servers("ACTIVE", "ACTIVE")
    assert planned(wished, seen(*there)).steps == ()
    turned_up = planned(wished, seen(*there, server(3, "BUILD", age=1)))
    assert done(turned_up, "DeleteServer") == ["web-3"]


def test_a_server_that_somebody_else_deletes_costs_no_other():
    answer = planned(group(desired_nodes=2), seen(*servers("ACTIVE", "ACTIVE"),
                                                  server(3, leaving=True)))
    assert set(answer.learned["leaving"]) == {"s3"}


def test_a_wish_beyond_the_bounds_is_held_to_them():
    assert planned(group(desired_nodes=99, max_nodes=3),
                   seen(*servers("ACTIVE", "ACTIVE", "ACTIVE"))).steps == ()
    assert done(planned(group(desired_nodes=0, min_nodes=1), seen()), "CreateServer") == ["new-1"]


def test_a_group_may_have_no_nodes_at_all():
    answer = planned(group(min_nodes=0, desired_nodes=0), seen())
    assert answer.converged


# Deleting.

def test_a_deletion_is_asked_for_again_only_after_30_seconds():
    for ago, steps in ((29, 0), (30, 1), (10**6, 1), (-10**9, 1)):
        wished = group(desired_nodes=1, leaving={"s2": Departure(NOW - 99, True, NOW - ago)})
        answer = planned(wished, seen(server(1), server(2, "BUILD")))
        assert len(done(answer, "DeleteServer")) == steps
        assert not answer.converged


def test_when_a_deletion_was_asked_for_is_remembered():
    answer = planned(group(desired_nodes=1), seen(*servers("ACTIVE", "BUILD")))
    assert answer.learned["leaving"] == {"s2": Departure(NOW, True, NOW)}


def test_what_the_cloud_deletes_already_is_waited_for():
    wished = group(desired_nodes=1, leaving={"s2": Departure(NOW - 99, True, NOW - 99)})
    answer = planned(wished, seen(server(1), server(2, "ERROR", leaving=True)))
    assert answer.steps == ()
    assert answer.awaited == ("web-2 is being deleted",)


def test_who_has_left_is_forgotten():
    answer = planned(group(leaving={"s9": Departure(NOW)}), seen(*servers(*["ACTIVE"] * 3)))
    assert answer.learned["leaving"] == {}


def test_who_leaves_for_good_leaves_even_when_more_are_wanted_again():
    wished = group(leaving={"s1": Departure(NOW - 5)})
    answer = planned(wished, seen(*servers("ACTIVE", "ACTIVE", "ACTIVE")))
    assert done(answer, "CreateServer") == ["new-1"]
    assert "s1" in answer.learned["leaving"]


# Draining.

DRAINS = group(desired_nodes=1, drain_timeout=60)
TWO = servers("ACTIVE", "ACTIVE")


def test_a_victim_drains_first():
    answer = planned(DRAINS, seen(*TWO))
    step, = answer.steps
    assert (step.label, step.condition) == ("web-1", "DRAINING")
    assert answer.learned["leaving"] == {"s1": Departure(NOW, final=False)}


def leaving_since(seconds: int) -> Group:
    return group(desired_nodes=1, drain_timeout=60,
                 leaving={"s1": Departure(NOW - 1000, final=False, drains_since=NOW - seconds)})


def with_node(condition: str, status: str = "ACTIVE", **more: Any) -> Observation:
    """Two servers, the first with a node in this condition."""
    nodes = node(TWO[0], condition=condition), node(TWO[1])
    return seen(*TWO, load_balancer=balancer(*nodes, status=status), **more)


@pytest.mark.parametrize(("since", "drains"), [(59, True), (60, False), (-10**9, False)])
@pytest.mark.parametrize("condition", ["DRAINING", "DISABLED"])
def test_draining_ends_at_the_time_out(condition, since, drains):
    answer = planned(leaving_since(since), with_node(condition))
    assert bool(done(answer, "RemoveNode")) is not drains
    assert done(answer, "DeleteServer") == []


@pytest.mark.parametrize("observed", [
    with_node("ENABLED"), with_node("ENABLED", "PENDING_UPDATE"),
    with_node("DRAINING", "PENDING_UPDATE"),
    with_node("DRAINING", unseen={"load_balancer": "time-out"})])
def test_draining_begins_when_the_load_balancer_has_taken_it_up(observed):
    """Until then requests are sent to the node: they too get their time."""
    chosen = {"s1": Departure(NOW - 1000, final=False)}
    wished = group(desired_nodes=1, drain_timeout=60, leaving=chosen)
    answer = planned(wished, observed)
    assert answer.learned["leaving"] == chosen
    assert done(answer, "RemoveNode") == []
    told = planned(wished, with_node("DRAINING"))
    assert told.learned["leaving"]["s1"].drains_since == NOW
    assert done(told, "RemoveNode") == []


def test_a_drain_that_has_begun_goes_on_while_the_load_balancer_changes():
    answer = planned(leaving_since(59), with_node("DRAINING", "PENDING_UPDATE"))
    assert answer.learned["leaving"] == leaving_since(59).leaving
    assert planned(leaving_since(60), with_node("DRAINING", "PENDING_UPDATE")).learned[
        "leaving"]["s1"].final


def test_a_server_is_not_deleted_before_the_load_balancer_has_let_go_of_it():
    """A change of nodes counts from the end of PENDING_UPDATE on."""
    wished = group(desired_nodes=1, leaving={"s1": Departure(NOW - 5)})
    for status, deleted in (("PENDING_UPDATE", []), ("ACTIVE", ["web-1"])):
        answer = planned(wished, seen(*TWO, load_balancer=balancer(node(TWO[1]), status=status)))
        assert done(answer, "DeleteServer") == deleted


@pytest.mark.parametrize("state", ["ERROR", "BUILD"])
def test_who_serves_nobody_is_deleted_whatever_the_load_balancer_does(state):
    there = server(1, state), TWO[1]
    wished = group(desired_nodes=1, leaving={"s1": Departure(NOW - 5)})
    observed = seen(*there, load_balancer=balancer(node(TWO[1]), status="PENDING_UPDATE"))
    assert done(planned(wished, observed), "DeleteServer") == ["web-1"]


def test_a_wish_for_more_takes_a_draining_node_back_instead_of_creating_one():
    wished = group(desired_nodes=2, drain_timeout=60,
                   leaving={"s1": Departure(NOW - 5, final=False)})
    observed = seen(*TWO, load_balancer=balancer(node(TWO[0], condition="DRAINING"), node(TWO[1])))
    answer = planned(wished, observed)
    assert [(s.label, s.condition) for s in answer.steps] == [("web-1", "ENABLED")]
    assert answer.learned["leaving"] == {}


def test_the_youngest_of_the_draining_is_taken_back():
    wished = group(desired_nodes=2, drain_timeout=60, leaving={
        f"s{n}": Departure(NOW - 5, final=False) for n in (1, 2)})
    answer = planned(wished, seen(*servers("ACTIVE", "ACTIVE", "ACTIVE")))
    assert set(answer.learned["leaving"]) == {"s1"}


def test_who_was_evicted_is_not_taken_back():
    wished = group(desired_nodes=2, drain_timeout=60, evict=("web-1",),
                   leaving={"s1": Departure(NOW - 5, final=False)})
    answer = planned(wished, seen(*TWO))
    assert done(answer, "CreateServer") == ["new-1"]
    assert "s1" in answer.learned["leaving"]


@pytest.mark.parametrize("state", ["ERROR", "SHUTOFF"])
def test_what_breaks_while_draining_drains_no_longer(state):
    wished = group(desired_nodes=1, drain_timeout=60,
                   leaving={"s1": Departure(NOW - 5, final=False)})
    broken = server(1, state)
    answer = planned(wished, seen(broken, TWO[1], load_balancer=balancer(node(broken),
                                                                         node(TWO[1]))))
    assert done(answer, "RemoveNode") == ["web-1"]
    assert done(answer, "ChangeNode") == []


def test_a_victim_that_is_in_no_load_balancer_does_not_drain():
    answer = planned(DRAINS, seen(*TWO, load_balancer=balancer(node(TWO[1]))))
    assert done(answer, "DeleteServer") == ["web-1"]


def test_when_nobody_can_see_the_load_balancer_a_victim_drains():
    answer = planned(DRAINS, seen(*TWO, load_balancer=None, unseen={"load_balancer": "no answer"}))
    assert answer.learned["leaving"] == {"s1": Departure(NOW, final=False)}
    assert answer.steps == ()


# Eviction.

def test_a_node_that_is_removed_goes_instead_of_the_oldest():
    answer = planned(group(desired_nodes=2, evict=("web-3",)), seen(*servers(*["ACTIVE"] * 3)))
    assert set(answer.learned["leaving"]) == {"s3"}
    assert done(answer, "CreateServer") == []


def test_a_node_that_is_replaced_stays_until_its_replacement_is_up():
    wished = group(evict=("web-1",))
    there = servers("ACTIVE", "ACTIVE", "ACTIVE")
    first = planned(wished, seen(*there))
    assert told(first) == [("CreateServer", "new-1")]
    building = planned(wished, seen(*there, server(4, "BUILD")))
    assert building.steps == ()
    up = planned(wished, seen(*there, server(4)))
    assert set(up.learned["leaving"]) == {"s1"}


def test_a_node_that_is_replaced_stays_until_its_replacement_serves():
    wished = group(evict=("web-1",), hooks={"configure": Hook("chef.run")})
    done_ = {"asg": "web", "asg_configured": "True"}
    there = [server(number, metadata=done_) for number in (1, 2, 3)]
    joining = seen(*there, server(4, age=60),
                   load_balancer=balancer(*map(node, there)))
    answer = planned(wished, joining)
    assert answer.learned["leaving"] == {}
    assert "web-1 stays until as many as desired serve without it" in answer.awaited
    serves = planned(wished, seen(*there, server(4, age=300, metadata=done_)))
    assert set(serves.learned["leaving"]) == {"s1"}
    hopeless = planned(wished, replace(joining, servers=(*there, server(4, age=4000))))
    assert set(hopeless.learned["leaving"]) == {"s1"}, "an hour is enough"


def test_a_node_that_does_not_serve_itself_goes_at_once_when_it_is_removed():
    wished = group(desired_nodes=2, evict=("web-1",))
    there = servers(*["ACTIVE"] * 3)
    nobody = planned(wished, seen(*there, load_balancer=balancer(node(there[1]))))
    assert set(nobody.learned["leaving"]) == {"s1"}


def test_nobody_who_serves_is_surplus_while_fewer_than_desired_would_serve():
    """The protected one is left, and is being put right."""
    wished = group(desired_nodes=1, protected=("web-1",))
    there = servers(*["ACTIVE"] * 3)
    lame = balancer(node(there[0], condition="DISABLED"), node(there[1]), node(there[2]))
    answer = planned(wished, seen(*there, load_balancer=lame))
    assert set(answer.learned["leaving"]) == {"s2"}
    assert "web-3 stays until as many as desired serve without it" in answer.resting
    assert set(planned(wished, seen(*there)).learned["leaving"]) == {"s2", "s3"}


def test_a_node_that_is_replaced_goes_first_when_there_is_no_room_for_two():
    answer = planned(group(max_nodes=3, evict=("web-2",)), seen(*servers(*["ACTIVE"] * 3)))
    assert set(answer.learned["leaving"]) == {"s2"}
    assert done(answer, "CreateServer") == []


def test_an_evicted_node_that_is_broken_is_replaced_as_any_other():
    answer = planned(group(evict=("web-3",)), seen(*servers("ACTIVE", "ACTIVE", "ERROR")))
    assert told(answer) == [("CreateServer", "new-1"), ("DeleteServer", "web-3")]


def test_an_evicted_name_that_nobody_has_changes_nothing():
    assert planned(group(evict=("web-99",)), seen(*servers(*["ACTIVE"] * 3))).converged


# What was refused.

def test_a_kind_that_the_cloud_refused_is_left_out_and_reserves_nothing():
    answer = planned(group(), seen(*servers("ACTIVE", "ERROR")),
                     given_up=frozenset({"CreateServer"}))
    assert done(answer, "CreateServer") == []
    assert done(answer, "DeleteServer") == ["web-2"]
    assert answer.learned["reserved"] == {}


def test_a_paused_group_is_not_touched():
    assert planned(group(paused=True), seen(*servers("ERROR"))).converged


@pytest.mark.parametrize("deleted", [False, True])
def test_when_nobody_can_see_the_servers_nothing_is_done(deleted):
    answer = planned(group(deleted=deleted), seen(unseen={"servers": "no answer"}))
    assert answer.steps == ()
    assert answer.learned == {}
    assert "no answer" in " ".join(answer.awaited)


def test_the_same_look_gives_the_same_plan():
    wished, observed = group(desired_nodes=6), seen(*servers("ACTIVE", "ERROR", "BUILD"))
    assert planned(wished, observed) == planned(wished, observed)


def test_names_are_taken_from_an_endless_stream():
    from autoscale.core.planning import plan
    answer = plan(group(), seen(), NOW, (f"n-{i}" for i in count()))
    assert done(answer, "CreateServer") == ["n-0", "n-1", "n-2"]


def test_nobody_who_serves_goes_for_one_that_is_up_and_does_not():
    old, new = server(1, age=1000), server(2, age=100)
    there = seen(old, new)
    joined = replace(there, load_balancer=balancer(node(old)))
    assert set(planned(group(desired_nodes=1), joined).learned["leaving"]) == {"s2"}
    assert set(planned(group(desired_nodes=1), there).learned["leaving"]) == {"s1"}
