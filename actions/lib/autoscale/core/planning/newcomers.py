"""Newcomers that never pass their health check: so many in a row are replaced, the next is kept.

What they are made from, or the check itself, is at fault then: one more would fail as well.
"""
from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Mapping, Sequence

from autoscale.core import texts
from autoscale.core.checks import Check, HealthCheck, mark
from autoscale.core.group import Group
from autoscale.core.launch import launch_mark
from autoscale.core.observation import Server
from autoscale.core.planning.places import door
from autoscale.core.planning.roster import Roster
from autoscale.core.planning.units import place, roles_of


@dataclass(frozen=True)
class Row:
    """Newcomers that have failed one after the other.

    ``trials``: who is a newcomer now, and what it is tried with, by server id. ``failed``: those
    that were replaced, or are to be, since one has passed; likewise. ``most``: how many may be.
    """

    trials: Mapping[str, str]
    failed: Mapping[str, str]
    most: int

    def has_room(self, server: str) -> bool:
        """Whether the server may be replaced: no newcomer, or one of the first of a row.

        One that counts already may: what was planned before it died is planned again.
        """
        return (server not in self.trials or server in self.failed
                or len(self.failed) < self.most)

    def with_one_more(self, server: str) -> Row:
        """The row with this one replaced; who is no newcomer does not count."""
        if server not in self.trials:
            return self
        return replace(self, failed={**self.failed, server: self.trials[server]})


def row(
    group: Group, check: HealthCheck, roster: Roster, able: Sequence[Server],
    before: Mapping[str, Check], after: Mapping[str, Check],
) -> Row:
    """The row as it is when this look begins; it is over when a newcomer has passed.

    ``before``, ``after``: how the checks of those ``able`` to pass went, without and with this
    look. What was tried with another check or launch configuration counts no more.
    """
    today = {role: trial(group, role) for role in roles_of(group)}
    trials = {server.id: today[place(server, group)[1]] for server in able
              if not before[server.id].passed and _is_new(group, roster, server)}
    over = any(after[server].passed for server in trials)
    failed = {} if over else {server: of for server, of in group.health_failures.items()
                              if of in today.values()}
    return Row(trials, failed, check.attempts - 1)


def _is_new(group: Group, roster: Roster, server: Server) -> bool:
    """Whether it comes from today's launch configuration and has never been in rotation.

    One that was there has passed before: it has come back from a reboot, or the check is another.
    """
    known = group.members.get(server.name)
    return not roster.is_outdated(server) and not (known and known.homes)


def trial(group: Group, role: str) -> str:
    """What newcomers of a role are tried with: changes with the check, or what they are made
    from."""
    assert group.health_check
    return f"{mark(group.health_check, door(group, role))} {launch_mark(group, role)}"


def told(group: Group, kept: Sequence[Server], of: Row) -> list[str]:
    """A sentence for each role of which newcomers are kept."""
    by_role: dict[str, list[str]] = {}
    for server in kept:
        by_role.setdefault(place(server, group)[1], []).append(server.name)
    return [_sentence(group, role, names, len(of.failed)) for role, names in by_role.items()]


def _sentence(group: Group, role: str, names: Sequence[str], failed: int) -> str:
    check, at = group.health_check, door(group, role)
    assert check
    assert at
    asked = f"{check.type}, port {at[1]}" + f", path {check.path}" * (check.type == "http")
    has, is_ = ("has", "it is") if len(names) == 1 else ("have", "they are")
    return (f"{texts.listed(names, 3)} {has} not passed the health check ({asked}) within "
            f"{check.grace_period} s. New servers replaced for that in a row: {failed}; {is_} "
            "kept, out of rotation, for you to look at. Mend the application or the check and run "
            "asg.converge, or replace a node with asg.delete_node replace=true")
