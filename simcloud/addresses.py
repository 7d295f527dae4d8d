"""Which addresses servers and load balancers get: all of them in one 127.X.0.0/16."""
from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

from simcloud.settings import Settings

if TYPE_CHECKING:
    from simcloud.servers.server import Server

HOSTS = 254  # .0 and .255 stay unused


class Pool:
    """The addresses 127.X.first.1 to 127.X.last.254, each in turn before one comes again."""

    def __init__(self, block: int, first: int, last: int, settings: Settings) -> None:
        self._block, self._first, self._last = block, first, last
        self._settings = settings
        self._next = 0
        self._used: set[int] = set()
        self._freed: list[int] = []

    def take(self) -> str:
        number = self._free_number()
        self._used.add(number)
        return f"127.{self._block}.{self._first + number // HOSTS}.{number % HOSTS + 1}"

    def give_back(self, address: str) -> None:
        third, fourth = address.split(".")[2:]
        number = (int(third) - self._first) * HOSTS + int(fourth) - 1
        self._used.discard(number)
        heapq.heappush(self._freed, number)

    def _free_number(self) -> int:
        if self._settings.reuse_addresses and self._freed:
            return heapq.heappop(self._freed)
        size = (self._last - self._first + 1) * HOSTS
        if len(self._used) >= size:
            raise RuntimeError(f"all {size} addresses of this kind are in use")
        while self._next % size in self._used:
            self._next += 1
        self._next += 1
        return (self._next - 1) % size


class Addresses:
    """The region's addresses: of servers on both networks, and of load balancers."""

    def __init__(self, block: int, settings: Settings) -> None:
        self.private = Pool(block, 0, 99, settings)
        self.public = Pool(block, 100, 199, settings)
        self.vip = Pool(block, 200, 254, settings)

    def give_back(self, server: Server) -> None:
        self.private.give_back(server.private)
        if server.public:
            self.public.give_back(server.public)
