"""What people, monitors, the region and chance do to the groups, one random thing at a time."""
from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from typing import Any, Callable

from simcloud import Region
from tests.chaos.pack import Pack
from tests.chaos.people import People
from tests.chaos.promises import Promises
from tests.chaos.settings import GIVEN
from tests.chaos.stage import Stage

Trouble = Callable[["Troubles"], "str | None"]

NONSENSE = {
    "max_nodes": ["lots", "-1", "1e3"], "min_nodes": ["few", "99999999"],
    "desired_nodes": ["viele", "3.5"], "status": ["asleep"], "paused": ["perhaps"],
    "health": ["fine"], "reserved": ["{", "[1]", '{"a": "b"}'], "leaving": ["[1]", '{"x": 1}'],
    "members": ["no", '{"a": 3}'], "evict": ["web-3", '{"a": 1}'], "errors": ["none at all"],
    "looked_at": ["yesterday"], "total_nodes": ["many"], "last_expand_timestamp": ["soon"],
    "last_deflate_timestamp": ["-3"], "node_port": ["80a", "99999"], "domain": ["not a domain"],
    "hooks": ["{", '{"explode": {}}'], "expand_by": ["0"], "drain_timeout": ["1 minute"],
    "vm_image_id": ["no-such-image"], "vm_size_id": ["999"], "loadbalancer_id": ["999999"],
    "dns_zone_id": ["999999"], "active_incident": ["maybe"], "build_timeout": ["0"],
    "roles": ["{", '{"Web": {}}'], "load_balancers": ["[", '{"main": {"port": 0}}'],
    "balancers": ["[1]", '{"tls": "999999"}'], "rolling_update": ["soon", '{"since": 1}'],
    "rolling_progress": ["half", '{"of": "x"}'], "protected": ["web-1", "3"],
    "adopting": ["[]x", '{"a": 1}'], "releasing": ["all"], "deletion_policy": ["best"],
    "update_policy": ['{"max_batch_size": 0}'], "health_failures": ["2", '["web-1"]'],
}
NEVER = 10**7
"""Seconds that no schedule lasts."""

STATES = ("ERROR", "ERROR", "SHUTOFF", "UNKNOWN", "REBOOT", "HARD_REBOOT", "MIGRATING", "SUSPENDED",
          "RESCUE", "BUILD", "DELETED")


class Troubles(People):
    """Does one random thing after the other; ``struck`` counts the faults among them."""

    def __init__(
        self, stage: Stage, region: Region, pack: Pack, promises: Promises, chance: random.Random,
        names: list[str],
    ) -> None:
        super().__init__(stage, region, pack, promises, chance, names)
        self.struck: Counter[str] = Counter()
        self.nonsense: dict[str, tuple[str | None, str]] = {}
        self._strangers = 0

    def happen(self, kinds: list[tuple[Trouble, int]]) -> None:
        """One random thing; what finds nothing to act upon does nothing."""
        self.region.age()
        trouble = self.chance.choices([k for k, _ in kinds], [weight for _, weight in kinds])[0]
        happened = trouble(self)
        if happened:
            self.struck[happened] += 1

    # Behind the pack's back.

    def _server(self) -> Any:
        servers = self.servers(self.name())
        return self.chance.choice(servers) if servers else None

    def lose_server(self) -> str | None:
        server = self._server()
        if server is None:
            return None
        self.region.tamper.delete_server(server.id)
        return self._told("server deleted behind its back", server.name)

    def break_server(self) -> str | None:
        server = self._server()
        if server is None:
            return None
        state = self.chance.choice(STATES)
        self.region.tamper.set_server_state(server.id, state)
        return self._told(f"server {'stuck in BUILD' if state == 'BUILD' else 'in ' + state}",
                          server.name)

    def _balancer(self) -> Any:
        asg = self.name()
        return self.chance.choice([
            each for each in self.region.load_balancers.all()
            if each.name.startswith(f"asg_{asg}_") or each.name in GIVEN
        ] or [None])

    def stop_application(self) -> str | None:
        server = self._server()
        if server is None:
            return None
        self.region.tamper.set_application(server.id, up=False)
        return self._told("application stopped", server.name)

    def flap(self) -> str | None:
        """An application that stops and comes back, again and again."""
        server = self._server()
        if server is None:
            return None
        pauses = [self.chance.uniform(1, 40) for _ in range(6)]

        def work() -> None:
            for turn, pause in enumerate(pauses):
                with suppress(LookupError):
                    self.region.tamper.set_application(server.id, up=bool(turn % 2))
                self.stage.sleep(pause)

        self.stage.start("trouble that flaps", work)
        return self._told("application flaps", server.name)

    def cut_off(self) -> str | None:
        """All nodes of a group fail at once: the network between fails, or the check is wrong."""
        asg, pause = self.name(), self.chance.choice([20, 90, 300])
        if asg in self.promises.health.unreachable or not self.servers(asg):
            return None
        self.promises.health.unreachable.add(asg)

        def work() -> None:
            self.stage.sleep(pause)
            self.promises.health.unreachable.discard(asg)

        self.stage.start("trouble with the network", work)
        return self._told("all health checks of a group fail", asg)

    def spoil_image(self) -> str | None:
        """New servers come up, but for a while no application starts on them, then or later."""
        if self.region.settings.app_start_seconds:
            return None
        pause = self.chance.choice([90, 300, 900])
        self.region.settings.app_start_seconds = NEVER

        def work() -> None:
            self.stage.sleep(pause)
            self.region.settings.app_start_seconds = 0

        self.stage.start("trouble with the image", work)
        return self._told("new applications never start", f"{pause} s")

    def spoil_node(self) -> str | None:
        balancer = self._balancer()
        ours = [n for n in balancer.nodes.values() if not n.address.startswith("192.0.2.")] \
            if balancer else []
        if not ours:
            return None
        node = self.chance.choice(ours)
        if self.chance.random() < 0.5:
            self.region.tamper.remove_node(balancer.id, node.id)
            return self._told("node removed", node.address)
        change = self.chance.choice([{"condition": "DISABLED"}, {"condition": "DRAINING"},
                                     {"weight": 7}, {"type": "SECONDARY"}])
        self.region.tamper.change_node(balancer.id, node.id, **change)
        return self._told("node changed", node.address)

    def _zone(self) -> Any:
        asg = self.name()
        return self.chance.choice([
            each for each in self.region.zones.all() if each.name == f"{asg}.example.com"
        ] or [None])

    def spoil_record(self) -> str | None:
        zone = self._zone()
        ours = [r for r in zone.records.values()
                if r.type == "A" and not r.data.startswith("192.0.2.")] if zone else []
        if not ours:
            return None
        record = self.chance.choice(ours)
        if self.chance.random() < 0.5:
            self.region.tamper.delete_record(zone.id, record.id)
            return self._told("record deleted", record.name)
        if any((r.name, r.data) == (record.name, "203.0.113.9") for r in zone.records.values()):
            return None  # the service knows no two records that are the same
        self.region.tamper.change_record(zone.id, record.id, data="203.0.113.9")
        return self._told("record changed", record.name)

    def lose_load_balancer(self) -> str | None:
        balancer = self._balancer()
        if balancer is None:
            return None
        self.promises.forget(f"load balancer {balancer.name}")
        self._forget_strangers("node", balancer.name)
        self.region.tamper.delete_load_balancer(balancer.id)
        return self._told("load balancer deleted", balancer.name)

    def lose_zone(self) -> str | None:
        zone = self._zone()
        if zone is None:
            return None
        self._forget_strangers("record", zone.name)
        self.region.tamper.delete_zone(zone.id)
        return self._told("zone deleted", zone.name)

    def lose_key_pair(self) -> str | None:
        ours = sorted(name for name in self.region.keypairs.names() if name.startswith("asg_"))
        if not ours:
            return None
        self.region.tamper.delete_keypair(self.chance.choice(ours))
        return self._told("key pair deleted", ours[0])

    def stick_load_balancer(self) -> str | None:
        balancer = self._balancer()
        if balancer is None or balancer.status not in ("ACTIVE", "PENDING_UPDATE"):
            return None
        self.region.tamper.stick_load_balancer(balancer.id, self.chance.choice([10, 60, 200]))
        return self._told("load balancer in PENDING_UPDATE", balancer.name)

    def fill_the_quota(self) -> str | None:
        self.region.settings.server_quota = len(self.region.servers.all())
        return self._told("account's quota lowered", "")

    def raise_the_quota(self) -> None:
        self.region.settings.server_quota = 100

    def end_tokens(self) -> str | None:
        self.region.tokens.revoke()
        return self._told("tokens revoked", "")

    def lag(self) -> str | None:
        lagging = self.region.settings.list_lag_seconds
        self.region.settings.list_lag_seconds = 0 if lagging else 10
        return None if lagging else self._told("listing gone stale", "")

    # Foreign things.

    def strangers(self) -> None:
        """Servers, load balancers and records of somebody else's; some inside what is ours."""
        self._strangers += 1
        tag = f"stranger-{self._strangers}"
        self.region.tamper.add_server(tag)
        balancer, zone = self._balancer(), self._zone()
        if balancer:
            self.region.tamper.add_node(balancer.id, f"192.0.2.{self._strangers}", 8080)
        if zone:
            self.region.tamper.add_record(
                zone.id, f"www{self._strangers}.{zone.name}", "A", f"192.0.2.{self._strangers}")
        self.promises.protect()

    def _forget_strangers(self, kind: str, inside: str) -> None:
        self.promises.forget_within(kind, inside)

    # Hands and deaths.

    def edit_key(self) -> str | None:
        asg = self.name()
        field = self.chance.choice(sorted(NONSENSE))
        text = self.chance.choice(NONSENSE[field])
        key = f"asg.{asg}.{field}"
        if f"asg.{asg}.desired_nodes" not in self.pack.store.texts or key in self.nonsense:
            return None
        self.nonsense[key] = (self.pack.store.texts.get(key), text)
        self.pack.store.write(key, text)
        return self._told("key edited to nonsense", f"{key}={text}")

    def correct_keys(self) -> None:
        """A person undoes the edits, where nobody else has done so."""
        for key, (before, text) in sorted(self.nonsense.items()):
            if self.pack.store.texts.get(key) == text:
                if before is None:
                    del self.pack.store.texts[key]
                else:
                    self.pack.store.write(key, before)
                self.promises.say(f"corrected {key}={before}")
        self.nonsense.clear()

    def kill_everything(self) -> str | None:
        keep = ("trouble", "clock")
        killed = self.stage.kill_all(lambda actor: actor.name.startswith(keep)
                                     or actor is self.stage.running)
        return self._told("machine killed", f"{killed} actors") if killed else None

    def _told(self, what: str, about: str) -> str:
        self.promises.say(f"!! {what}: {about}")
        return what


REQUESTS: list[tuple[Trouble, int]] = [
    (Troubles.grow_or_shrink, 12), (Troubles.delete_node, 5), (Troubles.alert, 5),
    (Troubles.update, 8), (Troubles.pause_or_resume, 3), (Troubles.delete_and_create, 2),
    (Troubles.strangers, 2), (Troubles.renew, 10), (Troubles.cancel, 1), (Troubles.guard, 3),
    (Troubles.adopt, 3), (Troubles.release, 2), (Troubles.answer_hook, 6),
]
FAULTS: list[tuple[Trouble, int]] = [
    (Troubles.lose_server, 6), (Troubles.break_server, 8), (Troubles.spoil_node, 5),
    (Troubles.spoil_record, 5), (Troubles.lose_load_balancer, 1), (Troubles.lose_zone, 1),
    (Troubles.lose_key_pair, 1), (Troubles.stick_load_balancer, 3), (Troubles.fill_the_quota, 2),
    (Troubles.raise_the_quota, 2), (Troubles.end_tokens, 1), (Troubles.lag, 3),
    (Troubles.edit_key, 4), (Troubles.correct_keys, 2), (Troubles.kill_everything, 3),
    (Troubles.stop_application, 5), (Troubles.flap, 2), (Troubles.cut_off, 2),
    (Troubles.spoil_image, 4),
]
