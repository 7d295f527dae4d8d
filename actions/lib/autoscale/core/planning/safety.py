"""The safety limit: a plan that would take away most of a group is not carried out unasked."""
from __future__ import annotations

from autoscale.core import texts
from autoscale.core.group import RENEWED, SURPLUS, Group
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.roster import Roster
from autoscale.core.planning.tally import Departures
from autoscale.core.planning.units import roles_of

REFUSED = "refused: of "
"""How the refusal begins."""

SMALLEST = 4
"""Groups of fewer nodes are not guarded: half of them is one node."""


def refusal(group: Group, roster: Roster, leaving: Departures, units: int) -> str | None:
    """Why the plan has to be confirmed first, or None. ``units``: how many are wanted.

    It may come from a mistyped key, or from a region that answers with half of its servers. Broken
    servers and those that a person has named do not count: there the case is clear.
    """
    lost = lost_hosts(group, roster)
    surplus = _surplus(group, roster, leaving, units)
    size = len(roster.counted) + len(lost)
    going = len(lost) + surplus
    if size < SMALLEST or going * 2 <= size:
        return None
    desired = texts.are(group.desired, group.noun)
    what = [f"{len(lost)} {texts.be(len(lost))} not listed any more"] * bool(lost)
    what += [f"{surplus} would be deleted, as {desired} desired"] * bool(surplus)
    return (f"{REFUSED}{size} servers {' and '.join(what)}. If that is meant, "
            f"st2 run autoscale.asg.converge asg={group.name} force=true")


def _surplus(group: Group, roster: Roster, leaving: Departures, units: int) -> int:
    """How many that are up begin to leave without being replaced: surplus, and what a rolling
    update takes away beside its batch."""
    there = [server.id for server in roster.counted if server.id not in group.leaving]
    new = {why: [server for server in there if server in leaving and leaving[server].why == why]
           for why in (SURPLUS, RENEWED)}
    beyond = len(there) - units * len(roles_of(group)) - len(new[SURPLUS])
    up = [server for server in new[SURPLUS] if roster.fates[server] is not Fate.BUILDING]
    return len(up) + max(0, min(len(new[RENEWED]), beyond))


def lost_hosts(group: Group, roster: Roster) -> list[str]:
    """Hosts whose servers have disappeared without the pack having dismissed them."""
    present = {server.name for server in roster.present}
    return [host for host, member in group.members.items()
            if host not in present and not member.dismissed]
