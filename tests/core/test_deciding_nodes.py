"""Requests that name a node: protect, unprotect, delete_node, adopt and release."""
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.deciding import decide
from autoscale.core.deciding.nodes import is_protected, settled, unfinished
from autoscale.core.group import EVICTED, RELEASED, SURPLUS, Adoption, Departure
from autoscale.core.hooks import AGAIN, answer
from autoscale.core.requests import Request
from autoscale.core.units import Role
from tests.core.examples import NOW, group, server

STRANGER = server(9, name="shop-1", metadata={})
UNITS = group(roles={"web": Role(), "worker": Role()}, protected=("web-u1",))
ABANDONED = {"s1": Departure(NOW, why=EVICTED, stays=True)}


def ask(of, kind, node="web-1", **given_):
    there = server(int(node[4:])) if node.startswith("web-") and node[4:].isdigit() else None
    return decide(of, Request(kind, **{"node": node, "server": there, **given_}), NOW)


def adopt(of, of_server=STRANGER, *taken):
    return ask(of, "adopt", of_server.name, server=of_server, taken=taken)


# Protecting.

def test_a_protected_node_is_named_until_it_is_protected_no_more():
    there = replace(group(), **ask(group(), "protect").changes)
    assert there.protected == ("web-1",)
    assert ask(there, "unprotect").changes == {"protected": ()}


@pytest.mark.parametrize(("of", "kind", "because"), [
    (group(protected=("web-1",)), "protect", "is protected already"),
    (group(), "unprotect", "is not protected"),
    (group(evict=("web-1",)), "protect", "on its way out already"),
    (group(releasing=("web-1",)), "protect", "on its way out already")])
def test_what_protecting_can_not_change_is_denied(of, kind, because):
    decision = ask(of, kind)
    assert (decision.accepted, decision.changes) == (False, {})
    assert because in decision.message


def test_a_node_whose_removal_was_abandoned_can_be_protected():
    assert ask(group(evict=("web-1",), leaving=ABANDONED), "protect").accepted


def test_a_paused_group_can_protect_its_nodes():
    assert ask(group(paused=True), "protect").accepted


def test_a_unit_that_is_on_its_way_out_is_not_protected_nor_counted_twice():
    going = replace(UNITS, protected=(), evict=("web-u1",))
    assert "on its way out already" in ask(going, "protect", "worker-u1").message
    again = ask(going, "delete_node", "worker-u1")
    assert (again.accepted, again.changes) == (True, {})


def test_one_server_of_a_unit_protects_the_unit():
    assert is_protected(UNITS, "worker-u1")
    assert is_protected(UNITS, "web-u1-r2")
    assert not is_protected(UNITS, "worker-u2")
    assert ask(UNITS, "unprotect", "worker-u1").changes == {"protected": ()}


# Removing.

@pytest.mark.parametrize("replaced", [False, True])
def test_a_protected_node_is_not_removed(replaced):
    decision = ask(group(protected=("web-1",)), "delete_node", replace=replaced)
    assert (decision.accepted, decision.changes) == (False, {})
    assert "asg.unprotect it first" in decision.message


def test_no_server_of_a_protected_unit_is_removed():
    assert not ask(UNITS, "delete_node", "worker-u1").accepted


def test_a_node_that_is_being_released_is_not_removed():
    assert not ask(group(releasing=("web-1",)), "delete_node").accepted


@pytest.mark.parametrize("evict", [(), ("web-1",)])
def test_removing_what_a_hook_has_kept_begins_anew_and_costs_no_other_node(evict):
    """It is there in addition to the wish: the wish stays."""
    kept = group(evict=evict, leaving=ABANDONED, min_nodes=3)
    assert ask(kept, "delete_node").changes == {
        "status": "deflating", "evict": ("web-1",), "hook_answers": {"s1": answer(AGAIN, NOW)}}


# Adopting.

def test_an_adopted_server_is_named_before_one_more_is_desired():
    changes = adopt(group()).changes
    assert changes == {"status": "expanding", "adopting": {"s9": Adoption("shop-1", 4)},
                       "desired_nodes": 4}
    assert list(changes).index("adopting") < list(changes).index("desired_nodes")


def test_a_decision_to_adopt_that_died_half_way_is_known_until_it_is_finished():
    adopting = adopt(group()).changes["adopting"]
    assert unfinished(adopting) == 4
    assert unfinished(settled(adopting)) is None
    assert settled(adopting) == {"s9": Adoption("shop-1")}


def test_adopting_the_same_server_again_changes_nothing_more():
    again = adopt(group(adopting={"s9": Adoption("shop-1")}))
    assert (again.accepted, again.changes) == (True, {})


@pytest.mark.parametrize(("of", "of_server", "because"), [
    (group(desired_nodes=10), STRANGER, "max_nodes is 10"),
    (group(), server(9), "is a node of it already"),
    (group(), replace(STRANGER, metadata={"asg": "db"}), "belongs to group db: asg.release"),
    (group(), replace(STRANGER, state="ERROR"), "is in state ERROR"),
    (group(), replace(STRANGER, leaving=True), "is being deleted"),
    (group(), replace(STRANGER, private=None), "has no private address"),
    (group(), replace(STRANGER, name="My Server"), "can't be a host's name"),
    (group(), replace(STRANGER, name="lb"), "can't be a host's name"),
    (group(), replace(STRANGER, name="web-1"), "a node called web-1 already"),
    (group(reserved={"shop-1": NOW}), STRANGER, "a node called shop-1 already"),
    (group(adopting={"s8": Adoption("shop-1")}), STRANGER, "a node called shop-1 already"),
    (group(roles={"web": Role()}), STRANGER, "a single one can't be adopted"),
    (group(paused=True), STRANGER, "it is paused")])
def test_what_can_not_become_a_node_is_not_adopted(of, of_server, because):
    decision = adopt(of, of_server, "web-1")
    assert (decision.accepted, decision.changes) == (False, {})
    assert because in decision.message


def test_a_server_without_a_private_address_serves_a_group_on_the_public_network():
    assert adopt(group(node_network="public"), replace(STRANGER, private=None)).accepted


# Releasing.

def test_releasing_lowers_what_is_desired_and_ends_what_else_named_the_node():
    of = group(protected=("web-1", "web-2"), adopting={"s1": Adoption("web-1")})
    changes = ask(of, "release").changes
    assert changes == {"status": "deflating", "adopting": {}, "releasing": ("web-1",),
                       "protected": ("web-2",), "desired_nodes": 2}
    assert list(changes)[-1] == "desired_nodes"
    assert list(changes).index("adopting") < list(changes).index("releasing")


def test_releasing_with_replacement_keeps_what_is_desired_and_works_at_the_minimum():
    changes = ask(group(min_nodes=3), "release", replace=True).changes
    assert changes["releasing"] == ("web-1",)
    assert "desired_nodes" not in changes


@pytest.mark.parametrize(("of", "because"), [
    (group(min_nodes=3), "min_nodes is 3; replace=true"),
    (group(evict=("web-1",)), "to be deleted"),
    (group(leaving={"s1": Departure(NOW)}), "to be deleted"),
    (group(paused=True), "it is paused"),
    (UNITS, "they go together")])
def test_what_can_not_be_released_is_denied(of, because):
    decision = ask(of, "release")
    assert (decision.accepted, decision.changes) == (False, {})
    assert because in decision.message


@pytest.mark.parametrize("departure", [
    Departure(NOW, final=False, why=SURPLUS), Departure(NOW, why=RELEASED)])
def test_a_node_that_is_not_doomed_yet_can_be_released(departure):
    assert ask(group(leaving={"s1": departure}), "release").accepted


def test_releasing_twice_changes_nothing_more():
    again = ask(group(releasing=("web-1",)), "release")
    assert (again.accepted, again.changes) == (True, {})


def test_releasing_what_a_hook_has_kept_begins_anew_and_costs_no_other_node():
    kept = group(evict=("web-1",), leaving=ABANDONED, min_nodes=3)
    changes = ask(kept, "release").changes
    assert changes["releasing"] == ("web-1",)
    assert (changes["evict"], changes["hook_answers"]) == ((), {"s1": answer(AGAIN, NOW)})
    assert "desired_nodes" not in changes


def test_an_adoption_can_be_taken_back_before_it_is_done():
    of = group(desired_nodes=4, adopting={"s9": Adoption("shop-1")})
    decision = ask(of, "release", "shop-1", server=STRANGER)
    assert decision.changes == {"status": "deflating", "adopting": {}, "desired_nodes": 3}


# Whatever is asked.

groups = st.builds(
    group, min_nodes=st.integers(0, 5), max_nodes=st.integers(5, 8), paused=st.booleans(),
    desired_nodes=st.integers(0, 10), evict=st.sampled_from([(), ("web-1",)]),
    releasing=st.sampled_from([(), ("web-1",)]), protected=st.sampled_from([(), ("web-1",)]),
    leaving=st.dictionaries(st.just("s1"), st.builds(
        Departure, st.just(NOW), st.booleans(), stays=st.booleans())),
    adopting=st.dictionaries(st.sampled_from(["s1", "s9"]), st.just(Adoption("shop-1"))))
KINDS = ["protect", "unprotect", "delete_node", "release", "adopt"]


@given(groups, st.sampled_from(KINDS), st.booleans(), st.sampled_from([server(1), STRANGER]))
def test_what_is_desired_stays_within_the_bounds_and_moves_by_one_at_most(
        of, kind, replaced, named):
    decision = ask(of, kind, named.name, server=named, replace=replaced)
    then = replace(of, **decision.changes)
    assert decision.accepted or not decision.changes
    if "desired_nodes" in decision.changes:
        assert then.min_nodes <= then.desired_nodes <= then.max_nodes
        assert abs(then.desired - of.desired) == 1
        assert not replaced or kind == "adopt"


@given(groups, st.sampled_from(KINDS), st.booleans())
def test_no_node_is_protected_and_removed_or_removed_and_released(of, kind, replaced):
    of = replace(of, evict=(), releasing=())
    for each in (kind, "delete_node", "release", "protect"):
        of = replace(of, **ask(of, each, replace=replaced).changes)
    assert not set(of.evict) & {*of.protected, *of.releasing}
    assert not set(of.releasing) & set(of.protected) or of.leaving.get("s1", Departure(0)).stays
