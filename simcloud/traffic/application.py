"""The application on a server: HTTP/1.1 that answers everything with the server's name."""
from __future__ import annotations

import asyncio
import re

from simcloud.settings import Settings
from simcloud.traffic import messages
from simcloud.traffic.answers import http_answer
from simcloud.traffic.door import Door
from simcloud.traffic.messages import END, Message

LATENCY = re.compile(rb"^\S+ [^ ]*[?&]latency=(\d+(?:\.\d+)?)(?:[& ])")
"""A request may say for itself how long it takes: GET /?latency=1.5"""


class Application:
    """Answers requests at a server's door and counts them, those it is too busy for included."""

    def __init__(self, server_id: str, name: str, door: Door, settings: Settings) -> None:
        self.door = door
        self.settings = settings
        self.requests = 0
        self.under_way = 0
        mark = f"X-Server-Id: {server_id}"
        self.answer = http_answer("200 OK", f"{name}\n", mark)
        self.overload = http_answer("503 Service Unavailable", f"{name} is overloaded\n", mark)

    @property
    def busy(self) -> bool:
        return 0 < self.settings.app_capacity <= self.under_way

    def latency(self, request: Message) -> float:
        """Real seconds."""
        told = LATENCY.search(request.head)
        return float(told.group(1)) if told else self.settings.app_latency_seconds

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
        while END in self._received:
            head, rest = self._received.split(END, 1)
            expected = messages.length(head)
            if len(rest) < expected:
                return
            self._received = rest[expected:]
            self._serve(Message(head + END))

    def _serve(self, request: Message) -> None:
        application = self._application
        application.requests += 1
        if application.busy:
            return self._send(application.overload, request)
        application.under_way += 1
        latency = application.latency(request)
        if not latency:
            return self._finish(request)
        asyncio.get_running_loop().call_later(latency, self._finish, request)
        return None

    def _finish(self, request: Message) -> None:
        self._application.under_way -= 1
        self._send(self._application.answer, request)

    def _send(self, answer: bytes, request: Message) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        head, _, body = answer.partition(END)
        head += b"\r\nConnection: close" if request.is_last else b""
        self._transport.write(head + END + (b"" if request.wants_no_body else body))
        if request.is_last:
            self._transport.close()
