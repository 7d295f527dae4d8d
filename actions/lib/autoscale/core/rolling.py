"""What people read about a group's rolling update."""
from __future__ import annotations

from typing import Any, Mapping

from autoscale.core import texts
from autoscale.core.group import Group
from autoscale.core.observation import Observation
from autoscale.core.planning import crew, renewing
from autoscale.core.planning.renewing import Renewal
from autoscale.core.planning.roster import Roster
from autoscale.core.planning.runs import Runs
from autoscale.core.renewal import RUNNING


def report(
    group: Group, roster: Roster, seen: Observation, now: float,
    renewal: Renewal, known: Runs,
) -> dict[str, Any] | None:
    """``{state, renewed, total, batch, in_service, minimum, next_batch_at, reason, text}``.

    None without one. ``batch``: nodes being renewed. ``minimum``: how many stay in service.
    ``next_batch_at``: seconds since 1970, None where there is no pause. ``text``: for people.
    """
    wish, progress = group.rolling_update, renewal.progress
    if wish is None or progress is None:
        return None
    names = {server.id: server.name for server in roster.present}
    begins = renewing.next_at(wish, progress) if progress.state == RUNNING else 0
    told = {
        "state": progress.state,
        "renewed": progress.renewed,
        "total": progress.total,
        "batch": [names[server] for server in progress.batch if server in names],
        "in_service": crew.muster(group, roster, seen, {}, known).in_service,
        "minimum": renewing.floor(group, wish),
        "next_batch_at": begins if begins > now else None,
        "reason": progress.reason,
    }
    return {**told, "text": _line(told, begins - now)}


def _line(told: Mapping[str, Any], left: float) -> str:
    said = [f"rolling update: {told['state']}, {told['renewed']} of {told['total']} renewed, "
            f"{told['in_service']} in service, "
            f"at least {told['minimum']} {texts.be(told['minimum'])} to be"]
    said += [f"renewing {texts.listed(told['batch'])}"] * bool(told["batch"])
    said += [f"the next batch begins {texts.wait(left)}"] * bool(told["next_batch_at"])
    return "; ".join([*said, *filter(None, [told["reason"]])])
