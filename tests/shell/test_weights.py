"""What a group's weight is worth: requests sent through its load balancer, for real."""
from __future__ import annotations

import sys
from collections import Counter

import pytest

from tests.simcloud.client import fetch

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="only Linux has all of 127.0.0.0/8"
)


@pytest.fixture
def settings():
    return {"listen": True}


def made(world, asg, **association):
    """A group of one node in one load balancer: its own, or that of another group."""
    world.create(asg, min_nodes=1, load_balancers={"main": association})
    assert world.converge(asg)["outcome"] == "converged"


def answers(world, balancer_id, requests):
    """How many of so many requests the nodes of each group have answered."""
    balancer = world.region.load_balancers.get(int(balancer_id))
    place = world.region.traffic.listens_on(balancer)
    group_of = {server.name: server.metadata["asg"] for server in world.region.servers.all()}
    return Counter(group_of[fetch(place)] for _ in range(requests))


def test_groups_that_share_a_load_balancer_of_the_packs_get_requests_by_their_weights(world):
    made(world, "shop", weight=3)
    shared = world.key("loadbalancer_id", "shop")
    made(world, "canary", id=shared)
    assert answers(world, shared, 8) == {"shop": 6, "canary": 2}
    world.ask("canary", "update", changes={"load_balancers": {"main": {"id": shared, "weight": 3}}})
    world.converge("canary")
    assert answers(world, shared, 8) == {"shop": 4, "canary": 4}
