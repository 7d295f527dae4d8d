"""Hooks: what their actions do, and that nobody is deleted before he may go."""
from __future__ import annotations

import json
import random
from typing import Any, Mapping
from urllib.parse import quote

from autoscale.core.group import BROKEN, RELEASED
from autoscale.core.hooks import BEFORE_TERMINATE, CONFIGURE, SELECT_VICTIMS
from autoscale.core.planning.profiles import CONFIGURED_MARK
from simcloud import Region
from tests.chaos.serving import MARK, servers_of, value
from tests.chaos.watch import LATE, History, Say, Watch

LASTS = (0, 0, 5, 60, 400)
"""Seconds that a hook's action takes: the longest is beyond the time-outs of most."""


def answer(run: str, parameters: Mapping[str, Any], chance: random.Random) -> str:
    """What a hook's action answers: for ``select_victims`` names in some order, or nonsense."""
    names = [str(one["name"]) if isinstance(one, Mapping) else str(one)
             for one in parameters.get("candidates") or ()]
    chance.shuffle(names)
    if run == SELECT_VICTIMS and chance.random() < 0.3:
        names = ["somebody-else", *names]
    return quote(json.dumps({"result": names}))


class HookWatch(Watch):
    """No server is deleted before its ``before_terminate`` hook has ended, was answered, or has
    had all of its time."""

    def __init__(self, region: Region, texts: Mapping[str, str], violated: Say) -> None:
        super().__init__(region, texts, violated)
        self._wanted: dict[str, History] = {}
        self._asked: dict[str, float] = {}
        self._may_go: set[str] = set()
        self._alive: dict[str, Any] = {}

    def key_set(self, name: str, field: str) -> None:
        run = f"hook.{BEFORE_TERMINATE}."
        if field == "hooks":
            hooks = value(self.texts, name, field) or {}
            self._wanted.setdefault(name, History()).note(
                self.region.now(), hooks.get(BEFORE_TERMINATE))
        elif field == "hook_runs":
            for one in (value(self.texts, name, field) or {}).values():
                if one.point == BEFORE_TERMINATE:
                    self._asked.setdefault(one.server, one.since)
        elif field == "leaving":
            self._may_go.update(self._doomed_before_they_were_up(name))
        elif field == "hook_answers":
            self._may_go.update(value(self.texts, name, field) or ())
        elif field.startswith(run) and json.loads(self.texts[f"asg.{name}.{field}"])["ended"]:
            self._may_go.add(field[len(run):])

    def _doomed_before_they_were_up(self, name: str) -> set[str]:
        """Their deletion is decided, though the call may be lost, and they come up meanwhile."""
        leaving = value(self.texts, name, "leaving") or {}
        return {server.id for server in servers_of(self.region, name)
                if server.id in leaving and leaving[server.id].asked and server.status == "BUILD"}

    def before(self) -> None:
        self._alive = {server.id: (server, server.status, server.updated, dict(server.metadata))
                       for server in self.region.servers.all() if not server.deleting}

    def after(self, call: Any) -> None:
        if call.method != "DELETE":
            return
        there = {server.id for server in self.region.servers.all() if not server.deleting}
        for server, status, since, marks in self._alive.values():
            steady = status == "ACTIVE" and since <= self.region.now() - LATE
            if server.id not in there and steady and MARK in marks:
                self._judge(marks[MARK], server, marks)

    def _judge(self, name: str, server: Any, marks: Mapping[str, str]) -> None:
        now = self.region.now()
        hooks = self._wanted.get(name, History()).lately(now)
        departure = (value(self.texts, name, "leaving") or {}).get(server.id)
        bare = CONFIGURE in (value(self.texts, name, "hooks") or {}) \
            and CONFIGURED_MARK not in marks
        if (not hooks or None in hooks or bare or departure is None
                or departure.why in (BROKEN, RELEASED) or server.id in self._may_go
                or self.texts.get(f"asg.{name}.deleted") == "True"):
            return
        asked = self._asked.get(server.id)
        if asked is None or now < asked + min(hook.timeout for hook in hooks):
            self.violated(f"{name}: {server.name} is deleted ({departure}) although its hook, "
                          f"asked for at {asked}, has not ended")
