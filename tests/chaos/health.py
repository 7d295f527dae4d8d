"""Health checks: what nodes answer, and that nobody is given up who should not be."""
from __future__ import annotations

import random
from typing import Any, Callable, Iterable, Mapping

from autoscale.core.group import UNHEALTHY
from autoscale.health import Answers, Question
from simcloud import Region
from tests.chaos.serving import MARK, names_of_groups, servers_of, value
from tests.chaos.watch import History, Say, Watch


class Health(Watch):
    """Stands in for the network between the pack and the nodes.

    ``unreachable``: groups of which no node can be asked. ``forgetful``: how likely it is that
    there was no time for a question. ``tell`` hears who passes, before anybody else does.
    """

    def __init__(
        self, region: Region, texts: Mapping[str, str], violated: Say,
        chance: random.Random, tell: Callable[[Iterable[str]], None],
    ) -> None:
        super().__init__(region, texts, violated)
        self.chance = chance
        self.tell = tell
        self.unreachable: set[str] = set()
        self.forgetful = 0.0
        self._passed: set[str] = set()
        self._passing: dict[str, History] = {}
        self._given_up: dict[str, set[str]] = {}
        self._sizes: dict[str, History] = {}

    def ask_all(self, questions: Iterable[Question], within: float) -> Answers:
        self.before()
        questions = list(questions)
        asked = [one for one in questions if self.chance.random() >= self.forgetful]
        there = {server.id: server for server in self.region.servers.all()}
        passed = frozenset(one.server for one in asked if one.server in there
                           and self.passes(there[one.server])
                           and one.address in there[one.server].addresses)
        self._passed |= passed
        self.tell(passed)
        unasked = {one.server for one in questions} - {one.server for one in asked}
        return Answers(passed, frozenset(unasked))

    def passes(self, server: Any) -> bool:
        return server.serving and server.metadata.get(MARK) not in self.unreachable

    def before(self) -> None:
        now = self.region.now()
        for name in names_of_groups(self.region):
            servers = servers_of(self.region, name)
            self._passing.setdefault(name, History()).note(now, any(map(self.passes, servers)))
            self._sizes.setdefault(name, History()).note(now, len(servers))

    def after(self, call: Any) -> None:
        pass

    def key_set(self, name: str, field: str) -> None:
        """Whenever somebody is given up, it is only some, and others pass."""
        if field != "leaving":
            return
        self.before()
        leaving = value(self.texts, name, "leaving") or {}
        ill = {server for server, departure in leaving.items() if departure.why == UNHEALTHY}
        new = ill - self._given_up.get(name, set())
        self._given_up[name] = ill
        if new:
            self._judge(name, new)

    def _judge(self, name: str, new: set[str]) -> None:
        now = self.region.now()
        if not any(self._passing[name].lately(now)):
            self.violated(f"{name}: {len(new)} are given up although no node passes its check")
        check = value(self.texts, name, "health_check")
        most = max(self._sizes[name].lately(now))
        if check and len(new & self._passed) > max(1, most * check.replace_percent // 100):
            self.violated(f"{name}: {len(new)} of {most} are given up at once")
