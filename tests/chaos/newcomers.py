"""Newcomers that never pass their health check: no more than so many in a row are replaced."""
from __future__ import annotations

from dataclasses import replace
from typing import Any, Iterable, Mapping

from autoscale.core import keys
from autoscale.core.group import UNHEALTHY
from autoscale.core.launch import LAUNCH_MARK, launch_mark
from simcloud import Region
from tests.chaos.serving import MARK, role_of, servers_of, value
from tests.chaos.watch import Say, Watch

TRIED = ("vm_image_id", "vm_size_id", "user_data", "key_name", "roles", "load_balancers",
         "node_port", "node_network", "health_check", "deleted")
"""What newcomers are tried with: where one of these is written, others are tried anew."""


class NewcomerWatch(Watch):
    """Counts those that are given up since one has passed. Who has ever been in rotation, or comes
    from another launch configuration than today's, is no newcomer."""

    def __init__(self, region: Region, texts: Mapping[str, str], violated: Say) -> None:
        super().__init__(region, texts, violated)
        self._rows: dict[str, set[str]] = {}
        self._since: dict[str, float] = {}
        self._judged: set[str] = set()
        self._joined: set[str] = set()

    def passed(self, ids: Iterable[str]) -> None:
        """These are about to be told that they pass; those that are not known to end a row."""
        found = set(ids)
        for server in self.region.servers.all():
            name = server.metadata.get(MARK)
            known = (value(self.texts, name, "checks") or {}).get(server.id) if name else None
            if name and server.id in found and not (known and known.passed):
                self._rows.pop(name, None)

    def key_set(self, name: str, field: str) -> None:
        if field in TRIED:
            self._rows.pop(name, None)
            self._since[name] = self.region.now()
        elif field == "members":
            self._joined |= {str(member.server) for member in (
                value(self.texts, name, field) or {}).values() if member.homes}
        elif field == "leaving":
            self._count(name)

    def _count(self, name: str) -> None:
        leaving = value(self.texts, name, "leaving") or {}
        new = {server for server, one in leaving.items() if one.why == UNHEALTHY} - self._judged
        self._judged |= new
        check = value(self.texts, name, "health_check")
        row = self._rows.setdefault(name, set())
        row |= {server.id for server in servers_of(self.region, name)
                if server.id in new and self._is_newcomer(name, server)}
        if check and len(row) >= check.attempts:
            self.violated(f"{name}: {len(row)} newcomers in a row are given up, and attempts is "
                          f"{check.attempts}")

    def _is_newcomer(self, name: str, server: Any) -> bool:
        known = (value(self.texts, name, "checks") or {}).get(server.id)
        if known is None or known.passed or server.id in self._joined:
            return False
        group = replace(keys.read_for_deletion(name, keys.by_group(self.texts)[name]),
                        ssh_pub_key=self.texts.get(keys.SSH_KEY, ""))
        ours = server.metadata.get(LAUNCH_MARK) == launch_mark(group, role_of(server))
        return ours and server.created >= self._since.get(name, 0)
