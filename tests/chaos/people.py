"""What people and monitors ask of the groups, one random request at a time."""
from __future__ import annotations

import random
from typing import Any

from simcloud import Region
from tests.chaos.pack import Pack
from tests.chaos.promises import Promises
from tests.chaos.serving import MARK, group_of, servers_of, value
from tests.chaos.settings import changes, settings, update_policy
from tests.chaos.stage import Stage


class People:
    """Requests. ``given``: ids of load balancers that groups may join, by name."""

    def __init__(
        self, stage: Stage, region: Region, pack: Pack, promises: Promises, chance: random.Random,
        names: list[str],
    ) -> None:
        self.stage = stage
        self.region = region
        self.pack = pack
        self.promises = promises
        self.chance = chance
        self.names = names
        self.given: dict[str, str] = {}
        self._shops = 0

    def name(self) -> str:
        return self.chance.choice(self.names)

    def servers(self, asg: str) -> list[Any]:
        with self.region.lock:
            self.region.age()
            return servers_of(self.region, asg)

    def _node(self) -> tuple[str, str]:
        """A group and one of its nodes, both at random; no node where there is none."""
        asg = self.name()
        servers = self.servers(asg)
        return asg, self.chance.choice(servers).name if servers else ""

    # How many there are to be.

    def grow_or_shrink(self) -> None:
        request = self.chance.choice(["expand", "expand", "deflate", "add_node"])
        self.pack.ask(self.name(), request, force=self.chance.random() < 0.7)

    def alert(self) -> None:
        """Alerts come twice and out of order."""
        asg = self.name()
        for _ in range(self.chance.choice([1, 2])):
            self.pack.ask(asg, self.chance.choice(["alert", "recovery"]))

    # Single nodes.

    def delete_node(self) -> None:
        asg, node = self._node()
        if node:
            self.pack.ask(asg, "delete_node", node=node, replace=self.chance.random() < 0.5)

    def guard(self) -> None:
        asg, node = self._node()
        if node:
            self.pack.ask(asg, self.chance.choice(["protect", "protect", "unprotect"]), node=node)

    def release(self) -> None:
        asg, node = self._node()
        if node:
            self.pack.ask(asg, "release", node=node, replace=self.chance.random() < 0.5)

    def adopt(self) -> None:
        """Somebody's server is to become a node, or one that was released, or even another
        group's; sometimes two groups are asked."""
        there = [server for server in self.region.servers.all() if not server.deleting]
        free = [server for server in there if MARK not in server.metadata]
        if not free or self.chance.random() < 0.5:
            self._shops += 1
            shop = self.region.tamper.add_server(f"shop-{self._shops}")["id"]
            self.promises.protect()
        else:
            shop = self.chance.choice(self.chance.choice([free, free, there])).id
        for asg in sorted({self.name() for _ in range(self.chance.choice([1, 1, 1, 2]))}):
            self.pack.ask(asg, "adopt", node=shop)

    def answer_hook(self) -> None:
        """For a node whose removal waits for its hook; its answer may come late, or not at all."""
        asg = self.name()
        runs = value(self.pack.store.texts, asg, "hook_runs") or {}
        waiting = [run.name for run in runs.values() if run.point == "before_terminate"]
        if waiting:
            self.pack.ask(asg, self.chance.choice(["hook_complete", "hook_abandon"]),
                          node=self.chance.choice(waiting))

    # What they are made from.

    def update(self) -> None:
        self.pack.ask(self.name(), "update", changes=changes(self.chance, self.given))

    def renew(self) -> None:
        """A rolling update, of what has been changed by somebody or just now."""
        asg = self.name()
        group = group_of(self.pack.store.texts, asg)
        policy = update_policy(self.chance, group.desired)
        if self.chance.random() < 0.7:
            sizes = [size for size in ("2", "3", "4")
                     if size != value(self.pack.store.texts, asg, "vm_size_id")]
            changes = {"vm_size_id": self.chance.choice(sizes)}
            if self.chance.random() < 0.3:
                changes["update_policy"] = policy
            self.pack.decide(asg, "update", changes=changes)
        self.pack.ask(asg, "rolling_update",
                      definition=policy if self.chance.random() < 0.8 else {})

    def cancel(self) -> None:
        self.pack.ask(self.name(), "rolling_update_cancel")

    # Whole groups.

    def pause_or_resume(self) -> None:
        self.pack.ask(self.name(), self.chance.choice(["pause", "resume", "resume"]))

    def delete_and_create(self) -> None:
        asg = self.name()
        self.pack.ask(asg, "delete")
        if self.chance.random() < 0.6:
            self.create(asg)

    def create(self, asg: str) -> None:
        chosen = settings(self.chance, self.given)

        def work() -> None:
            for _ in range(20):  # refused while the one before is being deleted
                if self.pack.request(asg, "create", changes=chosen):
                    return
                self.stage.sleep(30)

        self.stage.start(f"creator of {asg}", work)
