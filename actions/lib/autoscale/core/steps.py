"""Steps: what a plan asks to be done, as data that crosses process borders as JSON.

Every step can be repeated: creating what is there and deleting what is gone succeed. ``why`` is
the sentence that people read.
"""
from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Iterable, Mapping

from autoscale.core.associations import MAIN


@dataclass(frozen=True)
class Step:
    """Something to do, and why."""

    why: str

    @property
    def on(self) -> str:
        """The load balancer or zone that is changed: such steps share one call."""
        return ""

    @property
    def label(self) -> str:
        """What people call the thing that the step is about."""
        about = (getattr(self, part, "") for part in ("host", "name", "load_balancer", "zone"))
        return next(str(name) for name in about if name)


@dataclass(frozen=True)
class CreateServer(Step):
    """Ask for a server of the reserved ``name``, but not once the clock says ``before``."""

    name: str
    before: int


@dataclass(frozen=True)
class DeleteServer(Step):
    server: str
    name: str


@dataclass(frozen=True)
class AdoptServer(Step):
    """Give a running server the group's marks."""

    server: str
    name: str


@dataclass(frozen=True)
class ReleaseServer(Step):
    """Take the group's marks off the server: it is nobody's then."""

    server: str
    name: str


@dataclass(frozen=True)
class CreateKeyPair(Step):
    name: str


@dataclass(frozen=True)
class DeleteKeyPair(Step):
    name: str


@dataclass(frozen=True)
class CreateLoadBalancer(Step):
    name: str
    before: int
    association: str = MAIN


@dataclass(frozen=True)
class DeleteLoadBalancer(Step):
    load_balancer: str


@dataclass(frozen=True)
class CreateZone(Step):
    name: str


@dataclass(frozen=True)
class DeleteZone(Step):
    zone: str


@dataclass(frozen=True)
class _NodeStep(Step):
    load_balancer: str
    host: str
    address: str

    @property
    def on(self) -> str:
        return self.load_balancer


@dataclass(frozen=True)
class AddNode(_NodeStep):
    port: int
    condition: str = "ENABLED"
    weight: int = 1


@dataclass(frozen=True)
class ChangeNode(_NodeStep):
    """Give the node this condition and weight, and the type that all nodes have."""

    port: int
    node: str
    condition: str
    weight: int = 1


@dataclass(frozen=True)
class RemoveNode(_NodeStep):
    node: str


@dataclass(frozen=True)
class _RecordStep(Step):
    zone: str
    name: str
    data: str

    @property
    def on(self) -> str:
        return self.zone


@dataclass(frozen=True)
class AddRecord(_RecordStep):
    pass


@dataclass(frozen=True)
class RemoveRecord(_RecordStep):
    record: str


KINDS: Mapping[str, type[Step]] = {
    kind.__name__: kind
    for kind in (
        CreateKeyPair, CreateLoadBalancer, CreateZone, CreateServer, AdoptServer, RemoveNode,
        ChangeNode, AddNode, RemoveRecord, AddRecord, ReleaseServer, DeleteServer,
        DeleteLoadBalancer, DeleteZone, DeleteKeyPair,
    )
}


@dataclass(frozen=True)
class Batch:
    """Steps of one kind on one thing: they are applied together, in as few calls as possible."""

    do: str
    on: str
    steps: tuple[Step, ...]

    def to_dict(self) -> dict[str, Any]:
        return {"do": self.do, "on": self.on, "steps": [asdict(step) for step in self.steps]}

    @classmethod
    def from_dict(cls, encoded: Mapping[str, Any]) -> Batch:
        kind = KINDS[encoded["do"]]
        return cls(encoded["do"], encoded["on"], tuple(kind(**step) for step in encoded["steps"]))


def batches(steps: Iterable[Step]) -> tuple[Batch, ...]:
    """The steps, sorted into batches that can all be applied at the same time."""
    sorted_steps: dict[tuple[str, str], list[Step]] = {}
    for step in steps:
        sorted_steps.setdefault((type(step).__name__, step.on), []).append(step)
    return tuple(Batch(do, on, tuple(batch)) for (do, on), batch in sorted_steps.items())
