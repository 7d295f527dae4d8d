"""Rackspace's public cloud: Cloud Servers, Load Balancers and DNS, on ``requests``."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Callable, Mapping

from autoscale.clouds.config import InvalidConfig, seconds, text
from autoscale.clouds.rackspace.dns import Dns
from autoscale.clouds.rackspace.identity import Credentials, Identity
from autoscale.clouds.rackspace.load_balancers import LoadBalancers
from autoscale.clouds.rackspace.servers import Servers
from autoscale.clouds.rackspace.session import Session
from autoscale.clouds.rackspace.transport import Transport

AUTH_URL = "https://identity.api.rackspacecloud.com/v2.0/"
READ_TIMEOUT = 30.0


@dataclass(frozen=True)
class Rackspace:
    """One region of Rackspace's cloud, as one account sees it."""

    servers: Servers
    load_balancers: LoadBalancers
    dns: Dns


def connect(
    config: Mapping[str, object],
    *,
    sleep: Callable[[float], object],
    clock: Callable[[], float],
) -> Rackspace:
    """The region that ``config`` names. It authenticates when it is first used, not here.

    Keys: username, api_key, region; auth_url and timeout (seconds to wait for an answer) may be
    left out. Raises InvalidConfig.
    """
    auth_url = text(config, "auth_url", default=AUTH_URL)
    if not auth_url.startswith(("https://", "http://")):
        raise InvalidConfig("auth_url", f"is {auth_url!r}, must begin with https://")
    credentials = Credentials(
        username=text(config, "username"),
        api_key=text(config, "api_key"),
        region=text(config, "region"),
        auth_url=auth_url,
    )
    transport = Transport(read_timeout=seconds(config, "timeout", default=READ_TIMEOUT))
    session = Session(Identity(credentials, transport, sleep, clock), transport, sleep)
    return Rackspace(Servers(session), LoadBalancers(session), Dns(session))
