"""What must hold once the faults have stopped and people have done what messages ask of them."""
from __future__ import annotations

import json
from typing import Any

from autoscale.core import keys
from autoscale.core.fields import CONFIGURATION
from autoscale.core.group import Group
from simcloud import Region
from tests.chaos.pack import Pack
from tests.chaos.promises import MARK, Promises
from tests.chaos.stage import Stage
from tests.chaos.trouble import Troubles

PASS = 60
"""Seconds between two passes of self-healing."""

PASSES = 75
"""Passes until all has to be well: a group in ERROR is tried every 30 minutes at the least."""

CYCLES = 10
"""Cycles that do something, within which a group has to reach what is desired."""

PASSING = ("REBOOT", "HARD_REBOOT", "MIGRATING", "UNKNOWN", "SUSPENDED", "RESCUE")


class Aftermath:
    """Ends the trouble, lets the pack heal, and checks."""

    def __init__(
        self, stage: Stage, region: Region, pack: Pack, promises: Promises, troubles: Troubles
    ) -> None:
        self.stage = stage
        self.region = region
        self.pack = pack
        self.promises = promises
        self.troubles = troubles
        self.texts = pack.store.texts
        self._since = 0.0

    def check(self) -> None:
        self._end_trouble()
        self._settle("the faults stopped")
        self._follow_messages()
        for group in self._groups():
            self._check_group(group)
            self._check_rest(group)
        self._check_nobodys()
        self._delete_all()

    def _end_trouble(self) -> None:
        region = self.region
        region.faults.clear()
        region.settings.list_lag_seconds = 0
        self.troubles.raise_the_quota()
        self.troubles.correct_keys()
        for server in region.servers.all():
            if server.status in PASSING and not server.deleting:
                region.tamper.set_server_state(server.id, "ACTIVE")
        self.promises.protect()
        for group in self._groups():
            if group.paused:
                self.pack.ask(group.name, "resume")
            for node in group.protected:
                self.pack.ask(group.name, "unprotect", node=node)
        self.stage.play()
        self.pack.work.clear()

    def _groups(self) -> list[Group]:
        """The groups that exist and are not to be deleted."""
        found = []
        for name, fields in sorted(keys.by_group(self.texts).items()):
            if "desired_nodes" in fields and fields.get("deleted") != "True":
                found.append(keys.read(name, fields, self.texts.get(keys.SSH_KEY, "")))
        return found

    def _settle(self, since: str) -> None:
        """Heal, and nothing else, until all groups are at rest, or a person is needed."""
        self.pack.work.clear()
        self._since = self.stage.clock.now()
        for _ in range(PASSES):
            self.stage.start("clock", self._pass)
            self.stage.play()
            if all(self._rests(name) for name in keys.by_group(self.texts)):
                break
        else:
            restless = [name for name in keys.by_group(self.texts) if not self._rests(name)]
            for name in restless:
                self.promises.violated(f"{name} is not at rest long after {since}: "
                                       f"{self.pack.answers.get(name)}")
        for name, cycles in self.pack.work.items():
            if cycles > CYCLES:
                self.promises.violated(f"{name} needed {cycles} cycles after {since}")

    def _pass(self) -> None:
        self.pack.heal()
        self.stage.sleep(PASS)

    def _rests(self, name: str) -> bool:
        fields = keys.by_group(self.texts).get(name, {})
        if "desired_nodes" not in fields or fields.get("deleted") == "True":
            return "deleted" not in fields  # a creation that was never decided is nobody's wish
        group = keys.read(name, fields)
        looked = group.looked_at > self._since
        if self._lost(group) or _refused(group):
            return looked and group.status == "idle" and group.health == "ERROR"
        return looked and group.status == "idle" and group.health == "ACTIVE"

    def _lost(self, group: Group) -> list[str]:
        """The fields whose things are gone."""
        balancers = {str(each.id) for each in self.region.load_balancers.all()}
        zones = {str(each.id) for each in self.region.zones.all()}
        return [field for field, there in (("loadbalancer_id", balancers), ("dns_zone_id", zones))
                if getattr(group, field) and getattr(group, field) not in there]

    def _follow_messages(self) -> None:
        """People do what the messages ask for; one thing may come to light after another."""
        for _ in range(3):
            groups = [group for group in self._groups() if _refused(group) or self._lost(group)]
            if not groups:
                return
            for group in groups:
                self._follow(group)
            self._settle("people followed the messages")

    def _follow(self, group: Group) -> None:
        """Confirm a plan that was refused, or delete the keys that messages name."""
        if _refused(group):
            self.stage.start("operator", lambda: self.pack.converge(group.name, force=True))
            self.stage.play()
            return
        for field in self._lost(group):
            key = f"asg.{group.name}.{field}"
            if not any(key in problem.message for problem in group.errors):
                self.promises.violated(f"{group.name} does not say that {key} is to be deleted: "
                                       f"{group.errors}")
            self._same(group, f"servers without {field}",
                       len(self._live(group.name)), group.desired)
            del self.texts[key]

    def _live(self, name: str) -> list[Any]:
        with self.region.lock:
            self.region.age()
            return [s for s in self.region.servers.all() if s.metadata.get(MARK) == name]

    def _check_group(self, group: Group) -> None:
        """The group is what is desired, in the cloud and in its report."""
        servers = self._live(group.name)
        self._same(group, "servers", len(servers), group.desired)
        self._same(group, "states", {s.status for s in servers} | {"ACTIVE"}, {"ACTIVE"})
        self._same(group, "total_nodes", group.total_nodes, group.desired)
        self._same(group, "errors", group.errors, ())
        self._same(group, "reserved", dict(group.reserved), {})
        self._same(group, "leaving", dict(group.leaving), {})
        pairs = {n for n in self.region.keypairs.names() if n.startswith(f"asg_{group.name}_")}
        self._same(group, "key pairs", pairs, {group.own_key_pair} - {None})
        self._check_balancer(group, servers)
        self._check_zone(group, servers)

    def _check_balancer(self, group: Group, servers: list[Any]) -> None:
        balancers = [b for b in self.region.load_balancers.all() if _is_of(b, group.name)]
        self._same(group, "load balancers", [str(b.id) for b in balancers],
                   [group.loadbalancer_id])
        for balancer in balancers:
            nodes = sorted((n.address, n.port, n.condition, n.type, n.weight)
                           for n in balancer.nodes.values()
                           if not n.address.startswith("192.0.2."))
            self._same(group, "nodes", nodes, sorted(
                (s.private, group.node_port, "ENABLED", "PRIMARY", 1) for s in servers))

    def _check_zone(self, group: Group, servers: list[Any]) -> None:
        zones = [z for z in self.region.zones.all() if z.comment == f"{MARK}:{group.name}"]
        self._same(group, "zones", [str(z.id) for z in zones], [group.dns_zone_id])
        for zone in zones:
            records = sorted((r.name, r.data) for r in zone.records.values()
                             if r.type == "A" and not r.data.startswith("192.0.2."))
            wanted = [(f"{s.name}.{zone.name}", s.public) for s in servers]
            wanted += [(f"lb.{zone.name}", b.address) for b in self.region.load_balancers.all()
                       if _is_of(b, group.name)]
            self._same(group, "records", records, sorted(wanted))

    def _same(self, group: Group, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self.promises.violated(f"{group.name}: {what} are {found}, not {wanted}")

    def _check_rest(self, group: Group) -> None:
        """A further convergence does nothing."""
        self.region.calls.clear()
        self.pack.answers.pop(group.name, None)
        self.stage.start("once more", lambda: self.pack.converge(group.name))
        self.stage.play()
        changes = [f"{call.method} {call.path}" for call in self.region.calls.all()
                   if call.method != "GET" and "/identity/" not in call.path]
        answer = self.pack.answers.get(group.name) or {}
        self._same(group, "changes of a further convergence", changes, [])
        self._same(group, "outcome of a further convergence", answer.get("outcome"), "converged")

    def _check_nobodys(self) -> None:
        """Nothing carries the mark of a group that does not exist."""
        known = {group.name for group in self._groups()}
        region = self.region
        region.age()
        owners = [("server", s.metadata.get(MARK)) for s in region.servers.all()]
        owners += [("load balancer", pair["value"]) for b in region.load_balancers.all()
                   for pair in b.metadata if pair["key"] == MARK]
        owners += [("zone", z.comment.partition(":")[2]) for z in region.zones.all()
                   if z.comment.startswith(f"{MARK}:")]
        owners += [("key pair", n.split("_")[1]) for n in region.keypairs.names()
                   if n.startswith("asg_")]
        for name, fields in keys.by_group(self.texts).items():
            if name not in known and not set(fields) & set(CONFIGURATION):
                self.promises.violated(f"{name} does not exist, but has keys: {fields}")
        for kind, owner in owners:
            if owner and owner not in known:
                self.promises.violated(f"a {kind} of {owner} is left, and {owner} is deleted")

    def _delete_all(self) -> None:
        for kind, marks in (("node", ["asg_"]), ("record", [".example.com"])):
            for mark in marks:
                self.promises.forget_within(kind, mark)
        for name in sorted(keys.by_group(self.texts)):
            self.pack.ask(name, "delete")
        self.stage.play()
        self._settle("all were deleted")
        self._check_nobodys()
        left = {name: text for name, text in self.texts.items() if name.startswith(keys.PREFIX)}
        if left:
            self.promises.violated(f"keys are left: {json.dumps(left)[:300]}")


def _refused(group: Group) -> bool:
    """Whether a plan waits for somebody to confirm it."""
    return any(problem.message.startswith("refused: ") and "force=true" in problem.message
               for problem in group.errors)


def _is_of(balancer: Any, name: str) -> bool:
    return any((pair["key"], pair["value"]) == (MARK, name) for pair in balancer.metadata)
