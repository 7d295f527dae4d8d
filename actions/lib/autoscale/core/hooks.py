"""Hooks: StackStorm actions that a group's owner names for points in a node's life."""
from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Mapping

CONFIGURE = "configure"
BEFORE_TERMINATE = "before_terminate"
SELECT_VICTIMS = "select_victims"
AFTER_CREATE = "after_create"
AFTER_TERMINATE = "after_terminate"

CONTINUE = "continue"
ABANDON = "abandon"

POINTS: Mapping[str, tuple[int, str]] = {
    CONFIGURE: (1800, ABANDON),
    BEFORE_TERMINATE: (3600, CONTINUE),
    SELECT_VICTIMS: (120, CONTINUE),
    AFTER_CREATE: (300, CONTINUE),
    AFTER_TERMINATE: (300, CONTINUE),
}
"""The points, each with its time-out in seconds and what follows when that passes."""

LONGEST = 48 * 3600
"""Seconds that a hook may take at most."""


@dataclass(frozen=True)
class Hook:
    """A StackStorm action that runs at a point in a node's life.

    ``timeout``: seconds. ``default``: what follows when it passes or the action fails, continue
    or abandon. ``attempts``: how many nodes in a row ``configure`` may fail on. Without an
    ``action``, ``before_terminate`` waits to be told that it is complete.
    """

    action: str
    parameters: Mapping[str, object] = field(default_factory=dict)
    timeout: int = 1800
    default: str = ABANDON
    attempts: int = 3


OK = "ok"
FAILED = "failed"
LATE = "late"


@dataclass(frozen=True)
class HookRun:
    """A hook that was asked to run. ``since`` in seconds since 1970 tells one run from the next.

    ``server``, ``name``, ``address``: the node's; all empty for a hook of the whole group.
    ``attempt`` counts from 1. ``candidates``, ``count``: for ``select_victims``, whose names it
    was given and how many of them are to go. ``outcome``: OK, FAILED, LATE, or empty while it is
    under way; ``output``: what it printed in the end, without secrets. ``since`` is 0 while it is
    not to begin yet.
    """

    point: str
    since: int
    server: str = ""
    name: str = ""
    attempt: int = 1
    candidates: tuple[str, ...] = ()
    address: str = ""
    count: int = 0
    outcome: str = ""
    output: str = ""


@dataclass(frozen=True)
class HookResult:
    """What became of a run: written by the run itself, under a key of its own.

    ``begun`` and ``ended``: seconds since 1970, 0 for not yet. ``answer``: names, in order, from
    ``select_victims``. ``output``: what it printed in the end, without secrets.
    """

    since: int
    begun: int = 0
    ended: int = 0
    ok: bool = False
    output: str = ""
    answer: tuple[str, ...] = ()


def written(run: HookRun, result: HookResult | None) -> HookResult | None:
    """What was written, if by this very run: that it has begun, or how it ended."""
    return result if result and run.since and result.since == run.since else None


def run_name(point: str, server: str = "") -> str:
    """What a run is called in the group's keys: ``configure.<server id>``, ``select_victims``."""
    return f"{point}.{server}" if server else point


COMPLETE = "complete"
AGAIN = "again"


def answer(word: str, departure: int) -> str:
    """What is answered to the hook of a departure: it counts for the one of that time only."""
    return f"{word}:{departure}"


def decode(value: Any) -> dict[str, Hook]:
    """Hooks by their point; raises ValueError saying what would have been right."""
    return {point: _hook(point, hook) for point, hook in (value or {}).items()}


def _hook(point: str, value: Any) -> Hook:
    if point not in POINTS:
        raise ValueError(f"knows no hook {point!r}, only {', '.join(POINTS)}")
    if not isinstance(value, Mapping):
        raise TypeError
    known = {"action", "parameters", "timeout", "default", "attempts"}
    if set(value) - known:
        raise ValueError(f"{point} knows {', '.join(sorted(known))}")
    timeout, default = POINTS[point]
    hook = Hook(str(value.get("action") or ""), dict(value.get("parameters") or {}),
                int(value.get("timeout", timeout)), str(value.get("default", default)),
                int(value.get("attempts", 3)))
    if "." not in hook.action and (hook.action or point != BEFORE_TERMINATE):
        raise ValueError(f"{point}'s action must be a reference like pack.action")
    if not 1 <= hook.timeout <= LONGEST:
        raise ValueError(f"{point}'s timeout must be from 1 to {LONGEST} seconds")
    if hook.default not in (CONTINUE, ABANDON):
        raise ValueError(f"{point}'s default must be {CONTINUE} or {ABANDON}")
    if not 1 <= hook.attempts <= 100:
        raise ValueError(f"{point}'s attempts must be from 1 to 100")
    return hook


def encode(hooks: Mapping[str, Hook]) -> dict[str, Any]:
    """What differs from the point's own time-out and default."""
    return {point: {field: value for field, value in asdict(hook).items()
                    if value != asdict(_plain(point))[field]} for point, hook in hooks.items()}


def _plain(point: str) -> Hook:
    timeout, default = POINTS[point]
    return Hook("", {}, timeout, default)


def decode_runs(value: Any) -> dict[str, HookRun]:
    return {str(name): _run(run) for name, run in value.items()}


def _run(run: Mapping[str, Any]) -> HookRun:
    return HookRun(str(run["point"]), int(run["since"]), str(run["server"]), str(run["name"]),
                   int(run["attempt"]), tuple(map(str, run["candidates"])),
                   str(run.get("address", "")), int(run.get("count", 0)),
                   str(run.get("outcome", "")), str(run.get("output", "")))


def encode_runs(runs: Mapping[str, HookRun]) -> dict[str, Any]:
    return {name: asdict(run) for name, run in runs.items()}


def encode_result(result: HookResult) -> dict[str, Any]:
    return asdict(result)


def decode_result(value: Any) -> HookResult:
    return HookResult(int(value["since"]), int(value.get("begun", 0)), int(value.get("ended", 0)),
                      bool(value.get("ok")), str(value.get("output", "")),
                      tuple(map(str, value.get("answer") or ())))
