"""The contract, kept by clouds/rackspace against the simulated region over real HTTP."""
from __future__ import annotations

from .contract import DnsContract, LaunchContract, LoadBalancersContract, ServersContract


class TestServers(ServersContract):
    pass


class TestLaunch(LaunchContract):
    pass


class TestLoadBalancers(LoadBalancersContract):
    pass


class TestDns(DnsContract):
    pass
