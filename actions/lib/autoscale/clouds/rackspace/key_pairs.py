"""The key pairs that servers are created with."""
from __future__ import annotations

from contextlib import suppress

from autoscale.clouds.rackspace.identity import SERVERS
from autoscale.clouds.rackspace.paging import segment
from autoscale.clouds.rackspace.session import Session, nothing
from autoscale.seams import Conflict, Gone


class KeyPairs:
    """The key pairs of one region. Promises as ``autoscale.seams.Servers``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def key_pairs(self) -> tuple[str, ...]:
        return self._session.read(
            SERVERS,
            "/os-keypairs",
            lambda body: tuple(str(each["keypair"]["name"]) for each in body["keypairs"]),
            "list the key pairs",
        )

    def create_key_pair(self, name: str, public_key: str) -> None:
        wanted = {"keypair": {"name": name, "public_key": public_key}}
        what = f"create key pair {name}"
        with suppress(Conflict):
            self._session.change("POST", SERVERS, "/os-keypairs", nothing, what, wanted)

    def delete_key_pair(self, name: str) -> None:
        path, what = f"/os-keypairs/{segment(name)}", f"delete key pair {name}"
        with suppress(Gone):
            self._session.change("DELETE", SERVERS, path, nothing, what)
