"""One server and its JSON."""
from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from simcloud.clock import iso

STATES = (
    "ACTIVE", "BUILD", "DELETED", "ERROR", "HARD_REBOOT", "MIGRATING", "PASSWORD", "REBOOT",
    "REBUILD", "RESCUE", "RESIZE", "REVERT_RESIZE", "SHUTOFF", "SUSPENDED", "UNKNOWN",
    "VERIFY_RESIZE",
)  # fmt: skip

SERVING = ("ACTIVE", "MIGRATING", "PASSWORD", "UNKNOWN", "VERIFY_RESIZE")  # a guest that runs


@dataclass
class Server:
    """A server from the answer to its creation until it is gone.

    Its addresses are its own from the start, but shown only once it has been built.
    """

    id: str
    name: str
    image: str
    flavor: str
    created: float
    public: str | None
    private: str
    metadata: dict[str, str] = field(default_factory=dict)
    key_name: str | None = None
    user_data: str | None = None  # base64, as it was sent
    config_drive: bool = False
    status: str = "BUILD"
    updated: float = 0
    task_state: str | None = "spawning"
    built: bool = False
    serving: bool = False  # whether its application answers
    stops: int = 0  # how often it has stopped, and its application with it
    app_down: bool = False  # its application does not run, whatever the server does

    @property
    def deleting(self) -> bool:
        return self.task_state == "deleting"

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(address for address in (self.public, self.private) if address)

    @property
    def runs(self) -> bool:
        return self.built and self.status in SERVING and not self.deleting

    def turn(self, status: str, now: float) -> None:
        """Take on a state. A server that was ACTIVE once keeps showing its addresses."""
        self.status = status
        self.updated = now
        self.built = self.built or status == "ACTIVE"
        if not self.deleting:
            self.task_state = "spawning" if status == "BUILD" else None

    def to_dict(self, base: str = "") -> dict[str, Any]:
        """As GET /servers/ID gives it; `base` is the service's URL for links."""
        answer: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "status": self.status,
            "created": iso(self.created),
            "updated": iso(self.updated),
            "metadata": dict(self.metadata),
            "addresses": self._shown_addresses(),
            "accessIPv4": self.public or "" if self.built else "",
            "accessIPv6": "",
            "image": {"id": self.image, "links": _links(base, "images", self.image, "bookmark")},
            "flavor": {
                "id": self.flavor,
                "links": _links(base, "flavors", self.flavor, "bookmark"),
            },
            "key_name": self.key_name,
            "hostId": hashlib.sha224(self.id.encode()).hexdigest() if self.built else "",
            "progress": 100 if self.built else 0,
            "config_drive": "True" if self.config_drive else "",
            "OS-DCF:diskConfig": "AUTO",
            "OS-EXT-STS:vm_state": self.status.lower().replace("build", "building"),
            "OS-EXT-STS:task_state": self.task_state,
            "OS-EXT-STS:power_state": 1 if self.status == "ACTIVE" else 0,
            "links": self.links(base),
        }
        if self.status == "ERROR":
            answer["fault"] = {"code": 500, "message": "No valid host was found.", "details": ""}
        return answer

    def links(self, base: str = "") -> list[dict[str, str]]:
        return _links(base, "servers", self.id, "self")

    def _shown_addresses(self) -> dict[str, list[dict[str, Any]]]:
        if not self.built:
            return {}
        private = {"private": [{"version": 4, "addr": self.private}]}
        if self.public is None:
            return private
        return {"public": [{"version": 4, "addr": self.public}], **private}


def _links(base: str, collection: str, name: str, rel: str) -> list[dict[str, str]]:
    return [{"href": f"{base}/{collection}/{name}", "rel": rel}]
