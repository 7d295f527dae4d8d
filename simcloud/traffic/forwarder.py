"""A load balancer's forwarding: TCP, connection by connection, to its nodes in turn."""
from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any, Iterable

from simcloud.load_balancers.load_balancer import Node
from simcloud.traffic.answers import http_answer
from simcloud.traffic.door import Door
from simcloud.traffic.pipe import Pipe

CONNECT_SECONDS = 4.0  # as long as Rackspace's load balancers wait for a node
UNAVAILABLE = http_answer(
    "503 Service Unavailable", "Service Unavailable\n", "Connection: close"
)


@dataclass
class Counts:
    """Connections of a load balancer, in the words of its stats."""

    connections: int = 0
    connectFailure: int = 0  # noqa: N815 (Rackspace's name)
    currentConn: int = 0  # noqa: N815
    maxConn: int = 0  # noqa: N815


class Forwarder:
    """Forwards what comes through a door. All of it runs in the event loop's thread.

    A connection that its node does not take is not tried with another one: whoever leaves dead
    nodes in a load balancer loses requests, and is to see it.
    """

    def __init__(self, door: Door, http: bool) -> None:
        self.door = door
        self.counts = Counts()
        self._http = http
        self._nodes: list[Node] = []
        self._turn = 0
        self._linking: set[asyncio.Future[None]] = set()
        self._links: dict[asyncio.Transport, int] = {}  # connections to nodes, by node id

    async def publish(self, nodes: Iterable[Node]) -> None:
        """Forward to these from now on. Connections to nodes disabled or removed are cut;
        those to draining ones live on."""
        self._nodes = [replace(node) for node in nodes]
        kept = {node.id for node in self._nodes if node.condition != "DISABLED"}
        for connection, node_id in list(self._links.items()):
            if node_id not in kept:
                connection.abort()

    def connection(self) -> asyncio.BaseProtocol:
        return Pipe(on_open=self._came, on_close=self._went)

    def to_dict(self) -> dict[str, Any]:
        return vars(self.counts).copy()

    def _came(self, client: Pipe) -> None:
        counts = self.counts
        counts.connections += 1
        counts.currentConn += 1
        counts.maxConn = max(counts.maxConn, counts.currentConn)
        self.door.open_connections.add(client.transport)
        task = asyncio.ensure_future(self._link(client))
        self._linking.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._linking.discard)

    def _went(self, client: Pipe) -> None:
        self.counts.currentConn -= 1
        self.door.open_connections.discard(client.transport)

    async def _link(self, client: Pipe) -> None:
        node = self._next_node()
        if node is None or not await self._connected(client, node):
            self._turn_away(client)

    async def _connected(self, client: Pipe, node: Node) -> bool:
        def opened(pipe: Pipe) -> None:
            self._links[pipe.transport] = node.id

        def closed(pipe: Pipe) -> None:
            self._links.pop(pipe.transport, None)

        attempt = asyncio.get_running_loop().create_connection(
            lambda: Pipe(on_open=opened, on_close=closed), node.address, node.port
        )
        try:
            _, pipe = await asyncio.wait_for(attempt, CONNECT_SECONDS)
        except (OSError, asyncio.TimeoutError):
            return False
        client.join(pipe)
        return True

    def _next_node(self) -> Node | None:
        enabled = [node for node in self._nodes if node.condition == "ENABLED"]
        primary = [node for node in enabled if node.type == "PRIMARY"] or enabled
        if not primary:
            return None
        self._turn += 1
        return primary[self._turn % len(primary)]

    def _turn_away(self, client: Pipe) -> None:
        self.counts.connectFailure += 1
        if self._http and not client.transport.is_closing():
            client.transport.write(UNAVAILABLE)
        client.transport.close()
