"""What a server's state means: Otter's destinies."""
from __future__ import annotations

import pytest

from autoscale.core.planning.fates import UNKNOWN_LIMIT, Fate, fate
from autoscale.core.planning.roster import UNSEEN_LIMIT, call
from tests.core.examples import NOW, done, group, planned, seen, server, servers

COUNTED = [
    ("ACTIVE", Fate.ACTIVE), ("BUILD", Fate.BUILDING), ("UNKNOWN", Fate.WAITING),
    *((state, Fate.WAITING) for state in (
        "HARD_REBOOT", "MIGRATING", "PASSWORD", "REBUILD", "REBOOT", "RESIZE", "REVERT_RESIZE")),
    *((state, Fate.LEFT_ALONE) for state in (
        "RESCUE", "VERIFY_RESIZE", "SUSPENDED", "PAUSED", "SOMETHING_NEW")),
]


@pytest.mark.parametrize(("state", "expected"), [
    *COUNTED, ("ERROR", Fate.BROKEN), ("SHUTOFF", Fate.BROKEN), ("DELETED", Fate.GONE)])
def test_a_state_has_a_fate(state, expected):
    assert fate(server(1, state), group(), NOW) is expected


@pytest.mark.parametrize(("state", "_"), COUNTED)
def test_what_counts_is_not_replaced(state, _):
    assert planned(group(desired_nodes=1), seen(server(1, state))).steps == ()


@pytest.mark.parametrize("state", ["ERROR", "SHUTOFF"])
def test_what_is_broken_is_deleted_and_replaced_in_the_same_cycle(state):
    answer = planned(group(), seen(*servers("ACTIVE", "ACTIVE", state)))
    assert done(answer, "CreateServer") == ["new-1"]
    assert done(answer, "DeleteServer") == ["web-3"]


def test_what_is_gone_is_replaced_and_not_deleted():
    answer = planned(group(), seen(*servers("ACTIVE", "ACTIVE", "DELETED")))
    assert done(answer, "CreateServer") == ["new-1"]
    assert done(answer, "DeleteServer") == []


@pytest.mark.parametrize(("age", "expected"), [(3600, Fate.BUILDING), (3601, Fate.BROKEN)])
def test_a_build_that_takes_too_long_is_broken(age, expected):
    assert fate(server(1, "BUILD", age=age), group(), NOW) is expected


def test_the_build_time_out_is_the_groups():
    assert fate(server(1, "BUILD", age=61), group(build_timeout=60), NOW) is Fate.BROKEN


@pytest.mark.parametrize(("age", "expected"), [
    (UNKNOWN_LIMIT, Fate.WAITING), (UNKNOWN_LIMIT + 1, Fate.BROKEN)])
def test_a_server_that_its_cloud_does_not_know_counts_for_a_while(age, expected):
    assert fate(server(1, "UNKNOWN", age=age), group(), NOW) is expected


def test_a_server_that_somebody_else_is_deleting_counts_no_more():
    assert fate(server(1, leaving=True), group(), NOW) is Fate.BROKEN
    answer = planned(group(), seen(*servers("ACTIVE", "ACTIVE"), server(3, leaving=True)))
    assert done(answer, "CreateServer") == ["new-1"]
    assert done(answer, "RemoveNode") == ["web-3"]
    assert done(answer, "DeleteServer") == []


@pytest.mark.parametrize(("age", "counts"), [
    (0, True), (UNSEEN_LIMIT - 1, True), (UNSEEN_LIMIT, False), (10**9, False), (-5, True),
    (-UNSEEN_LIMIT, False), (-10**15, False)])
def test_a_name_that_was_asked_for_counts_for_two_minutes(age, counts):
    """A time in the future is another machine's clock, or a slip of somebody's hand."""
    reserved = group(reserved={"web-3": NOW - age})
    observed = seen(*servers("ACTIVE", "ACTIVE"))
    assert call(reserved, observed, NOW).unseen == (("web-3",) if counts else ())
    assert bool(done(planned(reserved, observed), "CreateServer")) is not counts


def test_a_name_that_is_seen_counts_once():
    answer = planned(group(reserved={"web-3": NOW}), seen(*servers("ACTIVE", "ACTIVE", "BUILD")))
    assert answer.steps == ()
    assert answer.learned["reserved"] == {}


def test_a_name_that_was_seen_and_is_gone_counts_no_more():
    answer = planned(group(reserved={"web-3": NOW}), seen(*servers("ACTIVE", "ACTIVE", "DELETED")))
    assert done(answer, "CreateServer") == ["new-1"]


def test_servers_of_others_are_not_on_the_roll():
    foreign = server(1, metadata={"asg": "shop"}), server(2, metadata={}), server(3)
    assert [s.id for s in call(group(), seen(*foreign), NOW).present] == ["s3"]
