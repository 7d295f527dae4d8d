"""Who is well: what health checks make of the nodes, and who is replaced for failing them.

Failing nodes are no reason to hurt a group: what fails may be the check, or the network between.
So only a share of the group is replaced at a time, and nobody while nobody passes. And newcomers
that never pass are not replaced for ever: see newcomers.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Mapping, Sequence

from autoscale.core.checks import Check, HealthCheck, mark
from autoscale.core.group import UNHEALTHY, Group
from autoscale.core.observation import Observation, Server
from autoscale.core.planning import newcomers
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.newcomers import Row
from autoscale.core.planning.places import door, lacks_address
from autoscale.core.planning.plan import Plan
from autoscale.core.planning.profiles import is_configured
from autoscale.core.planning.roster import Roster, is_recent
from autoscale.core.planning.units import place, roles_of

STALE = 300
"""Seconds after which a failure is not continued by the next one: nobody has looked meanwhile, or
the clock has jumped. Three intervals of the check, if that is longer."""

SOON = 60
"""A check that counts this many seconds from now is waited for; later ones self-healing finds."""

Checks = Mapping[str, Check]


@dataclass(frozen=True)
class Wellness:
    """What one look makes of the nodes' health.

    ``unhealthy``: ids of servers that are to be replaced now; ``kept``: of newcomers that are not,
    for too many were. ``checks``: what is to be remembered, by server id. ``failures``: newcomers
    that were replaced in a row. ``awaited``, ``resting`` and ``problems`` are sentences.
    """

    unhealthy: frozenset[str] = frozenset()
    checks: Checks = field(default_factory=dict)
    awaited: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    kept: frozenset[str] = frozenset()
    failures: Mapping[str, str] = field(default_factory=dict)
    resting: tuple[str, ...] = ()

    @property
    def as_plan(self) -> Plan:
        """That a row is over is seen by a check that passes for the first time: it is written
        before that."""
        learned = {"health_failures": self.failures, "checks": self.checks}
        return Plan(awaited=self.awaited, resting=self.resting, problems=self.problems,
                    learned=learned)


def judge(group: Group, roster: Roster, seen: Observation, now: int) -> Wellness:
    """Count how the checks of this look went, and choose whom to replace, if anybody."""
    check = group.health_check
    if check is None:
        return Wellness()
    if seen.healthy is None:
        return Wellness(checks=group.checks, failures=group.health_failures)
    able = able_to_pass(group, roster)
    before = _remembered(group, check, able, now)
    counts = {server.id: _counted(check, before[server.id], server, seen, now) for server in able}
    grown = [server for server in able if server.id not in seen.unasked
             and is_grown(check, counts[server.id], now)]
    failing = [server for server in grown if server.id not in seen.healthy]
    if len(failing) < len(grown) and _was_outage(check, grown, before):
        counts.update({server.id: replace(counts[server.id], failed=1) for server in failing})
    lasting = [server for server in failing if counts[server.id].failed >= check.failures]
    outage = bool(lasting) and len(failing) == len(grown)
    row = newcomers.row(group, check, roster, able, before, counts)
    gone = _being_replaced(group, roster, able, counts)
    chosen, gone, row = ([], gone, row) if outage else _chosen(
        group, roster, lasting, counts, gone, row)
    given_up = {server.id: replace(counts[server.id], replaced=now) for server in chosen}
    left = {} if outage else {s.id: s for s in lasting if s.id not in given_up}
    kept = {server.id: server for server in able if server.id not in seen.healthy
            and not row.has_room(server.id) and (server.id in left or counts[server.id].kept)}
    held = [server for id, server in left.items() if kept and id not in kept]
    counts = {id: count if count.kept == (id in kept) else replace(count, kept=id in kept)
              for id, count in counts.items()}
    settled = {*given_up, *kept, *(server.id for server in (failing if outage else held))}
    others = [server for server in able if server.id not in settled]
    problems = (_outage(group, failing),) if outage else ()
    return Wellness(
        frozenset(given_up), {**counts, **gone, **given_up},
        tuple(_awaited(check, others, seen, counts, now)),
        (*problems, *newcomers.told(group, [*kept.values()], row)), frozenset(kept), row.failed,
        tuple(f"{server.name} fails its health check, too, and is replaced when others have passed"
              for server in held))


def able_to_pass(group: Group, roster: Roster) -> list[Server]:
    """Those who can be expected to pass: up, with a profile, and on no way out."""
    roles = [role for role in roles_of(group) if door(group, role)]
    return [server for server in roster.are(Fate.ACTIVE)
            if place(server, group)[1] in roles and not lacks_address(group, server)
            and server.id not in group.leaving and server.name not in group.releasing
            and is_configured(group, server, group.hook_runs)]


def is_grown(check: HealthCheck, count: Check, now: int) -> bool:
    """Whether a failure counts against the node: it has passed once, or has had time enough to."""
    return count.passed or now - count.up >= check.grace_period


def _remembered(
    group: Group, check: HealthCheck, able: Sequence[Server], now: int
) -> dict[str, Check]:
    """What is known of each, and begins today where nothing is."""
    today = {role: mark(check, door(group, role)) for role in roles_of(group)}
    return {server.id: _trusted(check, group.checks.get(server.id),
                                today[place(server, group)[1]], now) for server in able}


def _trusted(check: HealthCheck, old: Check | None, today: str, now: int) -> Check:
    """What is remembered of a node's checks, as far as it can be true and is of today's check.

    Who returns from a departure, a reboot or a rescue begins anew. Who is kept stays so.
    """
    if old is None or old.of != today or old.replaced:
        return Check(now, of=today)
    last = max(old.up, old.at)
    ahead = last > now + check.interval
    stale = now - last > max(STALE, 3 * check.interval)
    most = 1 + (old.at - old.up) // check.interval
    if ahead or (stale and (old.failed or not old.passed)) or not 0 <= old.failed <= max(0, most):
        return Check(now, passed=old.passed, of=today, kept=old.kept)
    return old


def _counted(
    check: HealthCheck, before: Check, server: Server, seen: Observation, now: int
) -> Check:
    """The count after this look; a failure counts once an interval."""
    if server.id in seen.unasked:
        return before
    if server.id in (seen.healthy or ()):
        return replace(before, failed=0, passed=True)
    if is_recent(before.at, now, check.interval):
        return before
    return replace(before, at=now, failed=before.failed + 1)


def _was_outage(check: HealthCheck, grown: Sequence[Server], before: Checks) -> bool:
    """Whether nobody passed before this look: what was counted then is held against nobody."""
    failed = [before[server.id].failed for server in grown]
    return min(failed) > 0 and max(failed) >= check.failures


def _being_replaced(
    group: Group, roster: Roster, able: Sequence[Server], counts: Checks
) -> dict[str, Check]:
    """Those given up whose replacements have not passed yet, the latest last.

    As many at the most as servers are missing that have passed: who replaces whom is not known.
    """
    there = {server.id for server in roster.present}
    going = {id: departure for id, departure in group.leaving.items()
             if id in there and departure.why == UNHEALTHY and not departure.stays}
    gone = {id: old for id, old in group.checks.items()
            if old.replaced and id not in counts and (id in going or id not in there)}
    gone.update({id: Check(departure.since, replaced=departure.since)
                 for id, departure in going.items() if id not in gone})
    wanted = group.desired * len([role for role in roles_of(group) if door(group, role)])
    missing = wanted - sum(counts[server.id].passed for server in able)
    latest = sorted(gone, key=lambda id: (gone[id].replaced, id))[-missing:] if missing > 0 else []
    return {id: gone[id] for id in latest}


def _chosen(
    group: Group, roster: Roster, lasting: Sequence[Server], counts: Checks, gone: Checks, row: Row,
) -> tuple[list[Server], dict[str, Check], Row]:
    """Whom to give up now, who of those before is still to be replaced beside them, and the row.

    Who has never passed goes first, and needs no room if it was itself to replace somebody.
    """
    assert group.health_check
    of = [server for server in roster.counted if door(group, place(server, group)[1])]
    share = max(1, len(of) * group.health_check.replace_percent // 100)
    still: dict[str, Check] = dict(gone)
    chosen: list[Server] = []
    for server in sorted(lasting, key=lambda s: (counts[s.id].passed, -counts[s.id].failed, s.id)):
        count = counts[server.id]
        if not row.has_room(server.id):
            continue
        replaces = [id for id, old in still.items()
                    if not count.passed and old.replaced <= count.up]
        if replaces:
            del still[replaces[0]]
        elif len(still) + len(chosen) >= share:
            continue
        chosen.append(server)
        row = row.with_one_more(server.id)
    return chosen, still, row


def _awaited(
    check: HealthCheck, able: Sequence[Server], seen: Observation, counts: Checks, now: int
) -> list[str]:
    """A sentence for everyone who may join, or is to be replaced, before long."""
    told = []
    for server in able:
        count = counts[server.id]
        how = f"{min(count.failed, check.failures)} of {check.failures}"
        if server.id in seen.unasked:
            told += [f"{server.name} has not been asked for its health yet"] * (not count.passed)
        elif server.id in (seen.healthy or ()):
            continue
        elif not is_grown(check, count, now):
            told.append(f"{server.name} is up but fails its health check")
        elif count.at == now or count.at + check.interval <= now + SOON or not count.passed:
            told.append(f"{server.name} fails its health check, {how}")
    return told


def _outage(group: Group, failing: Sequence[Server]) -> str:
    who = (f"all {len(failing)} servers fail" if len(failing) > 1
           else f"{failing[0].name}, the only node that could pass, fails")
    return (f"{who} the health check: the check or the network is the likely culprit, nothing is "
            f"touched; see asg.{group.name}.health_check, or replace a node with asg.delete_node "
            "replace=true")


def told(group: Group, roster: Roster, seen: Observation, now: int) -> dict[str, str]:
    """Each node's health in words, by server id; nothing for a group without health check."""
    check = group.health_check
    if check is None:
        return {}
    well = judge(group, roster, seen, now)
    able = {server.id for server in able_to_pass(group, roster)} if seen.healthy is not None else ()
    words = {}
    for server in roster.present:
        count = well.checks.get(server.id)
        departure = group.leaving.get(server.id)
        if departure and departure.why == UNHEALTHY and not departure.stays:
            words[server.id] = "unhealthy, being replaced"
        elif server.id in well.kept:
            words[server.id] = "never passed, kept"
        elif server.id not in able or server.id in seen.unasked or count is None:
            words[server.id] = "unknown"
        elif server.id in (seen.healthy or ()):
            words[server.id] = "passing"
        elif is_grown(check, count, now):
            words[server.id] = f"failing {min(count.failed, check.failures)} of {check.failures}"
        else:
            words[server.id] = "in grace"
    return words
