"""Faults that can be injected, and which of them hit a call."""
from __future__ import annotations

import random
import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Iterator, Mapping

CHANGE = "POST|PUT|DELETE"

# A kind of fault hits only calls whose method and path fit here, whatever the fault itself allows.
SCOPES = {
    "fail": (".*", ""),  # answer `status`, with `body`, `retry_after`
    "drop": (".*", ""),  # end the connection without an answer
    "delay": (".*", ""),  # hang for `seconds` real seconds
    "rate_limit": (".*", ""),  # 413 (Slack, New Relic: 429) with Retry-After
    "truncate": ("GET", ""),  # a listing ends, with no sign of it, after `keep` entries
    "quota": ("POST", r"/(servers|loadbalancers)$"),  # as if the quota were used up
    "build_error": ("POST", r"/servers$"),  # the server will end in ERROR
    "build_stuck": ("POST", r"/servers$"),  # the server stays in BUILD
    "update_stuck": (CHANGE, r"/loadbalancers"),  # stays BUILD or PENDING_UPDATE for `seconds`
    "job_error": (CHANGE, r"^/dns/"),  # the DNS job ends in ERROR
}
OUTCOMES = ("fail", "drop", "rate_limit")


@dataclass
class Fault:
    """What goes wrong, with which calls, and how often.

    `method` and `path` are regular expressions; `path` is searched in the path with its query.
    The first `skip` matching calls are spared, then each is hit with `probability` until `count`
    (None: no end) were. The dice are the fault's own, from `seed`: the same calls, the same hits.
    With `after_effect` the call takes effect first. `seconds` are real ones for a delay, the
    region's for update_stuck (0: until tampered with).
    """

    kind: str = "fail"
    method: str | None = None
    path: str | None = None
    count: int | None = 1
    probability: float = 1.0
    seed: int = 0
    skip: int = 0
    after_effect: bool = False
    status: int = 500
    body: Any = None
    retry_after: int | None = None
    seconds: float = 0
    keep: int = 0
    message: str = ""
    id: str = ""
    hits: int = field(default=0, init=False)
    _seen: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in SCOPES:
            raise ValueError(f"there is no fault {self.kind!r}; there are {', '.join(SCOPES)}")
        if not 0 <= self.probability <= 1:
            raise ValueError("a fault's probability lies between 0 and 1")
        self._dice = random.Random(self.seed)
        for pattern in (self.method, self.path):
            _compiled(pattern or "")

    def strikes(self, method: str, target: str) -> bool:
        """Whether this call is hit; counts it."""
        if not self.matches(method, target) or self.hits == self.count:
            return False
        self._seen += 1
        if self._seen <= self.skip or self._dice.random() >= self.probability:
            return False
        self.hits += 1
        return True

    def matches(self, method: str, target: str) -> bool:
        scope_method, scope_path = SCOPES[self.kind]
        return bool(
            re.fullmatch(scope_method, method)
            and re.search(scope_path, target.partition("?")[0])
            and re.fullmatch(self.method or ".*", method)
            and re.search(self.path or "", target)
        )

    def to_dict(self) -> dict[str, Any]:
        values = asdict(self)
        del values["_seen"]
        return values


def _compiled(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None


def fault_from(values: Mapping[str, Any]) -> Fault:
    """A fault from its JSON; ValueError says what is wrong with it."""
    known = {each.name for each in fields(Fault) if each.init} - {"id"}
    unknown = sorted(set(values) - known)
    if unknown:
        raise ValueError(f"a fault has no {', '.join(unknown)}; it has {', '.join(sorted(known))}")
    try:
        return Fault(**values)
    except TypeError as error:
        raise ValueError(str(error)) from None


@dataclass(frozen=True)
class Strike:
    """The faults that hit one call: how it ends, how long it hangs, what goes wrong inside."""

    outcome: Fault | None = None
    delays: tuple[Fault, ...] = ()
    inside: tuple[Fault, ...] = ()

    @property
    def names(self) -> str | None:
        """What the log says: kinds and ids, or None."""
        faults = [*([self.outcome] if self.outcome else []), *self.delays, *self.inside]
        return ", ".join(f"{fault.kind} {fault.id}" for fault in faults) or None

    def pause(self, after_effect: bool) -> float:
        """Real seconds to hang before or after the effect."""
        return sum(each.seconds for each in self.delays if each.after_effect == after_effect)

    def inner(self, kind: str) -> Fault | None:
        return next((fault for fault in self.inside if fault.kind == kind), None)


class Faults:
    """The faults in force, in the order in which they were added."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._given = 0

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._faults.values()))

    def add(self, fault: Fault) -> str:
        """Put a fault in force; returns its id."""
        self._given += 1
        fault.id = fault.id or f"f{self._given}"
        self._faults[fault.id] = fault
        return fault.id

    def remove(self, fault_id: str) -> bool:
        """Whether there was such a fault."""
        return self._faults.pop(fault_id, None) is not None

    def clear(self) -> None:
        self._faults.clear()

    def strike(self, method: str, target: str) -> Strike:
        """Throw the dice for one call. At most one fault decides how the call ends."""
        if not self._faults:
            return Strike()
        outcome = next(self._struck(method, target, OUTCOMES), None)
        delays = tuple(self._struck(method, target, ("delay",)))
        if outcome and not outcome.after_effect:
            return Strike(outcome, delays)
        others = tuple(kind for kind in SCOPES if kind not in (*OUTCOMES, "delay"))
        return Strike(outcome, delays, tuple(self._struck(method, target, others)))

    def _struck(self, method: str, target: str, kinds: tuple[str, ...]) -> Iterator[Fault]:
        candidates = [fault for fault in self if fault.kind in kinds]
        return (fault for fault in candidates if fault.strikes(method, target))
