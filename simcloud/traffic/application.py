"""The application on a server: HTTP/1.1 that answers everything with the server's name."""
from __future__ import annotations

import asyncio
import re
from typing import Callable

from simcloud.traffic.door import Door

LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nconnection:\s*close", re.IGNORECASE)


class Application:
    """Answers requests at a server's door and counts them. `latency` gives real seconds."""

    def __init__(self, server_id: str, name: str, door: Door, latency: Callable[[], float]) -> None:
        self.door = door
        self.latency = latency
        self.requests = 0
        body = f"{name}\n".encode()
        self.answer = (
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n"
            b"X-Server-Id: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (server_id.encode(), len(body), body)
        )

    def connection(self) -> asyncio.BaseProtocol:
        return _Connection(self)


class _Connection(asyncio.Protocol):
    def __init__(self, application: Application) -> None:
        self._application = application
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._application.door.open_connections.add(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._transport is not None:
            self._application.door.open_connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, rest = self._received.split(b"\r\n\r\n", 1)
            length = LENGTH.search(head)
            expected = int(length.group(1)) if length else 0
            if len(rest) < expected:
                return
            self._received = rest[expected:]
            self._serve(last=CLOSE.search(head) is not None)

    def _serve(self, last: bool) -> None:
        self._application.requests += 1
        latency = self._application.latency()
        if latency:
            asyncio.get_running_loop().call_later(latency, self._send, last)
        else:
            self._send(last)

    def _send(self, last: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(self._application.answer)
        if last:
            self._transport.close()
