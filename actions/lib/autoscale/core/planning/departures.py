"""Who leaves the group: the broken, the evicted, the renewed, and the surplus."""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Collection, Iterable, Mapping, Sequence

from autoscale.core.group import (
    BROKEN,
    EVICTED,
    RELEASED,
    RENEWED,
    SURPLUS,
    Departure,
    Group,
)
from autoscale.core.hooks import AGAIN, answer
from autoscale.core.observation import Observation, Server
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.places import in_change, is_off
from autoscale.core.planning.protection import taken_back
from autoscale.core.planning.relief import Duty, dispensable, relieved
from autoscale.core.planning.roster import Roster, is_recent
from autoscale.core.planning.units import Unit, expected, place, roles_of

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


def choose(
    group: Group, roster: Roster, seen: Observation, now: int, demand: Demand | None = None
) -> dict[str, Departure]:
    """Everyone who is leaving now, by server id: those who were chosen before, and new ones."""
    demand = demand or Demand(group.desired)
    leaving = _carry_on(group, roster, seen, demand, now)
    _dismiss(roster, leaving, demand, now)
    if shortage(group, roster, leaving, demand) > 0:
        _take_back(group, roster, leaving, demand)
    _call(group, roster, seen, now, leaving, _renewed(group, roster, leaving, demand), RENEWED)
    asked = _evicted(group, roster, leaving, demand, now)
    released = [unit for unit in asked if unit.is_called(group.releasing)]
    _call(group, roster, seen, now, leaving, released, RELEASED)
    _call(group, roster, seen, now, leaving, [u for u in asked if u not in released], EVICTED)
    surplus = _surplus(group, roster, seen, leaving, demand)
    _call(group, roster, seen, now, leaving, surplus, SURPLUS)
    _call_strays(group, roster, seen, now, leaving)
    return _released(group, roster, leaving)


def _carry_on(
    group: Group, roster: Roster, seen: Observation, demand: Demand, now: int
) -> dict[str, Departure]:
    """Those who were leaving already and still exist; a drain that has run out is final.

    The time to drain begins once no server of the unit is sent new requests any more: load
    balancers take one change after the other, and each takes its time. One whose removal was
    abandoned once is chosen anew: what was answered then counts no more.
    """
    kept = {*spared(group, roster, demand.unfit), *taken_back(group, roster), *demand.recalled}
    there = [(server, old) for server in roster.present if server.id not in kept
             for old in [group.leaving.get(server.id)] if old and not old.stays]
    on = {place(server, group)[0] for server, old in there
          if not old.final and not is_off(group, server, seen)}

    def carried(server: Server, old: Departure) -> Departure:
        if old.final or not old.drains_since and place(server, group)[0] in on:
            return old
        since = old.drains_since or now
        over = not is_recent(since, now, group.drain_timeout)
        return replace(old, drains_since=since, final=over)

    return {server.id: carried(server, old) for server, old in there}


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


def _dismiss(roster: Roster, leaving: dict[str, Departure], demand: Demand, now: int) -> None:
    """The broken and the unfit leave at once, without draining."""
    reasons = {server.id: BROKEN for server in roster.are(Fate.BROKEN)}
    reasons.update({s.id: demand.unfit[s.id] for s in roster.counted if s.id in demand.unfit})
    for server, why in reasons.items():
        leaving[server] = replace(leaving.get(server, Departure(now, why=why)), final=True)


def _released(
    group: Group, roster: Roster, leaving: Mapping[str, Departure]
) -> dict[str, Departure]:
    """Whom somebody wants to keep as a server is not deleted, why ever it was to go."""
    wanted = {server.id for server in roster.present
              if server.name in group.releasing and not server.leaving}
    return {server: replace(departure, why=RELEASED) if server in wanted else departure
            for server, departure in leaving.items()}


def _call(
    group: Group, roster: Roster, seen: Observation, now: int, leaving: dict[str, Departure],
    called: Iterable[Unit], why: str,
) -> None:
    """Send units away, each as a whole: while one of its servers drains, the others wait."""
    for unit in called:
        servers = unit.servers.values()
        drains = group.drain_timeout > 0 and any(
            roster.fates[s.id] is Fate.ACTIVE and in_rotation(s, seen) for s in servers)
        leaving.update({s.id: Departure(now, final=not drains, why=why) for s in servers})


def _call_strays(
    group: Group, roster: Roster, seen: Observation, now: int, leaving: dict[str, Departure]
) -> None:
    """Servers that no unit has a place for: a second one of a role, or of a role no more wanted."""
    at_home = {server for unit in roster.units for server in unit.ids}
    strays = [Unit(server.id, {"": server}) for server in roster.counted
              if server.id not in leaving and server.id not in at_home]
    _call(group, roster, seen, now, leaving, strays, SURPLUS)


def in_rotation(server: Server, seen: Observation) -> bool:
    """Whether traffic may still reach the server; when nobody could look, it may."""
    if "load_balancer" in seen.unseen:
        return True
    addresses = (server.private, server.public)
    return any(not balancer.addresses.isdisjoint(addresses) for balancer in seen.balancers)


def serving_units(
    group: Group, roster: Roster, leaving: Collection[str], seen: Observation
) -> set[str]:
    """The units of those who leave which requests may still reach.

    A load balancer that is in change may still send some to a server that is out of it already.
    """
    def may_serve(server: Server) -> bool:
        lagging = roster.fates[server.id] is Fate.ACTIVE and in_change(group, server, seen)
        return lagging or in_rotation(server, seen)

    return {place(server, group)[0] for server in roster.present
            if server.id in leaving and may_serve(server)}


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


def _take_back(
    group: Group, roster: Roster, leaving: dict[str, Departure], demand: Demand
) -> None:
    """A wish for more ends the draining of those who were surplus, the youngest first."""
    drainers: dict[str, list[str]] = {}
    for server in reversed(roster.counted):
        if server.id in leaving:
            drainers.setdefault(place(server, group)[0], []).append(server.id)
    back = [servers for servers in drainers.values() if all(
        not leaving[s].final and leaving[s].why == SURPLUS for s in servers)]
    evict = frozenset((*group.evict, *group.releasing))
    evicted = {server.id for server in roster.counted if server.name in evict}
    back = [servers for servers in back if evicted.isdisjoint(servers)]
    for servers in back[:shortage(group, roster, leaving, demand)]:
        for one in servers:
            del leaving[one]


def _renewed(
    group: Group, roster: Roster, leaving: Departures, demand: Demand
) -> list[Unit]:
    return [unit for unit in staying(roster, leaving)
            if any(server in demand.renewed for server in unit.ids)
            and not unit.is_called(group.protected)]


def _evicted(
    group: Group, roster: Roster, leaving: Departures, demand: Demand, now: int
) -> list[Unit]:
    """The evicted who can go now: their replacements serve, or there is no room for them."""
    asked, others = split(group, roster, leaving)
    up = [unit for unit in others if unit.up]
    if len(up) >= demand.units:
        return relieved(asked, up, demand.units, demand.duty, now)
    roles = roles_of(group)
    missing = max(0, places(group, roster, leaving, demand)) * len(roles) + sum(
        len(unit.lacks) for unit in others)
    in_the_way = -(-(missing - max(0, room(group, roster))) // len(roles))
    return asked[:max(0, in_the_way)]


def _surplus(
    group: Group, roster: Roster, seen: Observation, leaving: Departures, demand: Demand
) -> list[Unit]:
    """Those beyond the wish. Names that are not seen yet may never be, and cost nobody a place.

    Units that a hook has spared are kept in addition to the wish.
    """
    _, others = split(group, roster, leaving)
    going = candidates(group, roster, seen, leaving)
    if demand.victims is not None:
        named = {label(group, unit): unit for unit in going}
        going = [named[name] for name in demand.victims if name in named]
    excess = len(in_the_wish(group, roster, leaving)) - demand.units
    return dispensable(going, excess, others, demand.units, demand.duty)


def waiting(
    group: Group, roster: Roster, seen: Observation, leaving: Departures, demand: Demand
) -> tuple[list[Unit], list[Unit]]:
    """Those who are called away, and those beyond the wish, who go when others serve."""
    asked, others = split(group, roster, leaving)
    called = asked if sum(unit.up for unit in others) >= demand.units else []
    excess = len(in_the_wish(group, roster, leaving)) - demand.units
    if excess <= 0 or demand.victims is not None:
        return called, []
    return called, candidates(group, roster, seen, leaving)[:excess]


def candidates(
    group: Group, roster: Roster, seen: Observation, leaving: Departures
) -> list[Unit]:
    """The units that may go as surplus, in the deletion policy's order.

    Nobody who serves goes for one that is up and does not.
    """
    kept = spared(group, roster)
    going = [unit for unit in in_the_wish(group, roster, leaving)
             if not is_kept(group, kept, unit)]
    return sorted(going, key=lambda unit: unit.rank[0] is Fate.ACTIVE and any(
        in_rotation(server, seen) for server in unit.servers.values()))


def label(group: Group, unit: Unit) -> str:
    """What people call the unit: its name, or that of its only server."""
    return unit.name if group.roles else next(iter(unit.servers.values())).name


def in_the_wish(group: Group, roster: Roster, leaving: Departures) -> list[Unit]:
    """The units that stay, without those that are kept in addition to the wish."""
    _, others = split(group, roster, leaving)
    kept = spared(group, roster)
    return [unit for unit in others if not any(server in kept for server in unit.ids)]
