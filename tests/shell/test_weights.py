"""What a group's weight is worth: requests sent through its load balancer, for real."""
from __future__ import annotations

from collections import Counter

import pytest

from autoscale.views import status
from tests.simcloud.client import fetch
from tests.support.loopback import only_linux

pytestmark = only_linux


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


@pytest.fixture
def plain(world):
    """A load balancer without weights, as the pack made them before 1.3.0 and people still do."""
    return str(world.region.tamper.add_load_balancer("plain", algorithm="RANDOM")["id"])


def test_a_group_converges_where_its_weight_does_not_count_and_it_is_said(world, plain):
    world.create("web", min_nodes=2, load_balancers={"main": {"id": plain, "weight": 3}})
    assert world.converge()["outcome"] == "converged"
    world.region.calls.clear()
    answer = world.converge()
    assert answer["outcome"] == "converged"
    assert "weight 3 of main has no effect" in answer["message"]
    assert "weight 3 of main has no effect" in status(world.parts, "web")["text"]
    assert [call.method for call in world.region.calls.all() if call.method != "GET"] == []


def test_a_node_is_put_right_where_its_weight_does_not_count(world, plain):
    world.create("web", min_nodes=1, load_balancers={"main": {"id": plain, "weight": 3}})
    world.converge()
    balancer = world.region.load_balancers.get(int(plain))
    node, = balancer.nodes
    world.region.tamper.change_node(balancer.id, node, condition="DISABLED")
    assert world.converge()["outcome"] == "converged"
    assert balancer.nodes[node].condition == "ENABLED"


def test_weights_count_once_people_have_changed_the_algorithm_which_the_pack_leaves(world, plain):
    for asg in ("shop", "canary"):
        made(world, asg, id=plain)
    weighed = {"load_balancers": {"main": {"id": plain, "weight": 3}}}
    world.ask("shop", "update", changes=weighed)
    world.converge("shop")
    assert answers(world, plain, 8) == {"shop": 4, "canary": 4}
    balancer = world.region.load_balancers.get(int(plain))
    balancer.algorithm = "WEIGHTED_LEAST_CONNECTIONS"
    world.region.tamper.set_load_balancer_status(plain, "ACTIVE")
    assert "no effect" not in world.converge("shop")["message"]
    assert answers(world, plain, 8) == {"shop": 6, "canary": 2}
    assert balancer.algorithm == "WEIGHTED_LEAST_CONNECTIONS"
