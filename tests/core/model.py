"""A small cloud in memory, and a loop that plans and applies: for properties of the planner.

It is deterministic: time moves when it is told to, and faults are handed in. Each change is one
method, so that what must hold can be checked after every single step.
"""
from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import Callable, Iterator

from autoscale.core.group import BROKEN, Group
from autoscale.core.hooks import HookResult
from autoscale.core.launch import adoption_marks, launch_of
from autoscale.core.observation import (
    LoadBalancer,
    Node,
    Observation,
    Record,
    Server,
    Zone,
)
from autoscale.core.planning import Plan, plan
from autoscale.core.planning.profiles import CONFIGURED_MARK
from autoscale.core.steps import Step

BUILD_SECONDS = 45
DELETE_SECONDS = 10
CYCLE_SECONDS = 20
PASSING = {"REBOOT": "ACTIVE", "HARD_REBOOT": "ACTIVE", "MIGRATING": "ACTIVE", "RESIZE": "ACTIVE",
           "UNKNOWN": "ACTIVE"}
FAULTS = ("refused", "answer lost", "late", "broken")
"""What may strike a step: no effect; an effect and no answer; an effect that is not listed for a
while; a server that ends in ERROR."""


@dataclass
class Cloud:
    """What exists. ``due`` says when a server's state changes by itself, ``hidden`` until when a
    new server is missing in listings."""

    now: int
    servers: dict[str, Server] = field(default_factory=dict)
    balancer: LoadBalancer | None = None
    zone: Zone | None = None
    key_pairs: tuple[str, ...] = ()
    due: dict[str, int] = field(default_factory=dict)
    doomed: set[str] = field(default_factory=set)
    hidden: dict[str, int] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(100))

    def live(self, group: str) -> list[Server]:
        return [server for server in self.servers.values()
                if server.group == group and server.state != "DELETED"]

    def look(self) -> Observation:
        listed = tuple(server for server in self.servers.values()
                       if self.hidden.get(server.id, 0) <= self.now)
        return Observation(listed, self.balancer, self.zone, self.key_pairs)

    def pass_time(self, seconds: int) -> None:
        self.now += seconds
        for server in list(self.servers.values()):
            if self.now >= self.due.get(server.id, self.now + 1):
                self._move_on(server)

    def _move_on(self, server: Server) -> None:
        del self.due[server.id]
        if server.leaving or server.state == "DELETED":
            del self.servers[server.id]
        elif server.state == "BUILD" and server.id in self.doomed:
            self._put(replace(server, state="ERROR"))
        elif server.state == "BUILD":
            self._put(with_addresses(replace(server, state="ACTIVE")))
        else:
            self._put(replace(server, state=PASSING[server.state]))

    def _put(self, server: Server) -> None:
        self.servers[server.id] = server

    def lose(self, server_id: str) -> None:
        """Somebody deletes a server; its node and record stay."""
        self.servers.pop(server_id, None)
        self.due.pop(server_id, None)

    def configure(self, server: str) -> None:
        if server in self.servers:
            marked = {**self.servers[server].metadata, CONFIGURED_MARK: "True"}
            self._put(replace(self.servers[server], metadata=marked))

    def apply(self, group: Group, step: Step, fault: str = "") -> bool:
        """Do it; whether the caller learns that nothing was done."""
        if fault == "refused":
            return True
        if getattr(step, "before", self.now + 1) <= self.now:
            return True
        name = type(step).__name__
        there = set(self.servers)
        getattr(self, f"_{name}")(group, step)
        for new in set(self.servers) - there:
            if fault == "late":
                self.hidden[new] = self.now + 50
            if fault == "broken":
                self.doomed.add(new)
        return False

    def _CreateServer(self, group, step):  # noqa: N802
        number = next(self.numbers)
        self._put(Server(f"s{number}", step.name, "BUILD", self.now, self.now,
                         metadata=launch_of(group, step.name).metadata))
        self.due[f"s{number}"] = self.now + BUILD_SECONDS

    def _DeleteServer(self, group, step):  # noqa: N802
        if step.server in self.servers:
            self._put(replace(self.servers[step.server], leaving=True))
            self.due[step.server] = self.now + DELETE_SECONDS

    def _AdoptServer(self, group, step):  # noqa: N802
        there = self.servers.get(step.server)
        assert there is None or there.group in (None, group.name), "somebody else's server"
        if there:
            self._put(replace(there, metadata={
                **adoption_marks(group), CONFIGURED_MARK: "True"}))

    def _ReleaseServer(self, group, step):  # noqa: N802
        if step.server in self.servers:
            self._put(replace(self.servers[step.server], metadata={}))

    def _CreateKeyPair(self, group, step):  # noqa: N802
        self.key_pairs = (*(name for name in self.key_pairs if name != step.name), step.name)

    def _DeleteKeyPair(self, group, step):  # noqa: N802
        self.key_pairs = tuple(name for name in self.key_pairs if name != step.name)

    def _CreateLoadBalancer(self, group, step):  # noqa: N802
        assert self.balancer is None, "a second load balancer"
        self.balancer = LoadBalancer("lb-1", step.name, "ACTIVE", "198.51.100.1", group.name)

    def _DeleteLoadBalancer(self, group, step):  # noqa: N802
        self.balancer = None

    def _CreateZone(self, group, step):  # noqa: N802
        if self.zone is None:
            self.zone = Zone("zone-1", step.name, group.name)

    def _DeleteZone(self, group, step):  # noqa: N802
        self.zone = None

    def _nodes(self, change: Callable[[Node], Node | None], *new: Node) -> None:
        assert self.balancer is not None
        kept = [changed for node in self.balancer.nodes for changed in [change(node)] if changed]
        self.balancer = replace(self.balancer, nodes=(*kept, *new))

    def _AddNode(self, group, step):  # noqa: N802
        place = (step.address, step.port)
        self._nodes(lambda node: None if (node.address, node.port) == place else node,
                    Node(*place, id=f"n{next(self.numbers)}"))

    def _ChangeNode(self, group, step):  # noqa: N802
        put_right = Node(step.address, step.port, step.node, step.condition)
        self._nodes(lambda node: put_right if node.id == step.node else node)

    def _RemoveNode(self, group, step):  # noqa: N802
        self._nodes(lambda node: None if node.id == step.node else node)

    def _AddRecord(self, group, step):  # noqa: N802
        new = Record(step.name, step.data, id=f"r{next(self.numbers)}")
        self.zone = replace(self.zone, records=(*self.zone.records, new))

    def _RemoveRecord(self, group, step):  # noqa: N802
        self.zone = replace(self.zone, records=tuple(
            record for record in self.zone.records if record.id != step.record))


def with_addresses(server: Server) -> Server:
    number = int(server.id[1:])
    return replace(server, private=f"10.0.{number // 250}.{number % 250}",
                   public=f"192.0.{number // 250}.{number % 250}")


@dataclass
class Loop:
    """A group and its cloud; ``check`` is called after every single step."""

    group: Group
    cloud: Cloud
    check: Callable[[], None] = lambda: None
    faults: list[str] = field(default_factory=list)
    hook_faults: list[str] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)
    names: Iterator[int] = field(default_factory=lambda: count(1))
    dismissed: set[str] = field(default_factory=set)

    def cycle(self, order: Callable[[list[Step]], list[Step]] = list) -> Plan:
        """Look, plan, remember, apply, let time pass. Every tenth is a new convergence."""
        planned = plan(self.group, self.cloud.look(), self.cloud.now,
                       (f"new-{number}" for number in self.names), force=True,
                       retry=len(self.plans) % 10 == 0)
        self.plans.append(planned)
        left = {run: result for run, result in self.group.hook_results.items()
                if run not in planned.used}
        self.dismissed = {server for server, old in self.group.leaving.items() if old.asked}
        self.group = replace(self.group, hook_results=left, **planned.learned)
        for step in order(list(planned.steps)):
            self._apply(step)
        for run in planned.hooks:
            self._begin(run)
        self.cloud.pass_time(CYCLE_SECONDS)
        self.check()
        return planned

    def _begin(self, name: str) -> None:
        """A run of a hook, which is quick, or fails, hangs, is lost, or can't mark its server."""
        fault = self.hook_faults.pop(0) if self.hook_faults else ""
        run, now = self.group.hook_runs[name], self.cloud.now
        ended = 0 if fault == "hangs" else now
        if fault != "lost":
            self.group = replace(self.group, hook_results={
                **self.group.hook_results,
                name: HookResult(run.since, now, ended, fault != "fails", f"it {fault}",
                                 run.candidates[::-1])})
        if run.point == "configure" and fault == "":
            self.cloud.configure(run.server)

    def _has_finished(self, server: Server) -> None:
        """Nobody that has served is deleted before its hook has ended, or was given up.

        Whose deletion was asked for before has come to an end before.
        """
        departure = self.group.leaving[server.id]
        if "before_terminate" not in self.group.hooks or departure.why == BROKEN:
            return
        if server.id in self.dismissed:
            return
        if server.state not in ("ACTIVE", "SUSPENDED") or departure.asked < self.cloud.now:
            return
        bare = "configure" in self.group.hooks and CONFIGURED_MARK not in server.metadata
        if bare and not self.group.deleted:
            return
        run = self.group.hook_runs.get(f"before_terminate.{server.id}")
        assert bare or run and run.outcome, f"{server.name} is deleted before its hook has ended"

    def _apply(self, step: Step) -> None:
        if type(step).__name__ == "DeleteServer" and step.server in self.cloud.servers:
            self._has_finished(self.cloud.servers[step.server])
        fault = self.faults.pop(0) if self.faults else ""
        refused = self.cloud.apply(self.group, step, fault)
        if refused and type(step).__name__.startswith("Create"):
            kept = {name: since for name, since in self.group.reserved.items()
                    if name != step.label}
            self.group = replace(self.group, reserved=kept)
        self.check()

    def settle(self, cycles: int) -> int:
        """Cycle until all is well and nothing moves any more; how many cycles that took."""
        for turn in range(cycles):
            still = not self.cloud.due
            if self.cycle().converged and still:
                return turn + 1
        raise AssertionError(f"not converged in {cycles} cycles: {self.plans[-1]}")
