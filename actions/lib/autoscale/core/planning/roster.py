"""The roll of a group: its servers that exist, the units they make, the names that are expected."""
from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from autoscale.core.group import Group
from autoscale.core.launch import LAUNCH_MARK, launch_mark
from autoscale.core.observation import Observation, Server
from autoscale.core.planning.adoption import candidates
from autoscale.core.planning.fates import Fate, fate
from autoscale.core.planning.units import Unit, compose, place, roles_of

UNSEEN_LIMIT = 120
"""Seconds for which a name that was asked for counts as building without having been seen."""

_COUNTED = (Fate.BUILDING, Fate.WAITING, Fate.LEFT_ALONE, Fate.ACTIVE)


@dataclass(frozen=True)
class Roster:
    """The group's servers that exist, with their fates, and the names that are not seen yet.

    ``current``: ids of the servers that came from today's launch configuration. ``units``: those
    of the servers that count, in the order in which surplus is taken. ``candidates``: servers that
    are to be adopted, and are not the group's yet.
    """

    present: tuple[Server, ...]
    fates: dict[str, Fate]
    unseen: tuple[str, ...]
    current: frozenset[str] = frozenset()
    units: tuple[Unit, ...] = ()
    candidates: tuple[Server, ...] = ()

    def are(self, *fates: Fate) -> tuple[Server, ...]:
        """The servers of these fates, by fate, the oldest first."""
        chosen = [server for server in self.present if self.fates[server.id] in fates]
        return tuple(sorted(chosen, key=lambda s: (self.fates[s.id], s.created, s.name)))

    def is_outdated(self, server: Server) -> bool:
        """Whether it says that it came from another launch configuration than today's."""
        return LAUNCH_MARK in server.metadata and server.id not in self.current

    @cached_property
    def counted(self) -> tuple[Server, ...]:
        """All that count towards the desired number."""
        return self.are(*_COUNTED)

    @cached_property
    def up(self) -> tuple[Unit, ...]:
        """The units that are whole, with nothing of them being built."""
        return tuple(unit for unit in self.units if unit.up)


def call(group: Group, seen: Observation, now: float) -> Roster:
    """Call the roll: every server that carries the group's mark, and every name expected."""
    ours = [server for server in seen.servers if server.group == group.name]
    fates = {server.id: fate(server, group, now) for server in ours}
    present = tuple(server for server in ours if fates[server.id] is not Fate.GONE)
    unseen = unseen_names(group, {server.name for server in ours}, now)
    marks = {role: launch_mark(group, role) for role in roles_of(group)}
    current = frozenset(server.id for server in present if server.metadata.get(LAUNCH_MARK)
                        == marks.get(place(server, group)[1]))
    counted = [server for server in present if fates[server.id] in _COUNTED]
    return Roster(present, fates, unseen, current,
                  compose(group, counted, fates, unseen, current), candidates(group, seen, now))


def unseen_names(group: Group, known: set[str], now: float) -> tuple[str, ...]:
    """Reserved names of servers that may still turn up."""
    balancers = {*group.balancer_names.values(), *group.left_unseen.values()}
    return tuple(
        name for name, since in group.reserved.items()
        if name not in known and name not in balancers
        and is_recent(since, now, UNSEEN_LIMIT)
    )


def is_recent(since: float, now: float, limit: float) -> bool:
    """Whether it was less than so many seconds ago. What lies ahead can't last longer either:

    another machine's clock is a little fast, or a hand has slipped.
    """
    return abs(now - since) < limit
