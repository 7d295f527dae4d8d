"""A rolling update never renews more units at a time than its policy allows."""
from __future__ import annotations

from typing import Mapping

from autoscale.core.group import RENEWED
from simcloud import Region
from tests.chaos.serving import group_of, servers_of, unit_of, value
from tests.chaos.watch import History, Say, Watch


class BatchWatch(Watch):
    """Counts the units that leave because of one and the same rolling update."""

    def __init__(self, region: Region, texts: Mapping[str, str], violated: Say) -> None:
        super().__init__(region, texts, violated)
        self._begun: dict[tuple[str, str], int] = {}
        self._desired: dict[str, History] = {}
        self._sizes: dict[str, History] = {}
        self._beyond: dict[tuple[str, int], int] = {}

    def key_set(self, name: str, field: str) -> None:
        """Whoever is chosen is written down first; who goes on leaving counts for the update that
        has chosen him. That may be one which another has followed since it was read."""
        group = group_of(self.texts, name)
        self._desired.setdefault(name, History()).note(self.region.now(), group.desired)
        wish = group.rolling_update
        size = wish.policy.max_batch_size if wish else 0
        self._sizes.setdefault(name, History()).note(self.region.now(), size)
        if field != "leaving" or wish is None:
            return
        leaving = value(self.texts, name, field) or {}
        units = {server.id: unit_of(server) for server in servers_of(self.region, name)}
        renewed = {server for server, one in leaving.items() if one.why == RENEWED
                   and not one.stays and self._begun.setdefault((name, server), wish.since)
                   == wish.since}
        batch = {units[server] for server in renewed if server in units}
        most = max(self._sizes[name].lately(self.region.now()))
        if len(batch) > most + self._surplus(name, wish.since, set(units.values())):
            self.violated(f"{name} renews {sorted(batch)} at a time, and max_batch_size is {most}")

    def _surplus(self, name: str, since: int, units: set[str]) -> int:
        """As many as are beyond the wish, and not because of the update, go without replacement;
        some are gone before the others."""
        group = group_of(self.texts, name)
        grown = group.rolling_progress.surge if group.rolling_progress else 0
        wished = min(self._desired[name].lately(self.region.now()))
        most = max(self._beyond.get((name, since), 0), len(units) - wished - grown)
        self._beyond[name, since] = most
        return most
