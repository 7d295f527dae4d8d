"""Requests at the edge: what is wrong is answered with a clear error and changes nothing."""
from __future__ import annotations

import dataclasses
from functools import partial

import pytest

from autoscale.core.requests import BadRequest
from autoscale.seams import Health
from autoscale.views import history


@pytest.fixture
def web(world):
    world.create(min_nodes=1, max_nodes=4, expand_by=2, deflate_by=1)
    world.converge()
    world.region.calls.clear()
    return world


def refused(world, *words, asg="web", request="create", **given):
    """The request is refused with these words, and neither keys nor cloud change."""
    before, clouds = dict(world.store.texts), world.region.snapshot()
    call = world.create if request == "create" else partial(world.ask, request=request)
    with pytest.raises(BadRequest) as refusal:
        call(asg, **given)
    for word in words:
        assert word in str(refusal.value)
    assert world.store.texts == before
    assert {**world.region.snapshot(), "now": 0} == {**clouds, "now": 0}


@pytest.mark.parametrize(("given", "words"), [
    ({"min_nodes": 5, "max_nodes": 3}, ["asg.db.min_nodes is 5, more than"]),
    ({"expand_by": 0}, ["expand_by is 0: must be at least 1"]),
    ({"deflate_by": 0}, ["deflate_by is 0"]),
    ({"min_nodes": "two"}, ["min_nodes is 'two': not a whole number"]),
    ({"vm_size_id": "99"}, ["99", "2"]),
    ({"vm_image_id": "no-such-image"}, ["no-such-image", "Ubuntu"]),
    ({"domain": "not a domain"}, ["domain is 'not a domain'"]),
    ({"user_data": "#!/bin/sh"}, ["user_data", "base64"]),
    ({"hooks": {"explode": {"action": "a.b"}}}, ["explode", "configure"]),
    ({"health_check": {"type": "ping"}}, ["health_check"]),
    ({"flavour": "vanilla"}, ["flavour is not a field"]),
])
def test_a_group_that_makes_no_sense_is_not_created(world, given, words):
    refused(world, *words, asg="db", **given)


@pytest.mark.parametrize("name", ["Web", "web.shop", "-web", "web_1", "", "w" * 64, "{{ x }}"])
def test_a_group_is_called_by_a_dns_label(world, name):
    refused(world, "group's name", asg=name)


@pytest.mark.parametrize(("lacking", "words"), [
    (["domain"], "domain is missing"),
    (["domain", "vm_image_id"], "domain and vm_image_id are missing")])
def test_what_is_missing_is_told_in_the_right_number(world, lacking, words):
    refused(world, words, asg="db", **dict.fromkeys(lacking))


def test_creating_twice_with_the_same_parameters_carries_on(world):
    world.create()
    assert "carrying on" in world.create()["message"]
    world.converge()
    assert len(world.region.snapshot()["servers"]) == 3


def test_creating_twice_with_other_parameters_is_refused(web):
    refused(web, "exists with another", "max_nodes", min_nodes=1, max_nodes=9, expand_by=2,
            deflate_by=1)


def test_a_creation_that_died_half_way_starts_again(world):
    world.create()
    del world.store.texts["asg.web.desired_nodes"]
    world.set("key_name", "left-over")
    assert "creating it" in world.create(max_nodes=5)["message"]
    assert world.key("max_nodes") == "5"
    assert world.key("key_name") is None


def test_a_group_that_does_not_exist_is_said_so_with_those_that_do(web):
    refused(web, "no group shop", "web", asg="shop", request="expand")


def test_only_nodes_of_the_group_can_be_deleted(web):
    web.region.tamper.add_server("somebody-else")
    refused(web, "'somebody-else' is not a node of web", request="delete_node",
            node="somebody-else")


def test_the_last_nodes_are_kept_but_can_be_replaced(web):
    (server,) = web.region.snapshot()["servers"]
    answer = web.ask("web", "delete_node", node=server["name"])
    assert not answer["accepted"]
    assert "min_nodes is 1; replace=true" in answer["message"]


def test_an_unreadable_key_stops_its_group_alone_and_is_named(web):
    web.create("db")
    web.set("max_nodes", "lots")
    refused(web, "asg.web.max_nodes is 'lots'", request="expand")
    answer = web.converge()
    assert answer["outcome"] == "failed"
    assert "asg.web.max_nodes is 'lots'" in answer["errors"][0]
    assert web.converge("db")["outcome"] == "converged"


def test_an_update_mends_an_unreadable_key(web):
    web.set("max_nodes", "lots")
    web.ask("web", "update", changes={"max_nodes": 6})
    assert web.key("max_nodes") == "6"


def test_a_key_set_by_hand_counts_from_the_next_look_on(web):
    web.set("min_nodes", " 3 ")
    web.converge()
    assert len(web.region.snapshot()["servers"]) == 3


def test_bounds_hold_and_cooldown_is_force_d(web):
    assert web.ask("web", "expand")["accepted"]
    denied = web.ask("web", "expand")
    assert not denied["accepted"]
    assert "possible in 10 min" in denied["message"]
    assert denied["possible_at"] == int(web.clock.now()) + 600
    assert web.ask("web", "expand", force=True)["accepted"]
    assert web.key("desired_nodes") == "4"
    assert not web.ask("web", "expand", force=True)["accepted"]


def test_only_chat_admins_delete_groups_from_a_chat(web):
    web.parts = dataclasses.replace(web.parts, config={"chat_admins": ["alice"]})
    refused(web, "mallory", request="delete", chat_user="mallory")
    assert web.ask("web", "delete", chat_user="alice")["accepted"]


class Doctor:
    def __init__(self, health):
        self._health = health

    def health(self, application):
        return self._health


@pytest.mark.parametrize(("health", "granted"), [
    (Health.WELL, True), (Health.UNWELL, False), (Health.UNKNOWN, False)])
def test_capacity_goes_down_only_when_the_monitor_finds_the_application_well(
        web, health, granted):
    web.ask("web", "add_node")
    web.parts = dataclasses.replace(web.parts, monitor=Doctor(health))
    assert web.ask("web", "deflate")["accepted"] is granted
    assert web.ask("web", "deflate", force=True)["accepted"] is not granted


def test_who_asked_for_what_is_remembered(web):
    web.clock.advance(1)
    web.ask("web", "expand", by="joe smith", reason="Black {{ Friday }}")
    web.ask("web", "add_node")
    told = history(web.store, "web", 2)["events"]
    assert [event["by"] for event in told] == ["test", "joe smith"]
    assert "Black {{ Friday }}" in told[1]["what"]


def test_a_denial_is_an_event_with_its_reason(web):
    web.ask("web", "expand", by="joe")
    web.clock.advance(1)
    web.ask("web", "expand", by="ann")
    (told,) = history(web.store, "web", 1)["events"]
    assert (told["by"], told["outcome"]) == ("ann", "denied")
    assert "possible in 10 min" in told["what"]
