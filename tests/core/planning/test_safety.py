"""The safety limit: most of a group is not taken away unless somebody says that it is meant."""
from __future__ import annotations

import pytest

from autoscale.core.group import Departure
from autoscale.core.launch import LAUNCH_MARK, launch_mark
from autoscale.core.planning.safety import REFUSED
from autoscale.core.renewal import RollingUpdate, UpdatePolicy
from tests.core.examples import NOW, done, group, members, planned, seen, server, servers

FIVE = servers(*["ACTIVE"] * 5)


def test_a_mistyped_key_does_not_empty_a_group():
    answer = planned(group(desired_nodes=2), seen(*FIVE))
    assert answer.idle
    assert answer.learned == {}, "nothing is remembered of what was refused"
    assert answer.problems == (
        "refused: of 5 servers 3 would be deleted, as 2 nodes are desired. If that is meant, "
        "st2 run autoscale.asg.converge asg=web force=true",)


@pytest.mark.parametrize(("desired", "batch", "refused"), [(1, 1, True), (2, 2, True),
                                                           (3, 1, False), (5, 5, False)])
def test_a_rolling_update_takes_no_more_away_unasked(desired, batch, refused):
    """Whoever is replaced does not count; surplus that goes beside the batch does."""
    wished = group(desired_nodes=desired,
                   rolling_update=RollingUpdate(NOW - 9, UpdatePolicy(0, batch)))
    old = [server(number, metadata={"asg": "web", LAUNCH_MARK: "old"}) for number in range(1, 6)]
    answer = planned(wished, seen(*old))
    assert any(problem.startswith(REFUSED) for problem in answer.problems) is refused
    assert answer.idle is refused


def test_it_is_done_when_it_is_forced():
    answer = planned(group(desired_nodes=2), seen(*FIVE), force=True)
    assert done(answer, "RemoveNode") == ["web-1", "web-2", "web-3"]


def test_half_of_a_group_may_go():
    answer = planned(group(desired_nodes=2), seen(*FIVE[:4]))
    assert done(answer, "RemoveNode") == ["web-1", "web-2"]


def test_a_small_group_is_not_guarded():
    answer = planned(group(desired_nodes=1), seen(*FIVE[:3]))
    assert done(answer, "RemoveNode") == ["web-1", "web-2"]


def test_an_empty_listing_is_not_believed():
    wished = group(desired_nodes=5, members=members(*FIVE))
    answer = planned(wished, seen(*FIVE, servers=()))
    assert answer.idle
    assert "of 5 servers 5 are not listed any more" in answer.problems[0]


def test_a_lost_server_or_two_are_replaced_without_asking():
    wished = group(desired_nodes=5, members=members(*FIVE))
    answer = planned(wished, seen(*FIVE, servers=FIVE[2:]))
    assert done(answer, "CreateServer") == ["new-1", "new-2"]


def test_broken_servers_are_replaced_however_many():
    there = servers("ERROR", "ERROR", "ERROR", "ACTIVE")
    answer = planned(group(desired_nodes=4), seen(*there))
    assert len(done(answer, "CreateServer")) == 4 - 1


def test_what_was_begun_is_finished():
    begun = {f"s{number}": Departure(0) for number in (1, 2, 3)}
    answer = planned(group(desired_nodes=2, leaving=begun), seen(*FIVE))
    assert done(answer, "RemoveNode") == ["web-1", "web-2", "web-3"]


def test_deleting_the_group_needs_no_force():
    answer = planned(group(deleted=True), seen(*FIVE))
    assert len(done(answer, "DeleteServer")) == 5


def test_servers_of_an_earlier_launch_configuration_go_first():
    current = {"asg": "web", "asg_launch": launch_mark(group())}
    old, new = server(1, age=10), server(2, age=1000, metadata=current)
    answer = planned(group(desired_nodes=1), seen(old, new))
    assert done(answer, "RemoveNode") == ["web-1"]
