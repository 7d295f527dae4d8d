"""Alarms: which metric of an application is watched, and what follows from it.

A ``Threshold`` is crossed for some periods in a row, then a policy of the group runs. A
``Tracking`` keeps the metric at a target.
"""
from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, fields
from typing import Any, Mapping, Union

from autoscale.core import texts

NAME = re.compile(r"[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?")
UNITS = {"apdex": "", "response_time": " ms", "throughput": " requests a minute",
         "error_rate": " %", "cpu": " %"}
"""The metrics, and what each is counted in."""

TRACKED = ("cpu", "response_time", "throughput")
"""Metrics that fall as nodes are added, which is what keeping one at a target rests on."""

COMPARISONS = {"above": ">", "above_or_equal": ">=", "below": "<", "below_or_equal": "<="}
MINUTE = 60
DAY = 86400


@dataclass(frozen=True)
class Threshold:
    """Is in alarm when the metric has crossed the threshold for so many evaluations in a row.

    ``period`` in seconds; ``application`` is the group's own if empty; ``policy_alarm`` and
    ``policy_ok`` name policies of the group.
    """

    metric: str
    comparison: str
    threshold: float
    period: int = MINUTE
    evaluations: int = 3
    policy_alarm: str = ""
    policy_ok: str = ""
    application: str = ""

    def crossed(self, value: float) -> bool:
        above = value > self.threshold if self.comparison.startswith("above") else (
            value < self.threshold)
        return above or (self.comparison.endswith("equal") and value == self.threshold)


@dataclass(frozen=True)
class Tracking:
    """Keeps the metric at ``target``; of throughput, for each node.

    Cooldowns are seconds since the group's last change: ``scale_out_cooldown`` since it last grew,
    ``scale_in_cooldown`` since it last changed at all.
    """

    metric: str
    target: float
    period: int = MINUTE
    scale_out_cooldown: int = 180
    scale_in_cooldown: int = 900
    application: str = ""

    @property
    def evaluations(self) -> int:
        """How many without data in a row make it known that there are none."""
        return 3


Alarm = Union[Threshold, Tracking]
KINDS: dict[str, Any] = {"threshold": Threshold, "tracking": Tracking}
_NUMBERS = ("threshold", "target")
_WHOLE = ("period", "evaluations", "scale_out_cooldown", "scale_in_cooldown")
_REQUIRED = {"threshold": ("metric", "comparison", "threshold"), "tracking": ("metric", "target")}


def kind(alarm: Alarm) -> str:
    return "tracking" if isinstance(alarm, Tracking) else "threshold"


def read(given: Mapping[str, Any]) -> Alarm:
    """The alarm, or ValueError with all that is wrong with it. None counts as not given.

    ``kind`` is threshold or tracking; without it, what has a target is tracking.
    """
    values = {name: value for name, value in given.items() if value is not None}
    what = str(values.pop("kind", "tracking" if "target" in values else "threshold")).strip()
    if what not in KINDS:
        raise ValueError(f"kind must be one of {', '.join(KINDS)}")
    known = {field.name for field in fields(KINDS[what])}
    complaints = [f"{name} is not a field of an alarm of the kind {what}"
                  for name in values if name not in known]
    complaints += [f"{name} is missing" for name in _REQUIRED[what]
                   if values.get(name, "") == ""]
    for name in [name for name in values if name in known]:
        try:
            values[name] = _value(name, values[name])
        except ValueError as error:
            complaints.append(f"{name} is {values[name]!r}: {error}")
    if not complaints:
        alarm: Alarm = KINDS[what](**values)
        complaints = _wrong(alarm)
    if complaints:
        raise ValueError("; ".join(complaints))
    return alarm


def _value(name: str, given: Any) -> Any:
    if name not in _NUMBERS and name not in _WHOLE:
        return str(given).strip()
    try:
        number = float("nan") if isinstance(given, bool) else float(given)
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if not math.isfinite(number) or abs(number) > 10**12:
        raise ValueError("not a number")
    if name in _NUMBERS:
        return number
    if number != int(number):
        raise ValueError("not a whole number")
    return int(number)


def _wrong(alarm: Alarm) -> list[str]:
    """What is wrong with the values, each a sentence."""
    wrong = []
    if alarm.metric not in UNITS:
        wrong.append(f"metric must be one of {', '.join(UNITS)}")
    if not MINUTE <= alarm.period <= DAY or alarm.period % MINUTE:
        wrong.append(f"period must be whole minutes, from {MINUTE} to {DAY} seconds")
    return [*wrong, *(_wrong_tracking(alarm) if isinstance(alarm, Tracking)
                      else _wrong_threshold(alarm))]


def _wrong_threshold(alarm: Threshold) -> list[str]:
    wrong = []
    if alarm.comparison not in COMPARISONS:
        wrong.append(f"comparison must be one of {', '.join(COMPARISONS)}")
    if not 1 <= alarm.evaluations <= 100:
        wrong.append("evaluations must be from 1 to 100")
    return wrong


def _wrong_tracking(alarm: Tracking) -> list[str]:
    wrong = []
    if alarm.metric in UNITS and alarm.metric not in TRACKED:
        wrong.append(f"{alarm.metric} can't be tracked, for it does not fall as nodes are added: "
                     f"use {', '.join(TRACKED)}, or a threshold")
    if alarm.target < 0.001:
        wrong.append("target must be at least 0.001")
    if not 0 <= alarm.scale_out_cooldown <= DAY or not 0 <= alarm.scale_in_cooldown <= DAY:
        wrong.append(f"cooldowns must be from 0 to {DAY} seconds")
    if alarm.scale_in_cooldown < alarm.scale_out_cooldown:
        wrong.append("scale_in_cooldown must not be shorter than scale_out_cooldown: capacity goes "
                     "down more slowly than up")
    return wrong


def as_given(alarm: Alarm) -> dict[str, Any]:
    """The alarm as ``read`` takes it."""
    return {"kind": kind(alarm), **asdict(alarm)}


def encode(alarms: Mapping[str, Alarm]) -> dict[str, Any]:
    return {name: as_given(alarm) for name, alarm in alarms.items()}


def decode(value: Mapping[str, Any]) -> dict[str, Alarm]:
    return {str(name): read(alarm) for name, alarm in value.items()}


def policies_of(alarm: Alarm) -> tuple[str, ...]:
    """The names of the policies that it runs."""
    named = (alarm.policy_alarm, alarm.policy_ok) if isinstance(alarm, Threshold) else ()
    return tuple(filter(None, named))


def amount(metric: str, value: float) -> str:
    """``412 ms``, ``0.85``, ``3.5 %``."""
    return f"{value:.3f}".rstrip("0").rstrip(".") + UNITS[metric]


def told(alarm: Alarm, noun: str) -> str:
    """The alarm in words. ``noun``: what its group is counted in."""
    if isinstance(alarm, Tracking):
        each = f" a {noun}" if alarm.metric == "throughput" else ""
        return f"keeps {alarm.metric} at {amount(alarm.metric, alarm.target)}{each}"
    actions = [f"{when} runs {policy}" for when, policy in (
        ("alarm", alarm.policy_alarm), ("ok", alarm.policy_ok)) if policy]
    return (f"{alarm.metric} {alarm.comparison.replace('_', ' ')} "
            f"{amount(alarm.metric, alarm.threshold)} "
            f"for {texts.count(alarm.evaluations, 'period')} of {alarm.period} s"
            f"{': ' if actions else ''}{texts.listed(actions)}")
