"""The points in a node's life at which hooks run: its profile, its end, and telling of both."""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Mapping

from autoscale.core.group import BROKEN, RELEASED, Departure, Group
from autoscale.core.hooks import (
    ABANDON,
    AFTER_CREATE,
    AFTER_TERMINATE,
    BEFORE_TERMINATE,
    COMPLETE,
    CONFIGURE,
    CONTINUE,
    OK,
    HookRun,
    answer,
    run_name,
    written,
)
from autoscale.core.observation import Observation, Server
from autoscale.core.planning.departures import Departures, serving_units
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.plan import Plan, together
from autoscale.core.planning.roster import Roster, is_recent
from autoscale.core.planning.runs import BEGIN_WITHIN, Runs, is_stuck, start
from autoscale.core.planning.units import place

CONFIGURED_MARK = "asg_configured"
"""Metadata key that says that a server has its profile."""

WORTH_WAITING = 120
"""Seconds for which a convergence stays with a node that is finishing. What takes longer goes on
without it, and converges the group once more when it ends."""


@dataclass(frozen=True)
class Profiles:
    """Whose configure hook has failed.

    ``unfit``: ids of servers to be replaced. ``kept``: those that are kept to be looked at, for
    too many have failed in a row. ``failures``: how many were replaced since the last success.
    """

    unfit: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    failures: int = 0


def is_configured(group: Group, server: Server, runs: Runs) -> bool:
    """Whether the server may join: it has its profile, or is to do without."""
    hook = group.hooks.get(CONFIGURE)
    if hook is None or CONFIGURED_MARK in server.metadata:
        return True
    run = runs.get(run_name(CONFIGURE, server.id))
    return run is not None and (
        run.outcome == OK or bool(run.outcome) and hook.default == CONTINUE)


def profiles(group: Group, roster: Roster, runs: Runs) -> Profiles:
    """Judge the servers whose profile failed, the first to fail first."""
    if CONFIGURE not in group.hooks:
        return Profiles()
    failures = 0 if _any_has_succeeded(group, runs) else group.configure_failures
    unfit, kept = set(), set()
    for server in _failed(group, roster, runs):
        outdated = roster.is_outdated(server)
        if outdated or failures + 1 < group.hooks[CONFIGURE].attempts:
            failures += not outdated
            unfit.add(server.id)
        else:
            kept.add(server.id)
    return Profiles(frozenset(unfit), frozenset(kept), failures)


def _any_has_succeeded(group: Group, runs: Runs) -> bool:
    return any(run.point == CONFIGURE and run.outcome == OK and name in group.hook_runs
               and not group.hook_runs[name].outcome for name, run in runs.items())


def _failed(group: Group, roster: Roster, runs: Runs) -> list[Server]:
    found = []
    for server in roster.are(Fate.ACTIVE):
        run = runs.get(run_name(CONFIGURE, server.id))
        if run and run.outcome and not is_configured(group, server, runs) and not _leaves(
                group, server):
            found.append((run.since, server.name, server))
    return [server for _, _, server in sorted(found, key=lambda each: each[:2])]


def _leaves(group: Group, server: Server) -> bool:
    old = group.leaving.get(server.id)
    return old is not None and not old.stays


def configuring(
    group: Group, roster: Roster, leaving: Departures, runs: Runs, found: Profiles, retry: bool,
    now: int,
) -> Plan:
    """Have the nodes that are up get their profile. ``retry``: those that were kept, once more."""
    each = (_profile(group, server, server.id in leaving, runs, found, retry, now)
            for server in roster.are(Fate.ACTIVE))
    return together((Plan(learned={"configure_failures": found.failures}), *each))


def _profile(
    group: Group, server: Server, leaves: bool, runs: Runs, found: Profiles, retry: bool, now: int
) -> Plan:
    address = server.address(group.node_network)
    name = run_name(CONFIGURE, server.id)
    run = runs.get(name)
    if is_configured(group, server, runs):
        noted = CONFIGURED_MARK in server.metadata and run
        return Plan(runs={name: None}) if noted else Plan()
    if leaves or address is None:
        return Plan()
    if run is None or server.id in found.kept and retry:
        return start(CONFIGURE, server, address, now)
    if server.id in found.kept:
        return Plan(problems=(_kept(group, run),))
    if is_stuck(group, name, run, now):
        return Plan()
    return Plan(awaited=(f"{server.name} gets its profile: its configure hook is under way",))


def _kept(group: Group, run: HookRun) -> str:
    why = f": {run.output}" if run.output else f" to end within {group.hooks[CONFIGURE].timeout} s"
    return (f"the configure hook failed on {run.name}{why}. It is kept for you to look at; mend "
            "the cause and run asg.converge, or replace the node with asg.delete_node replace=true")


@dataclass(frozen=True)
class Endings:
    """Who may not be deleted yet (``held``), and whose removal was abandoned (``staying``)."""

    held: frozenset[str]
    staying: Mapping[str, Departure]
    plan: Plan


def endings(
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


def telling(
    group: Group, roster: Roster, leaving: Departures, runs: Runs, now: int
) -> Plan:
    """Tell of servers that are ready and of those that are gone, each once."""
    new = roster.present if AFTER_CREATE in group.hooks else ()
    over = {name: None for name, run in runs.items()
            if run.point in (AFTER_CREATE, AFTER_TERMINATE) and run.outcome}
    return together((
        _gone(group, roster, runs, now),
        *(_new(group, roster, leaving, server, runs, now) for server in new), Plan(runs=over)))


def _new(
    group: Group, roster: Roster, leaving: Departures, server: Server, runs: Runs, now: int
) -> Plan:
    """A server that was never seen before is noted, and told of once it is ready."""
    name = run_name(AFTER_CREATE, server.id)
    run = runs.get(name)
    if run.since if run else server.name in group.members:
        return Plan()
    address = server.address(group.node_network)
    up = roster.fates[server.id] is Fate.ACTIVE and address and server.id not in leaving
    if up and is_configured(group, server, runs):
        return start(AFTER_CREATE, server, address, now)
    return Plan(runs={name: HookRun(AFTER_CREATE, 0, server.id, server.name)})


def _gone(group: Group, roster: Roster, runs: Runs, now: int) -> Plan:
    """Servers that were there, were to be deleted, and are not there any more."""
    begun, present = {}, {server.id for server in roster.present}
    hosts = {member.server: (host, member.node) for host, member in group.members.items()}
    for server, departure in group.leaving.items():
        name = run_name(AFTER_TERMINATE, server)
        if (AFTER_TERMINATE in group.hooks and departure.asked and departure.why != RELEASED
                and server not in present and name not in runs):
            host, address = hosts.get(server, ("", None))
            begun[name] = HookRun(AFTER_TERMINATE, now, server, host, address=address or "")
    return Plan(hooks=tuple(begun), runs=begun)


def last_words(group: Group, runs: Runs, now: int) -> Plan:
    """What a group that is deleted has still to tell: its keys are there until that has begun."""
    untold = [run for name, run in runs.items()
              if run.point == AFTER_TERMINATE and not written(run, group.hook_results.get(name))
              and is_recent(run.since, now, BEGIN_WITHIN)]
    return Plan(awaited=tuple(f"the after_terminate hook of {run.name} is to begin"
                              for run in untold))


def tidied(roster: Roster, leaving: Departures, runs: Runs) -> Plan:
    """Forget the runs of servers that are gone, but for those that tell of it, and of those that
    were to leave and do not any more."""
    present = {server.id for server in roster.present}
    return Plan(runs={
        name: None for name, run in runs.items() if run.server and run.point != AFTER_TERMINATE
        and (run.server not in present
             or run.point == BEFORE_TERMINATE and run.server not in leaving)})
