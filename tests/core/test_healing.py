from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core.checks import Check, HealthCheck, mark
from autoscale.core.group import Departure, Problem
from autoscale.core.healing import (
    ALIVE,
    LONGEST,
    LOOK_EVERY,
    drifted,
    due,
    is_hurt,
    is_tended,
    is_watched,
    recovers,
)
from autoscale.core.hooks import AFTER_CREATE, Hook, HookRun
from autoscale.core.renewal import DONE, RollingProgress, RollingUpdate
from tests.core.examples import NOW, balancer, group, members, seen, servers

THREE = servers("ACTIVE", "ACTIVE", "ACTIVE")
RUN = HookRun(AFTER_CREATE, NOW - 60, "s1", "web-1")


@pytest.mark.parametrize(("ago", "expected"), [
    (0, False), (LOOK_EVERY - 1, False), (LOOK_EVERY, True), (NOW, True)])
def test_a_group_is_looked_at_every_few_minutes(ago, expected):
    assert due(group(looked_at=NOW - ago), NOW) is expected


@pytest.mark.parametrize(("lasted", "pause"), [
    (0, LOOK_EVERY), (600, 600), (10**6, LONGEST)])
def test_a_group_in_error_is_tried_ever_more_rarely(lasted, pause):
    looked = NOW - 5
    broken = group(looked_at=looked, errors=(Problem("no quota", looked - lasted),))
    assert not due(broken, looked + pause - 1)
    assert due(broken, looked + pause)


def test_a_group_that_is_paused_or_just_being_converged_is_left_to_itself():
    assert is_tended(group(paused=True), NOW)
    assert is_tended(group(status="expanding", looked_at=NOW - ALIVE + 1), NOW)
    assert not is_tended(group(status="expanding", looked_at=NOW - ALIVE), NOW)
    assert not is_tended(group(looked_at=NOW), NOW)


def test_a_group_as_it_should_be_has_not_drifted():
    assert drifted(group(), seen(*THREE), NOW) is None


@pytest.mark.parametrize("observed", [
    seen(*THREE[:2]), seen(*servers("ACTIVE", "ACTIVE", "ERROR")), seen(*THREE, zone=None),
    seen(*THREE, load_balancer=balancer()), seen(*servers("ACTIVE", "ACTIVE", "BUILD"))])
def test_a_group_that_is_not_as_it_should_be_has_and_a_sentence_says_why(observed):
    assert drifted(group(), observed, NOW)


def test_a_group_that_somebody_left_half_way_has():
    assert "expanding" in drifted(replace(group(), status="expanding"), seen(*THREE), NOW)


def test_a_rolling_update_that_nobody_has_concluded_is_concluded():
    empty = group(min_nodes=0, desired_nodes=0, rolling_update=RollingUpdate(NOW - 500))
    reason = drifted(empty, seen(), NOW)
    assert reason == "its rolling update is done"
    over = replace(empty, rolling_progress=RollingProgress(NOW - 500, state=DONE))
    assert drifted(over, seen(), NOW) is None


@pytest.mark.parametrize(("there", "changes", "expected"), [
    ("ACTIVE ACTIVE ACTIVE", {}, False),
    ("ACTIVE ACTIVE", {}, True),
    ("ACTIVE ACTIVE", {"errors": (Problem("refused: of 3 nodes 2 are not listed", NOW),)}, False),
    ("ACTIVE ACTIVE ERROR", {}, True),
    ("ACTIVE ACTIVE ERROR", {"leaving": {"s3": Departure(NOW - 9)}}, False),
    ("ACTIVE ACTIVE ACTIVE", {"hook_runs": {"after_create.s1": RUN}}, False),
    ("ACTIVE ACTIVE ACTIVE", {"hook_runs": {"after_create.s1": replace(RUN, since=NOW - 900)}},
     True)])
def test_a_group_in_error_is_hurt_by_what_its_last_look_did_not_know(there, changes, expected):
    hooks = {"after_create": Hook("chef.tell", timeout=600)}
    of = group(members=members(*THREE), hooks=hooks, **changes)
    assert is_hurt(of, seen(*servers(*there.split())), NOW) is expected


def test_what_could_not_be_seen_is_no_drift():
    blind = seen(*THREE, zone=None, unseen={"zone": "no answer"})
    assert drifted(group(), blind, NOW) is None


CHECKED = group(health_check=HealthCheck("tcp"), checks={
    s.id: Check(NOW - 9000, passed=True, of=mark(HealthCheck("tcp"), ("private", 8080)))
    for s in THREE})


def test_a_node_that_fails_its_health_check_is_a_reason_and_so_is_one_that_passes_again():
    ill = seen(*THREE, healthy=frozenset({"s1", "s3"}))
    assert drifted(CHECKED, ill, NOW) == "web-2 fails its health check, 1 of 3"
    failed = {**CHECKED.checks, "s2": replace(CHECKED.checks["s2"], at=NOW - 9, failed=1)}
    well = seen(*THREE, healthy=frozenset({"s1", "s2", "s3"}))
    assert drifted(CHECKED, well, NOW) is None
    assert drifted(replace(CHECKED, checks=failed), well, NOW) == (
        "web-2 passes its health check again")


KEPT = replace(CHECKED, errors=(Problem("web-3 has not passed", NOW - 99),), checks={
    **CHECKED.checks, "s3": Check(NOW - 9000, NOW - 99, 9, kept=True)})


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, True), ({"checks": CHECKED.checks}, False), ({"health_check": None}, False)])
def test_nodes_of_a_group_that_keeps_a_newcomer_are_asked_although_it_is_in_error(
        changes, expected):
    assert is_watched(replace(KEPT, **changes)) is expected


@pytest.mark.parametrize(("healthy", "expected"), [
    ({"s1", "s2"}, False), ({"s1", "s2", "s3"}, True), ({"s3"}, True), (set(), False)])
def test_a_group_that_keeps_a_newcomer_recovers_when_that_passes(healthy, expected):
    assert recovers(KEPT, seen(*THREE, healthy=frozenset(healthy))) is expected


@pytest.mark.parametrize(("look", "expected"), [
    ({"healthy": frozenset({"s1", "s2"})}, False), ({"healthy": frozenset({"s1"})}, True),
    ({"healthy": None}, False),
    ({"healthy": frozenset({"s1"}), "unasked": frozenset({"s2"})}, False)])
def test_a_group_in_error_is_hurt_by_a_node_that_fails_and_passed_at_the_last_look(look, expected):
    of = replace(KEPT, members=members(*THREE))
    assert is_hurt(of, seen(*THREE, **look), NOW) is expected
    known = {**KEPT.checks, "s2": replace(KEPT.checks["s2"], failed=1)}
    assert not is_hurt(replace(of, checks=known), seen(*THREE, **look), NOW)


def test_who_is_not_up_does_not_fail_its_check():
    away = servers("ACTIVE", "REBOOT", "ACTIVE")
    look = seen(*away, healthy=frozenset({"s1"}))
    assert not is_hurt(replace(KEPT, members=members(*THREE)), look, NOW)


def test_where_nobody_was_asked_nobody_fails():
    assert drifted(CHECKED, seen(*THREE), NOW) is None


@pytest.mark.parametrize(("failed", "healthy", "expected"), [
    ((5, 5, 5), {"s2"}, True), ((5, 5, 5), set(), False), ((5, 0, 5), {"s2"}, False),
    ((5, 5, 5), {"s9"}, False)])
def test_a_group_in_which_nobody_passed_recovers_when_somebody_passes(failed, healthy, expected):
    of = replace(CHECKED, checks={f"s{n}": Check(NOW - 99, NOW - 9, times, True)
                                  for n, times in enumerate(failed, 1)})
    assert recovers(of, seen(*THREE, healthy=frozenset(healthy))) is expected
