"""The tally: who stays, who is called away, and how many units are wanted beyond those."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Collection, Mapping, Sequence

from autoscale.core.group import Departure, Group
from autoscale.core.hooks import AGAIN, answer
from autoscale.core.planning.relief import Duty
from autoscale.core.planning.roster import Roster
from autoscale.core.planning.units import Unit, expected, roles_of

Departures = Mapping[str, Departure]


@dataclass(frozen=True)
class Demand:
    """How many units are wanted, and who can't stay whatever their number.

    ``unfit``: why, by server id; they leave at once. ``renewed``: ids of servers whose units are
    to be replaced; they drain first. ``recalled``: ids of those that were to be, and are needed
    for now. ``victims``: who may go as surplus, by ``label``, the first first; None where the
    deletion policy decides. ``duty``: who is in service now.
    """

    units: int
    unfit: Mapping[str, str] = field(default_factory=dict)
    renewed: Collection[str] = ()
    recalled: Collection[str] = ()
    victims: Sequence[str] | None = None
    duty: Duty = Duty()


def spared(
    group: Group, roster: Roster, unfit: Collection[str] = ()
) -> dict[str, Departure]:
    """Those who were leaving and stay, for a hook has abandoned their removal."""
    return {
        server.id: group.leaving[server.id] for server in roster.counted
        if server.id in group.leaving and group.leaving[server.id].stays
        and server.id not in unfit and group.hook_answers.get(server.id) != answer(
            AGAIN, group.leaving[server.id].since)
    }


def staying(roster: Roster, leaving: Collection[str]) -> tuple[Unit, ...]:
    """The units that count and don't leave, in the order in which surplus is taken."""
    if not leaving:
        return roster.units
    left = [(unit, unit.without(leaving)) for unit in roster.units]
    there = [after for _, after in left if after]
    broken_up = any(after and after is not before for before, after in left)
    return tuple(sorted(there, key=lambda unit: unit.rank) if broken_up else there)


def split(
    group: Group, roster: Roster, leaving: Departures
) -> tuple[list[Unit], list[Unit]]:
    """Those who don't leave yet: who is to be evicted or released, and who is not."""
    there = staying(roster, leaving)
    called = frozenset((*group.evict, *group.releasing))
    if not called:
        return [], list(there)
    kept = spared(group, roster)

    def goes(unit: Unit) -> bool:
        return unit.is_called(called) and not is_kept(group, kept, unit)

    return [unit for unit in there if goes(unit)], [unit for unit in there if not goes(unit)]


def is_kept(group: Group, kept: Collection[str], unit: Unit) -> bool:
    """Whether the unit may not be sent away: somebody has protected it, or its hook spared it."""
    return unit.is_called(group.protected) or any(server in kept for server in unit.ids)


def shortage(group: Group, roster: Roster, leaving: Departures, demand: Demand) -> int:
    """How many units have to be made: the free places that no adoption is going to fill."""
    return places(group, roster, leaving, demand) - len(roster.candidates)


def places(group: Group, roster: Roster, leaving: Departures, demand: Demand) -> int:
    """How many units are wanted beyond those that are there to stay, or may still turn up."""
    _, others = split(group, roster, leaving)
    there = {unit.name for unit in others}
    return demand.units - len(others) - len(coming(group, roster, there))


def coming(
    group: Group, roster: Roster, there: Collection[str] | None = None
) -> list[str]:
    """Units of which servers were asked for and nothing is ``there`` yet."""
    known = {unit.name for unit in roster.units} if there is None else there
    return [name for name in expected(group, roster.unseen) if name not in known]


def room(group: Group, roster: Roster) -> int:
    """How many more servers may exist, counting all that do, in whatever state."""
    return group.max_nodes * len(roles_of(group)) - len(roster.present) - len(roster.unseen)


def in_the_wish(group: Group, roster: Roster, leaving: Departures) -> list[Unit]:
    """The units that stay, without those that are kept in addition to the wish."""
    _, others = split(group, roster, leaving)
    kept = spared(group, roster)
    return [unit for unit in others if not any(server in kept for server in unit.ids)]


def label(group: Group, unit: Unit) -> str:
    """What people call the unit: its name, or that of its only server."""
    return unit.name if group.roles else next(iter(unit.servers.values())).name
