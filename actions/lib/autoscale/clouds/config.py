"""Reading the pack's configuration, whatever the cloud."""
from __future__ import annotations

from typing import Mapping

from autoscale.seams import Refused


class InvalidConfig(Refused):
    """A key of the pack's configuration is missing or wrong. Values of secrets are not shown."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"the pack's configuration can't be used: {key!r} {problem}")
        self.key = key


def text(config: Mapping[str, object], key: str, default: str | None = None) -> str:
    """The text under a key. An empty one counts as missing, for StackStorm reads '' as None."""
    value = config.get(key)
    found = str(value).strip() if value is not None else ""
    if found:
        return found
    if default is None:
        raise InvalidConfig(key, "is not set")
    return default


def seconds(config: Mapping[str, object], key: str, default: float) -> float:
    """The positive number of seconds under a key."""
    value = text(config, key, default=str(default))
    try:
        number = float(value)
    except ValueError:
        number = 0.0
    if not 0 < number <= 3600:
        raise InvalidConfig(key, f"is {value!r}, must be a number of seconds from 1 to 3600")
    return number
