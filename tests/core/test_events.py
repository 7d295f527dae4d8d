from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core import events

BROKEN = [
    None, "", "nonsense", "{}", "5", "null", "[1]", '["a"]', '[{"at": 1}]', '{"at": 1}', "[[",
    '[{"at": Infinity, "by": "", "what": "", "outcome": ""}]', "[" * 100_000,
    '[{"at": "x", "by": "", "what": "", "outcome": ""}]',
    '[{"at": NaN, "by": "", "what": "", "outcome": ""}]',
]


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: str(text)[:30])
def test_a_history_that_a_hand_has_broken_counts_as_none(text):
    assert events.read(text) == ()


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: str(text)[:30])
def test_history_goes_on_after_a_broken_one(text):
    new = events.event(7, "joe", "expand")
    assert events.read(events.append(text, [new])) == (new,)


@given(st.text())
def test_no_text_whatever_stops_a_history(text):
    assert isinstance(events.read(text), tuple)


def test_the_last_200_are_kept_oldest_first():
    text = None
    for batch in range(25):
        text = events.append(text, [events.event(batch * 10 + i, "x", "y") for i in range(10)])
    assert [event.at for event in events.read(text)] == list(range(50, 250))


def test_merging_sorts_by_time_and_keeps_200():
    decided = events.append(None, [events.event(2 * i, "decide", "a") for i in range(150)])
    converged = events.append(None, [events.event(2 * i + 1, "converge", "b") for i in range(150)])
    merged = events.merge(decided, converged)
    assert [event.at for event in merged] == list(range(100, 300))
    assert {event.by for event in merged} == {"decide", "converge"}


def test_at_the_same_time_the_decision_comes_first():
    decided = events.append(None, [events.event(5, "decide", "a")])
    converged = events.append(None, [events.event(5, "converge", "b")])
    assert [event.by for event in events.merge(decided, converged)] == ["decide", "converge"]


def test_one_history_lost_leaves_the_other():
    assert len(events.merge("garbage", events.append(None, [events.event(1, "a", "b")]))) == 1


def test_an_event_is_one_short_line():
    event = events.event(1.98765, "joe\n" * 50, "what\r\n" * 200, "denied")
    assert event.at == 1.988
    assert len(event.by) <= 60
    assert len(event.what) <= 240
    assert "\n" not in event.by + event.what
    assert event.outcome == "denied"


def test_what_is_written_is_plain_json():
    assert json.loads(events.append(None, [events.event(1, "joe", "expand")])) == [
        {"at": 1, "by": "joe", "what": "expand", "outcome": "done"}]


def test_what_nobody_has_been_told_yet_is_found_by_its_time():
    fields = {events.DECIDED: events.append(None, [events.event(t, "a", "b") for t in (1, 3)]),
              events.CONVERGED: events.append(None, [events.event(t, "c", "d") for t in (2, 4)])}
    assert [event.at for event in events.untold(fields)] == [1, 2, 3, 4]
    assert [event.at for event in events.untold({**fields, events.TOLD: "2.0"})] == [3, 4]
    assert events.untold({**fields, events.TOLD: "4"}) == ()
    assert events.untold({}) == ()


@given(st.text() | st.sampled_from(['[{"at": 1.2.3}]', '{"at": .', '[{"at": ' + "9" * 500 + "}]",
                                    "1e999", "nan", *filter(None, BROKEN)]))
def test_whatever_the_keys_hold_telling_events_stops_for_nobody(text):
    for field in (events.DECIDED, events.CONVERGED, events.TOLD):
        assert events.untold({events.DECIDED: "[]", field: text}) == ()
