"""The nodes that a load balancer's forwarding knows, and the connections to each."""
from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Iterable

from simcloud.load_balancers.load_balancer import Node


def place(node: Node) -> str:
    return f"{node.address}:{node.port}"


class Rotation:
    """Takes its ENABLED nodes in turn. All of it runs in the event loop's thread."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._turn = 0
        self._links: dict[asyncio.WriteTransport, int] = {}  # connections to nodes, by node id

    def publish(self, nodes: Iterable[Node]) -> None:
        """These from now on. Connections to nodes disabled or removed are cut; those to draining
        ones live on."""
        self._nodes = [replace(node) for node in nodes]
        kept = {node.id for node in self._nodes if node.condition != "DISABLED"}
        for connection, node_id in list(self._links.items()):
            if node_id not in kept:
                connection.abort()

    def next(self) -> Node | None:
        """The node whose turn it is; SECONDARY ones only when there is no other."""
        enabled = self._enabled()
        if not enabled:
            return None
        self._turn += 1
        return enabled[self._turn % len(enabled)]

    def places(self) -> list[str]:
        """Where new requests go."""
        return [place(node) for node in self._enabled()]

    def linked(self, connection: asyncio.WriteTransport, node: Node) -> None:
        self._links[connection] = node.id

    def unlinked(self, connection: asyncio.WriteTransport) -> None:
        self._links.pop(connection, None)

    def _enabled(self) -> list[Node]:
        enabled = [node for node in self._nodes if node.condition == "ENABLED"]
        return [node for node in enabled if node.type == "PRIMARY"] or enabled
