"""A listening address with the connections that came in through it."""
from __future__ import annotations

import asyncio
import socket
from typing import Callable

try:
    import resource
except ImportError:  # Windows has none
    resource = None  # type: ignore[assignment]

BACKLOG = 512
PLENTY = 100_000


def most_sockets() -> int:
    """How many may listen: half of what this process may open, for the rest needs files too."""
    if resource is None:
        return PLENTY
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return PLENTY if soft == resource.RLIM_INFINITY else int(soft) // 2


def bound(address: str, port: int) -> socket.socket:
    """A socket that listens already, so that nobody who calls from now on is turned away."""
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((address, port))
        listening.listen(BACKLOG)
    except OSError:
        listening.close()
        raise
    return listening


class Door:
    """Opened and closed in the event loop's thread."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self.sockets = sockets
        self.open_connections: set[asyncio.Transport] = set()
        self._servers: list[asyncio.AbstractServer] = []

    async def open(self, protocol: Callable[[], asyncio.BaseProtocol]) -> None:
        loop = asyncio.get_running_loop()
        for each in self.sockets:
            self._servers.append(await loop.create_server(protocol, sock=each, backlog=BACKLOG))

    async def close(self) -> None:
        """Nobody gets in any more, and who is in is cut off."""
        for server in self._servers:
            server.close()
        for connection in list(self.open_connections):
            connection.abort()
        await asyncio.sleep(0)
