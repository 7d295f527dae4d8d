"""Scale-in over real HTTP: every node gets its time, and no server goes while it is sent requests.

A change of a load balancer's nodes counts when its PENDING_UPDATE ends.
"""
from __future__ import annotations

import pytest

UPDATE, DRAIN = 15, 40
LOOKS = 5
"""Seconds between two looks of the pack, at the longest."""


@pytest.fixture
def settings():
    return {"lb_update_seconds": UPDATE}


def shrunk(world, **changes):
    """When each call that mattered was made, while a group of four became one of two."""
    world.create(min_nodes=2, **changes)
    world.set("desired_nodes", "4")
    assert world.converge()["outcome"] == "converged"
    world.region.calls.clear()
    world.set("desired_nodes", "2")
    assert world.converge()["outcome"] == "converged"
    accepted = [call for call in world.region.calls.all() if call.status in (202, 204)]
    return (
        {call.path.rpartition("/")[2]: call.time for call in accepted if call.method == "PUT"},
        {id: call.time for call in accepted
         if call.method == "DELETE" and call.path.endswith("/nodes")
         for id in call.query.replace("id=", "").split("&")},
        [call.time for call in accepted if call.method == "DELETE" and "/servers/" in call.path])


def test_a_drain_lasts_as_long_as_it_should_for_the_node_that_was_told_last(world):
    told, removed, _ = shrunk(world, drain_timeout=DRAIN)
    assert len(told) == 2
    assert told.keys() == removed.keys()
    assert min(removed[node] - told[node] - UPDATE for node in told) >= DRAIN


@pytest.mark.parametrize("drain_timeout", [0, DRAIN])
def test_a_server_goes_only_after_the_load_balancer_has_let_go_of_it(world, drain_timeout):
    _, removed, deleted = shrunk(world, drain_timeout=drain_timeout)
    assert len(removed) == len(deleted) == 2
    assert min(deleted) >= max(removed.values()) + UPDATE


def test_a_drain_does_not_take_much_longer_than_it_should_either(world):
    told, removed, _ = shrunk(world, drain_timeout=DRAIN)
    assert max(removed.values()) - max(told.values()) <= DRAIN + UPDATE + 2 * LOOKS
