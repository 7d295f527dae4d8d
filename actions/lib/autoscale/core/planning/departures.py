"""Who leaves the group: the broken, the evicted, the renewed, and the surplus."""
from __future__ import annotations

from dataclasses import replace
from typing import Collection, Iterable, Mapping

from autoscale.core.group import (
    BROKEN,
    EVICTED,
    RELEASED,
    RENEWED,
    SURPLUS,
    Departure,
    Group,
)
from autoscale.core.observation import Observation, Server
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.places import in_change, is_off
from autoscale.core.planning.protection import taken_back
from autoscale.core.planning.relief import dispensable, relieved
from autoscale.core.planning.roster import Roster, is_recent
from autoscale.core.planning.tally import (
    Demand,
    Departures,
    in_the_wish,
    is_kept,
    label,
    places,
    room,
    shortage,
    spared,
    split,
    staying,
)
from autoscale.core.planning.units import Unit, place, roles_of


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
