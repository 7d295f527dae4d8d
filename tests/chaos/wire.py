"""The way to the region: its own application, called in this process, and all that can go wrong.

It stands where the pack's HTTP transport stands. What the region itself does wrong (a build that
fails, a quota, a job in ERROR) is simcloud's fault, put in force for one call; what the network
does wrong is done here.
"""
from __future__ import annotations

import io
import json
import random
from collections import Counter
from typing import Any, Callable, Mapping
from urllib.parse import unquote, urlencode, urlsplit

from autoscale.clouds.rackspace import Rackspace
from autoscale.clouds.rackspace.dns import Dns
from autoscale.clouds.rackspace.identity import Credentials, Identity
from autoscale.clouds.rackspace.load_balancers import LoadBalancers
from autoscale.clouds.rackspace.servers import Servers
from autoscale.clouds.rackspace.session import Session
from autoscale.clouds.rackspace.transport import Answer, NoAnswer, Outcome, Params
from simcloud import Fault, Region
from simcloud.http.exchange import ENVIRON_KEY
from simcloud.http.front import front
from tests.chaos.stage import Stage

HANG = 30.0
"""Seconds after which the pack gives up on an answer."""


def region_faults(chance: random.Random) -> dict[str, Fault]:
    """Faults of the region, by what people call them."""
    status = chance.choice([500, 502, 503, 504])
    return {
        "call failed": Fault("fail", status=status),
        "call failed after taking effect": Fault("fail", status=status, after_effect=True),
        "rate limited": Fault("rate_limit", retry_after=chance.choice([1, 3, 15, 60])),
        # Not of load balancers: their list has no count, and nothing else tells of them.
        "listing cut short without a sign": Fault("truncate", path="servers|/dns/",
                                                  keep=chance.randrange(4)),
        "quota reached": Fault("quota"),
        "build ended in ERROR": Fault("build_error"),
        "build stuck": Fault("build_stuck"),
        "load balancer stuck": Fault("update_stuck", seconds=chance.choice([5, 30, 90])),
        "DNS job in ERROR": Fault("job_error"),
        "DNS job in ERROR after its effect": Fault("job_error", after_effect=True),
    }


NETWORK_FAULTS = (
    "call hung", "call hung after taking effect", "connection dropped",
    "connection dropped after taking effect", "connection refused", "answer cut off",
)

RARE = ("quota reached", "build ended in ERROR", "build stuck", "load balancer stuck",
        "DNS job in ERROR", "DNS job in ERROR after its effect", "listing cut short without a sign")
"""Faults that few calls can meet: those that can meet them more often."""


class Wire:
    """Sends requests to the region; ``rate`` of them meet a fault of the ``kinds``."""

    def __init__(self, region: Region, stage: Stage, chance: random.Random) -> None:
        self.region = region
        self.stage = stage
        self.chance = chance
        self.rate = 0.0
        self.kinds: frozenset[str] = frozenset()
        self.struck: Counter[str] = Counter()
        self.trace: Callable[[str], None] = lambda _: None
        self.before_change: Callable[[], None] = lambda: None

    def cloud(self) -> Rackspace:
        """A new process's view of the cloud: it has to authenticate first."""
        settings = self.region.settings
        credentials = Credentials(settings.username, settings.api_key, settings.region_name,
                                  "http://region/identity/v2.0/")
        identity = Identity(credentials, self, self.stage.sleep, self.region.clock.now)
        session = Session(identity, self, self.stage.sleep)
        return Rackspace(Servers(session), LoadBalancers(session), Dns(session))

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: object = None,
        params: Params = (),
    ) -> Outcome:
        self.stage.pause()
        parts = urlsplit(url)
        query = "&".join(filter(None, [parts.query, urlencode(list(params))]))
        strike, fault = self._draw(method, parts.path)
        outcome = self._outcome(strike, fault, method, parts.path, query, headers, body)
        if strike or (method != "GET" and not url.endswith("/tokens")):
            told = outcome.status if isinstance(outcome, Answer) else outcome.reason
            self.trace(f"{method} {parts.path}{query and '?' + query} {_shown(body)}-> {told}"
                       f"{strike and f' ({strike})'}")
        self.stage.pause()
        return outcome

    def _draw(self, method: str, path: str) -> tuple[str, Fault | None]:
        if not self.kinds or self.chance.random() >= self.rate:
            return "", None
        faults = {name: fault for name, fault in region_faults(self.chance).items()
                  if name in self.kinds and fault.matches(method, path)}
        names = [*faults, *(name for name in NETWORK_FAULTS if name in self.kinds)]
        names += [name for name in faults if name in RARE] * 4
        if not names:
            return "", None
        name = self.chance.choice(names)
        self.struck[name] += 1
        return name, faults.get(name)

    def _outcome(
        self, strike: str, fault: Fault | None, method: str, path: str, query: str,
        headers: Mapping[str, str], body: object,
    ) -> Outcome:
        if strike == "connection refused":
            return NoAnswer("no connection (refused, or the host's name is unknown)", sent=False)
        if strike not in ("call hung", "connection dropped"):
            answer = self._call(fault, method, path, query, headers, body)
        if strike.startswith("call hung"):
            self.stage.sleep(HANG)
            return NoAnswer("no answer came in time", sent=True, slow=True)
        if strike.startswith("connection dropped"):
            return NoAnswer("the connection broke (ConnectionError)", sent=True)
        if strike == "answer cut off":
            return Answer(answer.status, answer.headers, answer.text[:len(answer.text) // 2])
        return answer

    def _call(
        self, fault: Fault | None, method: str, path: str, query: str,
        headers: Mapping[str, str], body: object,
    ) -> Answer:
        if method != "GET":
            self.before_change()
        if fault:
            self.region.faults.add(fault)
        try:
            return _ask(self.region, method, path, query, headers, body)
        finally:
            if fault:
                self.region.faults.remove(fault.id)


def _ask(
    region: Region, method: str, path: str, query: str, headers: Mapping[str, str], body: object
) -> Answer:
    """One request to the region's application, by WSGI."""
    sent = b"" if body is None else json.dumps(body).encode()
    environ = {
        "REQUEST_METHOD": method, "SCRIPT_NAME": "", "PATH_INFO": unquote(path),
        "QUERY_STRING": query, "SERVER_NAME": "region", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "region", "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(sent)), "wsgi.version": (1, 0), "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(sent), "wsgi.errors": io.StringIO(), "wsgi.multithread": False,
        "wsgi.multiprocess": False, "wsgi.run_once": False, ENVIRON_KEY: region,
        **{"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()},
    }
    begun: dict[str, Any] = {}

    def start(status: str, answered: Any, *_: object) -> None:
        begun.update(status=int(status.split()[0]), headers=dict(answered))

    text = b"".join(front()(environ, start)).decode()
    return Answer(begun["status"], begun["headers"], text)


def _shown(body: object) -> str:
    return f"{json.dumps(body)[:160]} " if body is not None else ""
