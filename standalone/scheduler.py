"""Decides when an execution starts: after its delay, and when the policies have a place for it.

Those that wait for a place are looked at in the order in which they came, as soon as one ends.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any, Callable, Iterable

from standalone.alarms import Alarms
from standalone.policies import verdict
from standalone.resources import Policy

Document = dict[str, Any]


class Scheduler:
    """Starts executions with `start`; tells with `mark` who is delayed or canceled instead."""

    def __init__(
        self,
        policies: Iterable[Policy],
        alarms: Alarms,
        start: Callable[[Document], None],
        mark: Callable[[Document, str], bool],
    ) -> None:
        self._policies: dict[str, list[Policy]] = defaultdict(list)
        for policy in policies:
            if policy.enabled and policy.policy_type != "action.retry":
                self._policies[policy.resource_ref].append(policy)
        self._alarms, self._start, self._mark = alarms, start, mark
        self._lock = threading.Lock()
        self._waiting: dict[str, list[Document]] = defaultdict(list)
        self._started: dict[str, list[Document]] = defaultdict(list)

    def add(self, document: Document, delay: float = 0) -> None:
        """Starts the execution as soon as it may."""
        if delay > 0:
            self._mark(document, "delayed")
            self._alarms.after(delay, lambda: self.add(document))
            return
        ref = document["action"]["ref"]
        if ref not in self._policies:
            self._begin(document)
            return
        with self._lock:
            self._waiting[ref].append(document)
        self._look(ref)

    def release(self, document: Document) -> None:
        """The execution has ended or is being canceled: its place is free."""
        ref = document["action"]["ref"]
        if ref not in self._policies:
            return
        with self._lock:
            for places in (self._waiting[ref], self._started[ref]):
                if document in places:
                    places.remove(document)
        self._look(ref)

    def _look(self, ref: str) -> None:
        """Gives each that waits for a place what the policies say."""
        started, refused = [], []
        with self._lock:
            for document in list(self._waiting[ref]):
                said = verdict(self._policies[ref], document, self._started[ref])
                if said != "delay":
                    self._waiting[ref].remove(document)
                elif document["status"] == "requested":
                    self._mark(document, "delayed")
                if said == "run" and self._mark(document, "scheduled"):
                    self._started[ref].append(document)
                    started.append(document)
                elif said == "cancel":
                    refused.append(document)
        for document in started:
            self._start(document)
        for document in refused:
            self._mark(document, "canceled")

    def _begin(self, document: Document) -> None:
        if self._mark(document, "scheduled"):
            self._start(document)
