"""A group's history: what was decided and done, by whom and why, the last 200 of it.

Deciding and converging run side by side and the datastore knows no transactions, so each has a
key of its own; readers merge the two.
"""
from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass
from typing import Any, Iterable, Mapping

from autoscale.core import texts

KEPT = 200
DECIDED = "events"
CONVERGED = "events_converging"
TOLD = "events_told"
"""The field that says up to which time the events have been dispatched as triggers."""


@dataclass(frozen=True)
class Event:
    """``at``: seconds since 1970, to the millisecond. ``what``: a sentence.

    ``outcome``: done, denied, failed.
    """

    at: float
    by: str
    what: str
    outcome: str = "done"


def event(at: float, by: str, what: str, outcome: str = "done") -> Event:
    """An event whose texts fit into one line each."""
    return Event(round(at, 3), texts.line([by], 60), texts.line([what], 240),
                 outcome)


def read(text: str | None) -> tuple[Event, ...]:
    """The events in this text, oldest first; what a hand has broken counts as none."""
    try:
        return tuple(Event(_time(e["at"]), str(e["by"]), str(e["what"]), str(e["outcome"]))
                     for e in json.loads(text or "[]"))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return ()


def _time(given: Any) -> float:
    at = float(given)
    if not math.isfinite(at):
        raise ValueError("not a time")
    return at


def append(text: str | None, new: Iterable[Event]) -> str:
    """The text with these events added and the oldest dropped."""
    return json.dumps([asdict(e) for e in [*read(text), *new][-KEPT:]])


def merge(decided: str | None, converged: str | None) -> tuple[Event, ...]:
    """The last events of both, oldest first."""
    both = sorted(read(decided) + read(converged), key=lambda e: e.at)
    return tuple(both[-KEPT:])


def untold(fields: Mapping[str, str]) -> tuple[Event, ...]:
    """The events in a group's texts that are newer than its field TOLD, oldest first."""
    told = _told(fields.get(TOLD))
    if max(_latest(fields.get(DECIDED)), _latest(fields.get(CONVERGED))) <= told:
        return ()
    return tuple(e for e in merge(fields.get(DECIDED), fields.get(CONVERGED)) if e.at > told)


def _told(text: str | None) -> float:
    try:
        return _time(text or 0)
    except ValueError:
        return 0.0


def _latest(text: str | None) -> float:
    """When the last event in the text was, without reading the others."""
    found = re.match(r'{"at": (\d+(\.\d+)?)', text[text.rfind('{"at": '):]) if text else None
    return float(found.group(1)) if found else 0.0
