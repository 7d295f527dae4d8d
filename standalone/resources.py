"""What a pack is made of, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping

from standalone.runner_types import RUNNERS


@dataclass(frozen=True)
class Action:
    """An action's metadata file."""

    name: str
    pack: str
    runner_type: str
    description: str = ""
    enabled: bool = True
    entry_point: str = ""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    output_schema: Mapping[str, Any] = field(default_factory=dict)
    notify: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[Any, ...] = ()
    metadata_file: Path = Path()
    pack_path: Path = Path()

    @property
    def ref(self) -> str:
        return f"{self.pack}.{self.name}"

    @property
    def entry_path(self) -> Path:
        """The script or workflow; entry points are relative to the pack's `actions`."""
        return self.pack_path / "actions" / self.entry_point

    @property
    def runner(self) -> Mapping[str, Mapping[str, Any]]:
        """The runner's own parameters."""
        return RUNNERS[self.runner_type]

    @property
    def schema(self) -> dict[str, Mapping[str, Any]]:
        """All that may be given: the runner's parameters as the action changes them, and its own.

        Of a runner's parameter an action changes only what `OVERRIDES` lists.
        """
        merged: dict[str, Mapping[str, Any]] = dict(self.runner)
        for name, given in self.parameters.items():
            merged[name] = {**self.runner.get(name, {}), **given}
        return merged


@dataclass(frozen=True)
class Rule:
    """A rule's file: which trigger, under which criteria, calls which action."""

    name: str
    pack: str
    trigger: Mapping[str, Any]
    action: Mapping[str, Any]
    description: str = ""
    enabled: bool = False
    criteria: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    type: Mapping[str, Any] = field(default_factory=lambda: {"ref": "standard", "parameters": {}})
    tags: tuple[Any, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    metadata_file: Path = Path()

    @property
    def ref(self) -> str:
        return f"{self.pack}.{self.name}"


@dataclass(frozen=True)
class Alias:
    """An action alias: a chat command that stands for an action."""

    name: str
    pack: str
    action_ref: str
    formats: tuple[Any, ...]
    description: str = ""
    enabled: bool = True
    ack: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    extra: Mapping[str, Any] = field(default_factory=dict)
    immutable_parameters: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[Any, ...] = ()
    metadata_file: Path = Path()

    @property
    def ref(self) -> str:
        return f"{self.pack}.{self.name}"


@dataclass(frozen=True)
class Policy:
    """A policy on one action: action.concurrency, action.concurrency.attr or action.retry."""

    name: str
    pack: str
    resource_ref: str
    policy_type: str
    description: str = ""
    enabled: bool = True
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        return f"{self.pack}.{self.name}"


@dataclass(frozen=True)
class TriggerType:
    """What a sensor may dispatch, and the schema of its payload."""

    name: str
    pack: str
    description: str = ""
    payload_schema: Mapping[str, Any] = field(default_factory=dict)
    parameters_schema: Mapping[str, Any] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        return f"{self.pack}.{self.name}"


@dataclass(frozen=True)
class Sensor:
    """A sensor's metadata file."""

    class_name: str
    pack: str
    entry_path: Path
    description: str = ""
    enabled: bool = True
    poll_interval: int | None = None
    trigger_types: tuple[TriggerType, ...] = ()

    @property
    def ref(self) -> str:
        return f"{self.pack}.{self.class_name}"


@dataclass(frozen=True)
class Pack:
    """A pack as registered. `config` has defaults applied and its templates not yet rendered."""

    ref: str
    path: Path
    metadata: Mapping[str, Any]
    actions: Mapping[str, Action] = field(default_factory=dict)
    rules: Mapping[str, Rule] = field(default_factory=dict)
    aliases: Mapping[str, Alias] = field(default_factory=dict)
    policies: tuple[Policy, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    trigger_types: Mapping[str, TriggerType] = field(default_factory=dict)
    config_schema: Mapping[str, Any] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
