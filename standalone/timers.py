"""Timers: the triggers that time itself dispatches.

Both kinds know the fields that StackStorm's have. Of cron's expressions these are understood:
`*`, `5`, `1-5`, names of months and weekdays, each with `/n`, and lists of them. `last`, `2nd fri`
and the field `week` are not, and a rule that uses them is refused.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone, tzinfo
from typing import TYPE_CHECKING, Any, Mapping, Protocol

from zoneinfo import ZoneInfo

from standalone import triggers

if TYPE_CHECKING:
    from standalone.app import App

LOG = logging.getLogger(__name__)

_WEEKDAYS = tuple("mon tue wed thu fri sat sun".split())
_MONTHS = ("", *"jan feb mar apr may jun jul aug sep oct nov dec".split())
#: Most significant first; what is left out after the last field given is at its minimum, but for
#: the weekday.
_FIELDS = ("year", "month", "day", "day_of_week", "hour", "minute", "second")
_RANGES = {
    "year": (1970, 9999),
    "month": (1, 12),
    "day": (1, 31),
    "day_of_week": (0, 6),
    "hour": (0, 23),
    "minute": (0, 59),
    "second": (0, 59),
}


class Schedule(Protocol):
    """When a timer fires."""

    def due(self, since: datetime, until: datetime) -> bool:
        """Whether it fires after `since` and not later than `until`."""


@dataclass(frozen=True)
class Interval:
    """Every `every`, counted from `start`."""

    every: timedelta
    start: datetime

    def due(self, since: datetime, until: datetime) -> bool:
        return (until - self.start) // self.every > (since - self.start) // self.every


@dataclass(frozen=True)
class Cron:
    """At the moments whose fields all match."""

    fields: Mapping[str, frozenset[int]]
    zone: tzinfo

    def due(self, since: datetime, until: datetime) -> bool:
        """Looks at every second in between, but never back more than a minute."""
        moment = max(since, until - timedelta(minutes=1)).replace(microsecond=0)
        while moment + timedelta(seconds=1) <= until:
            moment += timedelta(seconds=1)
            if self._matches(moment.astimezone(self.zone)):
                return True
        return False

    def _matches(self, moment: datetime) -> bool:
        now = {name: getattr(moment, name) for name in _FIELDS if name != "day_of_week"}
        now["day_of_week"] = moment.weekday()
        return all(now[name] in allowed for name, allowed in self.fields.items())


def schedule(type_: str, parameters: Mapping[str, Any], start: datetime) -> Schedule:
    """The schedule a rule's trigger asks for. Raises ValueError for what is not understood."""
    if type_ == triggers.INTERVAL:
        every = timedelta(**{parameters["unit"]: parameters["delta"]})
        if not every:
            raise ValueError("an interval timer needs a delta above 0")
        return Interval(every, start)
    given = [name for name in _FIELDS if parameters.get(name) is not None]
    unknown = sorted(set(parameters) - {*_FIELDS, "timezone"})
    if unknown or not given:
        raise ValueError(f"a cron timer takes {', '.join(_FIELDS)} and not {unknown or 'nothing'}")
    last = _FIELDS.index(given[-1])
    fields = {name: _field(name, str(parameters[name])) for name in given}
    for name in _FIELDS[last + 1 :]:
        if name != "day_of_week":
            fields[name] = frozenset([_RANGES[name][0]])
    zone = parameters.get("timezone") or "UTC"
    return Cron(fields, timezone.utc if zone == "UTC" else ZoneInfo(zone))


def _field(name: str, text: str) -> frozenset[int]:
    return frozenset(value for part in text.split(",") for value in _part(name, part.strip()))


def _part(name: str, text: str) -> range:
    span, _, step = text.partition("/")
    low, high = _RANGES[name]
    if span != "*":
        first, _, last = span.partition("-")
        low, high = _number(name, first), _number(name, last or first)
        if step and not last:
            high = _RANGES[name][1]
    return range(low, high + 1, int(step or 1))


def _number(name: str, text: str) -> int:
    names = {"month": _MONTHS, "day_of_week": _WEEKDAYS}.get(name, ())
    number = names.index(text.lower()) if text.lower() in names else int(text)
    low, high = _RANGES[name]
    if not low <= number <= high:
        raise ValueError(f"{number} is no {name}")
    return number


class Timers:
    """Dispatches the timers that rules ask for, while it runs."""

    def __init__(self, app: App) -> None:
        """Raises ValueError for a timer that is not understood."""
        self.app = app
        self._since = app.triggers.clock()
        self._timers = [
            (spec, schedule(spec["type"], spec["parameters"], self._since))
            for spec in app.triggers.specs()
            if spec["type"] in (triggers.INTERVAL, triggers.CRON)
        ]
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="timers", daemon=True)

    def start(self) -> None:
        """Begins to tick."""
        if self._timers:
            self._thread.start()

    def stop(self) -> None:
        """Ends; what fires later is not made up for."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def tick(self) -> None:
        """Dispatches what fired since the last tick, each timer at most once."""
        since, self._since = self._since, self.app.triggers.clock()
        for spec, timing in self._timers:
            if timing.due(since, self._since):
                payload = {
                    "executed_at": str(self._since.astimezone(timezone.utc)),
                    "schedule": spec["parameters"],
                }
                self.app.triggers.dispatch(spec["type"], payload, spec["parameters"])

    def _run(self) -> None:
        while not self._stopped.wait(0.5):
            try:
                self.tick()
            except Exception:
                LOG.exception("a timer could not be dispatched")
