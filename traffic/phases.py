"""What is done to the group while its clients go on: each phase acts, then waits for the end."""
from __future__ import annotations

import base64
import sys
import time
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any, Callable

from demo.stage import PUBLIC_KEY, Stage
from traffic.run import DOUBLES, HALVES, LOSES, RENEWED, STEADY, Phase
from traffic.watch import in_service, place, servers

GROUP = "web"
PATIENCE = 300


class Failed(Exception):
    """The group did not become what it should."""


@dataclass(frozen=True)
class Size:
    """``nodes`` of the group at its largest, ``minimum`` of them in service during the rolling
    update, which renews ``batch`` at a time."""

    nodes: int
    minimum: int
    batch: int

    @property
    def half(self) -> int:
        return (self.nodes + 1) // 2


@dataclass(frozen=True)
class Pace:
    """Real seconds. ``unnoticed``: from the loss of a server until the group is looked at, which
    asg.heal does each minute. ``rest``: after each phase, that late failures belong to what caused
    them. ``drain``: for which a node that leaves may finish its requests."""

    unnoticed: float = 5
    rest: float = 1
    drain: int = 4


SHORT = Pace(unnoticed=1, rest=0.5, drain=3)


@dataclass
class Play:
    """Plays the phases on a stage; ``phases`` are those that are over."""

    stage: Stage
    size: Size
    pace: Pace
    seed: int
    clock: Callable[[], float]
    phases: list[Phase] = field(default_factory=list)
    lost: str = ""

    def set_up(self) -> None:
        """The group, half as large as it will be."""
        self.stage.set_key("ssh_pub_key", PUBLIC_KEY)
        self._run("asg.create", name=GROUP, domain="example.com", min_nodes=self.size.half,
                  max_nodes=self.size.nodes + self.size.batch, expand_delay=0, deflate_delay=999,
                  health_check={"type": "http", "path": "/"}, user_data=_user_data("first"),
                  drain_timeout=self.pace.drain)
        self._whole(self.size.half)

    @property
    def place(self) -> str:
        """Where the group's clients reach it."""
        return str(self.stage.control("state")["load_balancers"][0]["listens_on"])

    def play(self, tell: Callable[[str], None]) -> None:
        """All phases, one after the other."""
        half, whole = self.size.half, self.size.nodes
        for name, nodes, act in (
            (STEADY, half, lambda: None),
            (DOUBLES, whole, lambda: self._resize(whole)),
            (LOSES, whole, self._lose),
            (RENEWED, whole, self._renew),
            (HALVES, half, lambda: self._resize(half)),
        ):
            tell(name)
            begin = self.clock()
            act()
            self._whole(nodes)
            time.sleep(self.pace.rest)
            self.phases.append(Phase(name, begin, self.clock(), nodes))

    def end(self) -> None:
        """The last phase lasts until the last answer."""
        self.phases[-1] = replace(self.phases[-1], end=self.clock())

    def _resize(self, nodes: int) -> None:
        self._run("asg.exact_capacity", asg=GROUP, nodes=nodes)

    def _lose(self) -> None:
        """A server goes, behind the pack's back; the minute's look at all groups finds it."""
        state = self.stage.control("state")
        victim = Random(self.seed).choice(servers(state))
        self.lost = place(victim)
        self.stage.control("tamper/delete_server", id_or_name=victim["id"])
        time.sleep(self.pace.unnoticed)
        self._run("asg.heal")

    def _renew(self) -> None:
        """The action answers when all is done, or when self-healing is to go on with it."""
        before = ids(self.stage.control("state"))
        self._run("asg.update", asg=GROUP, user_data=_user_data("second"))
        self._run("asg.rolling_update", asg=GROUP, max_batch_size=self.size.batch,
                  min_instances_in_service=self.size.minimum, pause_time="0")
        self._until(lambda state: before.isdisjoint(ids(state)), "all servers renewed")

    def _run(self, action: str, **parameters: Any) -> None:
        """One that fails is told of; whether it matters is seen of the group."""
        try:
            self.stage.finish(self.stage.start(f"autoscale.{action}", **parameters), PATIENCE)
        except RuntimeError as error:
            print(error, file=sys.stderr)

    def _whole(self, nodes: int) -> None:
        """Wait until so many nodes exist, serve and get requests, and no other."""
        self._until(lambda state: is_whole(state, nodes), f"{nodes} nodes in service")

    def _until(self, truth: Callable[[dict[str, Any]], bool], promise: str) -> None:
        end = time.monotonic() + PATIENCE
        while not truth(self.stage.control("state")):
            if time.monotonic() > end:
                raise Failed(f"not so within {PATIENCE} s: {promise}")
            time.sleep(0.2)


def ids(state: dict[str, Any]) -> set[str]:
    return {server["id"] for server in servers(state)}


def is_whole(state: dict[str, Any], nodes: int) -> bool:
    balancer = state["load_balancers"][0]
    return (len(servers(state)) == nodes == len(in_service(state)) == len(balancer["nodes"])
            and balancer["status"] == "ACTIVE")


def _user_data(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
