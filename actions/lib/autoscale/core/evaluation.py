"""Evaluating alarms: which periods are to be asked for, and what their values make of an alarm.

What is remembered between two evaluations is a value that is stored, so a restart loses nothing;
and each period counts once, whoever reports it and how often.
"""
from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Mapping

from autoscale.core.alarms import Alarm, Threshold, Tracking

OK, ALARM, INSUFFICIENT = "ok", "alarm", "insufficient"
STATES = (OK, ALARM, INSUFFICIENT)

LAG = 60
"""Seconds after which a monitor has received what happened in a minute."""

LONGEST_GAP = 3
"""Periods between two evaluations that still count as one after the other."""

DEAD_BAND = 0.01
"""The part of the target by which a metric may differ from it without consequence."""


@dataclass(frozen=True)
class Reading:
    """What a monitor said of an alarm's metric from ``since`` to ``until``, seconds since 1970.

    ``value`` None: there were no data.
    """

    alarm: str
    since: int
    until: int
    value: float | None


@dataclass(frozen=True)
class Measurement:
    """A metric (one of alarms.UNITS) over a time, seconds since 1970."""

    metric: str
    since: int
    until: int


@dataclass(frozen=True)
class State:
    """What is remembered of an alarm.

    ``since``: from when on it is in this state. ``until``: the end of the last period that counted.
    ``towards``: the state that the last ``count`` evaluations in a row spoke for, if it is another.
    ``value``: what the metric was then. ``owed``: it has been in alarm, and its policy for ok has
    not run since.
    """

    state: str = INSUFFICIENT
    since: int = 0
    until: int = 0
    towards: str = ""
    count: int = 0
    value: float | None = None
    owed: bool = False


def wanted(alarm: Alarm, now: float) -> Measurement:
    """The alarm's metric in the last whole period whose data a monitor has."""
    until = int((now - LAG) // alarm.period) * alarm.period
    return Measurement(alarm.metric, until - alarm.period, until)


def is_due(alarm: Alarm, state: State, now: float) -> bool:
    """Whether the last whole period has not counted yet."""
    return wanted(alarm, now).until > state.until


def counts(alarm: Alarm, state: State, reading: Reading, now: float) -> bool:
    """Whether the reading is of this alarm as it is defined now, new, and not too old."""
    age = now - reading.until
    return (reading.until - reading.since == alarm.period and reading.until > state.until
            and 0 <= age <= LAG + LONGEST_GAP * alarm.period)


def verdict(alarm: Alarm, value: float | None) -> str:
    """The state that this value speaks for."""
    if value is None or not math.isfinite(value):
        return INSUFFICIENT
    return ALARM if isinstance(alarm, Threshold) and alarm.crossed(value) else OK


def advance(alarm: Alarm, before: State, reading: Reading) -> State:
    """The state after one more period. It changes when as many as ``evaluations`` in a row agree;
    the first value ends a lack of data of what tracks a target. A new alarm is in no state yet: it
    counts as without data, ``since`` 0, until so many have agreed on anything.
    """
    said = verdict(alarm, reading.value)
    after = replace(before, until=reading.until, value=reading.value, towards="", count=0)
    if said == before.state and before.since:
        return after
    count = before.count + 1 if said == before.towards and _follows(alarm, before, reading) else 1
    needed = 1 if isinstance(alarm, Tracking) and said == OK else alarm.evaluations
    if count < needed:
        return replace(after, towards=said, count=count)
    return replace(after, state=said, since=reading.until, owed=before.owed or said == ALARM)


def _follows(alarm: Alarm, before: State, reading: Reading) -> bool:
    """Whether the reading comes soon enough after the last one to be the next of a row."""
    return reading.until - before.until <= LONGEST_GAP * alarm.period


def news(before: State, after: State) -> bool:
    """Whether people want to know: it has changed, and not just begun well."""
    return after.since != before.since and not (after.state == OK and not before.since)


def calm(before: State, after: State) -> bool:
    """Whether nothing has come of a period, so that it makes no difference if it counts again."""
    return replace(after, until=0, value=None) == replace(before, until=0, value=None)


def tracked(alarm: Tracking, value: float, current: int, step: int) -> int:
    """The capacity that would bring the metric to its target; the present one in the dead band.

    At least 1, and at most ``step`` below the present one: capacity goes down in small steps.
    """
    nodes = max(1, current)
    each = value / nodes if alarm.metric == "throughput" else value
    ratio = min(each / alarm.target, 10.0**6)
    if abs(ratio - 1) <= DEAD_BAND:
        return current
    # Rounded first: 3 * 0.7 / 0.7 is a little more than 3.
    return max(1, math.ceil(round(nodes * ratio, 6)), current - step)


def encode(states: Mapping[str, State]) -> dict[str, Any]:
    return {name: vars(state) for name, state in states.items()}


def decode(value: Mapping[str, Any]) -> dict[str, State]:
    return {str(name): _state(state) for name, state in value.items()}


def _state(value: Mapping[str, Any]) -> State:
    number = value.get("value")
    state = State(str(value["state"]), int(value["since"]), int(value["until"]),
                  str(value["towards"]), int(value["count"]),
                  None if number is None else float(number), bool(value["owed"]))
    if state.state not in STATES:
        raise ValueError(f"knows the states {', '.join(STATES)}")
    return state


def decode_readings(value: Any) -> tuple[Reading, ...]:
    """Readings from JSON; a value that is no finite number is no value."""
    return tuple(Reading(str(one["alarm"]), int(one["since"]), int(one["until"]),
                         _finite(one.get("value"))) for one in value or ())


def _finite(value: Any) -> float | None:
    number = None if value is None else float(value)
    return number if number is not None and math.isfinite(number) else None
