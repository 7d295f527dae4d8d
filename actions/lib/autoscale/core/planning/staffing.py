"""Creating what is missing, deleting who has left."""
from __future__ import annotations

from itertools import count, islice
from typing import Collection, Iterable, Iterator, Sequence

from autoscale.core import texts
from autoscale.core.group import (
    BROKEN,
    EVICTED,
    RELEASED,
    RENEWED,
    UNHEALTHY,
    Departure,
    Group,
)
from autoscale.core.observation import Observation, Server
from autoscale.core.planning.departures import serving_units
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.records import has_record
from autoscale.core.planning.roster import Roster, is_recent
from autoscale.core.planning.tally import Demand, Departures, places, room, shortage, split
from autoscale.core.planning.units import place, roles_of
from autoscale.core.steps import CreateServer, DeleteServer, ReleaseServer, Step
from autoscale.core.units import server_name

CREATES_AT_ONCE = 50
"""Clouds allow about 100 creations a minute for a whole account."""

CREATE_WITHIN = 60
"""Seconds after a reservation in which the server may be asked for: well before it runs out."""

ASK_AGAIN = 30
"""Seconds after which the cloud is asked once more to delete a server that is still there."""


def creations(
    group: Group, roster: Roster, leaving: Departures, seen: Observation, now: int,
    fresh: Iterable[str], demand: Demand,
) -> Plan:
    """Ask for the servers that are missing, as far as the bound and the key pair allow."""
    awaited = tuple(f"{server.name} is being built" for server in roster.are(Fate.BUILDING)
                    if server.id not in leaving)
    awaited += tuple(f"{name} was asked for and is not seen yet" for name in roster.unseen)
    short = max(0, shortage(group, roster, leaving, demand))
    fill = _incomplete(group, roster, leaving)
    missing = len(fill) + short * len(roles_of(group))
    if not missing:
        return Plan(awaited=awaited)
    if group.own_key_pair and group.own_key_pair not in seen.key_pairs:
        waits = f"{texts.count(missing, 'server')} must wait for the group's key pair"
        return Plan(awaited=(*awaited, waits))
    adopted = min(len(roster.candidates), max(0, places(group, roster, leaving, demand)))
    most = min(max(0, room(group, roster) - adopted), CREATES_AT_ONCE)
    why = _lack(group, demand.units, demand.units - short)
    steps = tuple(
        CreateServer(f"{unit} lacks its {role}", _again(group, roster, unit, role),
                     now + CREATE_WITHIN) for unit, role in fill[:most])
    steps += tuple(CreateServer(why, name, now + CREATE_WITHIN) for name in _new_units(
        group, roster, fresh, min(short, (most - len(steps)) // len(roles_of(group)))))
    if not steps and not short and not awaited and leaving.keys().isdisjoint(roster.fates):
        return Plan(problems=(_no_room(group, fill),))
    if len(steps) < missing:
        awaited += (f"{texts.count(missing - len(steps), 'more server')} must wait until others "
                    "are gone or built",)
    return Plan(steps=steps, awaited=awaited)


def _no_room(group: Group, fill: Sequence[tuple[str, str]]) -> str:
    """More units are kept than there may be, and one of them is not whole."""
    lacks = texts.listed([f"{unit} lacks its {role}" for unit, role in fill], 3)
    return (f"{lacks}, and max_nodes is {group.max_nodes}: raise max_nodes, or take the protection "
            "from units that may go (asg.unprotect)")


def _lack(group: Group, desired: int, there: int) -> str:
    counts = "counts" if there == 1 else "count"
    return f"{texts.are(desired, group.noun)} desired, {there} {counts}"


def _incomplete(
    group: Group, roster: Roster, leaving: Departures
) -> list[tuple[str, str]]:
    """The unit and the role of every server that a unit lacks which is to stay."""
    _, others = split(group, roster, leaving)
    return [(unit.name, role) for unit in others for role in unit.lacks]


def _again(group: Group, roster: Roster, unit: str, role: str) -> str:
    """A name for another server of that role: names are not used twice while one is known."""
    taken = _taken(group, roster)
    return next(name for again in count(1) for name in [server_name(unit, role, again)]
                if name not in taken)


def _taken(group: Group, roster: Roster) -> set[str]:
    taken = {server.name for server in (*roster.present, *roster.candidates)}
    taken.update(group.reserved, group.asked, group.evict, group.releasing, group.members)
    return taken


def _new_units(
    group: Group, roster: Roster, fresh: Iterable[str], units: int
) -> Iterator[str]:
    """The names of all servers of so many new units."""
    taken = _taken(group, roster)
    groups = ([server_name(unit, role) for role in roles_of(group)] for unit in fresh)
    unused = (names for names in groups if taken.isdisjoint(names))
    return (name for names in islice(unused, units) for name in names)


def deletions(
    group: Group, roster: Roster, leaving: Departures, seen: Observation, now: int,
    held: Collection[str] = (),
) -> Plan:
    """Delete or release those who leave for good, once their unit is out of the load balancers.

    ``held``: ids of those who have something to finish first.
    """
    steps: list[Step] = []
    awaited: list[str] = []
    serving = serving_units(group, roster, leaving, seen)
    for server in roster.present:
        departure = leaving.get(server.id)
        if departure is None or server.id in held:
            continue
        if not departure.final:
            awaited.append(f"{server.name} is draining")
        elif place(server, group)[0] in serving:
            awaited.append(f"{server.name} has to be out of the load balancer first")
        elif departure.why == RELEASED and not server.leaving:
            whole = _release(group, seen, server, departure, now)
            steps += whole.steps
            awaited += whole.awaited
        elif server.leaving or is_recent(departure.asked, now, ASK_AGAIN):
            awaited.append(f"{server.name} is being deleted")
        else:
            why = _reason(group, roster, server, departure)
            steps.append(DeleteServer(why, server.id, server.name))
    return Plan(steps=tuple(steps), awaited=tuple(awaited))


def _release(
    group: Group, seen: Observation, server: Server, departure: Departure, now: int
) -> Plan:
    """Only when nothing of the group points to it any more is it nobody's."""
    if has_record(group, seen, server):
        return Plan(awaited=(f"{server.name}'s DNS record has to be removed first",))
    if is_recent(departure.asked, now, ASK_AGAIN):
        return Plan(awaited=(f"{server.name} is being released",))
    return Plan(steps=(ReleaseServer("its release was asked for", server.id, server.name),))


def _reason(group: Group, roster: Roster, server: Server, departure: Departure) -> str:
    if departure.why == EVICTED:
        return "its removal was asked for"
    if roster.fates[server.id] is Fate.BROKEN:
        late = " for too long" if server.state in ("BUILD", "UNKNOWN") else ""
        return f"it is in state {server.state}{late}"
    if departure.why in _REASONS:
        return _REASONS[departure.why]
    return f"{texts.are(group.desired, group.noun)} desired and it is the first to go"


_REASONS = {
    UNHEALTHY: "it fails its health check",
    RENEWED: "it came from an earlier launch configuration",
    BROKEN: "it can't be made to serve",
}
