"""The log of the calls that reached the region."""
from __future__ import annotations

import re
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

KEPT = 100_000
SECRETS = re.compile(r"^(api_?key|password|admin_?pass|token|private_key)$", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    """One call: when (region time), what was asked, how it ended and which faults hit it.

    `status` is None where the caller got no answer; `effect` is False where a fault kept the call
    from reaching the service.
    """

    time: float
    method: str
    path: str
    query: str
    body: Any
    status: int | None
    fault: str | None
    effect: bool

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


class Calls:
    """The calls since the start or the last clear(), the oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=KEPT)

    def add(self, call: Call) -> None:
        self._calls.append(call)

    def all(self, method: str | None = None, path: str | None = None) -> list[Call]:
        """The calls with this method whose path and query the regular expression `path` finds."""
        pattern = re.compile(path or "")
        return [
            call
            for call in list(self._calls)
            if method in (None, call.method) and pattern.search(_target(call))
        ]

    def count(self, method: str | None = None, path: str | None = None) -> int:
        return len(self.all(method, path))

    def clear(self) -> None:
        self._calls.clear()


def redacted(body: Any) -> Any:
    """The body without what nobody may read."""
    if isinstance(body, dict):
        return {
            key: "***" if SECRETS.match(str(key)) else redacted(value)
            for key, value in body.items()
        }
    if isinstance(body, list):
        return [redacted(value) for value in body]
    return body


def _target(call: Call) -> str:
    return f"{call.path}?{call.query}" if call.query else call.path
