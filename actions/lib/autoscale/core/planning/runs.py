"""Runs of hooks: how those that ended did, which are late, and which are to begin once more."""
from __future__ import annotations

from dataclasses import replace
from typing import Mapping, Sequence

from autoscale.core import texts
from autoscale.core.group import Group
from autoscale.core.hooks import (
    ABANDON,
    AFTER_TERMINATE,
    BEFORE_TERMINATE,
    CONFIGURE,
    CONTINUE,
    FAILED,
    LATE,
    OK,
    SELECT_VICTIMS,
    Hook,
    HookResult,
    HookRun,
    run_name,
    written,
)
from autoscale.core.observation import Server
from autoscale.core.planning.plan import Plan, together
from autoscale.core.planning.roster import Roster, is_recent
from autoscale.core.planning.tally import Departures

BEGIN_WITHIN = 120
"""Seconds in which a run has to begin; what lets it begin may have been lost on its way."""

TRIES = 3
"""How often a run is asked to begin."""

Runs = Mapping[str, HookRun]


def settle(group: Group, now: int) -> Plan:
    """Take note of the runs that have ended, give up those that take too long, ask once more for
    those that do not begin, and forget those whose hook is there no more."""
    over: dict[str, HookRun | None] = {
        name: None for name, run in group.hook_runs.items() if run.point not in group.hooks}
    return together((Plan(runs=over), *(
        _judged(group, name, run, now) for name, run in group.hook_runs.items()
        if name not in over and run.since and not run.outcome)))


def _judged(group: Group, name: str, run: HookRun, now: int) -> Plan:
    hook, result = group.hooks[run.point], written(run, group.hook_results.get(name))
    if result and result.ended:
        return _ended(group, name, run, result)
    if _is_late(hook, run, result is not None, now):
        return _outcome(group, name, replace(run, outcome=LATE),
                        f"did not end within {hook.timeout} s")
    if hook.action and result is None and not is_recent(run.since, now, BEGIN_WITHIN):
        return _once_more(name, run, now)
    return Plan()


def is_stuck(group: Group, name: str, run: HookRun, now: int) -> bool:
    """Whether the run was asked for often enough, and has not begun."""
    begun = written(run, group.hook_results.get(name))
    return not begun and run.attempt >= TRIES and not is_recent(run.since, now, BEGIN_WITHIN)


def tidied(roster: Roster, leaving: Departures, runs: Runs) -> Plan:
    """Forget the runs of servers that are gone, but for those that tell of it, and of those that
    were to leave and do not any more."""
    present = {server.id for server in roster.present}
    return Plan(runs={
        name: None for name, run in runs.items() if run.server and run.point != AFTER_TERMINATE
        and (run.server not in present
             or run.point == BEFORE_TERMINATE and run.server not in leaving)})


def used(group: Group, known: Runs) -> Plan:
    """The results that nobody needs any more."""
    return Plan(used=tuple(name for name in group.hook_results
                           if name not in known or known[name].outcome))


def now_known(group: Group, changes: Plan) -> dict[str, HookRun]:
    """The group's runs with these changes."""
    merged = {**group.hook_runs, **changes.runs}
    return {name: run for name, run in merged.items() if run is not None}


def start(point: str, server: Server, address: str | None, now: int) -> Plan:
    """A run for a server that is to begin now."""
    name = run_name(point, server.id)
    run = HookRun(point, now, server.id, server.name, address=address or "")
    return Plan(hooks=(name,), runs={name: run})


def subject(run: HookRun) -> str:
    """The hook and its node, for people."""
    return f"the {run.point} hook" + (f" of {run.name}" if run.name else "")


def _ended(group: Group, name: str, run: HookRun, result: HookResult) -> Plan:
    ended = replace(run, outcome=OK if result.ok else FAILED,
                    output=texts.line([result.output[-300:]]))
    wrong = _wrong(group, run, result.answer) if result.ok and run.point == SELECT_VICTIMS else ""
    if wrong:
        return _outcome(group, name, replace(ended, outcome=FAILED), wrong)
    if result.ok and run.point == SELECT_VICTIMS:
        ended = replace(ended, candidates=result.answer)
    if result.ok:
        return Plan(runs={name: ended}, news=((f"{subject(run)} has succeeded", "done"),))
    return _outcome(group, name, ended, f"failed: {texts.line([result.output[-150:]])}")


def _wrong(group: Group, run: HookRun, answer: Sequence[str]) -> str:
    """What is wrong with the names that were chosen, or nothing."""
    strangers = [name for name in answer if name not in run.candidates]
    if strangers:
        return f"has named {texts.listed(strangers, 3)}, not among its candidates"
    if len(set(answer)) < len(answer):
        return f"has named a {group.noun} twice"
    if len(answer) < run.count:
        return f"has named {len(answer)} of {texts.count(run.count, group.noun)}"
    return ""


def _outcome(group: Group, name: str, run: HookRun, what: str) -> Plan:
    follows = _FOLLOWING.get((run.point, group.hooks[run.point].default), "")
    follows = _BY_POLICY if run.point == SELECT_VICTIMS else follows
    return Plan(runs={name: run}, news=((f"{subject(run)} {what}{follows}", "failed"),))


_BY_POLICY = "; the deletion policy chooses"
_FOLLOWING = {
    (CONFIGURE, CONTINUE): "; it joins all the same",
    (BEFORE_TERMINATE, CONTINUE): "; it is deleted all the same",
    (BEFORE_TERMINATE, ABANDON): "; it stays",
}


def _is_late(hook: Hook, run: HookRun, begun: bool, now: int) -> bool:
    """A profile that nobody began to give says nothing against its node."""
    excused = run.point == CONFIGURE and hook.default == ABANDON and not begun
    return not excused and not is_recent(run.since, now, hook.timeout)


def _once_more(name: str, run: HookRun, now: int) -> Plan:
    if run.attempt < TRIES:
        again = replace(run, since=now, attempt=run.attempt + 1)
        return Plan(hooks=(name,), runs={name: again})
    return Plan(problems=(f"{subject(run)} does not begin: is the rule autoscale.run_hook enabled, "
                          "and does its action autoscale.hook.run run?",))
