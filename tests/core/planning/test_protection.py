"""Protected nodes: neither surplus nor renewed, but no better than others where they are broken."""
from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core import report
from autoscale.core.group import RENEWED, SURPLUS, UNHEALTHY, Departure
from autoscale.core.hooks import BEFORE_TERMINATE, Hook, HookRun
from autoscale.core.planning import departures, roster, tally
from autoscale.core.units import Role
from tests.core.examples import NOW, done, group, planned, seen, server, servers

THREE = servers(*["ACTIVE"] * 3)
SAFE = group(protected=("web-1",))


def chosen(of, *there, **demand):
    """Who leaves, and why."""
    observed = seen(*there)
    leaving = departures.choose(of, roster.call(of, observed, NOW), observed, NOW,
                                tally.Demand(of.desired, **demand))
    return {server: departure.why for server, departure in leaving.items()}


@pytest.mark.parametrize("departure", [
    {"leaving": {"s1": Departure(NOW - 300)}}, {}])
def test_a_hook_of_one_that_does_not_leave_any_more_is_forgotten(departure):
    """It would be said to be deleted in the end, and had no hook when it leaves another time."""
    run = HookRun(BEFORE_TERMINATE, NOW - 60, "s1", "web-1")
    of = replace(SAFE, hooks={BEFORE_TERMINATE: Hook("db.resync")},
                 hook_runs={"before_terminate.s1": run}, **departure)
    answer = planned(of, seen(*THREE))
    assert answer.learned["leaving"] == {}
    assert answer.learned["hook_runs"] == {}


def test_another_one_is_surplus_in_its_place():
    assert chosen(replace(SAFE, desired_nodes=2), *THREE) == {"s2": SURPLUS}


def test_more_stay_than_are_desired_when_all_are_protected_and_that_is_said_but_no_error():
    of = replace(SAFE, desired_nodes=1, protected=("web-1", "web-2"))
    answer = planned(of, seen(*THREE))
    assert set(answer.learned["leaving"]) == {"s3"}
    of = replace(of, **answer.learned)
    answer = planned(of, seen(*THREE[:2]))
    assert (answer.awaited, answer.problems) == ((), ())
    assert answer.converged
    assert answer.notes == ("1 node more than desired is kept: web-1 and web-2 are protected",)
    told = report.status(of, seen(*THREE[:2]), NOW)
    assert told["notes"] == list(answer.notes)
    assert answer.notes[0] in report.status_text(told, "node")


def test_as_many_as_desired_are_no_news():
    assert planned(SAFE, seen(*THREE)).notes == ()


def test_a_rolling_update_leaves_it_as_it_is():
    assert chosen(replace(SAFE, desired_nodes=3), *THREE, renewed={"s1", "s2"}) == {"s2": RENEWED}


@pytest.mark.parametrize(("there", "demand"), [
    (replace(THREE[0], state="ERROR"), {}), (THREE[0], {"unfit": {"s1": UNHEALTHY}})])
def test_a_broken_or_unhealthy_one_is_replaced_all_the_same(there, demand):
    assert list(chosen(SAFE, there, *THREE[1:], **demand)) == ["s1"]


@pytest.mark.parametrize("departure", [
    Departure(NOW, final=False), Departure(NOW, why=RENEWED), Departure(NOW, asked=NOW)])
def test_who_was_on_the_way_out_comes_back_into_rotation(departure):
    of = replace(SAFE, desired_nodes=2, leaving={"s1": departure})
    assert chosen(of, *THREE) == {"s2": SURPLUS}


def test_whose_deletion_the_cloud_has_accepted_is_lost():
    of = replace(SAFE, leaving={"s1": Departure(NOW, asked=NOW)})
    assert "s1" in chosen(of, replace(THREE[0], leaving=True), *THREE[1:])


def test_one_protected_server_keeps_its_unit():
    of = group(roles={"web": Role(), "worker": Role()}, desired_nodes=1, max_nodes=4,
               protected=("old",))
    there = [replace(server(number, age=age), name=f"{role}-{unit}",
                     metadata={"asg": "web", "asg_unit": unit, "asg_role": role})
             for number, role, unit, age in [
                 (1, "web", "old", 900), (2, "worker", "old", 900), (3, "web", "new", 10),
                 (4, "worker", "new", 10)]]
    assert set(chosen(of, *there)) == {"s3", "s4"}
    assert set(chosen(replace(of, protected=("worker-old",)), *there)) == {"s3", "s4"}


def test_a_status_says_who_is_protected():
    nodes = report.status(SAFE, seen(*THREE), NOW)["nodes"]
    assert [node["protected"] for node in nodes] == [True, False, False]
    assert "web-1: ACTIVE, 10.0.0.1, load balancer: ENABLED, protected" in report.status_text(
        report.status(SAFE, seen(*THREE), NOW), "node")


def test_a_group_that_is_deleted_goes_whole():
    assert len(done(planned(replace(SAFE, deleted=True), seen(*THREE)), "DeleteServer")) == 3
