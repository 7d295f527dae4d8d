"""What the region asks of its traffic, and traffic that does nothing."""
from __future__ import annotations

from typing import Any, Protocol

from simcloud.load_balancers.load_balancer import LoadBalancer
from simcloud.servers.server import Server

UNHEARD = 1  # the block of regions that do not listen: nobody claims 127.1.0.0/16


class Traffic(Protocol):
    """Told of every change; called under the region's lock."""

    block: int  # X of the region's 127.X.0.0/16

    def server_changed(self, server: Server) -> None: ...

    def load_balancer_changed(self, load_balancer: LoadBalancer) -> None: ...

    def listens_on(self, load_balancer: LoadBalancer) -> str | None: ...

    def stats(self, load_balancer: LoadBalancer) -> dict[str, int]: ...

    def traffic(self, load_balancer: LoadBalancer) -> dict[str, Any]: ...

    def requests(self) -> dict[str, int]: ...

    def close(self) -> None: ...


class Silence:
    """Nobody listens."""

    block = UNHEARD

    def server_changed(self, server: Server) -> None:
        pass

    def load_balancer_changed(self, load_balancer: LoadBalancer) -> None:
        pass

    def listens_on(self, load_balancer: LoadBalancer) -> str | None:
        return None

    def stats(self, load_balancer: LoadBalancer) -> dict[str, int]:
        return {}

    def traffic(self, load_balancer: LoadBalancer) -> dict[str, Any]:
        return {}

    def requests(self) -> dict[str, int]:
        return {}

    def close(self) -> None:
        pass
