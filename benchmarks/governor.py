"""A tick of the governor over many groups, against a datastore that pages as StackStorm's does."""
from __future__ import annotations

import json
import logging
from functools import partial
from types import SimpleNamespace
from typing import Any, Sequence

from autoscale.core import keys
from autoscale.core.events import CONVERGED, DECIDED, KEPT, TOLD, append, event
from autoscale.core.fields import FIELDS
from autoscale.core.group import Group
from autoscale.tick import TRIGGERS, tick
from benchmarks.report import Promise, Report, ratio
from benchmarks.situations import at_rest
from benchmarks.stopwatch import seconds

GROUPS = (10, 1_000, 10_000)
WITH_HISTORIES = (10, 1_000)
NODES = 10
NOW = 1_700_000_000
PAGE = 100

LOG = logging.getLogger(__name__)


class Datastore:
    """A sensor's service over keys in memory; what it answers has been JSON on the way.

    ``requests``, ``sent`` (characters), ``pulses`` and ``writes`` count what has happened to it.
    """

    def __init__(self, texts: dict[str, str], whole: bool) -> None:
        self._pairs = sorted(texts.items())
        self.whole = whole
        self.requests = self.sent = self.pulses = self.writes = 0

    def list_values(
        self, local: bool = True, prefix: str | None = None, limit: int | None = None,
        offset: int = 0,
    ) -> list[Any]:
        self.requests += 1
        if limit == -1 and not self.whole:
            raise PermissionError("403: only an admin may ask for more than a page")
        size = len(self._pairs) if limit == -1 else limit or PAGE
        wire = json.dumps([pair for pair in self._pairs[offset:offset + size]
                           if pair[0].startswith(prefix or "")])
        self.sent += len(wire)
        return [SimpleNamespace(name=name, value=value) for name, value in json.loads(wire)]

    def dispatch(self, trigger: str, payload: dict[str, Any]) -> None:
        self.pulses += trigger in TRIGGERS.values()

    def set_value(self, name: str, value: str, local: bool = True) -> None:
        self.writes += 1


def bench(
    groups: Sequence[int] = GROUPS, with_histories: Sequence[int] = WITH_HISTORIES
) -> Report:
    rows, few, right = [], True, True
    first = 0.0
    for histories, sizes in ((False, groups), (True, with_histories)):
        for size in sizes:
            texts = _texts(size, histories)
            for whole in (True, False):
                service = Datastore(texts, whole)
                tick(service, LOG, NOW)
                requests, sent = service.requests, service.sent
                few = few and _few_requests(len(texts), service)
                right = right and service.pulses == (size + 1) // 2 and not service.writes
                taken = seconds(partial(tick, service, LOG, NOW))
                first = first or taken / size
                rows.append([
                    f"{size:,}", "full" if histories else "none",
                    "-1" if whole else str(PAGE), f"{requests:,}", ratio(taken / size / first),
                    f"{1e3 * taken / size:.2f}", f"{taken:.2f}", f"{sent / 1e6:.1f}"])
    return Report(
        "A governor tick: requests, and time per group against that of the first row",
        ["groups", "histories", "limit", "requests", "per group", "ms per group", "s", "MB"],
        rows,
        [Promise("at most 2 requests where the whole list is allowed, else one for each "
                 f"{PAGE} keys and 3", few),
         Promise("a pulse for each group that needs one, one in two here; nothing written", right)],
        "  Time is the sensor's processor time, JSON included. StackStorm's own for each request "
        "comes on top.")


def _few_requests(keys_there: int, service: Datastore) -> bool:
    """A last page that is full can hide another one: one more request asks for it."""
    return service.requests <= (2 if service.whole else 3 + keys_there // PAGE)


def _texts(count: int, histories: bool) -> dict[str, str]:
    """The keys of so many groups, each with all of its fields and NODES nodes."""
    group = at_rest(NODES).group
    fields = {name: value for name, value in vars(group).items()
              if name in FIELDS and value != ""}
    written = keys.write(fields)
    if histories:
        written.update({**dict.fromkeys((DECIDED, CONVERGED), _history()), TOLD: str(NOW)})
    return {keys.key(f"group-{number}", field): text for number in range(count)
            for field, text in {**written, **_wish(group, number)}.items()}


def _wish(group: Group, number: int) -> dict[str, str]:
    """Every second group has an incident and room to grow."""
    return keys.write({"active_incident": number % 2 == 0, "min_nodes": group.desired_nodes,
                       "last_expand_timestamp": NOW - 9999})


def _history() -> str:
    what = "CreateServer sunny-otter: 5 nodes are desired, 3 count"
    return append(None, [event(NOW - KEPT + number, "converge", what) for number in range(KEPT)])
