"""The application on a server: HTTP/1.1 that answers everything with the server's name."""
from __future__ import annotations

import asyncio
import re

from simcloud.settings import Settings
from simcloud.traffic.answers import http_answer
from simcloud.traffic.door import Door

LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nconnection:\s*close", re.IGNORECASE)


class Application:
    """Answers requests at a server's door and counts them, those it is too busy for included."""

    def __init__(self, server_id: str, name: str, door: Door, settings: Settings) -> None:
        self.door = door
        self.settings = settings
        self.requests = 0
        self.under_way = 0
        self.answer = http_answer("200 OK", f"{name}\n", f"X-Server-Id: {server_id}")
        self.overload = http_answer("503 Service Unavailable", f"{name} is overloaded\n")

    @property
    def busy(self) -> bool:
        return 0 < self.settings.app_capacity <= self.under_way

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
        application = self._application
        application.requests += 1
        if application.busy:
            return self._send(application.overload, last)
        application.under_way += 1
        latency = application.settings.app_latency_seconds
        if not latency:
            return self._finish(last)
        asyncio.get_running_loop().call_later(latency, self._finish, last)
        return None

    def _finish(self, last: bool) -> None:
        self._application.under_way -= 1
        self._send(self._application.answer, last)

    def _send(self, answer: bytes, last: bool) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(answer)
        if last:
            self._transport.close()
