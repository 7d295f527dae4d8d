"""What must hold after every call and every writing of a key, whatever goes wrong."""
from __future__ import annotations

import random
from collections import deque
from typing import Any

from autoscale.core import keys
from autoscale.core.planning.staffing import CREATE_WITHIN
from simcloud import Call, Region
from tests.chaos.batches import BatchWatch
from tests.chaos.health import Health
from tests.chaos.hooks import HookWatch
from tests.chaos.newcomers import NewcomerWatch
from tests.chaos.serving import MARK, group_of, value
from tests.chaos.settings import GIVEN
from tests.chaos.watch import LATE, DeletionWatch, ServiceWatch


class Broken(Exception):
    """A promise was broken; the text says which and how."""


class Promises:
    """Watches a region and a datastore; ``broken`` says what did not hold, first things first."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.broken: list[str] = []
        self.texts: dict[str, str] = {}
        self.calls = 0
        self.log: deque[str] = deque(maxlen=20_000)
        self._bounds: dict[str, list[tuple[float, int]]] = {}
        self._allowed: dict[str, int] = {}
        self._foreign: dict[str, Any] = {}
        self._adopted: set[tuple[str, str]] = set()
        newcomers = NewcomerWatch(region, self.texts, self.violated)
        self.health = Health(
            region, self.texts, self.violated, random.Random(0), newcomers.passed)
        self._watches = (ServiceWatch(region, self.texts, self.violated),
                         DeletionWatch(region, self.texts, self.violated), self.health,
                         HookWatch(region, self.texts, self.violated),
                         BatchWatch(region, self.texts, self.violated), newcomers)
        region.observers.append(self._after_call)

    def say(self, text: str) -> None:
        self.log.append(f"{self.region.clock.now() - 1_700_000_000:8.1f} {text}")

    def violated(self, text: str) -> None:
        if text not in self.broken:
            self.broken.append(text)
            self.say(f"BROKEN: {text}")

    def key_set(self, name: str, text: str) -> None:
        """Remember each group's bound, and since when it is in force."""
        group, _, field = name[len(keys.PREFIX):].partition(".")
        if not name.startswith(keys.PREFIX):
            return
        if field in ("max_nodes", "roles"):
            known = group_of(self.texts, group)
            bound = known.max_nodes * len(known.roles or "1")
            self._bounds.setdefault(group, []).append((self.region.clock.now(), bound))
        if field == "adopting":
            for server in value(self.texts, group, field) or ():
                self._adopted.add((group, server))
        for watch in self._watches:
            watch.key_set(group, field)

    def before_change(self) -> None:
        """The pack is about to change something."""
        with self.region.lock:
            self.region.age()
            for watch in self._watches:
                watch.before()

    def protect(self) -> None:
        """What exists now and is no group's is foreign from now on."""
        self._foreign = self._foreign_things()

    def forget(self, thing: str) -> None:
        """It is gone, and not by the pack."""
        self._foreign.pop(thing, None)

    def forget_within(self, kind: str, inside: str) -> None:
        """Foreign nodes or records go with the load balancer or zone that they are in."""
        self._foreign = {thing: before for thing, before in self._foreign.items()
                         if not (thing.startswith(f"{kind} ") and inside in thing)}

    def _after_call(self, region: Region, call: Call) -> None:
        self.calls += 1
        try:
            if call.method != "GET":
                self._count_servers()
                for watch in self._watches:
                    watch.after(call)
            self._compare_foreign(call)
        except Exception as error:  # an observer's own failure must not be lost
            self.violated(f"the check itself failed: {error!r}")

    def _count_servers(self) -> None:
        live: dict[str, list[int]] = {}
        for server in self.region.servers.all():
            group = server.metadata.get(MARK)
            if group:
                allowed = self._allowed.setdefault(f"{group} {server.id}",
                                                   self._bound(group, server))
                live.setdefault(group, []).append(allowed)
        for group, bounds in live.items():
            if len(bounds) > max(bounds):
                self.violated(f"{group} has {len(bounds)} servers, and max_nodes was never more "
                              f"than {max(bounds)} while they were created")

    def _bound(self, group: str, server: Any) -> int:
        """The largest bound in force from the moment a create could be planned to its effect."""
        if (group, server.id) in self._adopted:
            until, since = self.region.now(), self.region.now() - LATE
        else:
            until, since = server.created, server.created - CREATE_WITHIN
        history = [(at, bound) for at, bound in self._bounds.get(group, []) if at <= until]
        recent = [bound for at, bound in history if at >= since]
        before = [bound for at, bound in history if at < since][-1:]
        return max([*before, *recent], default=0)

    def _compare_foreign(self, call: Call) -> None:
        now = self._foreign_things()
        changed = [thing for thing, before in self._foreign.items() if now.get(thing) != before]
        for thing in changed:
            before = self._foreign.pop(thing)
            if not self._went_with_its_group(thing, now) and not self._is_adopted(thing, before):
                self.violated(f"foreign {thing} was touched by {call.method} {call.path}")

    def _is_adopted(self, thing: str, before: Any) -> bool:
        """Whether it is a server that a group was asked to adopt, and has done so."""
        if not thing.startswith("server "):
            return False
        return any((server.metadata.get(MARK), server.id) in self._adopted
                   and before == _server(server)
                   for server in self.region.servers.all())

    def _went_with_its_group(self, thing: str, now: dict[str, Any]) -> bool:
        """A foreign node or record in what was a group's goes when the group is deleted."""
        kind, _, name = thing.partition(" ")
        place, _, _ = name.partition(" ")
        if kind not in ("node", "record") or kind == "node" and not place.startswith("asg_"):
            return False
        group = place.split("_")[1] if kind == "node" else place.split(".")[1]
        alive = f"asg.{group}.desired_nodes" in self.texts
        doomed = self.texts.get(f"asg.{group}.deleted") == "True"
        return group != "example" and thing not in now and (doomed or not alive)

    def _foreign_things(self) -> dict[str, Any]:
        """Everything that is no group's, by kind and name."""
        region = self.region
        things: dict[str, Any] = {}
        for server in region.servers.all():
            if MARK not in server.metadata:
                things[f"server {server.name}"] = _server(server)
        for balancer in region.load_balancers.all():
            ours = any(pair["key"] == MARK for pair in balancer.metadata)
            if not ours:
                things[f"load balancer {balancer.name}"] = _own(balancer.to_dict())
            for node in balancer.nodes.values() if balancer.status != "PENDING_DELETE" else ():
                if node.address.startswith("192.0.2."):
                    things[f"node {balancer.name} {node.address}"] = node.to_dict()
        for zone in region.zones.all():
            ours = zone.comment.startswith(f"{MARK}:")
            if not ours:
                things[f"zone {zone.name}"] = zone.to_dict()
            for record in zone.records.values():
                if not ours or record.data.startswith("192.0.2."):
                    things[f"record {record.name} {record.data}"] = record.to_dict()
        for name in region.keypairs.names():
            if not name.startswith("asg_"):
                things[f"key pair {name}"] = name
        return things


def _server(server: Any) -> tuple[Any, ...]:
    """What nobody but its owner may change; it gets from one state to the next by itself."""
    metadata = {key: text for key, text in server.metadata.items() if not key.startswith(MARK)}
    return server.id, server.deleting, sorted(metadata.items())


def _own(shown: dict[str, Any]) -> dict[str, Any]:
    """What of a foreign load balancer is nobody else's: groups join those that are given."""
    if shown["name"] not in GIVEN:
        return shown
    return {field: of for field, of in shown.items() if field not in ("nodes", "status", "updated")}
