"""What must hold once the faults have stopped and people have done what messages ask of them."""
from __future__ import annotations

import json
from contextlib import suppress

from autoscale.core import keys
from autoscale.core.fields import CONFIGURATION
from autoscale.core.group import Group
from simcloud import Region
from tests.chaos.following import Follower
from tests.chaos.outcome import Outcome, is_renewing
from tests.chaos.pack import Pack
from tests.chaos.promises import Promises
from tests.chaos.serving import MARK, value
from tests.chaos.stage import Stage
from tests.chaos.trouble import Troubles

PASS = 60
"""Seconds between two passes of self-healing."""

PASSES = 75
"""Passes until all has to be well: a group in ERROR is tried every 30 minutes at the least."""

CYCLES = 10
"""Cycles that do something, within which a group has to reach what is desired."""

UPDATE_CYCLES = 60
"""Further cycles for a rolling update: six for each batch, and as many for each node.

Hooks take two for each server: each begins when its server is ready.
"""

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
        self.outcome = Outcome(region, promises)
        self.people = Follower(stage, region, pack, promises, self.outcome)
        self._since = 0.0

    def check(self) -> None:
        self._end_trouble()
        self._settle("the faults stopped")
        self._follow_messages()
        for group in self._groups():
            self.outcome.check(group)
            self._check_rest(group)
        self._check_nobodys()
        self._delete_all()

    def _end_trouble(self) -> None:
        region = self.region
        region.faults.clear()
        region.settings.list_lag_seconds = 0
        region.settings.app_start_seconds = 0
        self.promises.health.unreachable.clear()
        self.promises.health.forgetful = 0
        self.troubles.raise_the_quota()
        self.troubles.correct_keys()
        for server in region.servers.all():
            if MARK in server.metadata and server.status in PASSING and not server.deleting:
                region.tamper.set_server_state(server.id, "ACTIVE")
            with suppress(LookupError):
                region.tamper.set_application(server.id, up=True)
        for group in self._groups():
            if group.paused:
                self.pack.ask(group.name, "resume")
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
        renewing = {group.name for group in self._groups() if is_renewing(group)}
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
            extra = (UPDATE_CYCLES * (name in renewing)
                     + 2 * len(self.outcome.live(name)) * bool(value(self.texts, name, "hooks")))
            if cycles > CYCLES + extra:
                self.promises.violated(f"{name} needed {cycles} cycles after {since}")

    def _pass(self) -> None:
        self.pack.heal()
        self.stage.sleep(PASS)

    def _rests(self, name: str) -> bool:
        fields = keys.by_group(self.texts).get(name, {})
        if "desired_nodes" not in fields or fields.get("deleted") == "True":
            return "deleted" not in fields  # a creation that was never decided is nobody's wish
        group = keys.read(name, fields)
        if group.looked_at <= self._since or group.status != "idle":
            return False
        if self.people.is_needed(group):
            return group.health == "ERROR"
        leaves = any(not departure.stays for departure in group.leaving.values())
        return group.health == "ACTIVE" and not leaves and not is_renewing(group)

    def _follow_messages(self) -> None:
        """People do what the messages ask for; one thing may come to light after another."""
        for _ in range(4):
            groups = [group for group in self._groups() if self.people.is_needed(group)]
            if not groups:
                return
            for group in groups:
                self.people.follow(group)
            self._settle("people followed the messages")

    def _check_rest(self, group: Group) -> None:
        """A further convergence does nothing."""
        self.region.calls.clear()
        self.pack.answers.pop(group.name, None)
        self.stage.start("once more", lambda: self.pack.converge(group.name))
        self.stage.play()
        changes = [f"{call.method} {call.path}" for call in self.region.calls.all()
                   if call.method != "GET" and "/identity/" not in call.path]
        answer = self.pack.answers.get(group.name) or {}
        self.outcome.same(group, "changes of a further convergence", changes, [])
        self.outcome.same(group, "outcome of a further convergence", answer.get("outcome"),
                          "converged")
        self.outcome.check_hooks(next(g for g in self._groups() if g.name == group.name))

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
        self.outcome.check_given(())
        left = {name: text for name, text in self.texts.items() if name.startswith(keys.PREFIX)}
        if left:
            self.promises.violated(f"keys are left: {json.dumps(left)[:300]}")

