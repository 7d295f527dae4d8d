"""A Rackspace region on the loopback, with Slack and New Relic beside it: for tests and demos.

    region = Region(clock=ManualClock(), settings=Settings(listen=False))
    with serve(region) as server:
        ...  # point a client at server.auth_url, with region.username and region.api_key
"""
from simcloud.calls import Call
from simcloud.clock import ManualClock, SystemClock
from simcloud.faults import Fault
from simcloud.region import Region
from simcloud.serving import RegionServer, serve
from simcloud.settings import Settings

__all__ = [
    "Call",
    "Fault",
    "ManualClock",
    "Region",
    "RegionServer",
    "Settings",
    "SystemClock",
    "serve",
]
