"""Newcomers that never pass their health check: so many in a row are replaced, the next is kept."""
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core import verdict
from autoscale.core.associations import Association
from autoscale.core.checks import Check, HealthCheck, mark
from autoscale.core.fields import FIELDS
from autoscale.core.group import Member
from autoscale.core.launch import LAUNCH_MARK, launch_mark
from autoscale.core.planning import roster
from autoscale.core.planning.newcomers import trial
from autoscale.core.planning.wellness import STALE, told
from autoscale.core.units import Role
from tests.core.examples import NOW, done, group, members, planned, seen, server, servers
from tests.core.planning.test_wellness import (
    CHECK,
    OF,
    Ward,
    checked,
    failed,
    fortunes,
    judged,
)

OLD = servers(*["ACTIVE"] * 4)
WELL = {"s1", "s2", "s3", "s4"}
NEW = (*OLD, server(6))
LATE = failed(20, up=NOW - 400, passed=False)
"""A newcomer whose grace period is over."""

TOLD = ("web-6 has not passed the health check (http, port 8080, path /ready) within 300 s. New "
        "servers replaced for that in a row: 2; it is kept, out of rotation, for you to look at. "
        "Mend the application or the check and run asg.converge, or replace a node with "
        "asg.delete_node replace=true")


def grown(gone=(), there=NEW, check=CHECK, checks=None, **changes):
    """A group of four and newcomers that don't pass, after those who are gone had not either."""
    late = {s.id: LATE for s in there if s.id not in WELL}
    of = checked(there, {**late, **(checks or {})}, check, **changes)
    return replace(of, health_failures={id: trial(of, "") for id in gone})


def kept(of, healthy=WELL, there=NEW, **more):
    well = judged(of, healthy, there, **more)
    return well.kept


@pytest.mark.parametrize(("attempts", "gone", "goes"), [
    (1, "", False), (2, "", True), (2, "a", False), (3, "", True), (3, "a", True),
    (3, "ab", False), (3, "abcdef", False), (100, "abcdef", True)])
def test_so_many_newcomers_in_a_row_are_replaced_and_the_next_is_kept(attempts, gone, goes):
    of = grown(gone, check=replace(CHECK, attempts=attempts))
    well = judged(of, WELL, NEW)
    assert well.unhealthy == ({"s6"} if goes else set())
    assert well.kept == (set() if goes else {"s6"})
    assert set(well.failures) == {*gone, *(["s6"] if goes else [])}


def test_the_group_says_which_node_which_check_how_many_and_what_to_do():
    answer = planned(grown("ab"), seen(*NEW, healthy=frozenset(WELL)))
    assert answer.problems == (TOLD,)
    assert answer.awaited == ()
    assert verdict.outcome(grown("ab"), answer, {}) == "failed"
    assert not {"CreateServer", "DeleteServer"} & {type(step).__name__ for step in answer.steps}
    assert len(f"needs attention: {TOLD}") <= 400, "a line in a chat holds all of it"


def test_several_are_named_and_a_tcp_check_has_no_path():
    there = (*NEW, server(7))
    of = grown("a", there, HealthCheck("tcp", attempts=2))
    assert judged(of, WELL, there).problems[0].startswith(
        "web-6 and web-7 have not passed the health check (tcp, port 8080) within 300 s. New "
        "servers replaced for that in a row: 1; they are kept, ")


def test_each_role_is_told_of_with_its_own_port():
    check = HealthCheck("tcp", attempts=1)
    sides = {"main": Association(), "side": Association(port=9000)}
    roles = {"web": Role(load_balancers=("main",)), "work": Role(load_balancers=("side",))}
    there = tuple(replace(server(number), metadata={
        "asg": "web", "asg_unit": f"u{number // 2}", "asg_role": ("web", "work")[number % 2]})
        for number in (2, 3, 4, 5))
    counts = {s.id: Check(NOW - 400, NOW - 10, 5 * (number > 1), number < 2, mark(
        check, ("private", (8080, 9000)[number % 2]))) for number, s in enumerate(there)}
    of = group(health_check=check, load_balancers=sides, roles=roles, desired_nodes=2,
               checks=counts)
    assert [line.split(" within")[0] for line in judged(of, {"s2", "s3"}, there).problems] == [
        "web-4 has not passed the health check (tcp, port 8080)",
        "web-5 has not passed the health check (tcp, port 9000)"]


@pytest.mark.parametrize(("count", "words"), [(LATE, "never passed, kept"),
                                              (failed(1, passed=False), "in grace")])
def test_status_says_of_a_node_that_it_is_kept(count, words):
    of = grown("ab", checks={"s6": replace(count, up=NOW - 400 * (count is LATE))})
    look = seen(*NEW, healthy=frozenset(WELL))
    assert told(of, roster.call(of, look, NOW), look, NOW)["s6"] == words


def test_one_that_is_kept_joins_when_it_passes_and_all_counts_anew():
    of = grown("ab", checks={"s6": replace(LATE, kept=True)})
    look = seen(*NEW, healthy=frozenset({*WELL, "s6"}), load_balancer=seen(*OLD).load_balancer)
    answer = planned(of, look)
    assert done(answer, "AddNode") == ["web-6"]
    assert answer.problems == ()
    assert answer.learned["health_failures"] == {}
    assert not answer.learned["checks"]["s6"].kept


def test_any_newcomer_that_passes_ends_the_row_and_the_others_are_replaced_again():
    there = (*NEW, server(7))
    well = judged(grown("ab", there), {*WELL, "s7"}, there)
    assert (well.unhealthy, well.kept, set(well.failures)) == ({"s6"}, set(), {"s6"})


def test_nodes_that_have_passed_before_end_nothing():
    """They have been passing all the time that newcomers failed."""
    back = {"s1": Check(NOW - 20, of=OF), "s2": failed(2)}
    of = grown("ab", checks=back, members=members(*OLD))
    of = replace(of, members={name: replace(one, homes=("lb-1",))
                              for name, one in of.members.items()})
    assert set(judged(of, WELL, NEW).failures) == {"a", "b"}


@pytest.mark.parametrize("changes", [
    {"health_check": replace(CHECK, path="/alive")}, {"health_check": replace(CHECK, attempts=4)},
    {"node_port": 81}, {"vm_image_id": "another"}, {"user_data": "YQ=="}])
def test_another_check_or_launch_configuration_ends_the_row(changes):
    assert judged(replace(grown("ab"), **changes), WELL, NEW).failures.keys() <= {"s6"}


def test_who_was_kept_is_replaced_when_the_launch_configuration_has_changed():
    """It is not what is new that has failed."""
    ours = {"asg": "web", LAUNCH_MARK: launch_mark(group())}
    there = (*OLD, server(6, metadata=ours))
    of = grown("ab", there, checks={"s6": replace(LATE, kept=True)})
    assert kept(of, there=there) == {"s6"}
    well = judged(replace(of, vm_image_id="another"), WELL, there)
    assert (well.unhealthy, well.kept, well.failures) == ({"s6"}, set(), {})


def test_who_was_kept_gets_its_grace_anew_when_the_check_has_changed():
    of = grown("ab", checks={"s6": replace(LATE, kept=True)})
    well = judged(replace(of, health_check=replace(CHECK, path="/alive")), WELL, NEW)
    assert (well.unhealthy, well.kept) == (set(), set())
    assert well.checks["s6"].up == NOW


def test_who_had_passed_before_is_replaced_whatever_newcomers_do():
    there = (*servers(*["ACTIVE"] * 7), server(8))
    checks = {"s1": failed(2), "s8": replace(LATE, kept=True)}
    of = replace(checked(there, checks), health_failures=grown("ab").health_failures)
    well = judged(of, {s.id for s in there} - {"s1", "s8"}, there)
    assert (well.unhealthy, well.kept) == ({"s1"}, {"s8"})
    assert set(well.failures) == {"a", "b"}, "and it does not count"


def test_who_was_in_rotation_before_a_reboot_is_no_newcomer():
    joined = {"web-6": Member("10.0.0.6", homes=("lb-1",))}
    well = judged(grown("ab", members=joined), WELL, NEW)
    assert (well.unhealthy, set(well.failures)) == ({"s6"}, {"a", "b"})


def test_one_that_the_share_holds_back_is_no_reason_to_stay():
    """Its turn comes when the newcomers pass that are to replace others: nobody knows when."""
    gone = Check(NOW - 9000, replaced=NOW - 1000)
    of = grown("ab", checks={"s1": failed(2), "b": gone, "s6": replace(LATE, kept=True)})
    answer = planned(of, seen(*NEW, healthy=frozenset(WELL - {"s1"})))
    assert answer.awaited == ()
    assert answer.resting == (
        "web-1 fails its health check, too, and is replaced when others have passed",)
    assert verdict.outcome(of, answer, {}) == "failed"


@pytest.mark.parametrize("gone", ["", "a", "ab"])
def test_when_all_fail_nobody_is_replaced_and_nothing_counts(gone):
    of = grown(gone, checks={id: failed(2) for id in WELL})
    well = judged(of, set(), NEW)
    assert (well.unhealthy, well.kept, set(well.failures)) == (set(), set(), set(gone))
    assert well.problems[0].startswith("all 5 servers fail")


@pytest.mark.parametrize("ago", [10, STALE + 1, 10**6])
def test_one_that_is_kept_stays_kept_however_long_nobody_looked(ago):
    since = replace(LATE, up=NOW - ago - 900, at=NOW - ago, kept=True)
    well = judged(grown("ab", checks={"s6": since}), WELL, NEW)
    assert (well.kept, well.unhealthy, well.awaited) == ({"s6"}, set(), ())
    assert well.problems == (TOLD,)


def test_one_that_there_was_no_time_to_ask_stays_kept():
    of = grown("ab", checks={"s6": replace(LATE, kept=True)})
    assert kept(of, unasked={"s6"}) == {"s6"}
    assert kept(grown("ab"), unasked={"s6"}) == set(), "and of others nothing is concluded"


def test_one_that_comes_back_from_a_reboot_is_tried_anew():
    of = grown("ab", checks={"s6": replace(LATE, kept=True)})
    away = (*OLD, replace(NEW[-1], state="REBOOT"))
    well = judged(of, WELL, away)
    assert "s6" not in well.checks
    again = judged(replace(of, checks=well.checks), WELL, NEW, now=NOW + 60)
    assert (again.kept, again.awaited) == (set(), ("web-6 is up but fails its health check",))


# What is written down.

def test_a_plan_that_is_made_again_counts_nobody_twice():
    of = grown("a")
    look = seen(*NEW, healthy=frozenset(WELL))
    first = planned(of, look)
    assert set(first.learned["leaving"]) == {"s6"}
    part = {}
    for name, value in first.learned.items():
        again = planned(replace(of, **part), look, NOW + 1)
        assert set(again.learned["health_failures"]) == {"a", "s6"}, f"died before {name}"
        part[name] = value


def test_one_that_counts_already_and_was_not_replaced_yet_is_replaced():
    well = judged(grown(("a", "s6")), WELL, NEW)
    assert (well.unhealthy, set(well.failures)) == ({"s6"}, {"a", "s6"})


def test_that_one_has_passed_is_forgotten_last():
    """A death between the two must not leave a row that nobody ends any more."""
    learned = list(planned(grown("ab"), seen(*NEW, healthy=frozenset(WELL))).learned)
    assert learned.index("health_failures") < learned.index("checks")


def test_without_a_check_there_is_no_row():
    answer = planned(replace(grown("ab"), health_check=None), seen(*NEW))
    assert answer.learned["health_failures"] == {}


def test_where_nobody_was_asked_the_row_is_what_it_was():
    assert set(judged(grown("ab"), None, NEW).failures) == {"a", "b"}


@pytest.mark.parametrize("typed", [
    "{}", '{"x": "any", "y": "any", "z": "any"}', '{"x": 3, "y": {}, "z": null}'])
def test_a_hand_in_the_key_is_nobody_who_has_failed(typed):
    failures = FIELDS["health_failures"].read(typed)
    well = judged(replace(grown(), health_failures=failures), WELL, NEW)
    assert (well.unhealthy, set(well.failures)) == ({"s6"}, {"s6"})


# Whatever happens.

@given(fortunes(), st.integers(1, 4))
def test_whatever_happens_no_more_newcomers_in_a_row_are_given_up(fortune, attempts):
    ward, looks = fortune
    check = replace(ward.check, attempts=attempts)
    ward = Ward(ward.size, check)
    row = []
    for healthy, seconds in looks:
        before = set(ward.ever)
        given_up = ward.look(healthy, seconds)
        row = [] if any(id not in before for id in ward.ever) else row
        row += [id for id in given_up if id not in ward.ever]
        assert len(set(row)) < attempts


@pytest.mark.parametrize("attempts", [1, 2, 3, 5])
def test_a_newcomer_that_never_passes_costs_so_many_servers_and_no_more(attempts):
    of, there, made = grown(there=OLD, check=replace(CHECK, attempts=attempts)), list(OLD), 0
    of = replace(of, desired_nodes=5)
    for now in range(NOW, NOW + 4000, 10):
        look = seen(*there, healthy=frozenset(WELL), load_balancer=seen(*OLD).load_balancer)
        answer = planned(of, look, now)
        of = replace(of, **answer.learned)
        there = [s for s in there if s.id not in of.leaving]
        for _ in done(answer, "CreateServer"):
            made += 1
            there.append(server(100 + made, created=now))
    assert made == attempts
    assert [s.id for s in there] == [*sorted(WELL), f"s{100 + attempts}"]
    assert f"in a row: {attempts - 1}; it is kept" in answer.problems[0]
