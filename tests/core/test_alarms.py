"""Alarms: what they are, what a row of periods makes of them, and what they wish."""
from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core import alarms, evaluation
from autoscale.core.alarms import Threshold, Tracking
from autoscale.core.deciding import decide
from autoscale.core.evaluation import Reading, State, advance, tracked
from autoscale.core.fields import FIELDS
from autoscale.core.governor import pulse
from autoscale.core.policies import Policy, Run, settled
from autoscale.core.requests import BadRequest, Request
from tests.core.examples import NOW, group

START = NOW // 60 * 60
SLOW = Threshold("response_time", "above", 500.0, policy_alarm="grow", policy_ok="shrink")
CPU = Tracking("cpu", 60.0)
POLICIES = {"grow": Policy("change_in_capacity", 2), "shrink": Policy("change_in_capacity", -1)}
OURS = group(policies=POLICIES, alarms={"slow": SLOW}, desired_nodes=4,
             expand_delay=0, deflate_delay=0)


# What an alarm is.

@pytest.mark.parametrize(("given", "alarm"), [
    ({"metric": "response_time", "comparison": "above", "threshold": "500",
      "policy_alarm": "grow", "policy_ok": "shrink"}, SLOW),
    ({"kind": "threshold", "metric": "apdex", "comparison": "below_or_equal", "threshold": 0.7,
      "period": 300, "evaluations": "2", "target": None},
     Threshold("apdex", "below_or_equal", 0.7, 300, 2)),
    ({"metric": "cpu", "target": 60}, CPU),
    ({"kind": "tracking", "metric": "throughput", "target": 1.5, "application": " Till "},
     Tracking("throughput", 1.5, application="Till")),
])
def test_an_alarm_is_read_and_written(given, alarm):
    assert alarms.read(given) == alarm
    field = FIELDS["alarms"]
    assert field.read(field.write({"a": alarm})) == {"a": alarm}


THRESHOLD = {"metric": "cpu", "comparison": "above", "threshold": 80}


@pytest.mark.parametrize(("given", "words"), [
    ({"metric": "cpu"}, ["comparison is missing", "threshold is missing"]),
    ({"kind": "tracking"}, ["metric is missing", "target is missing"]),
    ({"kind": "guess", "metric": "cpu"}, ["kind must be one of threshold, tracking"]),
    ({**THRESHOLD, "metric": "mood"}, ["metric must be one of apdex"]),
    ({**THRESHOLD, "comparison": "near"}, ["comparison must be one of above"]),
    ({**THRESHOLD, "threshold": "much"}, ["threshold is 'much': not a number"]),
    ({**THRESHOLD, "threshold": float("nan")}, ["not a number"]),
    ({**THRESHOLD, "threshold": True}, ["not a number"]),
    ({**THRESHOLD, "period": 90}, ["whole minutes"]),
    ({**THRESHOLD, "period": 0}, ["whole minutes"]),
    ({**THRESHOLD, "evaluations": 0}, ["evaluations must be from 1"]),
    ({**THRESHOLD, "evaluations": 1.5}, ["evaluations is 1.5: not a whole number"]),
    ({**THRESHOLD, "scale_in_cooldown": 900}, ["scale_in_cooldown is not a field"]),
    ({"metric": "apdex", "target": 0.9}, ["apdex can't be tracked", "cpu, response_time"]),
    ({"metric": "error_rate", "target": 1}, ["error_rate can't be tracked"]),
    ({"metric": "cpu", "target": 0}, ["target must be at least"]),
    ({"metric": "cpu", "target": 60, "scale_in_cooldown": 60}, ["more slowly than up"]),
    ({"metric": "cpu", "target": 60, "scale_out_cooldown": -1}, ["cooldowns must be from 0"]),
])
def test_what_makes_no_sense_is_said(given, words):
    with pytest.raises(ValueError, match=r".") as refusal:
        alarms.read(given)
    for word in words:
        assert word in str(refusal.value)


@pytest.mark.parametrize(("comparison", "below", "equal", "above"), [
    ("above", False, False, True), ("above_or_equal", False, True, True),
    ("below", True, False, False), ("below_or_equal", True, True, False)])
def test_comparisons(comparison, below, equal, above):
    alarm = replace(SLOW, comparison=comparison)
    assert [alarm.crossed(value) for value in (499, 500, 501)] == [below, equal, above]


def test_an_alarm_is_told_in_words():
    assert alarms.told(SLOW, "node") == (
        "response_time above 500 ms for 3 periods of 60 s: alarm runs grow and ok runs shrink")
    assert alarms.told(Tracking("throughput", 90), "node") == (
        "keeps throughput at 90 requests a minute a node")


# What a row of periods makes of it.

def run(values, alarm=SLOW, state=None, gap=60):
    """The states after each of these values, B for above, . for below, ? for none."""
    state, states = state or State(), []
    for number, value in enumerate(values, 1):
        until = state.until + gap if state.until else START + number * gap
        reading = Reading("slow", until - alarm.period, until, {"B": 900, ".": 100}.get(value))
        state = advance(alarm, state, reading)
        states.append(state)
    return states


@pytest.mark.parametrize(("values", "state"), [
    ("", "insufficient"), ("..", "insufficient"), ("...", "ok"), ("BBB", "alarm"),
    ("...BB", "ok"), ("...BBB", "alarm"), ("...BB.BB.BB", "ok"), ("...BB?BB", "ok"),
    ("BBB..", "alarm"), ("BBB...", "ok"), ("BBB..B..B..", "alarm"), ("BBB??", "alarm"),
    ("BBB???", "insufficient"), ("BBB???...", "ok"), ("...???", "insufficient"),
    ("...??.??", "ok")])
def test_a_state_changes_when_three_in_a_row_agree(values, state):
    assert ([State()] + run(values))[-1].state == state


def test_what_is_far_apart_is_not_in_a_row():
    assert run("BBB", gap=3 * 60)[-1].state == "alarm"
    assert run("BBBBBB", gap=4 * 60)[-1].state == "insufficient"


@given(st.text("B.?", max_size=40))
def test_no_state_without_so_many_in_a_row(values):
    for number, state in enumerate(run(values), 1):
        if state.state == "alarm" and state.since == state.until:
            assert values[:number].endswith("BBB")


def test_states_survive_the_datastore():
    states = {"slow": run("BBB.?")[-1], "new": State()}
    field = FIELDS["alarm_states"]
    assert field.read(field.write(states)) == states


@pytest.mark.parametrize("text", ['{"a": {"state": "sleepy", "since": 0, "until": 0, '
                                  '"towards": "", "count": 0, "owed": false}}', '{"a": 1}', "[1]"])
def test_states_that_a_hand_has_broken_are_said(text):
    with pytest.raises(ValueError, match=r"."):
        FIELDS["alarm_states"].read(text)


# Target tracking.

@pytest.mark.parametrize(("current", "value", "wanted"), [
    (4, 60, 4), (4, 60.5, 4), (4, 59.5, 4), (4, 90, 6), (4, 61, 5), (3, 61, 4), (4, 600, 40),
    (4, 45, 3), (4, 46, 4), (10, 30, 8), (10, 0, 8), (1, 0, 1), (0, 60, 0), (0, 90, 2), (3, 0, 1)])
def test_the_target_is_tracked(current, value, wanted):
    assert tracked(CPU, value, current, step=2) == wanted


@pytest.mark.parametrize(("current", "total", "wanted"), [(4, 400, 4), (4, 600, 6), (6, 600, 6)])
def test_throughput_is_counted_for_each_node(current, total, wanted):
    assert tracked(Tracking("throughput", 100.0), total, current, step=2) == wanted


def test_arithmetic_does_not_round_up_what_is_exact():
    assert tracked(Tracking("cpu", 0.1), 0.3, 3, step=2) == 9


VALUES = st.floats(0, 1e15)
NODES = st.integers(1, 200)


@given(VALUES, VALUES, NODES)
def test_more_load_never_wants_fewer_nodes(one, other, current):
    low, high = sorted((one, other))
    assert tracked(CPU, low, current, 2) <= tracked(CPU, high, current, 2)


@given(st.floats(-0.01, 0.01), NODES, st.floats(0.001, 1e6))
def test_the_dead_band_is_left_alone(off, current, target):
    assert tracked(Tracking("cpu", target), target * (1 + off * 0.999), current, 2) == current


@given(VALUES, NODES, st.floats(0.001, 1e6))
def test_what_tracking_wants_would_be_enough_and_not_too_much(value, current, target):
    wanted = tracked(Tracking("cpu", target), value, current, step=1000)
    if wanted != current and 1 < wanted < 10**6:
        assert value * current / wanted <= target * (1 + 1e-6)
        assert value * current / (wanted - 1) >= target * (1 - 1e-6)


# What alarms wish, and what is decided.

def decided(ours, values, now=START + 60, health="well"):
    """The decision on readings of the last period, as it was at ``now``."""
    readings = []
    for name, value in values.items():
        measurement = evaluation.wanted(ours.alarms[name], now)
        readings.append({"alarm": name, "since": measurement.since, "until": measurement.until,
                         "value": value})
    return decide(ours, Request("wishes", by="alarms", definition={
        "readings": readings, "health": health}), now)


def after(ours, decision):
    changes = dict(decision.changes)
    if "policy_runs" in changes:
        changes["policy_runs"] = settled(changes["policy_runs"])
    return replace(ours, **changes)


def passes(ours, *rows, start=START + 60, health="well", every=60):
    """Passes one after the other; answers the group afterwards and the decisions."""
    decisions = []
    for number, values in enumerate(rows):
        decision = decided(ours, values, start + number * every, health)
        json.dumps({name: FIELDS[name].write(value) for name, value in decision.changes.items()})
        ours, decisions = after(ours, decision), [*decisions, decision]
    return ours, decisions


def test_the_third_slow_minute_grows_the_group_and_it_goes_on_while_it_is_slow():
    ours, decisions = passes(OURS, *[{"slow": 900}] * 5)
    assert [decision.accepted for decision in decisions] == [False, False, True, True, True]
    assert ours.desired_nodes == 10
    assert [decision.quiet for decision in decisions] == [True, True, False, False, False]
    assert "alarm slow is in alarm" in decisions[2].message
    assert "from 4 to 6 nodes" in decisions[2].message


def test_the_policys_cooldown_and_the_groups_delay_hold():
    cooling = replace(OURS, policies={**POLICIES, "grow": replace(POLICIES["grow"], cooldown=120)})
    ours, decisions = passes(cooling, *[{"slow": 900}] * 6)
    assert [decision.accepted for decision in decisions][2:] == [True, False, True, False]
    assert decisions[3].possible_at == START + 60 + 120 + 120
    assert decisions[3].changes == {}
    ours, _ = passes(replace(OURS, expand_delay=10), *[{"slow": 900}] * 6)
    assert ours.desired_nodes == 6


def test_a_denial_at_the_moment_of_alarm_is_told_and_made_good():
    ours = replace(OURS, expand_delay=10, last_expand_timestamp=START)
    ours, decisions = passes(ours, *[{"slow": 900}] * 12)
    assert not decisions[2].accepted
    assert not decisions[2].quiet
    assert "possible in 7 min" in decisions[2].message
    assert ours.desired_nodes == 6


def test_the_policy_for_ok_runs_once_when_it_is_over():
    ours, _ = passes(OURS, *[{"slow": 900}] * 3)
    ours, decisions = passes(ours, *[{"slow": 100}] * 12, start=START + 60 + 180)
    assert [decision.accepted for decision in decisions] == [False, False, True] + [False] * 9
    assert ours.desired_nodes == 5
    assert not ours.alarm_states["slow"].owed


def test_nothing_is_owed_by_an_alarm_that_begins_well():
    ours, decisions = passes(OURS, *[{"slow": 100}] * 5)
    assert ours.desired_nodes == 4
    assert not any(decision.accepted for decision in decisions)
    assert all(decision.quiet for decision in decisions)


def test_capacity_does_not_go_down_before_the_application_is_well():
    ours, _ = passes(OURS, *[{"slow": 900}] * 3)
    ours, decisions = passes(ours, *[{"slow": 100}] * 5, start=START + 240, health="unwell")
    assert ours.desired_nodes == 6
    assert "health of Default Application is unwell" in decisions[2].message
    ours, _ = passes(ours, {"slow": 100}, start=START + 540)
    assert ours.desired_nodes == 5


def test_missing_data_are_told_once_and_change_nothing():
    ours, _ = passes(OURS, *[{"slow": 900}] * 3)
    ours, decisions = passes(ours, *[{"slow": None}] * 6, start=START + 240)
    assert ours.desired_nodes == 6
    assert [not decision.quiet for decision in decisions] == [False, False, True] + [False] * 3
    assert "without data" in decisions[2].message


def test_an_alarm_that_never_has_data_is_told_once():
    _, decisions = passes(OURS, *[{"slow": None}] * 6)
    assert [not decision.quiet for decision in decisions] == [False, False, True] + [False] * 3


def test_a_period_counts_once_whoever_reports_it():
    once = decided(OURS, {"slow": 900})
    ours = after(OURS, once)
    again = decided(ours, {"slow": 900})
    assert again.changes == {}
    assert not again.accepted
    ours, _ = passes(OURS, *[{"slow": 900}] * 3)
    late = decided(ours, {"slow": 900}, START + 60 + 120)
    assert late.changes == {}


def test_a_reading_that_is_old_or_of_another_period_counts_for_nothing():
    day = START + 86400
    old = Request("wishes", definition={"readings": [
        {"alarm": "slow", "since": START, "until": START + 60, "value": 900}]})
    assert decide(OURS, old, day).changes == {}
    longer = replace(OURS, alarms={"slow": replace(SLOW, period=300)})
    assert decide(longer, old, START + 120).changes == {}
    unknown = Request("wishes", definition={"readings": [
        {"alarm": "fast", "since": START, "until": START + 60, "value": 900}]})
    assert decide(OURS, unknown, START + 120).changes == {}


@pytest.mark.parametrize("readings", [[1], "x", [{"alarm": "slow"}], [{"alarm": "slow", "since": 0,
                                      "until": 0, "value": "x"}], 7])
def test_readings_that_make_no_sense_are_refused(readings):
    with pytest.raises(BadRequest):
        decide(OURS, Request("wishes", definition={"readings": readings}), NOW)


def test_a_paused_group_is_left_alone():
    assert decided(replace(OURS, paused=True), {"slow": 900}).changes == {}


def test_a_policy_that_is_gone_is_told():
    ours, decisions = passes(replace(OURS, policies={}), *[{"slow": 900}] * 3)
    assert "there is no policy grow and shrink any more" in decisions[2].message
    assert ours.desired_nodes == 4


TRACKED = group(alarms={"cpu": CPU}, desired_nodes=4, min_nodes=2)


def test_tracking_grows_at_once_and_waits_between():
    ours, decisions = passes(TRACKED, *[{"cpu": 75}] * 7)
    assert [decision.accepted for decision in decisions] == [True] + [False] * 2 + [True] + (
        [False] * 2 + [True])
    assert "cpu wants 5 nodes (cpu 75 %)" in decisions[0].message
    assert ours.last_expand_timestamp == START + 60 + 360


def test_tracking_shrinks_in_small_steps_and_slowly():
    ours, decisions = passes(replace(TRACKED, desired_nodes=10), *[{"cpu": 6}] * 31)
    when = [number for number, decision in enumerate(decisions) if decision.accepted]
    assert when == [0, 15, 30]
    assert ours.desired_nodes == 4


def test_tracking_does_not_shrink_soon_after_it_has_grown():
    ours, _ = passes(TRACKED, {"cpu": 90})
    ours, decisions = passes(ours, *[{"cpu": 6}] * 15, start=START + 120)
    assert [decision.accepted for decision in decisions] == [False] * 14 + [True]


def test_one_event_says_which_wish_won_and_which_lost():
    ours = replace(OURS, alarms={"slow": SLOW, "cpu": CPU})
    ours, decisions = passes(ours, *[{"slow": 900, "cpu": 61}] * 3)
    told = decisions[0].message
    assert "cpu wants 5 nodes" in told
    told = decisions[2].message
    assert "slow wants 7 nodes" in told
    assert "cpu wants 6 nodes (cpu 61 %): lost, possible only in" in told
    assert ours.desired_nodes == 7


def test_an_alarm_that_is_not_due_still_keeps_the_group_from_shrinking():
    ours = replace(OURS, alarms={"slow": SLOW, "cpu": CPU}, expand_delay=60)
    ours, _ = passes(ours, *[{"slow": 900}] * 3)
    ours, decisions = passes(ours, *[{"cpu": 6}] * 30, start=START + 240)
    assert ours.desired_nodes == 6
    assert not any(decision.accepted for decision in decisions)


def test_tracking_without_data_keeps_another_from_shrinking():
    quiet = Threshold("throughput", "below", 10, evaluations=1, policy_alarm="shrink")
    both = replace(OURS, alarms={"quiet": quiet, "cpu": CPU})
    ours, _ = passes(both, *[{"quiet": 1, "cpu": None}] * 5)
    assert ours.desired_nodes == 4
    ours, _ = passes(both, {"quiet": 1})
    assert ours.desired_nodes == 4, "that cpu has never had any data counts too"


def test_an_alarm_that_lost_its_data_keeps_another_from_shrinking():
    idle = Threshold("cpu", "below", 15, evaluations=1, policy_alarm="shrink")
    ours, _ = passes(replace(OURS, alarms={"slow": SLOW, "idle": idle}), *[{"slow": 900}] * 3)
    ours, _ = passes(ours, *[{"slow": None, "idle": 1}] * 6, start=START + 240)
    assert (ours.alarm_states["slow"].state, ours.desired_nodes) == ("insufficient", 6)


def test_a_policy_for_ok_that_has_nothing_to_change_is_not_kept_for_later():
    least = replace(OURS, min_nodes=4, policies={**POLICIES, "grow": Policy(
        "exact_capacity", 4)})
    ours, _ = passes(least, *[{"slow": 900}] * 3)
    ours, _ = passes(ours, *[{"slow": 100}] * 4, start=START + 240)
    ours, _ = passes(replace(ours, desired_nodes=8), *[{"slow": 100}] * 4, start=START + 480)
    assert ours.desired_nodes == 8


def test_a_policy_for_ok_waits_while_it_may_begin_again():
    ours, _ = passes(OURS, *[{"slow": 900}] * 3)
    ours, _ = passes(ours, *[{"slow": 100}] * 4, start=START + 240, health="unwell")
    ours, _ = passes(ours, {"slow": 900}, start=START + 480)
    assert ours.desired_nodes == 6
    ours, _ = passes(ours, {"slow": 100}, start=START + 540)
    assert ours.desired_nodes == 5


def test_a_period_that_has_run_a_policy_runs_it_once_however_long_the_alarm_has_lasted():
    ours, _ = passes(replace(OURS, max_nodes=20), *[{"slow": 900}] * 4)
    once = decided(ours, {"slow": 900}, START + 300)
    assert once.accepted
    assert not decided(after(ours, once), {"slow": 900}, START + 300).accepted


READINGS = st.lists(st.fixed_dictionaries({}, optional={
    "slow": st.one_of(st.none(), st.floats(0, 2000)),
    "cpu": st.one_of(st.none(), st.floats(0, 200))}), max_size=30)


@given(READINGS, st.integers(1, 10), st.integers(0, 5), st.integers(5, 12))
def test_bounds_hold_and_missing_data_never_shrink_a_group(rows, desired, least, most):
    ours = replace(OURS, alarms={"slow": SLOW, "cpu": CPU}, min_nodes=least, max_nodes=most,
                   desired_nodes=max(least, min(most, desired)))
    for number, values in enumerate(rows):
        decision = decided(ours, values, START + 60 + 60 * number)
        before, ours = ours, after(ours, decision)
        assert least <= ours.desired_nodes <= most
        if all(value is None for value in values.values()):
            assert ours.desired_nodes == before.desired_nodes
        if ours.desired_nodes < before.desired_nodes:
            assert values.get("cpu", 0) is not None


# What people ask.

def asked(ours, kind, name, **definition):
    return decide(ours, Request(kind, alarm=name, definition=definition), NOW)


def test_alarms_are_made_changed_and_deleted():
    made = asked(OURS, "alarm_create", "cpu", metric="cpu", target=60)
    ours = after(OURS, made)
    assert ours.alarms["cpu"] == CPU
    assert "keeps cpu at 60 %" in made.message
    assert not asked(ours, "alarm_create", "cpu", metric="cpu", target=60).accepted
    ours = after(ours, asked(ours, "alarm_update", "cpu", target=50, metric=None))
    assert ours.alarms["cpu"].target == 50
    assert not asked(ours, "alarm_update", "cpu", target=50).accepted
    ours = after(ours, asked(ours, "alarm_delete", "cpu"))
    assert "cpu" not in ours.alarms
    assert not asked(ours, "alarm_delete", "cpu").accepted


def test_a_changed_alarm_starts_anew():
    ours, _ = passes(OURS, {"slow": 900}, {"slow": 900})
    ours = after(ours, asked(ours, "alarm_update", "slow", threshold=600))
    assert "slow" not in ours.alarm_states
    ours = after(ours, asked(ours, "alarm_update", "slow", policy_ok=""))
    assert ours.alarms["slow"].policy_ok == ""


@pytest.mark.parametrize(("kind", "name", "definition", "words"), [
    ("alarm_create", "Slow!", {"metric": "cpu", "target": 60}, ["can't be an alarm's name"]),
    ("alarm_create", "slow", {"metric": "cpu", "target": 60}, ["exists: asg.alarm_update"]),
    ("alarm_create", "new", {"metric": "cpu"}, ["alarm new: comparison is missing"]),
    ("alarm_create", "new", {**THRESHOLD, "policy_alarm": "gorw"}, ["no policy gorw", "grow"]),
    ("alarm_update", "fast", {"target": 1}, ["no alarm 'fast'", "slow"]),
    ("alarm_update", "slow", {"target": 1}, ["target is not a field"]),
])
def test_what_makes_no_sense_changes_nothing(kind, name, definition, words):
    with pytest.raises(BadRequest) as refusal:
        asked(OURS, kind, name, **definition)
    for word in words:
        assert word in str(refusal.value)


# The governor beside them.

IDLE = replace(OURS, status="idle", desired_nodes=6)


@pytest.mark.parametrize(("ours", "goes_down"), [
    (IDLE, True),
    (replace(IDLE, alarm_states={"slow": State("alarm", 1, 1)}), False),
    (replace(IDLE, alarm_states={"slow": State("ok", 1, 1)}), True),
    (replace(IDLE, alarm_states={"slow": State("insufficient", 1, 1, owed=True)}), False),
    (replace(IDLE, alarms={}, alarm_states={"slow": State("alarm", 1, 1)}), True),
    (replace(IDLE, alarms={"cpu": CPU}), False),
    (replace(IDLE, alarms={"slow": replace(SLOW, policy_alarm="shrink")},
             alarm_states={"slow": State("alarm", 1, 1)}), True),
])
def test_the_governor_takes_nothing_down_that_an_alarm_holds(ours, goes_down):
    found = pulse(ours, NOW)
    assert (found is not None and found.direction == "down") is goes_down


def test_runs_are_of_no_concern_to_tracking():
    ours = replace(TRACKED, policy_runs={"cpu": Run(at=NOW)})
    assert decided(ours, {"cpu": 90}).accepted
