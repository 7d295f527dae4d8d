"""The pack as StackStorm runs it: each action a process of its own, workflows, policies, rules.

What StackStorm promises is kept: decisions of one group come one at a time, and so do its
convergences, but the two run side by side. What it does not promise happens: an action's process
dies, a result is lost, an event comes twice.
"""
from __future__ import annotations

import json
import logging
import random
from collections import Counter
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Callable, Mapping

from autoscale.apply import apply
from autoscale.ask import ask
from autoscale.converge import cycle
from autoscale.core import keys
from autoscale.edge import EXPECTED
from autoscale.groups import forget_deleted
from autoscale.heal import survey
from autoscale.hooks import begin, end
from autoscale.parts import Parts
from autoscale.tick import HOOK, tick
from tests.chaos.hooks import LASTS, answer
from tests.chaos.promises import Promises
from tests.chaos.stage import Actor, Stage
from tests.chaos.wire import Wire

PULSES = {"autoscale.ScaleUpPulse": "expand", "autoscale.ScaleDownPulse": "deflate"}

_log = logging.getLogger("chaos")
_log.addHandler(logging.NullHandler())
_log.propagate = False


class Store:
    """The datastore: text under names; others may act, and the process may die, at every call."""

    def __init__(self, stage: Stage, promises: Promises) -> None:
        self.texts = promises.texts
        self._stage = stage
        self._promises = promises

    def list(self, prefix: str) -> dict[str, str]:
        self._stage.pause()
        return {name: text for name, text in self.texts.items() if name.startswith(prefix)}

    def get(self, name: str) -> str | None:
        self._stage.pause()
        return self.texts.get(name)

    def set(self, name: str, text: str) -> None:
        assert isinstance(text, str)
        self._stage.pause()
        before = self._complaint(name)
        self.write(name, text)
        after = self._complaint(name)
        if after and not before:
            self._promises.violated(f"writing {name} made the group unreadable: {after}")
        self._stage.pause()

    def delete(self, name: str) -> None:
        self._stage.pause()
        self.texts.pop(name, None)
        self._stage.pause()

    def write(self, name: str, text: str) -> None:
        self.texts[name] = text
        self._promises.key_set(name, text)

    def _complaint(self, name: str) -> str:
        """Why the key's group can't be read, if it exists."""
        group = name[len(keys.PREFIX):].partition(".")[0]
        fields = keys.by_group(self.texts).get(group, {})
        if "desired_nodes" not in fields or fields.get("deleted") == "True":
            return ""
        try:
            keys.read(group, fields)
        except keys.Unreadable as error:
            return str(error)
        return ""



class Service:
    """The datastore as a sensor's service offers it, and a place for what it dispatches."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.dispatched: list[tuple[str, dict[str, Any]]] = []

    def list_values(self, local: bool, prefix: str, **page: int) -> list[Any]:
        return [SimpleNamespace(name=name, value=text)
                for name, text in self._store.list(prefix).items()]

    def set_value(self, name: str, text: str, local: bool) -> None:
        self._store.set(name, text)

    def delete_value(self, name: str, local: bool) -> bool:
        self._store.delete(name)
        return True

    def dispatch(self, trigger: str, payload: dict[str, Any]) -> None:
        self.dispatched.append((trigger, payload))


class Told:
    """Lines for a channel, as they are told."""

    def __init__(self, promises: Promises) -> None:
        self._promises = promises

    def tell(self, channel: str, lines: Any) -> None:
        for line in lines:
            self._promises.say(f"  {line}")


@dataclass
class Risks:
    """How likely it is, for each action, that its process dies, and that it comes twice."""

    death: float = 0.0
    twice: float = 0.0
    loss: float = 0.0
    hook_failure: float = 0.0


class Pack:
    """Actions, workflows and sensors, as actors on a stage."""

    def __init__(
        self, stage: Stage, wire: Wire, promises: Promises, chance: random.Random
    ) -> None:
        self.stage = stage
        self.wire = wire
        self.promises = promises
        self.chance = chance
        self.store = Store(stage, promises)
        self.risks = Risks()
        self.struck: Counter[str] = Counter()
        self.work: Counter[str] = Counter()
        self.answers: dict[str, dict[str, Any]] = {}
        self._held: set[tuple[str, str]] = set()
        self._waiting: Counter[str] = Counter()

    # Actions: processes that can die.

    def act(self, name: str, call: Callable[[Parts], Any]) -> Any:
        """Run an action as a process of its own; None when it failed or died."""
        doomed_at = None
        if self.chance.random() < self.risks.death:
            doomed_at = self.chance.choice([1, 2, 3, 5, 8, 13, 21, 34, 55])
        actor = self.stage.start(name, lambda: call(self._parts()), doomed_at)
        self.stage.join([actor])
        return self._result(actor)

    def _result(self, actor: Actor) -> Any:
        if actor.killed:
            self.struck["process killed"] += 1
            self.promises.say(f"{actor.name} was killed at its pause {actor.pauses}")
            return None
        if actor.error is not None:
            if not isinstance(actor.error, EXPECTED):
                self.promises.violated(f"{actor.name} broke off: {actor.error!r}")
            self.promises.say(f"{actor.name} failed: {actor.error}")
            return None
        if self.chance.random() < self.risks.loss:
            self.struck["result lost"] += 1
            self.promises.say(f"{actor.name}: its result is lost")
            return None
        return json.loads(json.dumps(actor.result))

    def _act_perhaps_twice(self, name: str, call: Callable[[Parts], Any]) -> list[Any]:
        """The results of an action whose event may come twice."""
        results = [self.act(name, call)]
        if self.chance.random() < self.risks.twice:
            self.struck["task run twice"] += 1
            self.promises.say(f"{name} is run once more")
            results.append(self.act(name, call))
        return results

    def _parts(self) -> Parts:
        seed = self.chance.getrandbits(32)
        return Parts(self.store, self.wire.cloud(), Told(self.promises), {}, None,
                     self.stage.clock.now, self.stage.sleep, random.Random(seed))

    # Workflows.

    def ask(self, asg: str, request: str, **given: Any) -> None:
        """A request, in the background: decide, and converge whatever was decided."""
        self.stage.start(f"request {asg}", lambda: self.request(asg, request, **given))

    def request(self, asg: str, request: str, **given: Any) -> Any:
        decision = self.decide(asg, request, **given)
        if decision is not None:
            self.converge(asg, decision["force"])
        return decision

    def decide(self, asg: str, request: str, **given: Any) -> Any:
        with self._turn("decide", asg):
            asked = {"request": request, "by": "chaos", **given}
            decision = self.act(f"decide {asg}", lambda parts: ask(parts, asg, asked))
            self.promises.say(f"{asg} {request} {given or ''}: "
                              f"{decision['message'] if decision else 'no answer'}")
            return decision

    def converge(self, asg: str, force: bool = False) -> None:
        """One convergence at a time; of those that wait, two are as good as a hundred."""
        if self._waiting[asg] >= 2:
            return
        self._waiting[asg] += 1
        try:
            with self._turn("converge", asg):
                self._waiting[asg] -= 1
                try:
                    self._loop(asg, force)
                finally:
                    self._waiting[asg] += 1
        finally:
            self._waiting[asg] -= 1

    def _turn(self, policy: str, asg: str) -> Any:
        return _Turn(self.stage, self._held, (policy, asg))

    def _loop(self, asg: str, force: bool) -> None:
        progress: Any = None
        applied: list[Any] = []
        while True:
            plans = self._plan(asg, progress, applied, force)
            if not plans:
                return
            answer = plans[-1]
            self._note(asg, answer)
            progress, applied = answer["progress"], []
            if answer["next"] == "apply":
                applied = self._apply(asg, [b for each in plans for b in each["batches"]])
            if answer["next"] in ("apply", "hooks"):
                self._run_hooks(asg, answer["hooks"])
            if answer["next"] == "forget":
                with self._turn("decide", asg):  # the workflow forgets through asg.decide
                    self.act(f"forget {asg}", lambda parts: forget_deleted(parts.store, asg))
            if answer["next"] in ("forget", "done", "failed"):
                return

    def _plan(self, asg: str, progress: Any, applied: list[Any], force: bool) -> list[Any]:
        results = self._act_perhaps_twice(
            f"plan {asg}", lambda parts: cycle(parts, asg, progress, applied, force))
        return [each for each in results if each is not None]

    def _note(self, asg: str, answer: Mapping[str, Any]) -> None:
        self.answers[asg] = dict(answer)
        if answer["next"] in ("apply", "hooks"):
            self.work[asg] += 1
        steps = [f"{batch['do']} x{len(batch['steps'])}" for batch in answer["batches"]]
        self.promises.say(f"{asg} cycle {answer['progress']['cycles']}: {answer['outcome']}, "
                          f"{answer['next']} {', '.join(steps)} {answer['awaited'][:3]} "
                          f"{answer['errors']}")

    def _apply(self, asg: str, batches: list[Any]) -> list[Any]:
        """Every batch at the same time."""
        def work(batch: Any) -> Callable[[], Any]:
            return lambda: self._act_perhaps_twice(
                f"apply {asg} {batch['do']}", lambda parts: apply(parts, asg, batch))[-1]

        items = [self.stage.start(f"item {asg}", work(batch)) for batch in batches]
        self.stage.join(items)
        return [item.result for item in items]

    def _run_hooks(self, asg: str, hooks: list[Any]) -> None:
        """What lets them begin is sent; each runs in the background, perhaps twice."""
        for hook in hooks:
            self.stage.start(f"hook {hook['run']}", lambda hook=hook: self._run_hook(**hook))

    def _run_hook(self, asg: str, run: str, since: int) -> None:
        with self._turn("begin", f"{asg} {run}"):
            begun = self._act_perhaps_twice(
                f"begin {run} of {asg}", lambda parts: begin(parts, asg, run, since))
        if not any(each and each["start"] for each in begun):
            return
        ok = self.chance.random() >= self.risks.hook_failure
        self.struck["hook failed"] += not ok
        self.stage.sleep(self.chance.choice(LASTS))
        parameters = next(each["parameters"] for each in begun if each and each["start"])
        told = answer(run, parameters, self.chance)
        ended = self._act_perhaps_twice(
            f"end {run} of {asg}", lambda parts: end(parts, asg, run, since, ok, told))
        if any(each and each["converge"] for each in ended):
            self.converge(asg)

    # The timer's and the sensors' work.

    def heal(self) -> list[str]:
        """A pass of self-healing; answers the groups that it had converged."""
        found = self.act("heal", survey)
        named = [group["asg"] for group in found["groups"]] if found else []
        for group in found["groups"] if found else []:
            self.promises.say(f"heal: {group['asg']}: {group['reason']}")
        workers = [self.stage.start(f"heal {asg}", lambda asg=asg: self.converge(asg))
                   for asg in named]
        self.stage.join(workers)
        return named

    def govern(self) -> None:
        """A tick of a governor: each pulse asks for a change."""
        service = Service(self.store)
        self.act("governor", lambda parts: tick(service, _log, parts.clock()))
        for trigger, payload in service.dispatched:
            if trigger in PULSES:
                self.ask(payload["asg"], PULSES[trigger], reason=payload["reason"])
            if trigger == HOOK:
                self._run_hooks(payload["asg"], [payload])


class _Turn:
    """A concurrency policy: one at a time for each policy and group, the others wait."""

    def __init__(self, stage: Stage, held: set[tuple[str, str]], place: tuple[str, str]) -> None:
        self._stage, self._held, self._place = stage, held, place

    def __enter__(self) -> None:
        self._stage.wait_while(lambda: self._place in self._held)
        self._held.add(self._place)

    def __exit__(self, *_: object) -> None:
        self._held.discard(self._place)

