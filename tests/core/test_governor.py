from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.deciding import decide
from autoscale.core.governor import pulse
from autoscale.core.requests import Request
from tests.core.examples import NOW, group

UP = group(active_incident=True, last_expand_timestamp=NOW - 600, expand_delay=10)
DOWN = group(last_deflate_timestamp=NOW - 1800, deflate_delay=30)


@pytest.mark.parametrize(("of", "direction"), [(UP, "up"), (DOWN, "down")])
def test_a_group_that_needs_it_gets_a_pulse(of, direction):
    assert pulse(of, NOW).direction == direction


@pytest.mark.parametrize("of", [UP, DOWN])
@pytest.mark.parametrize("change", [
    {"paused": True}, {"deleted": True}, {"status": "creating"}, {"status": "expanding"},
    {"status": "deflating"}, {"status": "deleting"}])
def test_a_group_that_nobody_may_act_on_gets_none(of, change):
    assert pulse(replace(of, **change), NOW) is None


@pytest.mark.parametrize("of", [UP, DOWN])
@pytest.mark.parametrize("status", ["idle", "converging"])
def test_healing_is_no_reason_to_wait(of, status):
    assert pulse(replace(of, status=status), NOW)


@pytest.mark.parametrize("of", [UP, DOWN])
def test_none_before_the_delay_is_over(of):
    assert pulse(of, NOW - 0.5) is None


@pytest.mark.parametrize(("of", "bound"), [
    (UP, {"desired_nodes": 10}), (UP, {"desired_nodes": 99}), (UP, {"max_nodes": 3}),
    (DOWN, {"desired_nodes": 1}), (DOWN, {"desired_nodes": 0}), (DOWN, {"min_nodes": 3})])
def test_none_beyond_the_bounds(of, bound):
    assert pulse(replace(of, **bound), NOW) is None


def test_capacity_does_not_go_down_while_an_incident_is_open():
    assert pulse(replace(DOWN, active_incident=True, last_expand_timestamp=NOW), NOW) is None


def test_an_expansion_puts_off_the_next_deflation():
    grown = replace(UP, **decide(UP, Request("expand"), NOW).changes, active_incident=False)
    quiet = replace(grown, status="idle")
    assert pulse(quiet, NOW + 1799) is None
    assert pulse(quiet, NOW + 1800).direction == "down"


def test_the_reason_is_a_sentence():
    assert pulse(UP, NOW).reason == (
        "the incident is still open 10 minutes after the last expansion")
    assert "30 minutes ago" in pulse(DOWN, NOW).reason


groups = st.builds(
    group, active_incident=st.booleans(), desired_nodes=st.integers(0, 12),
    expand_delay=st.integers(1, 60), deflate_delay=st.integers(1, 60),
    last_expand_timestamp=st.integers(NOW - 4000, NOW),
    last_deflate_timestamp=st.integers(NOW - 4000, NOW),
    expand_by=st.integers(1, 5), deflate_by=st.integers(1, 5))
REQUEST = {"up": Request("expand"), "down": Request("deflate")}


@given(groups)
def test_a_pulse_is_always_granted(of):
    found = pulse(of, NOW)
    assert found is None or decide(of, REQUEST[found.direction], NOW).accepted


@given(groups)
def test_two_governors_change_no_more_than_one(of):
    """Pulses are decided again: the second comes too soon after the first."""
    first = pulse(of, NOW)
    if first:
        after = replace(of, **decide(of, REQUEST[first.direction], NOW).changes)
        again = decide(after, REQUEST[first.direction], NOW + 1)
        assert not again.accepted
        assert not again.changes
