"""Rolling updates: which units are replaced now, and how many there are to be meanwhile.

A batch sends units of an earlier launch configuration away; the planner makes new ones in their
place, and first of all where too few would be in service otherwise. It is over when the units it
has sent away are gone and all new ones serve.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Collection, Iterable, Mapping

from autoscale.core import texts
from autoscale.core.group import Group
from autoscale.core.observation import Observation
from autoscale.core.planning.crew import Crew, Standing, muster
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.roster import Roster
from autoscale.core.planning.runs import Runs
from autoscale.core.renewal import (
    CANCELLED,
    DONE,
    RUNNING,
    STOPPED,
    RollingProgress,
    RollingUpdate,
    fitting_batch,
    too_narrow,
)

SHORT_PAUSE = 30
"""Seconds that a convergence waits between two batches; a longer pause is left to self-healing."""

TRY_AGAIN = 300
"""Seconds after a failure in which nodes are not made, once an update was stopped."""


@dataclass(frozen=True)
class Renewal:
    """What a rolling update asks of the planner.

    ``capacity``: how many units there are to be. ``victims``: ids of the servers that start to
    leave, ``recalled`` of those that were to and stay for now. ``progress``: to be written down.
    ``resting``: what is waited for without a convergence.
    """

    capacity: int
    victims: frozenset[str] = frozenset()
    progress: RollingProgress | None = None
    awaited: tuple[str, ...] = ()
    resting: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    recalled: frozenset[str] = frozenset()

    def as_plan(self, stuck: bool) -> Plan:
        """``stuck``: something needs a person, and may be what the update waits for: then no
        convergence stays for it."""
        learned = {"rolling_progress": self.progress} if self.progress else {}
        stays, rests = ((), self.awaited) if stuck else (self.awaited, ())
        return Plan(awaited=stays, resting=self.resting + rests, problems=self.problems,
                    learned=learned)


def renewal(
    group: Group, roster: Roster, seen: Observation, now: int, unfit: Mapping[str, str],
    runs: Runs, kept: Collection[str] = (),
) -> Renewal:
    """The next move of the group's rolling update. ``unfit`` are to leave: why, by server id;
    ``kept`` are ids of newcomers that fail their health check and stay for a person to look at."""
    wish, progress = group.rolling_update, group.rolling_progress
    ended = progress and wish and progress.of == wish.since and progress.state in (DONE, CANCELLED)
    if wish is None or ended:
        return Renewal(group.desired, progress=progress)
    return renew(group, muster(group, roster, seen, unfit, runs, kept), now)


def renew(group: Group, crew: Crew, now: int) -> Renewal:
    """The next move of the group's rolling update; without one the group is as desired."""
    wish = group.rolling_update
    if wish is None:
        return Renewal(group.desired, progress=group.rolling_progress)
    progress = _judge(group, wish, crew, _progress(group, wish), now)
    return replace(_move(group, wish, crew, progress, now), recalled=_recalled(group, wish, crew))


def _move(
    group: Group, wish: RollingUpdate, crew: Crew, progress: RollingProgress, now: int
) -> Renewal:
    if progress.state != RUNNING:
        return _over(group, crew, progress, now)
    if progress.batches and not progress.ended:
        goes_on = _carry_on(group, wish, crew, progress)
        if not _is_over(group, crew, progress) and (
                goes_on.victims or not _is_stuck(group, crew, progress)):
            return goes_on
        progress = replace(progress, ended=now, batch=())
    if not crew.outdated and crew.complete:
        return Renewal(group.desired, progress=_done(crew, progress))
    return _between(group, wish, crew, progress, now)


def _progress(group: Group, wish: RollingUpdate) -> RollingProgress:
    """How far this update has come; a new one keeps the nodes that an earlier one has added."""
    old = group.rolling_progress
    if old and old.of == wish.since:
        return old
    return RollingProgress(wish.since, surge=old.surge if old and old.state == RUNNING else 0)


def _judge(
    group: Group, wish: RollingUpdate, crew: Crew, progress: RollingProgress, now: int
) -> RollingProgress:
    """The progress, with what is seen now; one that was stopped may be cancelled."""
    if progress.state in (RUNNING, STOPPED) and wish.cancelled:
        return replace(progress, state=CANCELLED, batch=(), surge=0)
    failed = tuple(sorted({*progress.failed, *crew.failed}))
    if progress.state == STOPPED and failed != progress.failed:
        return replace(progress, failed=failed, ended=now)
    if progress.state != RUNNING:
        return progress
    total = progress.total or len(crew.outdated)
    left = group.desired - sum(unit.serves and not unit.outdated for unit in crew.units)
    renewed = max(progress.renewed, total - min(total, max(0, left)))
    progress = replace(progress, total=total, renewed=renewed, failed=failed)
    if len(failed) < wish.policy.max_failures:
        return progress
    reason = f"{texts.count(len(failed), 'new server')} failed"
    known = texts.listed([crew.failed[server] for server in failed if server in crew.failed], 3)
    return replace(progress, state=STOPPED, batch=(), surge=0, ended=now,
                   reason=f"{reason}: {known}" if known else reason)


def _done(crew: Crew, progress: RollingProgress) -> RollingProgress:
    kept = f"but {texts.listed(crew.kept)}" if crew.kept else ""
    return replace(progress, state=DONE, renewed=progress.total, batch=(), surge=0, reason=kept)


def _over(group: Group, crew: Crew, progress: RollingProgress, now: int) -> Renewal:
    """Nothing is renewed any more; one that was stopped waits for a person, or for the cloud.

    What fails then is not made anew at once, and again, but after a while.
    """
    if progress.state != STOPPED:
        return Renewal(group.desired, progress=progress)
    if not crew.outdated and crew.is_whole(group.desired):
        return Renewal(group.desired, progress=_done(crew, progress))
    soon = now < progress.ended + TRY_AGAIN
    capacity = min(group.desired, len(crew.units)) if soon else group.desired
    return Renewal(capacity, progress=progress, problems=(
        f"the rolling update was stopped after {progress.renewed} of {progress.total}: "
        f"{progress.reason}. Mend the cause and run asg.rolling_update, or run "
        "asg.rolling_update_cancel",))


def _capacity(group: Group, progress: RollingProgress) -> int:
    """How many units are wanted, with those that the group has grown by for the update."""
    return min(group.max_nodes, group.desired + progress.surge)


def _held(group: Group, crew: Crew, progress: RollingProgress, going: int = 0) -> int:
    """The capacity; but while new units don't serve yet, a wish for fewer takes nobody away."""
    capacity = _capacity(group, progress)
    if crew.is_whole(capacity):
        return capacity
    return max(capacity, min(group.max_nodes, len(crew.units) - going))


def _is_over(group: Group, crew: Crew, progress: RollingProgress) -> bool:
    gone = crew.present.isdisjoint(_of_batch(crew, progress))
    return gone and crew.is_whole(_capacity(group, progress))


def _is_stuck(group: Group, crew: Crew, progress: RollingProgress) -> bool:
    """Whether nothing will change by itself: all are there, serve, and stay. The bounds have
    changed since the batch was chosen."""
    stays = {server for unit in crew.units for server in unit.servers}
    serve = all(unit.serves or unit.left_alone for unit in crew.units)
    return serve and crew.present <= stays and crew.is_whole(_capacity(group, progress))


def _of_batch(crew: Crew, progress: RollingProgress) -> set[str]:
    """Servers of the batch that go: not those that somebody protects, or that are right now."""
    kept = {server for unit in crew.units if not unit.outdated for server in unit.servers}
    return set(progress.batch) - kept


def _carry_on(
    group: Group, wish: RollingUpdate, crew: Crew, progress: RollingProgress
) -> Renewal:
    """The batch goes on; who is left of it goes as soon as enough others serve."""
    batch = _of_batch(crew, progress)
    pending = [unit for unit in crew.outdated if not batch.isdisjoint(unit.servers)]
    victims = _spared(group, wish, crew, pending)
    told = f"rolling update: {progress.renewed} of {progress.total} renewed"
    capacity = _held(group, crew, progress, len(victims))
    return Renewal(capacity, _servers(victims), progress, (told,))


def _spared(
    group: Group, wish: RollingUpdate, crew: Crew, pending: Iterable[Standing]
) -> list[Standing]:
    """Those who can go while enough stay in service."""
    spare = crew.in_service - floor(group, wish)
    victims = []
    for unit in pending:
        if unit.is_missed and spare <= 0:
            continue
        spare -= unit.is_missed
        victims.append(unit)
    return victims


def _recalled(group: Group, wish: RollingUpdate, crew: Crew) -> frozenset[str]:
    """Those who still serve and are needed again: others have failed since they were chosen."""
    lack = max(0, floor(group, wish) - crew.in_service)
    return frozenset(server for servers in crew.going[:lack] for server in servers)


def floor(group: Group, wish: RollingUpdate) -> int:
    """How many nodes stay in service, as far as it is up to the update."""
    return min(wish.policy.min_instances_in_service, group.desired)


def _servers(units: Iterable[Standing]) -> frozenset[str]:
    return frozenset(server for unit in units for server in unit.servers)


def next_at(wish: RollingUpdate, progress: RollingProgress) -> int:
    """When the next batch may begin, seconds since 1970; 0 when it need not wait."""
    return progress.ended + wish.policy.pause_time if progress.ended else 0


def _between(
    group: Group, wish: RollingUpdate, crew: Crew, progress: RollingProgress, now: int
) -> Renewal:
    """Between two batches, or before the first: pause, wait for a whole group, begin."""
    capacity = _held(group, crew, progress)
    left = next_at(wish, progress) - now
    told = f"rolling update: {progress.renewed} of {progress.total} renewed, the next batch "
    if left > 0:
        soon = (f"{told}begins {texts.wait(left)}",)
        if left > SHORT_PAUSE:
            return Renewal(capacity, progress=progress, resting=soon)
        return Renewal(capacity, progress=progress, awaited=soon)
    if not crew.is_whole(_capacity(group, progress)):
        waits = (f"{told}waits until all new {group.noun}s serve",)
        return Renewal(capacity, progress=progress, awaited=waits)
    return _begin(group, wish, crew, progress)


def _begin(
    group: Group, wish: RollingUpdate, crew: Crew, progress: RollingProgress
) -> Renewal:
    outdated, there = crew.outdated, len(crew.units)
    fit = fitting_batch(group.desired, there, there - len(outdated), wish.policy, group.max_nodes)
    if fit is None:
        problem = f"rolling update: {too_narrow(wish.policy, group.max_nodes, group.noun)}"
        return Renewal(_capacity(group, progress), progress=progress, problems=(problem,))
    capacity, batch = fit
    chosen = outdated[:max(0, there - (capacity - batch))]
    begun = replace(progress, batches=progress.batches + 1, ended=0,
                    batch=tuple(sorted(_servers(chosen))), surge=max(0, capacity - group.desired))
    return _carry_on(group, wish, crew, begun)


def told(before: RollingProgress | None, after: RollingProgress | None) -> list[str]:
    """What is news of a rolling update: that a batch has ended, or all of it has."""
    if after is None or before and before.phase == after.phase:
        return []
    if after.state == DONE:
        return [texts.line(["rolling update: done, all nodes have the current launch configuration",
                            after.reason])]
    went_on = before and before.of == after.of and before.batches and not before.ended
    if after.state == RUNNING and went_on:
        return [f"rolling update: {after.renewed} of {after.total} renewed"]
    return []
