"""Rolling updates: how a group is brought to its launch configuration, batch by batch."""
from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Mapping

LONGEST_PAUSE = 3600
"""Seconds between two batches at most."""

_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", re.IGNORECASE)


@dataclass(frozen=True)
class UpdatePolicy:
    """How careful a rolling update is.

    ``pause_time``: seconds between two batches. ``max_failures``: new nodes that may fail before
    it stops.
    """

    min_instances_in_service: int = 0
    max_batch_size: int = 1
    pause_time: int = 0
    max_failures: int = 3


@dataclass(frozen=True)
class RollingUpdate:
    """A wish for a rolling update. ``since`` (seconds since 1970) tells one from the next."""

    since: int
    policy: UpdatePolicy = UpdatePolicy()
    cancelled: bool = False


RUNNING = "running"
DONE = "done"
CANCELLED = "cancelled"
STOPPED = "stopped"


@dataclass(frozen=True)
class RollingProgress:
    """How far a rolling update has come.

    ``of``: the update's ``since``. ``state``: RUNNING, DONE, CANCELLED or STOPPED. ``total``: how
    many nodes were to be renewed, ``renewed`` how many of them are. ``batches``: how many were
    begun; ``batch``: ids of the servers that the last one renews, ``ended``: when it ended, 0 while
    it is under way. ``surge``: nodes that are wanted beyond the desired ones. ``failed``: ids of
    new servers that have failed; ``reason``: why it was stopped.
    """

    of: int
    state: str = RUNNING
    total: int = 0
    renewed: int = 0
    batches: int = 0
    batch: tuple[str, ...] = ()
    ended: int = 0
    surge: int = 0
    failed: tuple[str, ...] = ()
    reason: str = ""

    @property
    def phase(self) -> tuple[int, int, bool, str]:
        """What changes when a batch begins or ends, or the update does."""
        return self.of, self.batches, self.ended > 0, self.state


def next_batch(
    target: int, current: int, up_to_date: int, batch_size: int, min_in_service: int
) -> tuple[int, int]:
    """How many nodes there are to be during the next batch, and how many new ones it makes.

    Heat's arithmetic: where too few would be in service otherwise, the group grows first.
    """
    floor = min(min_in_service, target, current)
    batch = min(batch_size, max(target - up_to_date, 0))
    return batch + max(min(current, target - batch), floor), batch


def fitting_batch(
    target: int, current: int, up_to_date: int, policy: UpdatePolicy, most: int
) -> tuple[int, int] | None:
    """The next batch, made smaller until ``most`` nodes are enough; None when that can't be."""
    largest = max(1, min(policy.max_batch_size, target - up_to_date))
    for size in range(largest, 0, -1):
        capacity, batch = next_batch(
            target, current, up_to_date, size, policy.min_instances_in_service)
        if capacity <= most:
            return capacity, batch
    return None


def too_narrow(policy: UpdatePolicy, most: int, noun: str) -> str:
    """What to change where no batch fits. ``noun``: what the group is counted in."""
    return (f"no {noun} can be spared: min_instances_in_service is "
            f"{policy.min_instances_in_service} and max_nodes is {most}; raise max_nodes, or lower "
            f"min_instances_in_service to {most - 1}")


def seconds(given: Any) -> int:
    """A pause: seconds, or an ISO 8601 duration such as PT5M. Raises ValueError."""
    text = str(given).strip()
    found = _DURATION.fullmatch(text)
    if text.isdigit():
        pause = int(text)
    elif found and any(found.groups()):
        hours, minutes, rest = (int(part or 0) for part in found.groups())
        pause = 3600 * hours + 60 * minutes + rest
    else:
        raise ValueError("pause_time must be seconds, or a duration such as PT5M")
    if pause > LONGEST_PAUSE:
        raise ValueError("pause_time must be at most one hour, PT1H")
    return pause


def decode_policy(value: Any) -> UpdatePolicy | None:
    """The policy that is described; raises ValueError saying what would have been right."""
    if not value:
        return None
    known = asdict(UpdatePolicy())
    if set(value) - set(known):
        raise ValueError(f"knows {', '.join(known)}")
    numbers = {name: seconds(given) if name == "pause_time" else _count(name, given)
               for name, given in value.items()}
    return UpdatePolicy(**numbers)


def _count(name: str, given: Any) -> int:
    least = 0 if name == "min_instances_in_service" else 1
    number = int(given)
    if isinstance(given, bool) or number != float(given) or not least <= number <= 10**6:
        raise ValueError(f"{name} must be a whole number from {least} on")
    return number


def encode_policy(policy: UpdatePolicy | None) -> Any:
    return asdict(policy) if policy else None


def decode(value: Any) -> RollingUpdate | None:
    if not value:
        return None
    return RollingUpdate(int(value["since"]), decode_policy(value["policy"]) or UpdatePolicy(),
                         bool(value["cancelled"]))


def decode_progress(value: Any) -> RollingProgress | None:
    if not value:
        return None
    return RollingProgress(
        int(value["of"]), str(value["state"]), int(value["total"]), int(value["renewed"]),
        int(value["batches"]), tuple(map(str, value["batch"])), int(value["ended"]),
        int(value["surge"]), tuple(map(str, value["failed"])), str(value["reason"]))


def encode(wish: RollingUpdate | RollingProgress | None) -> Mapping[str, Any] | None:
    return asdict(wish) if wish else None
