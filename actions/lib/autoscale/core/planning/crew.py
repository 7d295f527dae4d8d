"""What a rolling update has to know of a group's servers."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Collection, Mapping

from autoscale.core.group import BROKEN, RENEWED, SURPLUS, UNHEALTHY, Departure, Group
from autoscale.core.launch import joined
from autoscale.core.observation import Observation, Server
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.membership import readiness
from autoscale.core.planning.places import serving
from autoscale.core.planning.roster import Roster
from autoscale.core.planning.runs import Runs
from autoscale.core.planning.tally import is_kept, spared, staying
from autoscale.core.planning.units import Unit


@dataclass(frozen=True)
class Standing:
    """A unit that counts and does not leave, as a rolling update sees it.

    ``servers``: ids. ``outdated``: to be renewed. ``serves``: whole, and in service.
    ``left_alone``: an operator is at work on it, so that nobody waits for it to serve. ``unseen``:
    nobody could look whether it serves; it may. ``reached``: it is not whole, but traffic still
    goes to one of its servers.
    """

    servers: tuple[str, ...]
    outdated: bool = False
    serves: bool = True
    left_alone: bool = False
    unseen: bool = False
    reached: bool = False

    @property
    def is_missed(self) -> bool:
        """Whether one less would be in service without it, or may be."""
        return self.serves or self.unseen or self.reached


@dataclass(frozen=True)
class Crew:
    """All that a rolling update has to know of the group's servers.

    ``units``: in the order in which surplus is taken. ``present``: ids of all servers that exist.
    ``failed``: servers of today's launch configuration that came to nothing, by id, what became of
    them. ``complete``: nothing that was asked for may still turn up. ``kept``: names of outdated
    servers that are left as they are. ``going``: servers, by unit, that were chosen to be renewed
    and still serve.
    """

    units: tuple[Standing, ...]
    present: frozenset[str] = frozenset()
    failed: Mapping[str, str] = field(default_factory=dict)
    complete: bool = True
    kept: tuple[str, ...] = ()
    going: tuple[tuple[str, ...], ...] = ()

    @property
    def outdated(self) -> list[Standing]:
        """The outdated units, those that do not serve first: nobody misses them."""
        return sorted((unit for unit in self.units if unit.outdated),
                      key=lambda unit: unit.is_missed)

    @property
    def in_service(self) -> int:
        return sum(unit.serves for unit in self.units)

    def is_whole(self, capacity: int) -> bool:
        """Whether all that are wanted are there, and all new ones serve."""
        return self.complete and len(self.units) >= capacity and all(
            unit.outdated or unit.serves or unit.left_alone for unit in self.units)


def muster(
    group: Group, roster: Roster, seen: Observation, unfit: Mapping[str, str],
    runs: Runs, kept: Collection[str] = (),
) -> Crew:
    """The units that stay, each with where it stands; the evicted are as good as gone.

    Units that somebody protects, or that a hook has spared, stay as they are. Newcomers that are
    kept have failed like those that are replaced.
    """
    stay = spared(group, roster, unfit)
    away = {server: Departure(0) for server in ({*group.leaving} - {*stay}) | {*unfit}}
    ready, _ = readiness(group, roster, away, seen, runs)
    serves = serving(group, seen, ready)
    called = frozenset((*group.evict, *group.releasing))
    there = [unit for unit in staying(roster, away)
             if not unit.is_called(called) or is_kept(group, stay, unit)]
    names = {server.id: server.name for server in roster.present}
    safe = {server for unit in there if is_kept(group, stay, unit) for server in unit.ids}
    return Crew(
        tuple(_standing(group, roster, unit, serves, safe, seen) for unit in there),
        frozenset(names), _failed(group, roster, {**unfit, **dict.fromkeys(kept, UNHEALTHY)}),
        not roster.unseen and not _may_come_back(group, roster),
        tuple(sorted(names[s] for s in safe if s not in roster.current)),
        _going(group, roster, seen, unfit))


def _going(
    group: Group, roster: Roster, seen: Observation, unfit: Mapping[str, str]
) -> tuple[tuple[str, ...], ...]:
    """The servers, by unit, that were chosen to be renewed and that traffic still reaches."""
    chosen = {server for server, one in group.leaving.items()
              if one.why == RENEWED and not one.asked and not one.stays}
    well = [server for server in roster.are(Fate.ACTIVE)
            if server.id in chosen and server.id not in unfit and (
                seen.healthy is None or server.id in seen.healthy or server.id in seen.unasked)]
    serves = serving(group, seen, well)
    return tuple(unit.ids for unit in roster.units
                 if chosen.issuperset(unit.ids) and _is_reached(group, unit, serves))


def _may_come_back(group: Group, roster: Roster) -> bool:
    """Whether an outdated server drains that a wish for more would take back."""
    return any(not one.final and not one.stays and one.why == SURPLUS
               and server not in roster.current
               for server, one in group.leaving.items() if server in roster.fates)


def _is_reached(group: Group, unit: Unit, serves: Collection[str]) -> bool:
    """Whether a load balancer sends traffic to the unit; where none is joined, whether it is
    ready."""
    behind = [server.id for role, server in unit.servers.items() if joined(group, role)]
    return any(s in serves for s in behind) if behind else all(s in serves for s in unit.ids)


def _standing(
    group: Group, roster: Roster, unit: Unit, serves: Collection[str], safe: Collection[str],
    seen: Observation,
) -> Standing:
    ids = tuple(unit.ids)
    return Standing(
        ids,
        outdated=any(s not in roster.current and s not in safe for s in ids),
        serves=unit.up and all(s in serves for s in ids),
        left_alone=any(roster.fates[s] is Fate.LEFT_ALONE for s in ids),
        unseen="load_balancer" in seen.unseen or not seen.unasked.isdisjoint(ids),
        reached=_is_reached(group, unit, serves))


def _failed(group: Group, roster: Roster, unfit: Mapping[str, str]) -> dict[str, str]:
    """Servers of the current launch configuration that came to nothing since the update began."""
    began = group.rolling_update.since if group.rolling_update else 0
    return {server.id: _failure(server, group.leaving.get(server.id), unfit.get(server.id))
            for server in roster.present
            if server.id in roster.current and server.created >= began
            and _has_failed(group, roster, server, unfit)}


def _has_failed(
    group: Group, roster: Roster, server: Server, unfit: Mapping[str, str]
) -> bool:
    """Whether it is broken or unfit; not one that somebody else deletes."""
    old = group.leaving.get(server.id)
    if old:
        return old.why in (BROKEN, UNHEALTHY) and (old.asked > 0 or not server.leaving)
    return server.id in unfit or roster.fates[server.id] is Fate.BROKEN and not server.leaving


def _failure(server: Server, old: Departure | None, unfit: str | None) -> str:
    if UNHEALTHY in (unfit, old.why if old else None):
        return f"{server.name} failed its health check"
    if server.state == "BUILD":
        return f"{server.name} was not built in time"
    if server.state == "ACTIVE":
        return f"{server.name} did not get its profile"
    return f"{server.name} is in state {server.state}"
