"""The convergence loop as the workflow runs it, in this process and on the region's clock."""
from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from autoscale.apply import apply, mark_configured
from autoscale.ask import ask
from autoscale.converge import cycle
from autoscale.groups import forget_deleted
from autoscale.parts import Parts
from simcloud import ManualClock, Region
from simcloud.servers.offers import IMAGES
from tests.support.store import DictStore

IMAGE = IMAGES[0].id
SIZE = "2"


@dataclass
class World:
    """A region, a datastore, and the pack's parts between them. Sleeping moves the clock."""

    region: Region
    parts: Parts
    clock: ManualClock
    looks: list[dict[str, Any]] = field(default_factory=list)

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

    def converge(self, asg: str = "web", hooks_succeed: bool = True) -> dict[str, Any]:
        """Loop until there is nothing to do; what crosses a process's border is JSON here too."""
        progress, applied = None, []
        while True:
            answer = _as_json(cycle(self.parts, asg, progress, applied))
            self.looks.append(answer)
            progress, applied = answer["progress"], []
            if answer["next"] == "apply":
                applied = [_as_json(apply(self.parts, asg, batch)) for batch in answer["batches"]]
            if answer["next"] in ("apply", "hooks") and hooks_succeed:
                for hook in answer["hooks"]:
                    mark_configured(self.parts, asg, hook["node_id"])
            if answer["next"] == "forget":
                forget_deleted(self.store, asg)
            if answer["next"] in ("forget", "done", "failed"):
                return answer

    def key(self, name: str, asg: str = "web") -> str | None:
        return self.store.texts.get(f"asg.{asg}.{name}")

    def set(self, name: str, text: str, asg: str = "web") -> None:
        self.store.texts[f"asg.{asg}.{name}"] = text


def _as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))
