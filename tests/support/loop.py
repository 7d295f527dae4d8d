"""The convergence loop as the workflow runs it, in this process and on the region's clock."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Callable
from urllib.parse import quote

from autoscale.apply import apply
from autoscale.ask import ask
from autoscale.converge import cycle
from autoscale.groups import forget_deleted
from autoscale.hooks import begin, end
from autoscale.parts import Parts
from simcloud import ManualClock, Region
from simcloud.servers.offers import IMAGES
from tests.support.store import DictStore

IMAGE = IMAGES[0].id
SIZE = "2"


Hook = Callable[[dict[str, Any]], Any]
"""What stands for a hook's action: it gets its parameters and answers; raising, it fails; with
NEVER it does not end."""

NEVER = object()


@dataclass
class World:
    """A region, a datastore, and the pack's parts between them. Sleeping moves the clock.

    ``hooks``: what stands for the actions of hooks, by their references; others succeed.
    """

    region: Region
    parts: Parts
    clock: ManualClock
    looks: list[dict[str, Any]] = field(default_factory=list)
    hooks: dict[str, Hook] = field(default_factory=dict)
    ran: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    @property
    def store(self) -> DictStore:
        return self.parts.store  # type: ignore[return-value]

    @property
    def told(self) -> list[str]:
        return self.parts.notifier.told  # type: ignore[attr-defined]

    def ask(self, asg: str, request: str, **given: Any) -> dict[str, Any]:
        return ask(self.parts, asg, {"request": request, "by": "test", **given})

    def create(self, asg: str = "web", **changes: Any) -> dict[str, Any]:
        return self.ask(asg, "create", changes={
            "domain": "example.com", "vm_image_id": IMAGE, "vm_size_id": SIZE, **changes})

    def converge(self, asg: str = "web", dies_at: int = 0) -> dict[str, Any]:
        """Loop until there is nothing to do; what crosses a process's border is JSON here too.

        ``dies_at``: the look after which nothing is done any more, for the process is gone.
        """
        progress, applied = None, []
        while True:
            answer = _as_json(cycle(self.parts, asg, progress, applied))
            self.looks.append(answer)
            dies_at -= 1
            if dies_at == 0:
                return answer
            progress, applied = answer["progress"], []
            if answer["next"] == "apply":
                applied = [_as_json(apply(self.parts, asg, batch)) for batch in answer["batches"]]
            if answer["next"] in ("apply", "hooks"):
                for hook in answer["hooks"]:
                    self.run_hook(**hook)
            if answer["next"] == "forget":
                forget_deleted(self.store, asg)
            if answer["next"] in ("forget", "done", "failed"):
                return answer

    def run_hook(self, asg: str, run: str, since: int) -> dict[str, Any]:
        """As the workflow hook.run does."""
        begun = _as_json(begin(self.parts, asg, run, since))
        if not begun["start"]:
            return begun
        self.ran.append((run, begun["parameters"]))
        action = self.hooks.get(begun["action"], lambda given: {"result": None})
        try:
            answered, ok = action(begun["parameters"]), True
        except Exception as error:
            answered, ok = {"result": {"message": str(error)}}, False
        if answered is NEVER:
            return begun
        return end(self.parts, asg, run, since, ok, quote(json.dumps(answered)))

    def key(self, name: str, asg: str = "web") -> str | None:
        return self.store.texts.get(f"asg.{asg}.{name}")

    def set(self, name: str, text: str, asg: str = "web") -> None:
        self.store.texts[f"asg.{asg}.{name}"] = text


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))
