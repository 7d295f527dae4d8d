"""Nodes that somebody has protected: neither surplus nor renewed."""
from __future__ import annotations

from autoscale.core import texts
from autoscale.core.group import RENEWED, SURPLUS, Group
from autoscale.core.planning.roster import Roster
from autoscale.core.planning.units import Unit


def protected(group: Group, roster: Roster) -> frozenset[str]:
    """The ids of the protected servers that count: all of a unit that one of is named."""
    return frozenset(server for unit in roster.units if unit.is_called(group.protected)
                     for server in unit.ids)


def taken_back(group: Group, roster: Roster) -> frozenset[str]:
    """The ids of those who were sent away and have been protected since.

    One whose deletion the cloud has accepted is lost all the same: it counts no more.
    """
    safe = protected(group, roster)
    return frozenset(server for server, departure in group.leaving.items()
                     if server in safe and departure.why in (SURPLUS, RENEWED))


def notes(group: Group, staying: list[Unit], wanted: int) -> tuple[str, ...]:
    """That more nodes stay than are desired, for they are protected."""
    kept = [unit for unit in staying if unit.is_called(group.protected)]
    extra = len(staying) - wanted
    if extra <= 0 or not kept:
        return ()
    names = sorted(server.name for unit in kept for server in unit.servers.values())
    return (f"{texts.count(extra, group.noun)} more than desired {texts.be(extra)} kept: "
            f"{texts.listed(names)} {texts.be(len(names))} protected",)
