"""One load balancer, its nodes and their JSON."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simcloud.clock import iso

STATES = (
    "ACTIVE", "BUILD", "PENDING_UPDATE", "PENDING_DELETE", "SUSPENDED", "ERROR", "DELETED",
)  # fmt: skip
WEIGHING = ("WEIGHTED_LEAST_CONNECTIONS", "WEIGHTED_ROUND_ROBIN")
ALGORITHMS = ("LEAST_CONNECTIONS", "RANDOM", "ROUND_ROBIN", *WEIGHING)
DEFAULT_ALGORITHM = "RANDOM"


@dataclass
class Node:
    """One place that a load balancer forwards to."""

    id: int
    address: str
    port: int
    condition: str = "ENABLED"
    type: str = "PRIMARY"
    weight: int = 1

    @property
    def place(self) -> tuple[str, int]:
        return self.address, self.port

    def to_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "address": self.address,
            "port": self.port,
            "condition": self.condition,
            "status": "ONLINE",  # without a health monitor it is never anything else
            "type": self.type,
            "weight": self.weight,
        }


@dataclass
class LoadBalancer:
    """A load balancer from the answer to its creation until nobody remembers it.

    `changes` counts what was begun, so that the end of an earlier change does not end a later one.
    """

    id: int
    name: str
    protocol: str
    port: int
    vip_id: int
    vip_type: str
    created: float
    address: str = ""
    algorithm: str = DEFAULT_ALGORITHM
    timeout: int = 30
    status: str = "BUILD"
    updated: float = 0
    nodes: dict[int, Node] = field(default_factory=dict)
    metadata: list[dict[str, Any]] = field(default_factory=list)
    changes: int = 0

    @property
    def weighs(self) -> bool:
        """Whether the weights of its nodes count."""
        return self.algorithm in WEIGHING

    def shown(self, node: Node) -> dict[str, Any]:
        """A node of its own as it is listed: with its weight only where weights count."""
        told = node.to_dict()
        if not self.weighs:
            del told["weight"]
        return told

    def to_dict(self) -> dict[str, Any]:
        """As GET /loadbalancers/ID gives it."""
        return {
            **self._outline(),
            "timeout": self.timeout,
            "connectionLogging": {"enabled": False},
            "contentCaching": {"enabled": False},
            "halfClosed": False,
            "httpsRedirect": False,
            "cluster": {"name": "ztm-n01.sim1.lbaas.example.net"},
            "sourceAddresses": {"ipv4Public": self.address, "ipv4Servicenet": self.address},
            "nodes": [self.shown(node) for node in self.nodes.values()],
            "metadata": [dict(pair) for pair in self.metadata],
        }

    def to_list_entry(self) -> dict[str, Any]:
        """As a listing gives it: without nodes and metadata."""
        return {**self._outline(), "timeout": self.timeout, "nodeCount": len(self.nodes)}

    def _outline(self) -> dict[str, Any]:
        vip = {"id": self.vip_id, "address": self.address, "type": self.vip_type,
               "ipVersion": "IPV4"}
        return {
            "id": self.id,
            "name": self.name,
            "protocol": self.protocol,
            "port": self.port,
            "algorithm": self.algorithm,
            "status": self.status,
            "virtualIps": [vip],
            "created": {"time": iso(self.created)},
            "updated": {"time": iso(self.updated)},
        }
