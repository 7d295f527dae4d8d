"""One schedule: a world made from a seed, a while of trouble, and then what must hold."""
from __future__ import annotations

import random
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Iterator
from unittest.mock import patch

from autoscale.core import keys
from simcloud import ManualClock, Region, Settings
from tests.chaos.aftermath import Aftermath
from tests.chaos.health import Health
from tests.chaos.pack import Pack, Risks
from tests.chaos.promises import Promises
from tests.chaos.settings import GIVEN
from tests.chaos.stage import InTurn, Stage
from tests.chaos.trouble import FAULTS, REQUESTS, Troubles
from tests.chaos.wire import NETWORK_FAULTS, Wire, region_faults

SSH_KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 ops@example.com"


@dataclass
class Outcome:
    """What became of a schedule."""

    seed: int
    broken: list[str]
    log: list[str]
    struck: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    cycles: int = 0


def play(seed: int) -> Outcome:
    """Play the schedule of this seed."""
    schedule = _Schedule(seed)
    with _in_turn(seed, schedule.promises.health):
        return schedule.play()


def play_briefly(seed: int) -> Outcome:
    """Play it, and keep what happened only where a promise was broken."""
    outcome = play(seed)
    return outcome if outcome.broken else replace(outcome, log=[])


@contextmanager
def _in_turn(seed: int, health: Health) -> Iterator[None]:
    """What the pack does in threads is done in an order that the seed decides."""
    InTurn.chance = random.Random(seed)
    with ExitStack() as stack:
        for module in ("observe", "calls", "heal"):
            stack.enter_context(patch(f"autoscale.{module}.ThreadPoolExecutor", InTurn))
        for module in ("observe", "heal"):
            stack.enter_context(patch(f"autoscale.{module}.ask_all", health.ask_all))
        yield


class _Schedule:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = chance = random.Random(seed)
        self.clock = ManualClock(1_700_000_000.0)
        self.region = Region(self.clock, Settings(
            listen=False, seed=seed, build_seconds=chance.choice([5, 20, 45]),
            build_jitter=chance.choice([0, 20]), delete_seconds=chance.choice([2, 15]),
            over_quota_status=chance.choice([403, 413]), lb_gone_seconds=chance.choice([5, 60])))
        self.stage = Stage(self.clock, random.Random(chance.getrandbits(32)))
        self.promises = Promises(self.region)
        self.wire = Wire(self.region, self.stage, random.Random(chance.getrandbits(32)))
        self.wire.trace = self.promises.say
        self.wire.before_change = self.promises.before_change
        self.pack = Pack(self.stage, self.wire, self.promises,
                         random.Random(chance.getrandbits(32)))
        self.names = ["web", "db", "api"][:chance.choice([1, 1, 2, 3])]
        self.troubles = Troubles(self.stage, self.region, self.pack, self.promises,
                                 random.Random(chance.getrandbits(32)), self.names)
        self.raging = True

    def play(self) -> Outcome:
        try:
            self._prepare()
            self._rage()
            Aftermath(self.stage, self.region, self.pack, self.promises, self.troubles).check()
        except Exception as error:
            self.promises.violated(f"the schedule broke off: {error!r}")
        struck = self.wire.struck + self.pack.struck + self.troubles.struck
        return Outcome(self.seed, self.promises.broken, list(self.promises.log), struck,
                       self.promises.calls, sum(self.pack.work.values()))

    def _prepare(self) -> None:
        if self.chance.random() < 0.7:
            self.pack.store.texts[keys.SSH_KEY] = SSH_KEY
        self.region.tamper.add_server("foreign")
        self.region.load_balancers.create({
            "name": "foreign_lb", "port": 80, "protocol": "HTTP", "virtualIps": [{}],
            "nodes": [{"address": "192.0.2.200", "port": 80, "condition": "ENABLED"}]})
        for number, name in enumerate(GIVEN):
            made = self.region.load_balancers.create({
                "name": name, "port": 80, "protocol": "HTTP", "virtualIps": [{}],
                "algorithm": "WEIGHTED_ROUND_ROBIN" if number else "RANDOM",
                "nodes": [{"address": f"192.0.2.{201 + number}", "port": 80,
                           "condition": "ENABLED"}]})
            self.troubles.given[name] = str(made.id)
        self.region.zones.create([{"name": "example.com", "emailAddress": "ops@example.com"}])
        self.region.keypairs.add("ops", SSH_KEY)
        self.clock.advance(5)
        self.region.age()
        self.promises.protect()

    def _rage(self) -> None:
        """Trouble for a while, with the timer and two governors going."""
        chance = self.chance
        self._arm()
        for name in self.names:
            self.troubles.create(name)
        trouble = self.stage.start("trouble", self._trouble)
        self.stage.start("clock of the healer", lambda: self._again(60, self.pack.heal))
        for _ in range(chance.choice([1, 2])):
            self.stage.start("clock of a governor", lambda: self._again(30, self.pack.govern))
        self.stage.play()
        if trouble.error:
            raise trouble.error

    def _arm(self) -> None:
        """How bad it is to be: from hardly any fault to many of all kinds."""
        chance = self.chance
        names = [*sorted(region_faults(random.Random(0))), *NETWORK_FAULTS]
        count = chance.choice([0, 2, 5, len(names), len(names)])
        self.wire.kinds = frozenset(chance.sample(names, count))
        self.wire.rate = chance.choice([0.02, 0.05, 0.1, 0.25])
        self.promises.health.forgetful = chance.choice([0, 0, 0.2])
        self.pack.risks = Risks(
            death=chance.choice([0, 0.02, 0.1, 0.2]), twice=chance.choice([0, 0.02, 0.1]),
            loss=chance.choice([0, 0.02, 0.05]), hook_failure=chance.choice([0, 0.3]))

    def _trouble(self) -> None:
        kinds = REQUESTS + self.chance.choice([[], FAULTS, FAULTS, FAULTS])
        longest = self.chance.choice([5, 20, 60, 90])
        try:
            for _ in range(self.chance.choice([5, 20, 30, 50])):
                self.stage.sleep(self.chance.uniform(0, longest))
                self.troubles.happen(kinds)
            self.stage.sleep(self.chance.uniform(0, longest))
        finally:
            self.raging = False
            self.wire.kinds = frozenset()
            self.pack.risks = Risks()
            self.promises.say("---- the faults stop")

    def _again(self, seconds: float, work: object) -> None:
        while self.raging:
            work()  # type: ignore[operator]
            self.stage.sleep(seconds)
