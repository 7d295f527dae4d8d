"""Who goes as surplus where a hook of the group chooses: it is asked, and its answer awaited."""
from __future__ import annotations

from dataclasses import dataclass

from autoscale.core import texts
from autoscale.core.group import SURPLUS, Group
from autoscale.core.hooks import OK, SELECT_VICTIMS, HookRun
from autoscale.core.observation import Observation
from autoscale.core.planning.departures import candidates
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.roster import Roster, is_recent
from autoscale.core.planning.runs import Runs
from autoscale.core.planning.tally import Departures, label

WORTH_WAITING = 120
"""Seconds for which a convergence stays with the choice."""


@dataclass(frozen=True)
class Choice:
    """``order``: who goes first, nobody else goes; None: the deletion policy decides."""

    order: tuple[str, ...] | None
    plan: Plan


def choice(
    group: Group, roster: Roster, seen: Observation, leaving: Departures, runs: Runs, now: int
) -> Choice:
    """What the hook has chosen. ``leaving``: what the deletion policy would make of it."""
    run = runs.get(SELECT_VICTIMS)
    if SELECT_VICTIMS not in group.hooks:
        return Choice(None, Plan())
    new = [server for server, one in leaving.items()
           if one.why == SURPLUS and server not in group.leaving]
    before = {server: one for server, one in leaving.items() if server not in new}
    units = candidates(group, roster, seen, before)
    count = sum(not set(unit.ids).isdisjoint(new) for unit in units)
    if not count:
        return Choice(None, Plan(runs={SELECT_VICTIMS: None}) if run else Plan())
    if run is None:
        names = tuple(label(group, unit) for unit in units)
        asked = HookRun(SELECT_VICTIMS, now, candidates=names, count=count)
        return Choice((), Plan(hooks=(SELECT_VICTIMS,), runs={SELECT_VICTIMS: asked}))
    if not run.outcome:
        what = (f"the select_victims hook chooses {texts.count(count, group.noun)} to go",)
        short = is_recent(run.since, now, WORTH_WAITING)
        return Choice((), Plan(awaited=what) if short else Plan(resting=what))
    return Choice(run.candidates if run.outcome == OK else None, Plan(runs={SELECT_VICTIMS: None}))
