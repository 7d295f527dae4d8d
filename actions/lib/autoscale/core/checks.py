"""Health checks: how a node shows that it serves, and how its checks went."""
from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any, Mapping


@dataclass(frozen=True)
class HealthCheck:
    """How to ask a node whether it serves: ``tcp`` connects, ``http`` wants a 2xx or 3xx.

    ``timeout`` in seconds. A node that is up has ``grace_period`` seconds to pass for the first
    time. One that fails ``failures`` checks in a row, at least ``interval`` seconds apart, is
    replaced; never more than ``replace_percent`` of the group at a time, but one always.
    ``attempts``: how many new nodes in a row may fail to pass; the last of them is kept.
    """

    type: str
    path: str = "/"
    timeout: int = 3
    grace_period: int = 300
    failures: int = 3
    interval: int = 10
    replace_percent: int = 25
    attempts: int = 3


_RANGES = {"timeout": (1, 10), "grace_period": (0, 86400), "failures": (1, 100),
           "interval": (1, 3600), "replace_percent": (1, 100), "attempts": (1, 100)}


@dataclass(frozen=True)
class Check:
    """How a node's checks went. ``up``: since when it could pass; ``at``: when the last check
    counted; ``failed``: how many have failed in a row; ``passed``: whether one ever passed;
    ``of``: the mark of the health check that it was; ``replaced``: when the node was given up for
    its failures, 0 for not; ``kept``: whether it is kept although it never passed, for too many
    newcomers were replaced. Times in seconds since 1970."""

    up: int
    at: int = 0
    failed: int = 0
    passed: bool = False
    of: str = ""
    replaced: int = 0
    kept: bool = False


def decode(value: Any) -> HealthCheck | None:
    """The check that is described; raises ValueError saying what would have been right."""
    if not value:
        return None
    if set(value) - {"type", "path", *_RANGES}:
        raise ValueError(f"knows type, path, {', '.join(_RANGES)}")
    numbers = {name: int(value[name]) for name in _RANGES if name in value}
    check = HealthCheck(value["type"], value.get("path", "/"), **numbers)
    if check.type not in ("tcp", "http") or not check.path.startswith("/"):
        raise ValueError('must be like {"type": "http", "path": "/ready", "timeout": 3}')
    for name, (least, most) in _RANGES.items():
        if not least <= getattr(check, name) <= most:
            raise ValueError(f"{name} must be from {least} to {most}")
    return check


def encode(check: HealthCheck | None) -> Any:
    plain = asdict(HealthCheck("", "/"))
    return {field: value for field, value in asdict(check).items()
            if value != plain[field]} if check else None


def decode_checks(value: Any) -> dict[str, Check]:
    return {str(server): Check(
                int(c["up"]), int(c.get("at", 0)), int(c.get("failed", 0)), bool(c.get("passed")),
                str(c.get("of", "")), int(c.get("replaced", 0)), bool(c.get("kept")))
            for server, c in value.items()}


def encode_checks(checks: Mapping[str, Check]) -> dict[str, Any]:
    """Without what is as it is at first: there is one for each node."""
    first = asdict(Check(0))
    return {server: {name: value for name, value in asdict(check).items()
                     if name == "up" or value != first[name]}
            for server, check in checks.items()}


def mark(check: HealthCheck, door: tuple[str, int] | None) -> str:
    """Changes when the health check does, or the network and port where the node is asked."""
    asked = json.dumps([asdict(check), door], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()[:8]
