"""Events that come twice, deaths between two calls, lists that leave something out."""
from __future__ import annotations

import json

import pytest

from autoscale.apply import apply
from autoscale.converge import cycle
from simcloud import Fault


def planned(world, do):
    """The batches of this kind that the next cycle asks for."""
    return [json.loads(json.dumps(batch)) for batch in cycle(world.parts, "web")["batches"]
            if batch["do"] == do]


@pytest.mark.parametrize(("do", "kind"), [
    ("CreateServer", "servers"), ("CreateLoadBalancer", "load_balancers")])
def test_a_batch_of_creations_that_comes_twice_creates_once(world, do, kind):
    world.create()
    (batch,) = planned(world, do)
    apply(world.parts, "web", batch)
    apply(world.parts, "web", batch)
    assert len(world.region.snapshot()[kind]) == len(batch["steps"])
    assert world.converge()["outcome"] == "converged"
    assert len(world.region.snapshot()["servers"]) == 3
    assert len(world.region.snapshot()["load_balancers"]) == 1


@pytest.mark.parametrize(("before", "after"), [((1, 2), (5, 9)), ((5, 9), (1, 2))])
def test_new_bounds_never_contradict_each_other_on_the_way(world, before, after):
    world.create(min_nodes=before[0], max_nodes=before[1])
    seen = []
    write = world.store.set

    def watched(name, text):
        write(name, text)
        seen.append(int(world.key("min_nodes")) <= int(world.key("max_nodes")))

    world.store.set = watched
    world.ask("web", "update", changes={"min_nodes": after[0], "max_nodes": after[1]})
    assert (world.key("min_nodes"), world.key("max_nodes")) == tuple(map(str, after))
    assert all(seen)


def test_a_list_that_leaves_servers_out_changes_nothing(world):
    world.create(max_nodes=3)
    world.converge()
    world.region.calls.clear()
    world.region.faults.add(Fault("truncate", path="/servers/detail", keep=1, count=None))
    assert world.converge()["outcome"] == "converged"
    assert [call.method for call in world.region.calls.all() if call.method != "GET"] == []
    assert world.key("total_nodes") == "3"
