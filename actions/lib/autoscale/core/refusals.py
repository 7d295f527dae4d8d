"""Why a webhook's request was refused, and how that is told without washing out a history."""
from __future__ import annotations

import re
from dataclasses import replace

from autoscale.core import events, texts
from autoscale.core.events import Event

MINUTE = 60
KEPT = 40
"""Of the events that are kept, so many at most are refusals."""

MALFORMED = "it is malformed"
TOO_LARGE = "it is larger than 10 kB"
REVOKED = "the webhook is revoked"
NO_SECRET = "the webhook's secret can't be read"
FORGED = "no signature of it is right"
WRONG_TOKEN = "the token is wrong"
NO_CAPABILITY = "it comes with a token, which is not switched on for the webhook"
OFF_TIME = "its timestamp is more than 300 s off"
REPLAYED = "its id has been used already"
TOO_MANY = "there were 10 in a minute already"
NO_POLICY = "its policy can't be run"

_TIMES = re.compile(r", (\d+) times$")


class Refusal(Exception):
    """A request that is not carried out. ``reason``: one of the above; ``detail``: more of it.

    Neither holds anything that the caller has written.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason + (f" ({detail})" if detail else ""))
        self.reason = reason


def noted(text: str | None, at: float, by: str, refusal: Refusal) -> str:
    """The history with this refusal: counted, where the same was refused in the last minute.

    One event a webhook, reason and minute; past KEPT of them the oldest refusal makes room.
    """
    past = list(events.read(text))
    head = f"refused: {refusal.reason}"
    for place in range(len(past) - 1, -1, -1):
        same = past[place].by == by and past[place].what.startswith(head)
        if same and abs(at - past[place].at) < MINUTE:
            past[place] = _counted(past[place])
            return events.append(None, past)
    refusals = [event for event in past if _is_refusal(event)]
    if len(refusals) >= KEPT:
        past.remove(refusals[0])
    return events.append(None, [*past, events.event(at, by, f"refused: {refusal}", "denied")])


def _is_refusal(event: Event) -> bool:
    return event.by.startswith("webhook ") and event.what.startswith("refused: ")


def _counted(event: Event) -> Event:
    before = _TIMES.search(event.what)
    once = _TIMES.sub("", event.what)
    return replace(event, what=texts.line([f"{once}, {int(before.group(1)) + 1 if before else 2} "
                                           "times"]))
