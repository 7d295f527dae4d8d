"""Rolling updates over real HTTP: batch by batch, paused, cancelled, stopped, taken up again."""
from __future__ import annotations

import json

import pytest

from simcloud.servers.offers import IMAGES

OTHER_IMAGE = IMAGES[1].id


def servers(world):
    return [server for server in world.region.snapshot()["servers"]
            if server["OS-EXT-STS:task_state"] != "deleting"]


def images(world):
    return [server["image"]["id"] for server in servers(world)]


def progress(world):
    return json.loads(world.key("rolling_progress"))


def in_service(region):
    """How many nodes of servers that are up the load balancer sends requests to."""
    state = region.snapshot()
    up = {server["addresses"]["private"][0]["addr"] for server in state["servers"]
          if server["status"] == "ACTIVE"}
    (balancer,) = state["load_balancers"]
    return sum(node["address"] in up and node["condition"] == "ENABLED"
               for node in balancer["nodes"])


@pytest.fixture
def web(world):
    """A group of six, converged, whose image was changed since."""
    world.create(min_nodes=6, max_nodes=8)
    world.converge()
    world.ask("web", "update", changes={"vm_image_id": OTHER_IMAGE})
    world.told.clear()
    world.fewest, world.most = [], []
    world.region.observers.append(lambda region, call: (
        world.fewest.append(in_service(region)),
        world.most.append(len(region.snapshot()["servers"]))))
    return world


def roll(world, **policy):
    return world.ask("web", "rolling_update", definition=policy)


def test_six_nodes_with_batch_2_and_minimum_4_stay_six(web):
    answer = roll(web, min_instances_in_service=4, max_batch_size=2)
    assert answer["accepted"]
    assert answer["message"] == (
        "web: rolling update of 6 nodes, 2 at a time, at least 4 in service")
    assert web.converge()["outcome"] == "converged"
    assert images(web) == [OTHER_IMAGE] * 6
    assert min(web.fewest) == 4
    assert progress(web)["batches"] == 3


def test_six_nodes_with_batch_2_and_minimum_6_grow_to_eight(web):
    roll(web, min_instances_in_service=6, max_batch_size=2)
    assert web.converge()["outcome"] == "converged"
    assert images(web) == [OTHER_IMAGE] * 6
    assert min(web.fewest) == 6
    assert max(web.most) == 8


def test_the_chat_hears_of_each_batch_and_of_the_end(web):
    roll(web, max_batch_size=3)
    web.converge()
    assert [line for line in web.told if "rolling update" in line] == [
        "ASG[web] rolling update of 6 nodes, 3 at a time, at least 3 in service",
        "ASG[web] rolling update: 3 of 6 renewed",
        "ASG[web] rolling update: done, all nodes have the current launch configuration"]
    assert "rolling update: 3 of 6 renewed" in web.key("events_converging")
