"""Rackspace's rate limits."""
from __future__ import annotations

import math
import re
from collections import deque
from dataclasses import dataclass, field

from simcloud.errors import Refused

MINUTE = 60
DAY = 86_400
PLAIN_DNS_GET = r"^/dns/(?!.*/status/)(?!.*[?&]name=)"

# (path with query, method, calls, seconds), from the documentation of the three services
LIMITS = (
    (r"^/servers/", "GET", 1000, MINUTE),
    (r"^/servers/", "POST", 100, MINUTE),
    (r"^/servers/.*/servers$", "POST", 1000, DAY),
    (r"^/load_balancers/", "GET", 10, 1),
    (r"^/load_balancers/", "PUT", 10, 1),
    (r"^/load_balancers/", "POST", 5, 1),
    (r"^/load_balancers/", "DELETE", 5, 1),
    (PLAIN_DNS_GET, "GET", 60, MINUTE),
    (r"^/dns/.*/domains\?.*name=", "GET", 20, MINUTE),
    (r"^/dns/.*/status/", "GET", 5, 1),
    (r"^/dns/", "POST", 20, MINUTE),
    (r"^/dns/", "PUT", 20, MINUTE),
    (r"^/dns/", "DELETE", 10, MINUTE),
)


@dataclass
class Rate:
    """At most `calls` of one method and kind of path in any `seconds`."""

    path: str
    method: str
    calls: int
    seconds: float
    spent: deque[float] = field(default_factory=deque)

    def covers(self, method: str, target: str) -> bool:
        return method == self.method and re.search(self.path, target) is not None

    def wait(self, now: float) -> float:
        """Seconds until one more call is allowed; 0 when it is."""
        while self.spent and self.spent[0] <= now - self.seconds:
            self.spent.popleft()
        return 0 if len(self.spent) < self.calls else self.spent[0] + self.seconds - now


class Rates:
    """All limits of one account. A refused call is not counted."""

    def __init__(self) -> None:
        self._rates = [Rate(*limit) for limit in LIMITS]

    def spend(self, method: str, target: str, now: float, speed: float) -> None:
        """Count a call, or refuse it with the caller's seconds until the next is allowed."""
        concerned = [rate for rate in self._rates if rate.covers(method, target)]
        wait = max((rate.wait(now) for rate in concerned), default=0)
        if wait > 0:
            raise over_rate(math.ceil(wait / speed))
        for rate in concerned:
            rate.spent.append(now)


def over_rate(retry_after: int) -> Refused:
    """The 413 of a caller that is too fast."""
    return Refused(413, "OverLimit Retry...", retry_after=max(1, retry_after))
