"""What every cloud promises (``autoscale.seams``), as tests that know no cloud.

For a cloud ``clouds/<name>/`` there is a module ``test_<name>_contract.py`` that gives these
tests a fixture ``world`` (see world.py) and subclasses each of them.
"""
from __future__ import annotations

from .contract_dns import DnsContract
from .contract_load_balancers import LoadBalancersContract
from .contract_servers import LaunchContract, ServersContract
from .world import World

__all__ = ["DnsContract", "LaunchContract", "LoadBalancersContract", "ServersContract", "World"]
