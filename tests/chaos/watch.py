"""What is watched around every change that the pack makes: who goes out of service, who is deleted.

Between seeing and doing lies time in which others act. So nobody is blamed for what was right
less than ``LATE`` seconds ago: wishes that have changed since, nodes that trouble has taken since.
"""
from __future__ import annotations

from typing import Any, Callable, Iterable, Mapping

from autoscale.core.group import BROKEN, RENEWED, SURPLUS, UNHEALTHY, Departure
from autoscale.core.renewal import RUNNING
from autoscale.core.units import place_of
from simcloud import Region
from tests.chaos.serving import (
    MARK,
    group_of,
    in_service,
    names_of_groups,
    role_of,
    servers_of,
    unit_of,
    value,
)

LATE = 120
"""Seconds from a look to the last call that follows from it, at the most."""

BLAMED = (RENEWED, SURPLUS, None)
"""Why nodes go when it is the update that takes them, or nobody can say who."""

Say = Callable[[str], None]


class History:
    """What was true when: ``lowest`` and ``always`` look back ``LATE`` seconds."""

    def __init__(self) -> None:
        self._entries: list[tuple[float, Any]] = []

    def note(self, now: float, what: Any) -> None:
        if not self._entries or self._entries[-1][1] != what:
            self._entries.append((now, what))

    def lately(self, now: float) -> list[Any]:
        """All that was true within the last ``LATE`` seconds."""
        since = [what for at, what in self._entries if at > now - LATE]
        before = [what for at, what in self._entries if at <= now - LATE][-1:]
        return [*before, *since]


class Watch:
    """Looks at a region and a datastore, and says what does not hold."""

    def __init__(self, region: Region, texts: Mapping[str, str], violated: Say) -> None:
        self.region = region
        self.texts = texts
        self.violated = violated

    def key_set(self, name: str, field: str) -> None:
        """A field of this group was written."""

    def before(self) -> None:
        """The pack is about to change something."""

    def after(self, call: Any) -> None:
        """It has made this call, and has changed something or not."""


class ServiceWatch(Watch):
    """A rolling update never takes more nodes out of service than it has promised."""

    def __init__(self, region: Region, texts: Mapping[str, str], violated: Say) -> None:
        super().__init__(region, texts, violated)
        self._floors: dict[str, History] = {}
        self._there: dict[str, set[str]] = {}
        self._excused: dict[str, dict[str, float]] = {}

    def key_set(self, name: str, field: str) -> None:
        """A unit that is protected when it is half gone already makes others surplus."""
        floors = self._floors.setdefault(name, History())
        if field == "protected":
            floors.note(self.region.now(), 0)
        floors.note(self.region.now(), self._floor(name))

    def _floor(self, name: str) -> int:
        """How many units are to stay in service, by the rolling update that is under way."""
        group = group_of(self.texts, name)
        wish, progress = group.rolling_update, group.rolling_progress
        if wish is None or wish.cancelled or self.texts.get(f"asg.{name}.deleted") == "True":
            return 0
        if progress and progress.of == wish.since and progress.state != RUNNING:
            return 0
        return min(wish.policy.min_instances_in_service, group.desired)

    def before(self) -> None:
        """Who serves now; whoever has ceased to since the last change was taken by trouble."""
        for name in names_of_groups(self.region) | set(self._there):
            self.key_set(name, "")
            there = set(in_service(self.region, self.texts, name))
            self._excuse(name, self._there.get(name, set()) - there)
            self._there[name] = there

    def _excuse(self, name: str, units: Iterable[str]) -> None:
        self._excused.setdefault(name, {}).update(dict.fromkeys(units, self.region.now()))

    def after(self, call: Any) -> None:
        for name in sorted(self._there):
            there = set(in_service(self.region, self.texts, name))
            lost = self._there[name] - there
            self._there[name] = there
            if lost:
                self._judge(name, lost, len(there), call)

    def _judge(self, name: str, lost: set[str], left: int, call: Any) -> None:
        now = self.region.now()
        reasons = {unit: self._reason(name, unit) for unit in lost}
        blamed = [unit for unit, why in reasons.items() if why in BLAMED]
        self._excuse(name, lost - set(blamed))
        floor = min(self._floors.setdefault(name, History()).lately(now), default=0)
        excused = [unit for unit, at in self._excused.get(name, {}).items()
                   if at >= now - LATE and unit not in self._there[name]]
        if blamed and left + len(excused) < floor:
            self.violated(
                f"{name}: {call.method} {call.path} leaves {left} in service and {floor} were "
                f"promised ({sorted(map(str, reasons.values()))}, {len(excused)} lost by trouble)")

    def _reason(self, name: str, unit: str) -> str | None:
        leaving = value(self.texts, name, "leaving") or {}
        reasons = [leaving[server.id].why for server in servers_of(self.region, name)
                   if server.id in leaving and unit in (unit_of(server), server.id)]
        return next(iter(reasons), None)


class DeletionWatch(Watch):
    """Nobody is deleted whom somebody keeps; and of a unit all, or none."""

    def __init__(self, region: Region, texts: Mapping[str, str], violated: Say) -> None:
        super().__init__(region, texts, violated)
        self._alive: dict[str, Any] = {}
        self._kept: dict[tuple[str, str], History] = {}

    def key_set(self, name: str, field: str) -> None:
        if field in ("protected", "releasing"):
            kept = value(self.texts, name, field) or ()
            self._kept.setdefault((name, field), History()).note(
                self.region.now(), frozenset(kept))

    def before(self) -> None:
        self._alive = {server.id: (server, server.status, server.metadata.get(MARK))
                       for server in self.region.servers.all() if not server.deleting}

    def after(self, call: Any) -> None:
        if call.method != "DELETE":
            return
        there = {server.id for server in self.region.servers.all() if not server.deleting}
        for server, status, name in [one for one in self._alive.values()
                                     if one[0].id not in there]:
            if name is None:
                self.violated(f"server {server.name}, which is no group's, was deleted")
            elif self.texts.get(f"asg.{name}.deleted") != "True":
                self._judge(name, server, status)
            if name and self._is_kept(name, "releasing", server):
                self.violated(f"{name}: {server.name} was to be released, and is deleted")

    def _judge(self, name: str, server: Any, status: str) -> None:
        departure = (value(self.texts, name, "leaving") or {}).get(server.id)
        well = status == "ACTIVE" and (departure is None or departure.why not in
                                       (BROKEN, UNHEALTHY))
        if well and self._is_kept(name, "protected", server):
            self.violated(f"{name}: {server.name} is protected, and is deleted ({departure})")
        if well:
            self._judge_unit(name, server, departure)

    def _is_kept(self, name: str, field: str, server: Any) -> bool:
        """Whether the server, or another of its unit, has been named there for a while."""
        history = self._kept.get((name, field))
        roles = group_of(self.texts, name).roles
        unit = place_of(server.name, roles)[0]
        return history is not None and all(
            any(place_of(one, roles)[0] == unit or one in (unit, server.name) for one in kept)
            for kept in history.lately(self.region.now()))

    def _judge_unit(self, name: str, server: Any, departure: Departure | None) -> None:
        """Whoever else is of the unit leaves too; a second one of a role may go alone."""
        roles = group_of(self.texts, name).roles
        if role_of(server) not in roles:
            return
        leaving = value(self.texts, name, "leaving") or {}
        others = [one for one in servers_of(self.region, name)
                  if unit_of(one) == unit_of(server) and one.id != server.id
                  and one.status == "ACTIVE" and not one.deleting]
        stay = [one.name for one in others if one.id not in leaving]
        if stay and role_of(server) not in {role_of(one) for one in others}:
            self.violated(f"{name}: {server.name} is deleted ({departure}), and of its unit stay "
                          f"{stay}")
