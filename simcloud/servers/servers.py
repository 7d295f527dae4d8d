"""All servers of the region: how they come, age and go."""
from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from simcloud.errors import Refused
from simcloud.servers.server import STATES, Server
from simcloud.servers.validation import check_metadata, check_server, wants_public_network

if TYPE_CHECKING:
    from simcloud.region import Region


class Servers:
    """The region's servers by id, the oldest first."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._servers: dict[str, Server] = {}

    def all(self) -> list[Server]:
        return list(self._servers.values())

    def listed(self) -> list[Server]:
        """What a listing shows: the newest first, and without those it has not heard of yet."""
        heard = self._region.now() - self._region.settings.list_lag_seconds
        return [server for server in reversed(self.all()) if server.created <= heard]

    def get(self, server_id: str) -> Server:
        """404 unless there is such a server."""
        try:
            return self._servers[server_id]
        except KeyError:
            raise Refused(404, "Instance could not be found") from None

    def find(self, id_or_name: str) -> Server:
        """By id or, the oldest first, by name. LookupError when there is none."""
        for server in self._servers.values():
            if id_or_name in (server.id, server.name):
                return server
        raise LookupError(f"there is no server {id_or_name!r}")

    def create(self, request: dict[str, Any]) -> Server:
        """Accept a server and begin to build it."""
        region, settings = self._region, self._region.settings
        check_server(request, region.keypairs.names(), settings.over_quota_status)
        if len(self._servers) >= settings.server_quota or region.twist("quota"):
            raise self._over_quota()
        server = self.add(request)
        seconds = settings.build_seconds + region.random.uniform(0, settings.build_jitter)
        if not region.twist("build_stuck"):
            outcome = "ERROR" if region.twist("build_error") else "ACTIVE"
            region.agenda.at(region.now() + seconds, lambda: self._built(server, outcome))
        return server

    def add(self, request: dict[str, Any]) -> Server:
        """A server in BUILD, whatever the quota, that will stay so until somebody turns it."""
        region, now = self._region, self._region.now()
        server = Server(
            id=str(uuid.UUID(int=region.random.getrandbits(128))),
            name=request["name"],
            image=str(request["imageRef"]).rpartition("/")[2],
            flavor=str(request["flavorRef"]).rpartition("/")[2],
            created=now,
            updated=now,
            public=region.addresses.public.take() if wants_public_network(request) else None,
            private=region.addresses.private.take(),
            metadata=dict(request.get("metadata") or {}),
            key_name=request.get("key_name"),
            user_data=request.get("user_data"),
            config_drive=bool(request.get("config_drive")),
        )
        self._servers[server.id] = server
        return server

    def delete(self, server: Server) -> None:
        """Begin to delete: it stops at once and is gone after the time that takes."""
        if server.deleting:
            return
        server.task_state = "deleting"
        self._show(server)
        gone_at = self._region.now() + self._region.settings.delete_seconds
        self._region.agenda.at(gone_at, lambda: self.remove(server))

    def remove(self, server: Server) -> None:
        """The server is gone."""
        if self._servers.pop(server.id, None) is None:
            return
        server.task_state = "deleting"
        self._show(server)
        self._region.addresses.give_back(server)

    def turn(self, server: Server, status: str) -> None:
        """Put a server into a state; ValueError when there is no such state."""
        if status not in STATES:
            raise ValueError(f"there is no server state {status!r}; there are {', '.join(STATES)}")
        if status == "DELETED":
            return self.remove(server)
        server.turn(status, self._region.now())
        return self._show(server)

    def set_application(self, server: Server, up: bool) -> None:
        """Stop a server's application, or start it, whatever state the server is in."""
        server.app_down = not up
        self._show(server)

    def set_metadata(self, server: Server, metadata: Any) -> dict[str, str]:
        """Replace a server's metadata; returns it."""
        check_metadata(metadata, self._region.settings.over_quota_status)
        server.metadata = dict(metadata)
        server.updated = self._region.now()
        return server.metadata

    def _built(self, server: Server, outcome: str) -> None:
        if server.status == "BUILD" and not server.deleting:
            server.turn(outcome, self._region.now())
            self._show(server)

    def _show(self, server: Server) -> None:
        """Its application stops with the server, and starts some time after it."""
        start_seconds = self._region.settings.app_start_seconds
        server.stops += not server.runs
        if server.runs and not server.serving and start_seconds > 0:
            self._start(server, self._region.now() + start_seconds)
        else:
            self._serve(server)

    def _start(self, server: Server, at: float) -> None:
        """Its application answers from then on, unless it stops before."""
        stops = server.stops

        def started() -> None:
            if server.stops == stops:
                self._serve(server)

        self._region.agenda.at(at, started)

    def _serve(self, server: Server) -> None:
        server.serving = server.runs and not server.app_down
        self._region.traffic.server_changed(server)

    def _over_quota(self) -> Refused:
        most, used = self._region.settings.server_quota, len(self._servers)
        return Refused(
            self._region.settings.over_quota_status,
            f"Quota exceeded for instances: Requested 1, but already used {used} of {most} "
            "instances",
        )
