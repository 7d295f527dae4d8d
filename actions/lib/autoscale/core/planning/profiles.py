"""A node's profile: who has it, who is to get it, and who is replaced for want of it."""
from __future__ import annotations

from dataclasses import dataclass

from autoscale.core.group import Group
from autoscale.core.hooks import CONFIGURE, CONTINUE, OK, HookRun, run_name
from autoscale.core.observation import Server
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.plan import Plan, together
from autoscale.core.planning.roster import Roster
from autoscale.core.planning.runs import Runs, is_stuck, start
from autoscale.core.planning.tally import Departures

CONFIGURED_MARK = "asg_configured"
"""Metadata key that says that a server has its profile."""


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


def judge(group: Group, roster: Roster, runs: Runs) -> Profiles:
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
