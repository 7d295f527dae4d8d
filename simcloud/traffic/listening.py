"""Traffic for real: what listens follows from the state of servers and load balancers."""
from __future__ import annotations

import logging
import socket
from typing import Any

from simcloud.load_balancers.load_balancer import LoadBalancer
from simcloud.servers.server import Server
from simcloud.settings import Settings
from simcloud.traffic.application import Application
from simcloud.traffic.block import Block
from simcloud.traffic.door import Door, bound, most_sockets
from simcloud.traffic.forwarder import Forwarder
from simcloud.traffic.loop import Loop

LOG = logging.getLogger("simcloud")
FORWARDING = ("ACTIVE", "PENDING_UPDATE", "PENDING_DELETE")


class Listening:
    """The doors of one region, in its own block of addresses."""

    def __init__(self, block: Block, settings: Settings) -> None:
        self.block = block.number
        self._claim = block
        self._settings = settings
        self._loop = Loop()
        self._applications: dict[str, Application] = {}
        self._forwarders: dict[int, tuple[int, Forwarder]] = {}  # with the port asked for
        self._warned = False
        self._closed = False

    def server_changed(self, server: Server) -> None:
        application = self._applications.get(server.id)
        if server.serving and application is None and not self._closed:
            self._open_application(server)
        elif not server.serving and application is not None:
            del self._applications[server.id]
            self._loop.run(application.door.close())

    def load_balancer_changed(self, load_balancer: LoadBalancer) -> None:
        port, forwarder = self._forwarders.get(load_balancer.id, (None, None))
        forwards = load_balancer.status in FORWARDING and not self._closed
        wanted = load_balancer.port if forwards else None
        if forwarder is not None and port != wanted:
            del self._forwarders[load_balancer.id]
            self._loop.run(forwarder.door.close())
            forwarder = None
        if forwarder is None and wanted is not None:
            forwarder = self._open_forwarder(load_balancer)
        if forwarder is not None:
            self._loop.run(forwarder.publish(load_balancer))

    def listens_on(self, load_balancer: LoadBalancer) -> str | None:
        """address:port, where the port is another one if the right one can't be had."""
        if load_balancer.id not in self._forwarders:
            return None
        address, port = self._forwarders[load_balancer.id][1].door.sockets[0].getsockname()
        return f"{address}:{port}"

    def stats(self, load_balancer: LoadBalancer) -> dict[str, int]:
        """What Rackspace's API shows of its connections."""
        if load_balancer.id not in self._forwarders:
            return {}
        return self._forwarders[load_balancer.id][1].counts.stats()

    def traffic(self, load_balancer: LoadBalancer) -> dict[str, Any]:
        """What it has forwarded, and where to it forwards; nothing when it does not listen."""
        if load_balancer.id not in self._forwarders:
            return {}
        return self._forwarders[load_balancer.id][1].to_dict()

    def requests(self) -> dict[str, int]:
        """How many requests each server that listens now has got, by id."""
        return {key: each.requests for key, each in list(self._applications.items())}

    def close(self) -> None:
        self._closed = True
        doors = [each.door for each in self._applications.values()]
        doors += [forwarder.door for _, forwarder in self._forwarders.values()]
        self._applications.clear()
        self._forwarders.clear()
        for door in doors:
            self._loop.run(door.close())
        self._loop.close()
        self._claim.release()

    def _open_application(self, server: Server) -> None:
        sockets = self._bound(server.addresses, self._settings.app_port)
        application = Application(server.id, server.name, Door(sockets), self._settings)
        self._applications[server.id] = application
        self._loop.run(application.door.open(application.connection))

    def _open_forwarder(self, load_balancer: LoadBalancer) -> Forwarder | None:
        # Port 80 is not everybody's: then any port on the same address serves.
        sockets = self._bound((load_balancer.address,), load_balancer.port, 0)
        if not sockets:
            return None
        forwarder = Forwarder(
            Door(sockets), load_balancer.protocol == "HTTP", load_balancer.timeout)
        self._forwarders[load_balancer.id] = (load_balancer.port, forwarder)
        self._loop.run(forwarder.door.open(forwarder.connection))
        return forwarder

    def _bound(self, addresses: tuple[str, ...], *ports: int) -> list[socket.socket]:
        """A socket for each address, on the first of `ports` that can be had."""
        found = [self._bound_one(address, ports) for address in addresses]
        return [each for each in found if each is not None]

    def _open_sockets(self) -> int:
        return 2 * len(self._applications) + len(self._forwarders)

    def _bound_one(self, address: str, ports: tuple[int, ...]) -> socket.socket | None:
        problem: object = "half of all files that may be open are open; see ulimit -n"
        for port in ports if self._open_sockets() < most_sockets() else ():
            try:
                return bound(address, port)
            except OSError as error:
                problem = error
        if not self._warned:
            LOG.warning("%s does not listen, and there may be more: %s", address, problem)
            self._warned = True
        return None
