"""Watching the nodes: which servers there are, which of them serve and get new requests."""
from __future__ import annotations

import threading
from types import TracebackType
from typing import Any, Callable

from demo.stage import Stage
from traffic.run import Look

EVERY = 0.2


def servers(state: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that are not being deleted, the oldest first."""
    there = [each for each in state["servers"] if each["OS-EXT-STS:task_state"] != "deleting"]
    return sorted(there, key=lambda each: (each["created"], each["name"]))


def place(server: dict[str, Any], port: int = 8080) -> str:
    """Where the load balancer reaches it."""
    return f"{server['addresses']['private'][0]['addr']}:{port}" if server["addresses"] else ""


def in_service(state: dict[str, Any]) -> set[str]:
    """The places that get new requests and answer them."""
    serving = {place(each) for each in servers(state) if each["id"] in state["requests"]}
    return serving & {each for balancer in state["load_balancers"]
                      for each in balancer["traffic"].get("forwards_to", [])}


def look(state: dict[str, Any], at: float) -> Look:
    draining = [node for balancer in state["load_balancers"] for node in balancer["nodes"]
                if node["condition"] == "DRAINING"]
    return Look(at, len(servers(state)), len(in_service(state)), len(draining))


class Watch:
    """Looks again and again, in a thread of its own, until it is left."""

    def __init__(self, stage: Stage, clock: Callable[[], float]) -> None:
        self._stage = stage
        self._clock = clock
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.looks: list[Look] = []

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            at = self._clock()
            self.looks.append(look(self._stage.control("state"), at))
