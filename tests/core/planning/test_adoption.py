"""Running servers that become nodes, and nodes that become nobody's servers again."""
from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core import report
from autoscale.core.group import EVICTED, RELEASED, Adoption, Departure
from autoscale.core.launch import ADOPTED, adoption_marks
from autoscale.core.units import Role
from tests.core.examples import (
    NOW,
    balancer,
    done,
    group,
    members,
    node,
    planned,
    seen,
    server,
    servers,
    told,
    zone,
)

THREE = servers(*["ACTIVE"] * 3)
SHOP = server(9, name="shop-1", metadata={})
WISH = group(desired_nodes=4, adopting={"s9": Adoption("shop-1")})


def beside(*more, **changes):
    """The group's three nodes as they should be, and these."""
    return replace(seen(*THREE), servers=(*THREE, *more), **changes)


# Adopting.

def test_it_takes_the_place_that_was_made_for_it_and_no_other_server_is_made():
    answer = planned(WISH, beside(SHOP))
    assert told(answer) == [("AdoptServer", "shop-1")]


def test_a_decision_that_died_before_it_made_a_place_costs_no_node_its_own():
    answer = planned(replace(WISH, desired_nodes=3), beside(SHOP))
    assert answer.steps == ()
    assert answer.converged
    assert answer.learned["leaving"] == {}
    assert "shop-1 is not adopted: there is no place for it" in answer.notes[0]


def test_once_it_has_the_mark_it_is_an_ordinary_node_of_an_earlier_launch_configuration():
    ours = replace(SHOP, metadata=adoption_marks(group()))
    answer = planned(WISH, beside(ours))
    assert sorted(told(answer)) == [
        ("AddNode", "shop-1"), ("AddRecord", "shop-1.web.example.com")]
    (*_, adopted) = sorted(report.status(WISH, beside(ours), NOW)["nodes"],
                           key=lambda each: each["name"] == "shop-1")
    assert (adopted["adopted"], adopted["launch_configuration"]) == (True, "earlier")
    assert ours.metadata["asg_launch"] == ADOPTED


@pytest.mark.parametrize("gone", [
    (), (replace(SHOP, metadata={"asg": "db"}),), (replace(SHOP, state="DELETED"),)])
def test_its_place_is_filled_when_it_is_gone_or_somebody_elses(gone):
    assert told(planned(WISH, beside(*gone))) == [("CreateServer", "new-1")]


@pytest.mark.parametrize("state", ["ERROR", "SHUTOFF"])
def test_a_broken_one_is_left_alone_and_its_place_is_filled(state):
    answer = planned(WISH, beside(replace(SHOP, state=state)))
    assert told(answer) == [("CreateServer", "new-1")]
    assert answer.notes == (f"shop-1 is in state {state} and is not adopted",)


def test_one_that_reboots_is_waited_for():
    answer = planned(WISH, beside(replace(SHOP, state="REBOOT")))
    assert answer.steps == ()
    assert answer.awaited == ("shop-1 is REBOOT, and adopted when it is ACTIVE",)


def test_never_are_there_more_than_max_nodes_for_it():
    full = replace(WISH, max_nodes=4, evict=("web-1",))
    four = (*THREE, server(4))
    observed = replace(seen(*four), servers=(*four, SHOP))
    answer = planned(full, observed)
    assert done(answer, "AdoptServer") == done(answer, "CreateServer") == []
    assert "shop-1 is adopted when another server is gone" in answer.awaited
    assert done(answer, "RemoveNode") == ["web-1"], "who is to go makes room for it"


def test_of_several_each_takes_one_place_and_the_rest_is_made():
    other = server(8, name="shop-2", metadata={})
    wish = replace(WISH, desired_nodes=6, adopting={
        "s9": Adoption("shop-1"), "s8": Adoption("shop-2")})
    answer = planned(wish, beside(SHOP, other))
    assert sorted(told(answer)) == [
        ("AdoptServer", "shop-1"), ("AdoptServer", "shop-2"), ("CreateServer", "new-1")]


def test_no_new_server_gets_its_name():
    assert done(planned(replace(WISH, desired_nodes=5, adopting={"s9": Adoption("new-1")}),
                        beside(replace(SHOP, name="new-1"))), "CreateServer") == ["new-2"]


@pytest.mark.parametrize("change", [
    {"roles": {"web": Role()}}, {"deleted": True}, {"releasing": ("shop-1",)}])
def test_nobody_is_adopted_by_a_group_that_can_not_have_it(change):
    assert done(planned(replace(WISH, **change), beside(SHOP)), "AdoptServer") == []


def test_a_group_that_is_deleted_leaves_it_as_it_is():
    answer = planned(replace(WISH, deleted=True), beside(SHOP))
    assert done(answer, "DeleteServer") == ["web-1", "web-2", "web-3"]


# Releasing.

RELEASE = group(desired_nodes=2, releasing=("web-1",), members=members(*THREE))
OUT = {"load_balancer": balancer(*map(node, THREE[1:])), "zone": zone()}


def test_it_leaves_the_load_balancer_and_the_zone_first():
    answer = planned(RELEASE, seen(*THREE))
    assert sorted(told(answer)) == [
        ("RemoveNode", "web-1"), ("RemoveRecord", "web-1.web.example.com")]
    assert answer.learned["leaving"]["s1"].why == RELEASED


def test_it_is_drained_first_where_the_group_drains():
    answer = planned(replace(RELEASE, drain_timeout=60), seen(*THREE))
    assert told(answer) == [("ChangeNode", "web-1")]


def test_it_is_released_only_when_no_record_names_it_any_more():
    leaving = replace(RELEASE, leaving={"s1": Departure(NOW, why=RELEASED)})
    named = {**OUT, "zone": seen(*THREE).zone}
    assert "web-1's DNS record has to be removed first" in planned(
        leaving, seen(*THREE, **named)).awaited
    blind = planned(leaving, seen(*THREE, **{**OUT, "zone": None}, unseen={"zone": "no answer"}))
    assert done(blind, "ReleaseServer") == []
    assert done(planned(leaving, seen(*THREE, **OUT)), "ReleaseServer") == ["web-1"]


def test_it_is_not_deleted_nor_missed_and_asked_again_only_after_a_while():
    leaving = replace(RELEASE, leaving={"s1": Departure(NOW, why=RELEASED)})
    first = planned(leaving, seen(*THREE, **OUT))
    assert done(first, "DeleteServer") == []
    assert first.learned["members"]["web-1"].dismissed
    then = replace(leaving, **first.learned)
    assert done(planned(then, seen(*THREE, **OUT), NOW + 29), "ReleaseServer") == []
    assert done(planned(then, seen(*THREE, **OUT), NOW + 30), "ReleaseServer") == ["web-1"]
    nobodys = (replace(THREE[0], metadata={}), *THREE[1:])
    after = planned(then, seen(*THREE[1:], servers=nobodys), NOW + 5)
    assert after.converged
    assert after.learned["leaving"] == {}


def test_a_broken_one_is_released_all_the_same():
    broken = (replace(THREE[0], state="ERROR"), *THREE[1:])
    answer = planned(RELEASE, seen(*broken, **OUT))
    assert told(answer)[:1] == [("ReleaseServer", "web-1")]


def test_who_drains_as_surplus_is_released_instead():
    draining = replace(RELEASE, drain_timeout=60, leaving={"s1": Departure(NOW, final=False)})
    answer = planned(draining, seen(*THREE))
    assert answer.learned["leaving"] == {"s1": Departure(NOW, final=False, why=RELEASED)}


def test_with_replacement_the_new_one_comes_first():
    answer = planned(replace(RELEASE, desired_nodes=3), seen(*THREE))
    assert told(answer) == [("CreateServer", "new-1")]


def test_it_is_no_loss_that_has_to_be_confirmed():
    many = servers(*["ACTIVE"] * 5)
    wish = group(desired_nodes=1, releasing=tuple(s.name for s in many[:4]))
    assert planned(wish, seen(*many)).problems == ()


def test_who_is_to_be_evicted_too_is_released():
    answer = planned(replace(RELEASE, evict=("web-1",)), seen(*THREE))
    assert answer.learned["leaving"]["s1"].why == RELEASED
    assert EVICTED not in {one.why for one in answer.learned["leaving"].values()}


def test_a_group_that_is_deleted_releases_it_instead():
    answer = planned(replace(RELEASE, deleted=True), seen(*THREE))
    assert done(answer, "ReleaseServer") == ["web-1"]
    assert done(answer, "DeleteServer") == ["web-2", "web-3"]
    then = replace(RELEASE, deleted=True, **answer.learned)
    assert done(planned(then, seen(*THREE)), "ReleaseServer") == []


def test_one_that_is_being_deleted_already_is_only_waited_for():
    going = (replace(THREE[0], leaving=True), *THREE[1:])
    assert "web-1 is being deleted" in planned(RELEASE, seen(*going, **OUT)).awaited
