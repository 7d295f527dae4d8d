"""Health checks: asking nodes, from here, whether they serve."""
from __future__ import annotations

import http.client
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Sequence

from autoscale.core.checks import HealthCheck
from autoscale.core.observation import Server

_AT_ONCE = 20


def healthy(
    check: HealthCheck, servers: Sequence[Server], network: str, port: int
) -> frozenset[str]:
    """The ids of the servers that pass the check, all asked at the same time."""
    asked = [(server.id, server.address(network)) for server in servers]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = pool.map(lambda one: bool(one[1]) and passes(check, str(one[1]), port), asked)
        return frozenset(server for (server, _), passed in zip(asked, answers) if passed)


def passes(check: HealthCheck, address: str, port: int) -> bool:
    """Whether a connection is accepted (tcp), or a GET is answered with 2xx or 3xx (http)."""
    try:
        if check.type == "tcp":
            socket.create_connection((address, port), check.timeout).close()
            return True
        connection = http.client.HTTPConnection(address, port, timeout=check.timeout)
        try:
            connection.request("GET", check.path)
            return 200 <= connection.getresponse().status < 400
        finally:
            connection.close()
    except (OSError, http.client.HTTPException):
        return False
