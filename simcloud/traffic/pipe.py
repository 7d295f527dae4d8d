"""One side of a forwarded connection; two of them, joined, pass on what they get."""
from __future__ import annotations

import asyncio
from typing import Callable


class Pipe(asyncio.Protocol):
    """Tells when it opens and closes. A slow reader on one side slows the writer on the other."""

    transport: asyncio.Transport

    def __init__(
        self, on_open: Callable[[Pipe], None], on_close: Callable[[Pipe], None]
    ) -> None:
        self._on_open = on_open
        self._on_close = on_close
        self._other: Pipe | None = None
        self._early: list[bytes] = []  # what came before there was another side
        self._ended = False
        self._closed = False

    def join(self, other: Pipe) -> None:
        """Pass on from one to the other, beginning with what came before."""
        self._other, other._other = other, self
        self._catch_up(other)
        other._catch_up(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._on_open(self)

    def connection_lost(self, error: Exception | None) -> None:
        self._closed = True
        self._on_close(self)
        if self._other is None:
            return
        if error is None:
            self._other.transport.close()
        else:
            self._other.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._other is None:
            self._early.append(data)
        else:
            self._other.transport.write(data)

    def eof_received(self) -> bool:
        """One direction may end before the other; both together end the connection."""
        self._ended = True
        if self._other is None:
            return True
        if self._other._ended or self._other.transport.is_closing():
            return False
        self._other.transport.write_eof()
        return True

    def pause_writing(self) -> None:
        if self._other is not None:
            self._other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self._other is not None:
            self._other.transport.resume_reading()

    def _catch_up(self, other: Pipe) -> None:
        for data in self._early:
            other.transport.write(data)
        self._early.clear()
        if self._closed:
            other.transport.close()
        elif self._ended and not other.transport.is_closing():
            other.transport.write_eof()
