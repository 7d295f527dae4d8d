"""The load: clients as they are everywhere, half of whom keep their connections."""
from __future__ import annotations

import threading
import time
from random import Random
from types import TracebackType
from typing import Callable

import requests

from traffic.run import Request

CLIENTS = 32
LONG_SHARE = 0.1
LONGEST = 1.5
"""One request in ten takes up to so many seconds: there is always something to be cut off."""
TIMEOUT = 20
KINDS = {502: "cut", 503: "refused", 504: "slow"}


class Load:
    """``rate`` requests a second to a place, spread over clients, until it is left."""

    def __init__(self, place: str, rate: float, seed: int, clock: Callable[[], float]) -> None:
        self._url = f"http://{place}/"
        self._every = CLIENTS / rate
        self._seed = seed
        self._clock = clock
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._be_client, args=(number,), daemon=True)
                         for number in range(CLIENTS)]
        self.requests: list[Request] = []

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        """What has been sent is waited for."""
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _be_client(self, number: int) -> None:
        chance = Random(f"{self._seed}/{number}")
        due = time.monotonic() + chance.uniform(0, self._every)
        with requests.Session() as session:
            session.trust_env = False
            if number % 2:
                session.headers["Connection"] = "close"
            while not self._over.wait(max(0.0, due - time.monotonic())):
                self.requests.append(self._ask(session, chance))
                due = max(time.monotonic(), due + self._every * chance.uniform(0.5, 1.5))

    def _ask(self, session: requests.Session, chance: Random) -> Request:
        long = chance.random() < LONG_SHARE
        url = f"{self._url}?latency={chance.uniform(0, LONGEST):.2f}" if long else self._url
        began = self._clock()
        try:
            failure = kind(session.get(url, timeout=TIMEOUT))
        except requests.Timeout:
            failure = "unanswered"
        except requests.RequestException:
            failure = "disconnected"
        return Request(began, self._clock() - began, failure)


def kind(answer: requests.Response) -> str | None:
    """How it failed; None for an answer that is all right. What an application has refused
    itself carries its mark."""
    if answer.status_code == 200:
        return None
    if "X-Server-Id" in answer.headers:
        return "overloaded" if answer.status_code == 503 else f"status {answer.status_code}"
    return KINDS.get(answer.status_code, f"status {answer.status_code}")
