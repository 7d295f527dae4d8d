"""The contract, kept by clouds/rackspace against the simulated region over real HTTP."""
from __future__ import annotations

from typing import Any

import pytest

from simcloud import RegionServer

from .contract import DnsContract, LaunchContract, LoadBalancersContract, ServersContract
from .simulated import SimulatedWorld

# Rackspace's services differ among themselves and from their documentation.
OTHERWISE = {
    "rate_limits": True,
    "retry_after_as_date": True,
    "over_quota_status": 413,
    "lb_marker_inclusive": False,
    "ns_records": False,
}


@pytest.fixture(params=[{}, OTHERWISE], ids=["as documented", "otherwise"])
def world(request: pytest.FixtureRequest, server: RegionServer) -> SimulatedWorld:
    settings: dict[str, Any] = request.param
    return SimulatedWorld(server, **settings)


class TestServers(ServersContract):
    pass


class TestLaunch(LaunchContract):
    pass


class TestLoadBalancers(LoadBalancersContract):
    pass


class TestDns(DnsContract):
    pass
