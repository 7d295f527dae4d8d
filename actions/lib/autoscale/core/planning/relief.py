"""Nobody who serves leaves before as many others serve as are desired."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Collection, Sequence

from autoscale.core.planning.roster import is_recent
from autoscale.core.planning.units import Unit

SETTLING = 3600
"""Seconds for which a new server is expected to serve yet; what takes longer nobody waits for."""


@dataclass(frozen=True)
class Duty:
    """Who is in service. ``servers``: ids, or None where nobody could look."""

    servers: Collection[str] | None = None

    def serves(self, unit: Unit) -> bool:
        return self.servers is None or all(server in self.servers for server in unit.ids)


def relieved(
    called: Sequence[Unit], others: Sequence[Unit], wanted: int, duty: Duty, now: int
) -> list[Unit]:
    """Of those who are called away whoever can go. ``others``: who is up and stays."""
    taking_over = sum(duty.serves(unit) or not _is_settling(unit, now) for unit in others)
    return [unit for unit in called if taking_over >= wanted or not duty.serves(unit)]


def dispensable(
    going: Sequence[Unit], excess: int, staying: Sequence[Unit], wanted: int, duty: Duty
) -> list[Unit]:
    """Of those who may go the first ``excess``, as far as enough of all who are ``staying`` now
    go on serving."""
    spare = sum(map(duty.serves, staying)) - wanted
    chosen: list[Unit] = []
    for unit in going:
        serves = duty.serves(unit)
        if len(chosen) < excess and (spare > 0 or not serves):
            chosen.append(unit)
            spare -= serves
    return chosen


def _is_settling(unit: Unit, now: int) -> bool:
    return any(is_recent(server.created, now, SETTLING) for server in unit.servers.values())
