"""When a request is repeated inside: only where repeating it can't double its effect."""
from __future__ import annotations

from typing import Callable

from autoscale.clouds.rackspace.transport import Answer, NoAnswer, Outcome
from autoscale.seams import Busy, CloudError

LONGEST_WAIT = 20.0
"""Seconds that one request may spend waiting inside; who needs longer gets Busy and comes back."""

TRIES = 4
"""How often a reading request is tried before its failure is reported."""

Sleep = Callable[[float], object]


def until_answered(
    send: Callable[[], Outcome],
    error_of: Callable[[Outcome], CloudError],
    *,
    changes: bool,
    sleep: Sleep,
) -> Answer:
    """The first successful answer, or the last failure as an error.

    A change is repeated only after Busy, which promises that it had no effect. A reading request
    is repeated after whatever may pass by itself.
    """
    waited, tries = 0.0, 0
    while True:
        outcome = send()
        if isinstance(outcome, Answer) and 200 <= outcome.status < 300:
            return outcome
        tries += 1
        error = error_of(outcome)
        pause = _pause(error, outcome, tries, changes)
        if pause is None or waited + pause > LONGEST_WAIT:
            raise error
        sleep(pause)
        waited += pause


def _pause(error: CloudError, outcome: Outcome, tries: int, changes: bool) -> float | None:
    """Seconds before the next try; None when there should be none."""
    if isinstance(error, Busy):
        return max(error.retry_after or min(tries, 5), 0.1)
    if changes or not error.retry or tries >= _tries(outcome):
        return None
    return error.retry_after or 0.5 * 2 ** (tries - 1)


def _tries(outcome: Outcome) -> int:
    """One that hung has cost half a minute already: tried once more only."""
    return 2 if isinstance(outcome, NoAnswer) and outcome.slow else TRIES
