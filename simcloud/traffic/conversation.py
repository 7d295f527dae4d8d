"""HTTP through a load balancer: a client's connection, each request of it to the next node."""
from __future__ import annotations

import asyncio

from simcloud.load_balancers.load_balancer import Node
from simcloud.traffic import messages
from simcloud.traffic.answers import http_answer
from simcloud.traffic.counts import CUT, NO_NODE, REFUSED, SLOW, Counts
from simcloud.traffic.messages import Message
from simcloud.traffic.rotation import Rotation, place

STATUS = {
    NO_NODE: "503 Service Unavailable",
    REFUSED: "503 Service Unavailable",
    CUT: "502 Bad Gateway",
    SLOW: "504 Gateway Timeout",
}
LENGTH_REQUIRED = "411 Length Required"
BROKEN = (OSError, EOFError, asyncio.LimitOverrunError)  # what an ending connection raises


class Failed(Exception):
    """The request has no answer: why, and the node that owes it."""

    def __init__(self, why: str, node: Node | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.place = place(node) if node else None


class Conversation:
    """Answers a client's requests one after the other, until either side has had enough.

    Each goes over a connection of its own to the node whose turn it is: that a client keeps its
    connection to the load balancer binds it to no node.
    """

    def __init__(
        self, rotation: Rotation, counts: Counts, connect_seconds: float, timeout: float
    ) -> None:
        self._rotation = rotation
        self._counts = counts
        self._connect_seconds = connect_seconds
        self._timeout = timeout

    async def hold(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._turn(reader, writer):
                pass
        except BROKEN:
            pass

    async def _turn(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer; whether there may be another."""
        request = await messages.request(reader)
        if request.is_chunked:
            writer.write(_own_answer(LENGTH_REQUIRED))
            return False
        self._counts.requests += 1
        try:
            answer = await self._answer(request)
        except Failed as failure:
            self._counts.failed(failure.why, failure.place)
            writer.write(_own_answer(STATUS[failure.why]))
            return False
        self._counts.answers[answer.status] += 1
        writer.write(answer.raw)
        await writer.drain()
        return not (request.is_last or answer.is_last or answer.is_endless)

    async def _answer(self, request: Message) -> Message:
        node = self._rotation.next()
        if node is None:
            raise Failed(NO_NODE)
        try:
            attempt = asyncio.open_connection(node.address, node.port)
            reader, writer = await asyncio.wait_for(attempt, self._connect_seconds)
        except (OSError, asyncio.TimeoutError):
            raise Failed(REFUSED, node) from None
        self._rotation.linked(writer.transport, node)
        try:
            writer.write(request.raw)
            return await asyncio.wait_for(messages.answer(reader, request), self._timeout)
        except asyncio.TimeoutError:
            raise Failed(SLOW, node) from None
        except BROKEN:
            raise Failed(CUT, node) from None
        finally:
            self._rotation.unlinked(writer.transport)
            writer.close()


def _own_answer(status: str) -> bytes:
    return http_answer(status, f"{status[4:]}\n", "Connection: close")
