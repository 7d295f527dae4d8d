from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.deciding import KINDS, create, decide
from autoscale.core.fields import CONFIGURATION, FIELDS
from autoscale.core.group import Group
from autoscale.core.requests import BadRequest, Request
from tests.core.examples import NOW, group

TIMESTAMPS = {"last_expand_timestamp", "last_deflate_timestamp"}
REQUESTS = ["expand", "deflate", "add_node", "delete_node", "alert", "recovery", "pause", "resume",
            "exact", "update", "delete"]
RECENT = {"last_expand_timestamp": NOW - 60, "last_deflate_timestamp": NOW - 60}


def ask(of, kind, now=NOW, **given_):
    return decide(of, Request(kind, **given_), now)


def after(of, decision):
    return replace(of, **decision.changes)


@pytest.mark.parametrize(("kind", "desired", "wanted"), [
    ("expand", 3, 8), ("expand", 7, 10), ("expand", 9, 10), ("deflate", 8, 6), ("deflate", 2, 1),
    ("add_node", 3, 4), ("add_node", 9, 10)])
def test_a_change_is_held_to_the_bounds(kind, desired, wanted):
    decision = ask(group(desired_nodes=desired), kind)
    assert decision.accepted
    assert decision.changes["desired_nodes"] == wanted


@pytest.mark.parametrize(("kind", "desired", "because"), [
    ("expand", 10, "max_nodes is 10"), ("expand", 99, "max_nodes is 10"),
    ("add_node", 10, "max_nodes is 10"), ("deflate", 1, "min_nodes is 1"),
    ("deflate", 0, "min_nodes is 1"), ("delete_node", 1, "min_nodes is 1")])
@pytest.mark.parametrize("force", [False, True])
def test_a_change_that_changes_nothing_is_denied_and_touches_nothing(kind, desired, because, force):
    decision = ask(group(desired_nodes=desired, **RECENT), kind, force=force, node="web-1")
    assert not decision.accepted
    assert because in decision.message
    assert decision.changes == {}
    assert decision.possible_at is None


@pytest.mark.parametrize(("kind", "of", "possible"), [
    ("expand", group(last_expand_timestamp=NOW - 599), NOW + 1),
    ("expand", group(last_expand_timestamp=NOW - 60), NOW + 540),
    ("deflate", group(last_deflate_timestamp=NOW - 1799), NOW + 1)])
def test_a_change_too_soon_is_denied_saying_when_it_is_possible(kind, of, possible):
    decision = ask(of, kind)
    assert not decision.accepted
    assert decision.changes == {}
    assert decision.possible_at == possible
    assert "the next" in decision.message
    assert ask(of, kind, now=possible).accepted


@pytest.mark.parametrize("kind", ["expand", "deflate"])
def test_force_passes_the_cooldown(kind):
    assert ask(group(**RECENT), kind, force=True).accepted


def test_cooldowns_are_each_its_own():
    assert ask(group(last_deflate_timestamp=NOW), "expand").accepted
    assert ask(group(last_expand_timestamp=NOW), "deflate").accepted


def test_adding_or_removing_one_node_by_hand_has_no_cooldown_and_starts_none():
    for kind in ("add_node", "delete_node"):
        decision = ask(group(**RECENT), kind, node="web-1")
        assert decision.accepted
        assert not TIMESTAMPS & set(decision.changes)


def test_an_expansion_starts_both_cooldowns_a_deflation_its_own():
    assert ask(group(), "expand").changes["last_deflate_timestamp"] == NOW
    assert ask(group(), "expand").changes["last_expand_timestamp"] == NOW
    assert ask(group(), "deflate").changes["last_deflate_timestamp"] == NOW
    assert "last_expand_timestamp" not in ask(group(), "deflate").changes


def test_a_wish_beyond_bounds_that_a_hand_has_moved_counts_as_the_bound():
    assert ask(group(desired_nodes=99, max_nodes=8), "deflate").changes["desired_nodes"] == 6
    assert ask(group(desired_nodes=0, min_nodes=2), "add_node").changes["desired_nodes"] == 3


@pytest.mark.parametrize("kind", ["expand", "deflate", "add_node", "delete_node", "exact"])
@pytest.mark.parametrize("force", [False, True])
def test_a_paused_group_denies_what_would_scale_it(kind, force):
    decision = ask(group(paused=True), kind, force=force, node="web-1")
    assert not decision.accepted
    assert decision.changes == {}
    assert "paused" in decision.message


@pytest.mark.parametrize("kind", REQUESTS[:-1])
def test_a_group_that_is_being_deleted_denies_everything(kind):
    decision = ask(group(deleted=True), kind, force=True, node="web-1", changes={"max_nodes": 20})
    assert not decision.accepted
    assert decision.changes == {}


def test_deleting_goes_even_when_paused_and_can_be_repeated():
    decision = ask(group(paused=True), "delete")
    assert decision.changes == {"deleted": True, "status": "deleting"}
    again = ask(after(group(), decision), "delete")
    assert again.accepted
    assert again.changes == {}


def test_an_unknown_request_is_refused_with_those_that_exist():
    with pytest.raises(BadRequest, match=r"no request 'explode': use expand, deflate"):
        ask(group(), "explode")


def test_all_these_requests_exist():
    assert set(REQUESTS) <= set(KINDS)


# Exactly so many.

@pytest.mark.parametrize(("nodes", "wanted", "status", "said"), [
    (8, 8, "expanding", "from 3 to exactly 8 nodes"),
    (2, 2, "deflating", "from 3 to exactly 2 nodes"),
    (99, 10, "expanding", "exactly 10 nodes, not 99: max_nodes is 10"),
    (0, 1, "deflating", "exactly 1 node, not 0: min_nodes is 1"),
    (-5, 1, "deflating", "exactly 1 node, not -5: min_nodes is 1")])
def test_exactly_so_many_nodes_are_desired_within_the_bounds_whatever_the_delays(
        nodes, wanted, status, said):
    decision = ask(group(**RECENT), "exact", nodes=nodes)
    assert decision.accepted
    assert decision.changes == {
        "desired_nodes": wanted, "status": status, "last_deflate_timestamp": NOW}
    assert said in decision.message


@pytest.mark.parametrize(("desired", "nodes", "because"), [
    (3, 3, "it is to have 3 nodes already"),
    (10, 50, "it is to have 10 nodes already, not 50: max_nodes is 10"),
    (1, 0, "it is to have 1 node already, not 0: min_nodes is 1")])
def test_as_many_as_are_desired_already_change_nothing(desired, nodes, because):
    decision = ask(group(desired_nodes=desired), "exact", nodes=nodes)
    assert not decision.accepted
    assert decision.changes == {}
    assert because in decision.message


# Nodes by name.

def test_removing_a_node_lowers_what_is_desired():
    assert ask(group(), "delete_node", node="web-2").changes == {
        "status": "deflating", "evict": ("web-2",), "desired_nodes": 2}


def test_replacing_a_node_keeps_what_is_desired_and_works_at_the_minimum():
    changes = ask(group(min_nodes=3), "delete_node", node="web-2", replace=True).changes
    assert changes == {"status": "converging", "evict": ("web-2",)}


def test_a_node_is_removed_once_only():
    decision = ask(group(evict=("web-2",)), "delete_node", node="web-2")
    assert decision.accepted
    assert decision.changes == {}


def test_nodes_that_are_on_their_way_out_stay_so():
    assert ask(group(evict=("a",)), "delete_node", node="b").changes["evict"] == ("a", "b")


# Alerts.

def test_an_alert_opens_an_incident_and_expands():
    decision = ask(group(), "alert")
    assert decision.accepted
    assert decision.changes == {
        "active_incident": True, "desired_nodes": 8, "status": "expanding",
        "last_expand_timestamp": NOW, "last_deflate_timestamp": NOW}


def test_a_second_alert_expands_no_further():
    once = after(group(), ask(group(), "alert"))
    again = ask(once, "alert", now=NOW + 5)
    assert again.accepted
    assert again.changes == {"active_incident": True}
    assert again.possible_at == NOW + 600


def test_an_alert_at_max_nodes_is_remembered():
    assert ask(group(desired_nodes=10), "alert").changes == {"active_incident": True}


def test_an_alert_of_a_paused_group_is_remembered_and_expands_nothing():
    decision = ask(group(paused=True), "alert")
    assert decision.accepted
    assert decision.changes == {"active_incident": True}


def test_a_warning_changes_nothing_unless_the_group_asks_for_it():
    assert ask(group(), "alert", severity="warning").changes == {}
    assert not ask(group(), "alert", severity="warning").accepted
    wary = group(expand_on="warning")
    assert ask(wary, "alert", severity="warning").changes["desired_nodes"] == 8


@pytest.mark.parametrize("paused", [False, True])
def test_a_recovery_closes_the_incident_and_changes_no_capacity(paused):
    decision = ask(group(active_incident=True, paused=paused), "recovery")
    assert decision.accepted
    assert decision.changes == {"active_incident": False}


# Pause and resume.

def test_pause_and_resume():
    paused = after(group(), ask(group(), "pause"))
    assert paused.paused
    assert not ask(paused, "pause").accepted
    assert not after(paused, ask(paused, "resume")).paused
    assert not ask(group(), "resume").accepted
    assert ask(group(), "resume").changes == {}


# Configuration.

def test_an_update_writes_what_changes_and_nothing_else():
    decision = ask(group(), "update", changes={"max_nodes": 20, "expand_by": 5})
    assert decision.changes == {"max_nodes": 20}
    assert "max_nodes=20" in decision.message


def test_an_update_that_changes_nothing_says_so():
    decision = ask(group(), "update", changes={"max_nodes": 10})
    assert not decision.accepted
    assert decision.changes == {}


@pytest.mark.parametrize(("changes", "desired"), [
    ({"max_nodes": 2}, 2), ({"min_nodes": 5}, 5), ({"min_nodes": 5, "max_nodes": 20}, 5)])
def test_an_update_of_the_bounds_moves_what_is_desired(changes, desired):
    assert ask(group(), "update", changes=changes).changes == {**changes, "desired_nodes": desired}


@pytest.mark.parametrize("changes", [
    {"min_nodes": 11}, {"max_nodes": 0}, {"min_nodes": 5, "max_nodes": 4}])
def test_an_update_that_contradicts_itself_is_refused_naming_both(changes):
    with pytest.raises(BadRequest, match=r"min_nodes is \d+, more than asg.web.max_nodes"):
        ask(group(), "update", changes=changes)


@pytest.mark.parametrize(("field", "value"), [
    ("domain", "example.org"), ("port", 81), ("protocol", "TCP")])
def test_what_the_load_balancer_and_zone_are_made_from_can_not_change(field, value):
    with pytest.raises(BadRequest, match=f"{field} can't be changed"):
        ask(group(), "update", changes={field: value, "max_nodes": 20})
    assert not ask(group(), "update", changes={field: getattr(group(), field)}).accepted


def test_an_update_does_not_tell_user_data_or_hooks():
    decision = ask(group(), "update", changes={"user_data": "c2VjcmV0", "max_nodes": 20})
    assert "c2VjcmV0" not in decision.message
    only = ask(group(), "update", changes={"user_data": "c2VjcmV0"})
    assert "c2VjcmV0" not in only.message
    assert "user_data" in only.message


def test_a_paused_group_may_be_configured():
    assert ask(group(paused=True), "update", changes={"max_nodes": 20}).accepted


# Creating.

WANTED = {name: getattr(group(), name) for name in CONFIGURATION}


def make(existing=None, **changes):
    return create(existing, Request("create", changes={**WANTED, **changes}), "web")


def test_a_new_group_starts_with_min_nodes_and_desired_nodes_is_written_last():
    decision = make(min_nodes=2)
    assert decision.accepted
    assert list(decision.changes)[-1] == "desired_nodes"
    assert decision.changes["desired_nodes"] == 2
    assert decision.changes["status"] == "creating"


def test_creating_the_same_group_again_carries_on():
    decision = make(WANTED)
    assert decision.accepted
    assert decision.changes == {}


def test_creating_another_group_of_that_name_is_refused_saying_what_differs():
    with pytest.raises(BadRequest, match=r"exists with another domain and max_nodes"):
        make(WANTED, domain="example.org", max_nodes=20)


def test_a_new_group_that_contradicts_itself_is_refused():
    with pytest.raises(BadRequest, match="more than"):
        make(min_nodes=11)


# Whatever is asked.

groups = st.builds(
    group, min_nodes=st.integers(0, 5), max_nodes=st.integers(5, 12),
    desired_nodes=st.integers(0, 15), expand_by=st.integers(1, 20), deflate_by=st.integers(1, 20),
    last_expand_timestamp=st.integers(NOW - 2000, NOW + 100),
    last_deflate_timestamp=st.integers(NOW - 4000, NOW + 100),
    paused=st.booleans(), deleted=st.booleans(), active_incident=st.booleans(),
    expand_on=st.sampled_from(["critical", "warning"]))
requests = st.builds(
    Request, st.sampled_from(REQUESTS), force=st.booleans(), node=st.just("web-1"),
    replace=st.booleans(), nodes=st.integers(-3, 30),
    severity=st.sampled_from(["critical", "warning"]),
    changes=st.fixed_dictionaries({}, optional={
        "min_nodes": st.integers(0, 5), "max_nodes": st.integers(5, 12)}))


@given(groups, requests)
def test_whatever_is_asked_what_is_desired_stays_within_the_bounds(of, request):
    decision = decide(of, request, NOW)
    then: Group = replace(of, **decision.changes)
    if "desired_nodes" in decision.changes:
        assert then.min_nodes <= then.desired_nodes <= then.max_nodes
    assert set(decision.changes) <= set(FIELDS)
    assert decision.message


@given(groups, requests)
def test_what_is_denied_changes_nothing(of, request):
    decision = decide(of, request, NOW)
    assert decision.accepted or not decision.changes


@given(groups, requests)
def test_timestamps_move_only_when_what_is_desired_does(of, request):
    changes = decide(of, request, NOW).changes
    if TIMESTAMPS & set(changes):
        assert replace(of, **changes).desired != of.desired


@given(groups, requests)
def test_possible_at_is_true(of, request):
    at = decide(of, request, NOW).possible_at
    if at is not None:
        assert at > NOW
        assert decide(of, request, at - 1).changes.get("desired_nodes") is None
        assert decide(of, request, at).changes.get("desired_nodes") is not None
