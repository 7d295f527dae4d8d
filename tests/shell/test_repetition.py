"""Events that come twice, deaths between two calls, lists that leave something out."""
from __future__ import annotations

import contextlib
import json

import pytest

from autoscale.apply import apply
from autoscale.converge import cycle
from autoscale.heal import survey
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


def test_what_was_planned_before_max_nodes_fell_is_not_created(world):
    """A look can hang between reading the group and planning."""
    world.create(min_nodes=1, max_nodes=5)
    world.converge()
    world.set("desired_nodes", "3")
    (batch,) = planned(world, "CreateServer")
    world.set("max_nodes", "2")
    assert apply(world.parts, "web", batch)["done"] == []
    assert world.converge()["message"] == "web: 2 of 2 nodes up"


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


class Death(Exception):
    """The process ends here."""


@pytest.mark.parametrize("writes", range(1, 9))
def test_a_death_between_two_keys_forgets_no_server(world, writes):
    """Who was made is known by one key until another knows it; a list may leave it out then."""
    world.create(max_nodes=9)
    (batch,) = planned(world, "CreateServer")
    apply(world.parts, "web", batch)
    world.clock.advance(100)
    write, left = world.store.set, [writes]

    def mortal(name, text):
        left[0] -= 1
        if left[0] < 0:
            raise Death
        write(name, text)

    world.store.set = mortal
    with contextlib.suppress(Death):
        cycle(world.parts, "web")
    world.store.set = write
    world.clock.advance(100)
    world.region.faults.add(Fault("truncate", path="/servers/detail", keep=0, count=None))
    assert planned(world, "CreateServer") == []


def test_a_zone_that_comes_twice_is_no_conflict(world):
    world.create()
    (batch,) = planned(world, "CreateZone")
    apply(world.parts, "web", batch)
    assert apply(world.parts, "web", batch)["failed"] == []


def test_healing_ends_an_error_whose_cause_is_gone(world):
    world.create()
    world.converge()
    balancer = world.key("loadbalancer_id")
    world.set("loadbalancer_id", "999")
    world.converge()
    assert world.key("health") == "ERROR"
    world.set("loadbalancer_id", balancer)
    world.clock.advance(300)
    assert [group["asg"] for group in survey(world.parts)["groups"]] == ["web"]
    world.converge()
    assert (world.key("health"), world.key("errors")) == ("ACTIVE", "[]")


@pytest.mark.parametrize("broken", [{}, {"max_nodes": "lots"}])
def test_healing_goes_on_with_deleting_a_group_that_is_half_forgotten(world, broken):
    world.create()
    world.converge()
    for field, text in broken.items():
        world.set(field, text)
    world.ask("web", "delete")
    del world.store.texts["asg.web.desired_nodes"]
    world.clock.advance(300)
    assert [group["asg"] for group in survey(world.parts)["groups"]] == ["web"]
    assert world.converge()["outcome"] == "gone"
    assert world.store.texts == {}


@pytest.mark.parametrize("field", ["loadbalancer_id", "dns_zone_id"])
def test_what_was_lost_of_sight_through_a_wrong_id_is_cleared_once_it_is_right(world, field):
    world.create(min_nodes=1)
    world.converge()
    right = world.key(field)
    world.set(field, "999")
    world.region.tamper.delete_server(world.region.snapshot()["servers"][0]["id"])
    world.converge()
    world.set(field, right)
    assert world.converge()["outcome"] == "converged"
    region = world.region.snapshot()
    assert len(region["load_balancers"][0]["nodes"]) == 1
    assert len([record for record in region["records"] if record["type"] == "A"]) == 2


@pytest.mark.parametrize(("field", "kind"), [
    ("loadbalancer_id", "load_balancers"), ("dns_zone_id", "zones")])
def test_deleting_finds_what_is_the_groups_though_its_key_names_another(world, field, kind):
    world.create(min_nodes=1)
    world.converge()
    world.set(field, "999")
    world.ask("web", "delete")
    assert world.converge()["outcome"] == "gone"
    assert world.region.snapshot()[kind] == []


def test_healing_goes_on_with_deleting_a_group_that_was_paused(world):
    world.create()
    world.converge()
    world.ask("web", "pause")
    world.ask("web", "delete")
    world.clock.advance(300)
    assert [group["asg"] for group in survey(world.parts)["groups"]] == ["web"]


def test_deleting_finds_the_zone_though_the_domain_can_not_be_read(world):
    world.create(min_nodes=1)
    world.converge()
    world.store.delete("asg.web.dns_zone_id")
    world.set("domain", "not a domain")
    world.ask("web", "delete")
    assert world.converge()["outcome"] == "gone"
    assert world.region.snapshot()["zones"] == []


def test_a_load_balancer_that_is_being_changed_is_waited_for_before_it_is_deleted(world):
    world.create(min_nodes=1)
    world.converge()
    world.region.tamper.stick_load_balancer(int(world.key("loadbalancer_id")), 300)
    world.ask("web", "delete")
    world.looks.clear()
    assert world.converge()["outcome"] == "gone"
    assert [answer["next"] for answer in world.looks].count("apply") == 2


def test_servers_whose_loss_was_confirmed_are_not_missed_again(world):
    world.create(min_nodes=4, max_nodes=4)
    world.converge()
    world.set("loadbalancer_id", "999")
    for server in world.region.snapshot()["servers"][:3]:
        world.region.tamper.delete_server(server["id"])
    assert "force=true" in world.converge()["errors"][0]
    assert len(cycle(world.parts, "web", force=True)["batches"]) > 0
    assert not any("refused" in error for error in world.converge()["errors"])


def test_a_server_that_was_asked_for_long_ago_and_never_listed_is_found_by_its_id(world):
    world.create(min_nodes=1, max_nodes=1)
    (batch,) = planned(world, "CreateServer")
    apply(world.parts, "web", batch)
    world.clock.advance(200)
    world.region.faults.add(Fault("truncate", path="/servers/detail", keep=0, count=None))
    assert world.converge()["outcome"] == "converged"
    assert len(world.region.snapshot()["servers"]) == 1
    assert world.key("made") == "{}"


def test_a_plan_that_was_overtaken_by_another_is_not_carried_out(world):
    """An event that comes twice makes two plans; the second one has seen what the first wishes."""
    world.create()
    (first,) = planned(world, "CreateServer")
    world.store.delete("asg.web.reserved")
    (second,) = planned(world, "CreateServer")
    assert apply(world.parts, "web", first)["done"] == []
    assert len(apply(world.parts, "web", second)["done"]) == 3
    assert len(world.region.snapshot()["servers"]) == 3
