"""A world made of the simulated region, for the Rackspace client."""
from __future__ import annotations

from typing import Any

from autoscale.clouds import connect
from simcloud import Fault, ManualClock, Region, RegionServer, Settings
from simcloud.servers.offers import FLAVORS, IMAGES

SERVICES = r"^/(servers|load_balancers|dns)/"
CHANGE = "POST|PUT|DELETE"


class SimulatedWorld:
    image = IMAGES[0].id
    size = FLAVORS[0].id

    def __init__(self, server: RegionServer, **settings: Any) -> None:
        self._clock = ManualClock()
        self.region = Region(self._clock, Settings(listen=False, **settings))
        server.region = self.region
        config = {
            "username": self.region.username,
            "api_key": self.region.api_key,
            "region": self.region.settings.region_name,
            "auth_url": server.auth_url,
        }
        self.cloud = connect(config, sleep=self._clock.advance, clock=self._clock.now)

    def settle(self) -> None:
        self._clock.advance(60)

    def lose_the_next_answer(self) -> None:
        self._fault(Fault(method=CHANGE, path=SERVICES, status=504, after_effect=True))

    def refuse_changes_for_a_while(self) -> None:
        self._fault(Fault("rate_limit", CHANGE, SERVICES, retry_after=3))

    def refuse_changes_for_long(self) -> None:
        self._fault(Fault("rate_limit", CHANGE, SERVICES, count=None, retry_after=300))

    def fail_the_next_look(self) -> None:
        self._fault(Fault(method="GET", path=SERVICES, status=503))

    def fill_the_servers_quota(self) -> None:
        self.region.settings.server_quota = 0

    def fill_the_load_balancers_quota(self, load_balancer_id: str) -> None:
        (balancer,) = self.region.snapshot()["load_balancers"]
        there = len(balancer.get("nodes") or ())
        for number in range(there, self.region.settings.nodes_per_load_balancer):
            self.region.tamper.add_node(int(load_balancer_id), f"10.9.9.{number}", 80)

    def make_pages_short(self) -> None:
        settings = self.region.settings
        settings.page_size = settings.lb_page_size = settings.dns_page_size = 3

    def add_foreign_server(self) -> str:
        return str(self.region.tamper.add_server("somebody-elses")["id"])

    def changes(self) -> int:
        return sum(self.region.calls.count(method, SERVICES) for method in CHANGE.split("|"))

    def _fault(self, fault: Fault) -> None:
        self.region.faults.add(fault)
