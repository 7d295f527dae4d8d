"""A region's own block of the loopback, so that regions on one machine do not collide."""
from __future__ import annotations

import errno
import os
import socket
from dataclasses import dataclass
from itertools import count

BLOCKS = range(64, 224)
CLAIM_PORT = 47_127  # whoever holds it on 127.X.255.254 owns 127.X.0.0/16

_turn = count()


class Unavailable(Exception):
    """No block can be had, and why."""


@dataclass
class Block:
    """127.`number`.0.0/16, owned until it is released."""

    number: int
    _claim: socket.socket

    def release(self) -> None:
        self._claim.close()


def claim() -> Block:
    """A block that no other region has. The kernel arbitrates, and frees it should we die."""
    start = os.getpid() + next(_turn)
    for step in range(len(BLOCKS)):
        number = BLOCKS[(start + step) % len(BLOCKS)]
        held = _held(f"127.{number}.255.254")
        if held is not None:
            return Block(number, held)
    raise Unavailable(f"all {len(BLOCKS)} blocks of the loopback are in use")


def _held(address: str) -> socket.socket | None:
    held = socket.socket()
    try:
        held.bind((address, CLAIM_PORT))
        held.listen(1)
    except OSError as error:
        held.close()
        if error.errno == errno.EADDRINUSE:
            return None
        reason = f"127.64.0.1 and its like can't be had here ({error.strerror})"
        raise Unavailable(reason) from None
    return held
