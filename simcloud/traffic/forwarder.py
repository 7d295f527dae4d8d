"""A load balancer's forwarding, to its nodes in turn: HTTP by request, the rest by connection."""
from __future__ import annotations

import asyncio
from typing import Any

from simcloud.load_balancers.load_balancer import LoadBalancer, Node
from simcloud.traffic.conversation import Conversation
from simcloud.traffic.counts import NO_NODE, REFUSED, Counts
from simcloud.traffic.door import Door
from simcloud.traffic.pipe import Pipe
from simcloud.traffic.rotation import Rotation, place

CONNECT_SECONDS = 4.0  # as long as Rackspace's load balancers wait for a node


class Forwarder:
    """Forwards what comes through a door. All of it runs in the event loop's thread.

    What its node does not take is not tried with another one: whoever leaves dead nodes in a load
    balancer loses requests, and is to see it. ``timeout``: real seconds that an answer may take.
    """

    def __init__(self, door: Door, http: bool, timeout: float) -> None:
        self.door = door
        self.counts = Counts()
        self.rotation = Rotation()
        self._http = http
        self._timeout = timeout
        self._under_way: set[asyncio.Future[None]] = set()

    async def publish(self, load_balancer: LoadBalancer) -> None:
        """Its nodes, and whether their weights count, as they are now."""
        self.rotation.publish(load_balancer.nodes.values(), load_balancer.weighs)

    def connection(self) -> asyncio.BaseProtocol:
        if not self._http:
            return Pipe(on_open=self._came, on_close=self._went)
        return asyncio.StreamReaderProtocol(asyncio.StreamReader(), self._spoken_to)

    def to_dict(self) -> dict[str, Any]:
        return {**self.counts.to_dict(), "forwards_to": self.rotation.places()}

    def _spoken_to(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        conversation = Conversation(self.rotation, self.counts, CONNECT_SECONDS, self._timeout)
        self._start(self._converse(conversation, reader, writer))

    async def _converse(
        self, conversation: Conversation, reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        self.counts.came()
        self.door.open_connections.add(transport)
        try:
            await conversation.hold(reader, writer)
        finally:
            self.counts.went()
            self.door.open_connections.discard(transport)
            writer.close()

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._under_way.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._under_way.discard)

    def _came(self, client: Pipe) -> None:
        self.counts.came()
        self.counts.requests += 1
        self.door.open_connections.add(client.transport)
        self._start(self._link(client))

    def _went(self, client: Pipe) -> None:
        self.counts.went()
        self.door.open_connections.discard(client.transport)

    async def _link(self, client: Pipe) -> None:
        node = self.rotation.next()
        if node is None:
            self.counts.failed(NO_NODE)
            client.transport.close()
        elif not await self._connected(client, node):
            self.counts.failed(REFUSED, place(node))
            client.transport.close()

    async def _connected(self, client: Pipe, node: Node) -> bool:
        attempt = asyncio.get_running_loop().create_connection(
            lambda: Pipe(on_open=lambda pipe: self.rotation.linked(pipe.transport, node),
                         on_close=lambda pipe: self.rotation.unlinked(pipe.transport)),
            node.address, node.port)
        try:
            _, pipe = await asyncio.wait_for(attempt, CONNECT_SECONDS)
        except (OSError, asyncio.TimeoutError):
            return False
        client.join(pipe)
        return True
