"""Scaling policies: Heat's arithmetic, cooldowns of their own, schedules seen to once."""
from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core import alarms, policies
from autoscale.core.capacity import CHANGE_TYPES, changed
from autoscale.core.deciding import decide
from autoscale.core.policies import Policy, Run
from autoscale.core.requests import BadRequest, Request
from tests.core.examples import NOW, group

CHANGE, PERCENT, EXACT = CHANGE_TYPES


@pytest.mark.parametrize(("current", "change", "kind", "least", "most", "step", "result"), [
    (9, 3, CHANGE, 0, 10, 0, 10),
    (4, 10, PERCENT, 0, 10, 0, 5),
    (5, 50, PERCENT, 0, 10, 0, 7),
    (10, -15, PERCENT, 0, 20, 3, 7),
    (4, -10, PERCENT, 0, 10, 0, 3),
    (5, -50, PERCENT, 0, 10, 0, 3),
    (3, 100, PERCENT, 0, 10, 0, 6),
    (10, 15, PERCENT, 0, 20, 3, 13),
    (10, 50, PERCENT, 0, 20, 3, 15),
    (1, -300, PERCENT, 0, 10, 0, 0),
    (0, 50, PERCENT, 0, 10, 2, 0),
    (7, 0, PERCENT, 0, 10, 3, 7),
    (7, 0, CHANGE, 0, 10, 0, 7),
    (2, -5, CHANGE, 1, 10, 0, 1),
    (2, 8, EXACT, 0, 10, 0, 8),
    (2, 80, EXACT, 0, 10, 0, 10),
    (2, 0, EXACT, 1, 10, 0, 1),
])
def test_capacity_changes_as_heat_defines_it(current, change, kind, least, most, step, result):
    assert changed(current, change, kind, least, most, step) == result


@given(st.integers(0, 50), st.integers(-500, 500), st.sampled_from(CHANGE_TYPES),
       st.integers(0, 50), st.integers(0, 50), st.integers(0, 9))
def test_no_change_leaves_the_bounds_or_goes_the_wrong_way(current, change, kind, a, b, step):
    least, most = sorted((a, b))
    current = max(least, min(most, current))
    result = changed(current, change, kind, least, most, step)
    assert least <= result <= most
    if kind != EXACT:
        assert (result - current) * change >= 0


@pytest.mark.parametrize(("given_", "complaint"), [
    ({}, "change_type is missing; change is missing"),
    ({"change_type": "double", "change": 2}, "change_type must be one of"),
    ({"change_type": CHANGE, "change": 1.5}, "change is 1.5: not a whole number"),
    ({"change_type": CHANGE, "change": "many"}, "not a whole number"),
    ({"change_type": EXACT, "change": -1}, "out of range"),
    ({"change_type": CHANGE, "change": 1, "min_adjustment_step": 2}, "goes with percentage"),
    ({"change_type": CHANGE, "change": 1, "cooldown": -1}, "cooldown must be"),
    ({"change_type": CHANGE, "change": 1, "at": "tomorrow"}, "not ISO 8601"),
    ({"change_type": CHANGE, "change": 1, "at": "2026-12-24T18:00:00"}, "needs its time zone"),
    ({"change_type": CHANGE, "change": 1, "cron": "* * * *"}, "five fields"),
    ({"change_type": CHANGE, "change": 1, "cron": "99 * * * *"}, "Bad minute"),
    ({"change_type": CHANGE, "change": 1, "cron": "0 0 31 2 *"}, "cron is"),
    ({"change_type": CHANGE, "change": 1, "cron": "0 9 * * *", "timezone": "Mars"}, "no such time"),
    ({"change_type": CHANGE, "change": 1, "at": "2026-12-24T18:00Z", "cron": "0 9 * * *"},
     "either at or cron"),
    ({"change_type": CHANGE, "change": 1, "colour": "red"}, "colour is not a field"),
])
def test_a_policy_that_makes_no_sense_says_why(given_, complaint):
    with pytest.raises(ValueError, match=complaint):
        policies.read(given_)


def test_policies_survive_being_text():
    there = {"up": Policy(PERCENT, 10, 2, 60, cron="0 9 * * 1-5", timezone="Europe/Berlin")}
    assert policies.decode(policies.encode(there)) == there


UP = Policy(CHANGE, 2, cooldown=900)


def ask(of, kind, now=NOW, **more):
    return decide(of, Request(kind, policy="up", **more), now)


def with_up(policy=UP, run=None, **changes):
    return group(policies={"up": policy}, policy_runs={"up": run or Run()}, **changes)


def test_a_policy_is_made_once_and_the_same_again_is_no_error():
    wanted = {"change_type": CHANGE, "change": 2, "cooldown": 900}
    made = ask(group(), "policy_create", definition=wanted)
    assert made.changes["policies"] == {"up": UP}
    after = replace(group(), **made.changes)
    assert not ask(after, "policy_create", definition=wanted).changes
    with pytest.raises(BadRequest, match="asg.policy_update changes it"):
        ask(after, "policy_create", definition={**wanted, "change": 3})


def test_an_update_keeps_what_it_does_not_name():
    changed_ = ask(with_up(), "policy_update", definition={"change": 5, "cooldown": None})
    assert changed_.changes["policies"]["up"] == replace(UP, change=5)


def test_an_unknown_policy_is_named_with_those_that_exist():
    with pytest.raises(BadRequest, match="no policy 'down'; its policies are: up"):
        decide(with_up(), Request("policy_execute", policy="down"), NOW)


def test_a_policy_changes_what_is_desired_and_starts_its_cooldown():
    decision = ask(with_up(), "policy_execute")
    assert decision.accepted
    assert decision.changes["desired_nodes"] == 5
    assert decision.changes["policy_runs"]["up"].at == NOW


def test_its_own_cooldown_and_the_groups_hold_and_force_lifts_both():
    own = with_up(run=Run(at=NOW - 100))
    denied = ask(own, "policy_execute")
    assert not denied.accepted
    assert denied.possible_at == NOW + 800
    groups = with_up(last_expand_timestamp=NOW - 60)
    assert ask(groups, "policy_execute").possible_at == NOW + 540
    for one in (own, groups):
        assert ask(one, "policy_execute", force=True).accepted


def test_without_effect_nothing_is_stamped():
    decision = ask(with_up(desired_nodes=10), "policy_execute")
    assert not decision.accepted
    assert not decision.changes


def test_a_paused_group_runs_no_policy():
    assert not ask(with_up(paused=True), "policy_execute").accepted


def test_a_schedule_is_seen_to_once_however_often_it_comes():
    first = ask(with_up(), "policy_execute", due=NOW - 20)
    after = replace(with_up(), **first.changes)
    assert first.accepted
    assert not ask(after, "policy_execute", due=NOW - 20, force=True).changes


def test_a_schedule_that_is_too_late_is_reported_and_not_run():
    decision = ask(with_up(), "policy_execute", due=NOW - 400, missed=3)
    assert not decision.accepted
    assert "was missed 3 times, the last time 400 s ago" in decision.message
    assert set(decision.changes) == {"policy_runs"}
    assert decision.changes["policy_runs"]["up"].due == NOW - 400


def test_a_policy_that_is_deleted_takes_its_past_with_it():
    gone = ask(with_up(), "policy_delete")
    assert gone.changes == {"policies": {}, "policy_runs": {}}
    assert not ask(group(), "policy_delete").changes


def test_a_policy_that_an_alarm_runs_is_not_deleted():
    watched = replace(with_up(), alarms={"busy": alarms.read({
        "metric": "cpu", "comparison": "above", "threshold": 80, "policy_alarm": "up"})})
    with pytest.raises(BadRequest, match="run by the alarm busy"):
        ask(watched, "policy_delete")


def test_a_policys_name_is_checked():
    with pytest.raises(BadRequest, match="can't be a policy's name"):
        decide(group(), Request("policy_create", policy="Up!", definition={
            "change_type": CHANGE, "change": 1}), NOW)
    with pytest.raises(BadRequest, match="policy up: change_type is missing"):
        ask(group(), "policy_create", definition={"change": 1})


def test_an_update_without_effect_changes_nothing():
    assert not ask(with_up(), "policy_update", definition={"change": 2}).changes


def test_a_policy_that_takes_away_waits_for_the_groups_own_delay():
    down = with_up(Policy(CHANGE, -1), desired_nodes=5, last_deflate_timestamp=NOW - 60)
    assert ask(down, "policy_execute").possible_at == NOW + 29 * 60


@pytest.mark.parametrize(("policy", "words"), [
    (Policy(CHANGE, 3), "+3 nodes"), (Policy(CHANGE, 1), "+1 node"),
    (Policy(CHANGE, -1), "-1 node"), (Policy(PERCENT, 25, 2), "+25 %, at least 2"),
    (Policy(EXACT, 1), "exactly 1 node"), (Policy(EXACT, 8), "exactly 8 nodes"),
    (Policy(EXACT, 8, at="2026-12-24T18:00Z"), "exactly 8 nodes at 2026-12-24T18:00Z"),
    (Policy(EXACT, 8, cron="0 9 * * *"), "exactly 8 nodes by cron 0 9 * * * in UTC")])
def test_a_policy_in_words(policy, words):
    assert policies.told(policy, "node") == words
