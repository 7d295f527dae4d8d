"""The request of an alarm pass: what the periods that have passed make of a group's alarms, what
each alarm then wishes, and which wish is carried out."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Mapping

from autoscale.core import alarms, evaluation, texts
from autoscale.core.alarms import Alarm, Threshold, Tracking
from autoscale.core.deciding.decision import Decision, denied
from autoscale.core.deciding.policies import execute_policy
from autoscale.core.evaluation import ALARM, INSUFFICIENT, OK, State
from autoscale.core.group import Group
from autoscale.core.requests import BadRequest, Request
from autoscale.core.wishes import Outcome, Wish, contest

WELL = "well"
"""The health, in the request's definition, without which capacity does not go down."""


@dataclass(frozen=True)
class _Pass:
    """What the alarms have come to: their states, and those that this pass has advanced."""

    group: Group
    now: int
    states: Mapping[str, State]
    counted: frozenset[str]

    def wish(self, name: str) -> Wish | None:
        alarm, state = self.group.alarms[name], self.states.get(name, State())
        if isinstance(alarm, Tracking):
            return self._tracking(name, alarm, state)
        if state.state == ALARM:
            return self._alarm(name, alarm, state)
        if state.state == INSUFFICIENT and state.owed:
            return self._stay(name, "there are no data, and it was in alarm")
        return self._ok(name, alarm, state)

    def _tracking(self, name: str, alarm: Tracking, state: State) -> Wish | None:
        group = self.group
        if state.state == INSUFFICIENT or name in self.counted and state.value is None:
            return self._stay(name, "there are no data")
        if name not in self.counted or state.value is None:
            return None
        wanted = group.clamp(evaluation.tracked(
            alarm, state.value, group.desired, group.deflate_by))
        ready = (group.last_expand_timestamp + alarm.scale_out_cooldown if wanted > group.desired
                 else group.last_deflate_timestamp + alarm.scale_in_cooldown)
        return Wish(name, wanted, ready, _shown(alarm, state))

    def _alarm(self, name: str, alarm: Threshold, state: State) -> Wish | None:
        """In alarm its policy is run again and again, as far as its cooldown allows."""
        wish = self._policy(name, alarm, state, alarm.policy_alarm)
        if wish is None or (name in self.counted and not state.towards):
            return wish
        return self._stay(name, "it is in alarm") if wish.capacity > self.group.desired else None

    def _ok(self, name: str, alarm: Threshold, state: State) -> Wish | None:
        """Once it is over, the policy for ok runs once."""
        if (not state.owed or self.paid(alarm, state) or state.state != OK or state.towards
                or name not in self.counted):
            return None
        return self._policy(name, alarm, state, alarm.policy_ok)

    def paid(self, alarm: Threshold, state: State) -> bool:
        """Whether the policy for ok has run since it was over, or is not there to be run."""
        run = self.group.policy_runs.get(alarm.policy_ok)
        missing = alarm.policy_ok not in self.group.policies
        return missing or bool(run and run.at >= state.since)

    def _policy(self, name: str, alarm: Alarm, state: State, policy: str) -> Wish | None:
        if policy not in self.group.policies:
            return None
        wanted = self.group.policies[policy].wanted(
            self.group.desired, self.group.min_nodes, self.group.max_nodes)
        ready = self.run(policy).possible_at or 0
        return Wish(name, wanted, ready, f"{_shown(alarm, state)}, policy {policy}")

    def _stay(self, name: str, why: str) -> Wish:
        return Wish(name, self.group.desired, 0, why)

    def run(self, policy: str) -> Decision:
        return execute_policy(
            self.group, Request("policy_execute", policy=policy), self.now)

    def policy(self, name: str) -> str:
        """The policy that the alarm's wish comes from; empty for one that tracks a target."""
        alarm = self.group.alarms[name]
        if isinstance(alarm, Tracking):
            return ""
        in_alarm = self.states[name].state == ALARM
        return alarm.policy_alarm if in_alarm else alarm.policy_ok


def wishes(group: Group, request: Request, now: int) -> Decision:
    """Advance the alarms by the readings that are new, and carry out the wish that wins.

    ``request.definition``: ``readings`` as evaluation.decode_readings takes them, and ``health``,
    how the monitor finds the group's application: capacity goes down only when it is well.
    What was seen before, is too old, or is of an alarm as it no longer is, counts for nothing.
    """
    states, counted = _advanced(group, request, now)
    if not counted:
        return denied("there is no period that was not seen to", quiet=True)
    this = _Pass(group, now, states, counted)
    found = [wish for wish in map(this.wish, sorted(group.alarms)) if wish]
    outcome = contest(found, group.desired, now, group.noun)
    news = _news(group, states)
    states = _settled(this, found)
    if outcome.winner and outcome.capacity != group.desired:
        health = str(request.definition.get("health") or "unknown")
        return _carried_out(this, outcome, states, news, health)
    told = [*news, *(outcome.told if news else ())]
    return Decision(bool(news) and outcome.possible_at is None, "; ".join(told) or "as before",
                    _changed(group, states), outcome.possible_at, quiet=not news)


def _advanced(
    group: Group, request: Request, now: int
) -> tuple[dict[str, State], frozenset[str]]:
    try:
        readings = evaluation.decode_readings(request.definition.get("readings"))
    except (TypeError, KeyError, AttributeError, ValueError, OverflowError):
        raise BadRequest("readings are a list of {alarm, since, until, value}") from None
    states, counted = dict(group.alarm_states), set()
    for reading in sorted(readings, key=lambda reading: reading.until):
        alarm, state = group.alarms.get(reading.alarm), states.get(reading.alarm, State())
        if alarm and evaluation.counts(alarm, state, reading, now):
            states[reading.alarm] = evaluation.advance(alarm, state, reading)
            counted.add(reading.alarm)
    return states, frozenset(counted)


def _news(group: Group, states: Mapping[str, State]) -> list[str]:
    """A clause for each alarm whose state people want to know."""
    changed = []
    for name, state in states.items():
        if name not in group.alarms or not evaluation.news(
                group.alarm_states.get(name, State()), state):
            continue
        named = alarms.policies_of(group.alarms[name])
        lacking = [policy for policy in named if policy not in group.policies]
        gone = f", but there is no policy {texts.listed(lacking)} any more" if lacking else ""
        changed.append(f"alarm {name} is {_STATES[state.state]}{gone}")
    return changed


_STATES = {OK: "ok", ALARM: "in alarm", INSUFFICIENT: "without data"}


def _settled(this: _Pass, found: list[Wish]) -> dict[str, State]:
    """The states, nothing owed where the policy for ok has run or has nothing to change."""
    idle = {wish.name for wish in found if wish.capacity == this.group.desired}
    states = dict(this.states)
    for name, state in this.states.items():
        alarm = this.group.alarms.get(name)
        if state.owed and state.state == OK and isinstance(alarm, Threshold) and (
                name in idle or this.paid(alarm, state)):
            states[name] = replace(state, owed=False)
    return states


def _carried_out(
    this: _Pass, outcome: Outcome, states: Mapping[str, State], news: list[str], health: str
) -> Decision:
    group, winner = this.group, outcome.winner
    assert winner
    if outcome.capacity < group.desired and health != WELL:
        told = [*news, *outcome.told, f"but the health of {group.application_name} is {health}"]
        return Decision(False, "; ".join(told), _changed(group, states), quiet=not news)
    policy = this.policy(winner.name)
    changes = this.run(policy).changes if policy else _resized(group, outcome.capacity, this.now)
    told = [f"from {group.desired} to {texts.count(outcome.capacity, group.noun)}",
            *news, *outcome.told]
    return Decision(True, "; ".join(told), {"alarm_states": _kept(group, states), **changes})


def _resized(group: Group, capacity: int, now: int) -> dict[str, Any]:
    up = capacity > group.desired
    stamps = {"last_expand_timestamp": now} if up else {}
    return {**stamps, "last_deflate_timestamp": now,
            "status": "expanding" if up else "deflating", "desired_nodes": capacity}


def _changed(group: Group, states: Mapping[str, State]) -> dict[str, Any]:
    """The states as a change, if there is any: a calm period may as well count again."""
    kept = _kept(group, states)
    calm = all(evaluation.calm(group.alarm_states.get(name, State()), state)
               for name, state in kept.items())
    return {} if calm else {"alarm_states": kept}


def _kept(group: Group, states: Mapping[str, State]) -> dict[str, State]:
    return {name: state for name, state in states.items() if name in group.alarms}


def _shown(alarm: Alarm, state: State) -> str:
    value = state.value
    return alarm.metric if value is None else f"{alarm.metric} {alarms.amount(alarm.metric, value)}"
