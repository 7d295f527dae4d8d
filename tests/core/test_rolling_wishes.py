"""Deciding on rolling updates: what is asked for, refused, cancelled, and what starts one."""
from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core.deciding import decide
from autoscale.core.deciding.applying import apply_document
from autoscale.core.documents import Document
from autoscale.core.renewal import RollingProgress, RollingUpdate, UpdatePolicy
from autoscale.core.requests import BadRequest, Request
from autoscale.core.units import Role
from tests.core.examples import NOW, group


def roll(of, outdated=("web-1", "web-2", "web-3"), **policy):
    return decide(of, Request("rolling_update", definition=policy, outdated=outdated), NOW)


def test_a_rolling_update_is_wished_for_with_heats_defaults():
    decision = roll(group())
    assert decision.message == "rolling update of 3 nodes, 1 at a time, at least 2 in service"
    assert decision.changes == {
        "status": "converging", "rolling_update": RollingUpdate(NOW, UpdatePolicy(0, 1, 0, 3))}


def test_what_it_does_not_say_is_as_the_groups_policy_says():
    decision = roll(group(update_policy=UpdatePolicy(3, 2, 60)), pause_time="PT5M",
                    max_failures=None)
    assert decision.changes["rolling_update"].policy == UpdatePolicy(3, 2, 300)
    assert decision.message == (
        "rolling update of 3 nodes, 2 at a time, 300 seconds apart, at least 3 in service")


def test_where_nothing_is_outdated_there_is_nothing_to_renew():
    assert not roll(group(), ()).accepted
    assert "all nodes have the current launch configuration" in roll(group(), ()).message


def test_protected_nodes_are_left_as_they_are_and_said():
    decision = roll(group(protected=("web-2",)))
    assert decision.message.startswith("rolling update of 2 nodes")
    assert "protected, and left as they are: web-2" in decision.message
    refused = roll(group(protected=("web-1", "web-2", "web-3")))
    assert not refused.accepted
    assert "all outdated nodes are protected: web-1, web-2 and web-3" in refused.message


def test_an_update_that_no_batch_fits_is_refused_saying_what_to_change():
    decision = roll(group(max_nodes=3), min_instances_in_service=3)
    assert not decision.accepted
    assert "raise max_nodes, or lower min_instances_in_service to 2" in decision.message
    smaller = roll(group(max_nodes=4), min_instances_in_service=3, max_batch_size=2)
    assert "1 at a time, at least 3 in service" in smaller.message


@pytest.mark.parametrize("wrong", [
    {"pause_time": "PT2H"}, {"pause_time": "soon"}, {"max_batch_size": 0}, {"max_failures": 0},
    {"min_instances_in_service": -1}, {"max_batch_size": "many"}])
def test_a_rolling_update_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(BadRequest):
        roll(group(), **wrong)


def test_a_second_wish_can_be_told_from_the_first():
    first = RollingUpdate(NOW)
    assert roll(group(rolling_update=first)).changes["rolling_update"].since == NOW + 1


def test_a_rolling_update_is_cancelled_once():
    wish = RollingUpdate(NOW - 9)
    cancel = Request("rolling_update_cancel")
    decision = decide(group(rolling_update=wish), cancel, NOW)
    assert decision.changes == {"rolling_update": replace(wish, cancelled=True)}
    done = RollingProgress(NOW - 9, state="done")
    for of in (group(), group(rolling_update=replace(wish, cancelled=True)),
               group(rolling_update=wish, rolling_progress=done)):
        assert not decide(of, cancel, NOW).accepted
    paused = decide(group(rolling_update=wish, paused=True), cancel, NOW)
    assert paused.accepted, "a paused group's too"


def test_an_update_policy_makes_a_changed_launch_configuration_start_it():
    careful = group(update_policy=UpdatePolicy(3, 2))
    changed = decide(careful, Request("update", changes={"vm_image_id": "other"}), NOW)
    assert changed.changes["rolling_update"] == RollingUpdate(NOW, UpdatePolicy(3, 2))
    assert changed.message == (
        "changed: vm_image_id=other; a rolling update follows, 2 at a time, at least 3 in service")
    for changes in ({"max_nodes": 20}, {"update_policy": UpdatePolicy(1)}):
        said = decide(careful, Request("update", changes=changes), NOW)
        assert "rolling_update" not in said.changes
    without = decide(group(), Request("update", changes={"vm_image_id": "other"}), NOW)
    assert "rolling_update" not in without.changes
    both = {"vm_image_id": "other", "update_policy": UpdatePolicy(1)}
    started = decide(group(), Request("update", changes=both), NOW)
    assert started.changes["rolling_update"].policy == UpdatePolicy(1)


def test_a_group_that_is_to_be_empty_has_nothing_to_renew():
    empty = group(min_nodes=0, desired_nodes=0, update_policy=UpdatePolicy(3, 2, 60))
    changed = decide(empty, Request("update", changes={"vm_image_id": "other"}), NOW)
    assert changed.message == ("changed: vm_image_id=other; a rolling update follows, with nothing "
                               "to renew while no nodes are desired")
    assert roll(empty, ("web-1",)).message == (
        "rolling update of 1 node, with nothing to renew while no nodes are desired")
    pairs = replace(empty, roles={"web": Role(), "worker": Role()})
    assert "while no units are desired" in roll(pairs, ("web-a",)).message


@pytest.mark.parametrize(("changes", "said"), [
    ({"min_nodes": 2}, "1 at a time, at least 2 in service"),
    ({"min_nodes": 2, "max_nodes": 2}, "but no node can be spared"),
    ({"max_nodes": 0}, "with nothing to renew")])
def test_what_is_said_of_an_update_is_of_the_group_as_it_is_changed_to_be(changes, said):
    small = group(min_nodes=0, desired_nodes=0, max_nodes=3, update_policy=UpdatePolicy(2))
    changes = {"vm_image_id": "other", **changes}
    assert f"a rolling update follows, {said}" in decide(
        small, Request("update", changes=changes), NOW).message


def test_a_document_that_changes_the_launch_configuration_starts_it_too():
    careful = group(update_policy=UpdatePolicy(3, 2))
    document = Document("web", {"vm_image_id": "other"})
    changed = apply_document(careful, document, False, {}, NOW)
    assert changed.changes["rolling_update"] == RollingUpdate(NOW, UpdatePolicy(3, 2))
    assert "a rolling update follows, 2 at a time" in changed.message
    tried = apply_document(careful, document, True, {}, NOW)
    assert tried.changes == {}
    assert "a rolling update follows" in tried.message
