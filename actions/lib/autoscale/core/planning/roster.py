"""What each server's state means for its group."""
from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from autoscale.core.group import Group
from autoscale.core.launch import LAUNCH_MARK, launch_mark
from autoscale.core.observation import Observation, Server

UNSEEN_LIMIT = 120
"""Seconds for which a name that was asked for counts as building without having been seen."""

UNKNOWN_LIMIT = 3600
"""Seconds for which a server whose state its cloud does not know still counts."""


class Fate(IntEnum):
    """What is to become of a server. Surplus is taken in this order.

    In each, those of an earlier launch configuration go first, then the oldest.
    """

    BUILDING = 1
    WAITING = 2
    LEFT_ALONE = 3
    ACTIVE = 4
    BROKEN = 5
    GONE = 6


_WAITING = frozenset("HARD_REBOOT MIGRATING PASSWORD REBUILD REBOOT RESIZE REVERT_RESIZE".split())


def fate(server: Server, group: Group, now: float) -> Fate:
    """The fate of a server by its state; a state that is not known is left alone, and counts."""
    if server.state == "DELETED":
        return Fate.GONE
    if server.leaving or server.state in ("ERROR", "SHUTOFF"):
        return Fate.BROKEN
    if server.state == "ACTIVE":
        return Fate.ACTIVE
    if server.state == "BUILD":
        late = now - server.created > group.build_timeout
        return Fate.BROKEN if late else Fate.BUILDING
    if server.state == "UNKNOWN":
        late = now - server.updated > UNKNOWN_LIMIT
        return Fate.BROKEN if late else Fate.WAITING
    return Fate.WAITING if server.state in _WAITING else Fate.LEFT_ALONE


@dataclass(frozen=True)
class Roster:
    """The group's servers that exist, with their fates, and the names that are not seen yet.

    ``launch`` is the mark of today's launch configuration.
    """

    present: tuple[Server, ...]
    fates: dict[str, Fate]
    unseen: tuple[str, ...]
    launch: str = ""

    def are(self, *fates: Fate) -> tuple[Server, ...]:
        """The servers of these fates, in the order in which surplus is taken."""
        chosen = [server for server in self.present if self.fates[server.id] in fates]
        return tuple(sorted(chosen, key=self._rank))

    def _rank(self, server: Server) -> tuple[Fate, bool, float, str]:
        current = server.metadata.get(LAUNCH_MARK) == self.launch
        return self.fates[server.id], current, server.created, server.name

    @property
    def counted(self) -> tuple[Server, ...]:
        """All that count towards the desired number."""
        return self.are(Fate.BUILDING, Fate.WAITING, Fate.LEFT_ALONE, Fate.ACTIVE)

    @property
    def up(self) -> tuple[Server, ...]:
        """All that count and are not being built."""
        return self.are(Fate.WAITING, Fate.LEFT_ALONE, Fate.ACTIVE)


def call(group: Group, seen: Observation, now: float) -> Roster:
    """Call the roll: every server that carries the group's mark, and every name expected."""
    ours = [server for server in seen.servers if server.group == group.name]
    fates = {server.id: fate(server, group, now) for server in ours}
    present = tuple(server for server in ours if fates[server.id] is not Fate.GONE)
    known = {server.name for server in ours}
    return Roster(present, fates, unseen_names(group, known, now),
                  launch_mark(group))


def unseen_names(group: Group, known: set[str], now: float) -> tuple[str, ...]:
    """Reserved names of servers that may still turn up."""
    return tuple(
        name for name, since in group.reserved.items()
        if name not in known and name != group.load_balancer_name
        and is_recent(since, now, UNSEEN_LIMIT)
    )


def is_recent(since: float, now: float, limit: float) -> bool:
    """Whether it was less than so many seconds ago. What lies ahead can't last longer either:

    another machine's clock is a little fast, or a hand has slipped.
    """
    return abs(now - since) < limit
