"""What a run has seen: requests, looks at the nodes, and the phases they belong to. Only values."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Mapping

STEADY, DOUBLES, LOSES, RENEWED, HALVES = "steady", "doubles", "loses a server", "renewed", "halves"


@dataclass(frozen=True)
class Request:
    """One request of a client. Times are seconds since the run began; no ``failure``: it was
    answered with 200."""

    at: float
    seconds: float
    failure: str | None = None

    @property
    def end(self) -> float:
        return self.at + self.seconds


@dataclass(frozen=True)
class Look:
    """One look at the region: how many servers there are, how many serve and get new requests
    (``in_service``), and how many drain."""

    at: float
    servers: int
    in_service: int
    draining: int = 0


@dataclass(frozen=True)
class Phase:
    """What was done to the group, from when to when, and the number of its nodes after it."""

    name: str
    begin: float
    end: float
    nodes: int


@dataclass(frozen=True)
class Counted:
    """What the load balancer has counted: requests, and failures by reason and by node."""

    requests: int = 0
    failures: Mapping[str, int] = field(default_factory=dict)
    failed_at: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Run:
    """A whole run. ``lost``: where the server that was lost listened."""

    nodes: int
    minimum: int
    rate: float
    requests: tuple[Request, ...]
    looks: tuple[Look, ...]
    phases: tuple[Phase, ...]
    counted: Counted
    lost: str

    def ended_in(self, phase: Phase) -> list[Request]:
        """The requests that ended in a phase: one that breaks off belongs to what broke it off."""
        last = phase is self.phases[-1]
        return [each for each in self.requests
                if phase.begin <= each.end and (last or each.end < phase.end)]

    def looks_in(self, phase: Phase) -> list[Look]:
        return [look for look in self.looks if phase.begin <= look.at < phase.end]
