"""The safety limit: a plan that would take away most of a group is not carried out unasked."""
from __future__ import annotations

from autoscale.core import texts
from autoscale.core.group import SURPLUS, Group
from autoscale.core.planning.departures import Departures
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.roster import Roster

REFUSED = "refused: of "
"""How the refusal begins."""

SMALLEST = 4
"""Groups of fewer nodes are not guarded: half of them is one node."""


def refusal(group: Group, roster: Roster, leaving: Departures) -> str | None:
    """Why the plan has to be confirmed first, or None.

    It may come from a mistyped key, or from a region that answers with half of its servers. Broken
    servers and those that a person has named do not count: there the case is clear.
    """
    lost = lost_hosts(group, roster)
    chosen = [server.name for server in roster.counted
              if server.id in leaving and server.id not in group.leaving
              and leaving[server.id].why == SURPLUS
              and roster.fates[server.id] is not Fate.BUILDING]
    size = len(roster.counted) + len(lost)
    going = len(lost) + len(chosen)
    if size < SMALLEST or going * 2 <= size:
        return None
    desired = texts.are(group.desired, group.noun)
    what = [f"{len(lost)} {texts.be(len(lost))} not listed any more"] * bool(lost)
    what += [f"{len(chosen)} would be deleted, as {desired} desired"] * bool(chosen)
    return (f"{REFUSED}{size} servers {' and '.join(what)}. If that is meant, "
            f"st2 run autoscale.asg.converge asg={group.name} force=true")


def lost_hosts(group: Group, roster: Roster) -> list[str]:
    """Hosts whose servers have disappeared without the pack having dismissed them."""
    present = {server.name for server in roster.present}
    return [host for host, member in group.members.items()
            if host not in present and not member.dismissed]
