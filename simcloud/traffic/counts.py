"""What a load balancer counts of its traffic."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

NO_NODE, REFUSED, CUT, SLOW = "no_node", "refused", "cut", "slow"
"""Why a request fails: nobody is ENABLED, the node took no connection, it ended before the answer
did, the answer took too long."""

STATS = {REFUSED: "connectFailure", SLOW: "dataTimedOut"}
"""Rackspace's names for some of them."""


@dataclass
class Counts:
    """Connections of clients, their requests, and what became of those.

    For protocols other than HTTP each connection is one request. ``answers``: by status, those
    that came from nodes. ``failures``: by reason; ``failed_at``: by node, as address:port.
    """

    connections: int = 0
    current: int = 0
    most: int = 0
    requests: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    failed_at: Counter[str] = field(default_factory=Counter)

    def came(self) -> None:
        self.connections += 1
        self.current += 1
        self.most = max(self.most, self.current)

    def went(self) -> None:
        self.current -= 1

    def failed(self, why: str, place: str | None = None) -> None:
        self.failures[why] += 1
        if place:
            self.failed_at[place] += 1

    def stats(self) -> dict[str, int]:
        """What Rackspace's API shows of it, in its words."""
        return {"currentConn": self.current, "maxConn": self.most,
                **{name: self.failures[why] for why, name in STATS.items()}}

    def to_dict(self) -> dict[str, Any]:
        counted = {"connections": self.connections, "requests": self.requests}
        tables = {name: dict(getattr(self, name)) for name in ("answers", "failures", "failed_at")}
        return {**counted, **tables}
