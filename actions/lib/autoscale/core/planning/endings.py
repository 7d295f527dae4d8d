"""A node's end: what it has to finish, out of rotation, before it is deleted or stays after all."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Mapping

from autoscale.core.group import BROKEN, RELEASED, Departure, Group
from autoscale.core.hooks import (
    ABANDON,
    BEFORE_TERMINATE,
    COMPLETE,
    CONTINUE,
    OK,
    HookRun,
    answer,
    run_name,
)
from autoscale.core.observation import Observation, Server
from autoscale.core.planning.departures import serving_units
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.plan import Plan, together
from autoscale.core.planning.profiles import is_configured
from autoscale.core.planning.roster import Roster, is_recent
from autoscale.core.planning.runs import Runs, start
from autoscale.core.planning.tally import Departures
from autoscale.core.planning.units import place

WORTH_WAITING = 120
"""Seconds for which a convergence stays with a node that is finishing. What takes longer goes on
without it, and converges the group once more when it ends."""


@dataclass(frozen=True)
class Endings:
    """Who may not be deleted yet (``held``), and whose removal was abandoned (``staying``)."""

    held: frozenset[str]
    staying: Mapping[str, Departure]
    plan: Plan


def finish(
    group: Group, roster: Roster, leaving: Departures, seen: Observation, runs: Runs, now: int
) -> Endings:
    """Let those who leave finish, once their unit is out of rotation; it goes or stays as one."""
    units = {server.id: place(server, group)[0] for server in roster.present}
    serving = serving_units(group, roster, leaving, seen)
    held, spared, each = set(), set(), []
    for server in roster.present:
        departure = leaving.get(server.id)
        if departure is None or not _finishes(group, roster, server, departure, runs):
            continue
        run = runs.get(run_name(BEFORE_TERMINATE, server.id))
        end = _end(group, server, departure, run)
        if end == ABANDON:
            spared.add(units[server.id])
        elif end != COMPLETE:
            held.add(units[server.id])
            each.append(_finishing(group, server, run, units[server.id] in serving, now))
    staying = {server.id: replace(leaving[server.id], final=False, stays=True)
               for server in roster.present
               if units[server.id] in spared and server.id in leaving
               and not leaving[server.id].asked and leaving[server.id].why != BROKEN}
    over: dict[str, HookRun | None] = {run_name(BEFORE_TERMINATE, server): None
                                       for server in staying}
    whole = together((*each, Plan(runs=over)))
    whole = replace(whole, hooks=tuple(name for name in whole.hooks if name not in over))
    held -= spared
    waiting = frozenset(server for server, unit in units.items() if unit in held)
    return Endings(waiting, staying, whole)


def _finishes(
    group: Group, roster: Roster, server: Server, departure: Departure, runs: Runs
) -> bool:
    """Whether the hook is for this server: one that has served, or could have, and can answer."""
    return (BEFORE_TERMINATE in group.hooks and departure.final
            and departure.why not in (BROKEN, RELEASED)
            and not departure.asked and not server.leaving
            and roster.fates[server.id] in (Fate.ACTIVE, Fate.WAITING, Fate.LEFT_ALONE)
            and server.address(group.node_network) is not None
            and is_configured(group, server, runs))


def _end(group: Group, server: Server, departure: Departure, run: HookRun | None) -> str:
    """How it ended: COMPLETE, ABANDON, or not yet."""
    told = group.hook_answers.get(server.id, "")
    for word in (COMPLETE, ABANDON):
        if told == answer(word, departure.since):
            return word
    if run is None or not run.outcome:
        return ""
    default = group.hooks[BEFORE_TERMINATE].default
    return COMPLETE if run.outcome == OK or default == CONTINUE else ABANDON


def _finishing(
    group: Group, server: Server, run: HookRun | None, serves: bool, now: int
) -> Plan:
    hook = group.hooks[BEFORE_TERMINATE]
    if run is None and serves:
        return Plan(awaited=(f"{server.name} has to be out of the load balancer first",))
    if run is None:
        begun = start(BEFORE_TERMINATE, server, server.address(group.node_network), now)
        noted = (f"{server.name} is out of rotation, and is to finish",)
        return begun if hook.action else replace(begun, hooks=(), awaited=noted)
    what = _waits(server)
    if hook.action:
        what = (f"{server.name} finishes: its before_terminate hook is under way",)
    short = is_recent(run.since, now, WORTH_WAITING)
    return Plan(awaited=what) if short else Plan(resting=what)


def _waits(server: Server) -> tuple[str, ...]:
    return (f"{server.name} finishes: its before_terminate hook waits for asg.hook_complete",)
