"""The nodes that a load balancer's forwarding knows, and the connections to each."""
from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Iterable

from simcloud.load_balancers.load_balancer import Node
from simcloud.traffic.turns import Turns


def place(node: Node) -> str:
    return f"{node.address}:{node.port}"


class Rotation:
    """Takes its ENABLED nodes in turn. All of it runs in the event loop's thread."""

    def __init__(self) -> None:
        self._taken: dict[int, Node] = {}  # those that get new requests, by id
        self._turns = Turns()
        self._links: dict[asyncio.WriteTransport, int] = {}  # connections to nodes, by node id

    def publish(self, nodes: Iterable[Node], weighs: bool) -> None:
        """These from now on, in proportion to their weights if it ``weighs``, else equally.

        Connections to nodes disabled or removed are cut; those to draining ones live on.
        """
        there = [replace(node) for node in nodes]
        self._taken = {node.id: node for node in _taken(there)}
        self._turns.among({node.id: node.weight if weighs else 1 for node in _taken(there)})
        kept = {node.id for node in there if node.condition != "DISABLED"}
        for connection, node_id in list(self._links.items()):
            if node_id not in kept:
                connection.abort()

    def next(self) -> Node | None:
        """The node whose turn it is."""
        turn = self._turns.next()
        return None if turn is None else self._taken[turn]

    def places(self) -> list[str]:
        """Where new requests go."""
        return [place(node) for node in self._taken.values()]

    def linked(self, connection: asyncio.WriteTransport, node: Node) -> None:
        self._links[connection] = node.id

    def unlinked(self, connection: asyncio.WriteTransport) -> None:
        self._links.pop(connection, None)


def _taken(nodes: list[Node]) -> list[Node]:
    """Those that get new requests; SECONDARY ones only when there is no other."""
    enabled = [node for node in nodes if node.condition == "ENABLED"]
    return [node for node in enabled if node.type == "PRIMARY"] or enabled
