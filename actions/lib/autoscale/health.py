"""Health checks: asking nodes, from here, whether they serve."""
from __future__ import annotations

import random
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, Iterable, NamedTuple, Sequence
from urllib.parse import quote

from autoscale.core.checks import HealthCheck

AT_ONCE = 64
"""Nodes asked at the same time."""

ENOUGH = 4096
"""Bytes within which an answer has to show its status."""

Clock = Callable[[], float]


class Question(NamedTuple):
    """Whom to ask, and how. ``server`` is its id."""

    server: str
    check: HealthCheck
    address: str
    port: int


class Answers(NamedTuple):
    """The ids of the servers that passed, and of those that there was no time to ask."""

    passed: frozenset[str]
    unasked: frozenset[str]


def ask_all(
    questions: Iterable[Question], within: float, clock: Clock = time.monotonic
) -> Answers:
    """Ask all of them, many at the same time; after ``within`` seconds nobody else is asked.

    So it ends ``within`` plus one time-out after it began, whatever the network does. The order is
    by chance: those for whom there was no time come earlier another time.
    """
    order = list(questions)
    random.shuffle(order)
    end = clock() + within

    def ask(question: Question) -> bool | None:
        if clock() >= end:
            return None
        return passes(question.check, question.address, question.port, clock)

    with ThreadPoolExecutor(min(AT_ONCE, len(order)) or 1) as pool:
        answers = list(zip(order, pool.map(ask, order)))
    return Answers(frozenset(asked.server for asked, answer in answers if answer),
                   frozenset(asked.server for asked, answer in answers if answer is None))


def passes(
    check: HealthCheck, address: str, port: int, clock: Clock = time.monotonic
) -> bool:
    """Whether a connection is accepted (tcp), or a GET is answered with 2xx or 3xx (http).

    The time-out is for the whole of it. Only the first line of the answer is read, and no
    redirection followed.
    """
    end = clock() + check.timeout
    try:
        with socket.create_connection((address, port), check.timeout) as connection:
            return check.type == "tcp" or _serves(connection, check, address, port, end, clock)
    except OSError:
        return False


def _serves(
    connection: socket.socket, check: HealthCheck, address: str, port: int, end: float,
    clock: Clock,
) -> bool:
    path = quote(check.path, safe="/%?&=:@!$'()*+,;~")
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: {address}:{port}\r\nConnection: close\r\n"
                       "User-Agent: autoscale-health-check\r\nAccept: */*\r\n\r\n".encode("ascii"))
    received = b""
    while b"\n" not in received and len(received) < ENOUGH and clock() < end:
        connection.settimeout(max(0.001, end - clock()))
        more = connection.recv(ENOUGH)
        if not more:
            break
        received += more
    return b"\n" in received and is_success(received)


def is_success(received: bytes) -> bool:
    """Whether an HTTP answer that begins so has a status of 2xx or 3xx."""
    words: Sequence[bytes] = received.split(b"\n", 1)[0].split()
    return (len(words) > 1 and words[0].startswith(b"HTTP/1.") and len(words[1]) == 3
            and words[1].isdigit() and words[1][:1] in (b"2", b"3"))
