"""Telling others of nodes: of those that are ready and of those that are gone, each once."""
from __future__ import annotations

from autoscale.core.group import RELEASED, Group
from autoscale.core.hooks import AFTER_CREATE, AFTER_TERMINATE, HookRun, run_name, written
from autoscale.core.observation import Server
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.plan import Plan, together
from autoscale.core.planning.profiles import is_configured
from autoscale.core.planning.roster import Roster, is_recent
from autoscale.core.planning.runs import BEGIN_WITHIN, Runs, start
from autoscale.core.planning.tally import Departures


def tell(
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
