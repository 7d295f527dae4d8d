"""Cloud Servers (Nova v2)."""
from __future__ import annotations

from contextlib import suppress
from typing import Any, Iterable, Mapping, Sequence

from autoscale.clouds.rackspace import launch, shapes
from autoscale.clouds.rackspace.identity import SERVERS
from autoscale.clouds.rackspace.key_pairs import KeyPairs
from autoscale.clouds.rackspace.listing import listing
from autoscale.clouds.rackspace.paging import Item, segment
from autoscale.clouds.rackspace.session import nothing
from autoscale.core.observation import GROUP_MARK, Server
from autoscale.seams import Busy, Conflict, Gone, InvalidLaunch, QuotaReached

_LAUNCH = {
    400: InvalidLaunch,
    404: InvalidLaunch,
    403: QuotaReached,
}


class Servers(KeyPairs):
    """The servers of one region. Promises as ``autoscale.seams.Servers``."""

    def list(self) -> tuple[Server, ...]:
        """Filtered here: the service's own metadata filter is not to be trusted.

        One that is DELETED but still listed does not exist any more.
        """
        what = "list the servers"
        items = listing(self._session, "servers", what)
        servers = self._session.decoded(items, _marked, what)
        return tuple(server for server in servers if server.state != "DELETED")

    def get(self, server_id: str) -> Server | None:
        def decode(body: Any) -> Server:
            return shapes.server(body["server"])

        what = f"look at server {server_id}"
        try:
            server = self._session.read(SERVERS, _path(server_id), decode, what)
        except Gone:
            return None
        return None if server.state == "DELETED" else server

    def find(self, name_or_id: str) -> tuple[Server, ...]:
        """By the whole list: the service's filter by name is a pattern, and lags no less."""
        what = f"look for server {name_or_id}"

        def decode(items: Sequence[Item]) -> Iterable[Server]:
            named = [item for item in items if name_or_id in (item.get("name"), item["id"])]
            return [shapes.server(item) for item in named]

        items = listing(self._session, "servers", what)
        found = self._session.decoded(items, decode, what)
        return tuple(server for server in found if server.state != "DELETED")

    def create(
        self,
        name: str,
        *,
        image: str,
        size: str,
        metadata: Mapping[str, str],
        key_name: str | None = None,
        user_data: str | None = None,
    ) -> str:
        """The networks are left to Rackspace's default: the internet and ServiceNet."""
        wanted: dict[str, object] = {
            "name": name,
            "imageRef": image,
            "flavorRef": size,
            "metadata": dict(metadata),
        }
        if key_name:
            wanted["key_name"] = key_name
        if user_data:
            wanted.update(user_data=user_data, config_drive=True)
        return self._session.change(
            "POST",
            SERVERS,
            "/servers",
            lambda body: shapes.required(body["server"], "id"),
            f"create server {name}",
            body={"server": wanted},
            kinds=_LAUNCH,
        )

    def delete(self, server_id: str) -> None:
        path, what = _path(server_id), f"delete server {server_id}"
        try:
            with suppress(Gone):
                self._session.change("DELETE", SERVERS, path, nothing, what)
        except Conflict as error:
            if not self._leaving(server_id):
                raise Busy(str(error)) from None

    def tag(self, server_id: str, metadata: Mapping[str, str]) -> None:
        """POST adds and replaces single pairs; PUT would remove the others."""
        path, what = f"{_path(server_id)}/metadata", f"tag server {server_id}"
        body = {"metadata": dict(metadata)}
        try:
            self._session.change("POST", SERVERS, path, nothing, what, body)
        except Conflict as error:
            raise Busy(str(error)) from None

    def untag(self, server_id: str, keys: Sequence[str]) -> None:
        for key in keys:
            path = f"{_path(server_id)}/metadata/{segment(key)}"
            what = f"remove the mark {key} of server {server_id}"
            try:
                with suppress(Gone):
                    self._session.change("DELETE", SERVERS, path, nothing, what)
            except Conflict as error:
                raise Busy(str(error)) from None

    def check_launch(self, image: str, size: str) -> None:
        launch.check(self._session, "flavor", size)
        launch.check(self._session, "image", image)

    def _leaving(self, server_id: str) -> bool:
        server = self.get(server_id)
        return server is None or server.leaving


def _path(server_id: str) -> str:
    return f"/servers/{segment(server_id)}"


def _marked(items: Sequence[Item]) -> Iterable[Server]:
    marked = [item for item in items if (item.get("metadata") or {}).get(GROUP_MARK)]
    return [shapes.server(item) for item in marked]
