"""A region: its services, its clock, its faults and the log of its calls."""
from __future__ import annotations

import threading
from random import Random
from typing import Any, Callable

from simcloud.addresses import Addresses
from simcloud.agenda import Agenda
from simcloud.calls import Call, Calls
from simcloud.clock import Clock, SystemClock
from simcloud.dns.zones import Zones
from simcloud.faults import Fault, Faults, Strike
from simcloud.identity.tokens import Tokens
from simcloud.load_balancers.load_balancers import LoadBalancers
from simcloud.newrelic import NewRelic
from simcloud.rates import Rates
from simcloud.servers.keypairs import Keypairs
from simcloud.servers.servers import Servers
from simcloud.settings import Settings
from simcloud.slack import Slack
from simcloud.tamper import Tamper
from simcloud.traffic import traffic_for

Observer = Callable[["Region", Call], None]


class Region:
    """A whole region in memory. `lock` guards all of it; a change is made under it.

    Every observer is called after every call, under the lock, with the region and the call; what
    it raises is kept in `observer_errors` and the call is answered all the same.
    """

    def __init__(self, clock: Clock | None = None, settings: Settings | None = None) -> None:
        self.clock: Clock = clock or SystemClock()
        self.settings = settings or Settings()
        self.lock = threading.RLock()
        self.closing = threading.Event()  # hanging calls wait on it
        self.random = Random(self.settings.seed)
        self.agenda = Agenda()
        self.calls = Calls()
        self.faults = Faults()
        self.rates = Rates()
        self.observers: list[Observer] = []
        self.observer_errors: list[Exception] = []
        self.traffic = traffic_for(self.settings)
        self.addresses = Addresses(self.traffic.block, self.settings)
        self.tokens = Tokens(self.settings, self.now, self.random)
        self.keypairs = Keypairs()
        self.servers = Servers(self)
        self.load_balancers = LoadBalancers(self)
        self.zones = Zones(self)
        self.slack = Slack()
        self.newrelic = NewRelic()
        self.tamper = Tamper(self)
        self.strike = Strike()  # the faults that hit the call being answered

    @property
    def username(self) -> str:
        return self.settings.username

    @property
    def api_key(self) -> str:
        return self.settings.api_key

    def now(self) -> float:
        """The clock's time or, while something happens that was due earlier, when it was due."""
        return self.clock.now() if self.agenda.moment is None else self.agenda.moment

    def age(self) -> None:
        """Let happen what is due by now."""
        with self.lock:
            self.agenda.run(self.clock.now())

    def twist(self, kind: str) -> Fault | None:
        """The fault of this kind that hits the call being answered."""
        return self.strike.inner(kind)

    def seen(self, call: Call) -> None:
        """Log a call and show it to the observers."""
        self.calls.add(call)
        for observer in list(self.observers):
            try:
                observer(self, call)
            except Exception as error:  # the observer's failure is not the caller's
                self.observer_errors.append(error)

    def snapshot(self) -> dict[str, Any]:
        """All there is, as the API would give it.

        Records name their zone (domain_id), load balancers where they listen (listens_on) and what
        they have forwarded (traffic); `requests` counts those that each server, by id, has got.
        """
        with self.lock:
            self.age()
            return {
                "now": self.now(),
                "servers": [server.to_dict() for server in self.servers.all()],
                "load_balancers": [
                    {**each.to_dict(), "listens_on": self.traffic.listens_on(each),
                     "traffic": self.traffic.traffic(each)}
                    for each in self.load_balancers.all()
                ],
                "zones": [zone.to_dict() for zone in self.zones.all()],
                "records": [
                    {**record.to_dict(), "domain_id": zone.id}
                    for zone in self.zones.all()
                    for record in zone.records.values()
                ],
                "requests": self.traffic.requests(),
                "keypairs": [dict(keypair) for keypair in self.keypairs.all()],
            }

    def close(self) -> None:
        """Let go of all addresses, ports and hanging calls. Can be repeated."""
        self.closing.set()
        with self.lock:
            self.traffic.close()
