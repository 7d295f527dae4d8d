"""What each server's state means for its group."""
from __future__ import annotations

from enum import IntEnum

from autoscale.core.group import Group
from autoscale.core.observation import Server

UNKNOWN_LIMIT = 3600
"""Seconds for which a server whose state its cloud does not know still counts."""


class Fate(IntEnum):
    """What is to become of a server. Surplus is taken in this order."""

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
