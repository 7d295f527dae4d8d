"""The planner: one page, from a group and what was observed of it to what is to be done next."""
from __future__ import annotations

from dataclasses import replace
from typing import Iterable

from autoscale.core.group import BROKEN, UNHEALTHY, Group
from autoscale.core.observation import Observation
from autoscale.core.planning import (
    adoption,
    belongings,
    departures,
    endings,
    memory,
    profiles,
    protection,
    renewing,
    roster,
    runs,
    safety,
    staffing,
    tally,
    telling,
    victims,
    wellness,
)
from autoscale.core.planning.farewell import farewell
from autoscale.core.planning.membership import membership, readiness
from autoscale.core.planning.places import serving, vain_weights
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.records import records
from autoscale.core.planning.relief import Duty


def plan(
    group: Group,
    seen: Observation,
    now: float,
    fresh: Iterable[str] = (),
    given_up: frozenset[str] = frozenset(),
    retry: bool = False,
    force: bool = False,
) -> Plan:
    """What to do next for the group, given one look at it.

    ``fresh`` are names to give to new servers, the more the better. ``given_up`` are the kinds of
    step that the cloud has refused in this convergence: they are not tried again before the next
    one. ``retry``: nodes whose profile failed for good are to be tried once more. ``force`` lifts
    the safety limit.
    """
    now = int(now)
    if group.paused and not group.deleted:
        return Plan()
    if "servers" in seen.unseen:
        return Plan(awaited=seen.blind_spots)
    roll = roster.call(group, seen, now)
    whole = runs.settle(group, now)
    hooked = runs.now_known(group, whole)
    if group.deleted:
        leaving, goodbye = farewell(group, roll, seen, hooked, now)
        return _remember(group, roll, leaving, seen, now, given_up, whole + goodbye)
    well = wellness.judge(group, roll, seen, now)
    found = profiles.judge(group, roll, hooked)
    unfit = {**dict.fromkeys(well.unhealthy, UNHEALTHY), **dict.fromkeys(found.unfit, BROKEN)}
    renewal = renewing.renewal(group, roll, seen, now, unfit, hooked, well.kept)
    demand = tally.Demand(renewal.capacity, unfit, renewal.victims, renewal.recalled,
                               duty=duty(group, roll, seen, hooked, renewal.capacity))
    leaving = departures.choose(group, roll, seen, now, demand)
    refusal = None if force else safety.refusal(group, roll, leaving, demand.units)
    if refusal:
        return Plan(problems=(refusal,), total=len(roll.up))
    chosen = victims.choice(group, roll, seen, leaving, hooked, now)
    if chosen.order is not None:
        demand = replace(demand, victims=chosen.order)
        leaving = departures.choose(group, roll, seen, now, demand)
    ends = endings.finish(group, roll, leaving, seen, hooked, now)
    leaving = {server: one for server, one in leaving.items() if server not in ends.staying}
    group = replace(group, leaving={**group.leaving, **ends.staying})
    whole += chosen.plan + ends.plan
    whole += profiles.configuring(group, roll, leaving, hooked, found, retry, now)
    whole += telling.tell(group, roll, leaving, hooked, now)
    ready, unready = readiness(group, roll, leaving, seen, hooked)
    whole += unready
    whole += Plan(awaited=seen.blind_spots)
    whole += well.as_plan
    whole += belongings.key_pair(group, seen)
    whole += belongings.load_balancers(group, seen, now)
    whole += belongings.zone(group, seen)
    whole += _adoptions(group, roll, leaving, seen, demand)
    whole += staffing.creations(group, roll, leaving, seen, now, fresh, demand)
    whole += staffing.deletions(group, roll, leaving, seen, now, ends.held)
    whole += membership(group, roll, leaving, seen, ready, given_up)
    whole += records(group, roll, leaving, seen, ready)
    stuck = bool(whole.problems)
    whole += _relief(group, roll, seen, leaving, demand, stuck) + renewal.as_plan(stuck)
    return _remember(group, roll, leaving, seen, now, given_up, whole)


def duty(
    group: Group, roll: roster.Roster, seen: Observation, hooked: runs.Runs, wanted: int
) -> Duty:
    """Who is in service, where somebody is to go to whom that matters."""
    matters = group.evict or group.releasing or len(roll.units) > wanted
    if not matters or "load_balancer" in seen.unseen:
        return Duty()
    ready, _ = readiness(group, roll, {}, seen, hooked)
    return Duty(serving(group, seen, ready))


def _relief(
    group: Group, roll: roster.Roster, seen: Observation, leaving: tally.Departures,
    demand: tally.Demand, stuck: bool,
) -> Plan:
    """Who stays for now, because too few would serve without it. ``stuck``: something needs a
    person, and may be why: then no convergence stays for it."""
    called, surplus = departures.waiting(group, roll, seen, leaving, demand)
    awaited, resting = ([f"{tally.label(group, unit)} stays until as many as desired serve "
                         "without it" for unit in units] for units in (called, surplus))
    if stuck:
        return Plan(resting=(*awaited, *resting))
    return Plan(awaited=tuple(awaited), resting=tuple(resting))


def _adoptions(
    group: Group, roll: roster.Roster, leaving: tally.Departures, seen: Observation,
    demand: tally.Demand,
) -> Plan:
    places = tally.places(group, roll, leaving, demand)
    whole = adoption.adoptions(roll.candidates, places, tally.room(group, roll))
    return whole + Plan(notes=notes(group, roll, leaving, seen, demand))


def notes(
    group: Group, roll: roster.Roster, leaving: tally.Departures, seen: Observation,
    demand: tally.Demand,
) -> tuple[str, ...]:
    """What people should know of the nodes' number and weights, though nothing is wrong."""
    staying = tally.in_the_wish(group, roll, leaving)
    places = tally.places(group, roll, leaving, demand)
    return (*protection.notes(group, staying, demand.units),
            *adoption.notes(group, seen, roll.candidates, places),
            *vain_weights(group, seen))


def _remember(
    group: Group,
    roll: roster.Roster,
    leaving: tally.Departures,
    seen: Observation,
    now: int,
    given_up: frozenset[str],
    whole: Plan,
) -> Plan:
    """Drop what was refused before, and add what must be written down before the rest is done."""
    steps = tuple(step for step in whole.steps if type(step).__name__ not in given_up)
    whole = replace(whole, steps=steps, total=len(roll.up))
    whole += runs.tidied(roll, leaving, runs.now_known(group, whole))
    known = runs.now_known(group, whole)
    whole = replace(whole, hooks=tuple(name for name in whole.hooks if name in known))
    whole += runs.used(group, known)
    return replace(whole, learned=memory.learned(group, roll, leaving, seen, whole, now))
