"""HTTP with time-outs: one request out, one answer, or the reason why there was none, back."""
from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Mapping, Sequence, Tuple, Union

if TYPE_CHECKING:
    from autoscale.clouds.rackspace.wire import Wire

Params = Sequence[Tuple[str, str]]


@dataclass(frozen=True)
class Answer:
    """What a server said. The text may hold secrets (tokens, passwords), so repr omits it."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True)
class NoAnswer:
    """Why there was no answer. ``sent``: the request may have arrived all the same."""

    reason: str
    sent: bool
    slow: bool = False


Outcome = Union[Answer, NoAnswer]


class Transport:
    """What requests are sent with. Any number of threads may use it at once."""

    def __init__(self, read_timeout: float) -> None:
        self._read_timeout = read_timeout

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: object = None,
        params: Params = (),
    ) -> Outcome:
        """Send one request, once. Never raises for what a network can do."""
        return self._wire.send(method, url, headers=headers, body=body, params=params)

    @cached_property
    def _wire(self) -> Wire:
        # Late: requests takes a tenth of a second to import, and most decisions ask no cloud.
        from autoscale.clouds.rackspace.wire import Wire

        return Wire(self._read_timeout)
