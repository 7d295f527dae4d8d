"""The things a pack registers, in the shapes of StackStorm's REST API."""

from __future__ import annotations

import hashlib
from typing import Any, Mapping

from standalone.resources import Alias, Pack, Policy, Rule, Sensor, TriggerType
from standalone.runner_types import RUNNERS


def identifier(uid: str) -> str:
    """An id as StackStorm's look, the same after every restart."""
    return hashlib.sha256(uid.encode()).hexdigest()[:24]


def _named(kind: str, pack: str, name: str) -> dict[str, Any]:
    uid = f"{kind}:{pack}:{name}"
    return {"id": identifier(uid), "uid": uid, "ref": f"{pack}.{name}", "pack": pack, "name": name}


def runner(name: str) -> dict[str, Any]:
    uid = f"runner_type:{name}"
    return {
        "id": identifier(uid),
        "uid": uid,
        "name": name,
        "description": f"The runner {name}.",
        "enabled": True,
        "runner_module": name,
        "runner_parameters": dict(RUNNERS[name]),
    }


def rule(one: Rule, *, enabled: bool) -> dict[str, Any]:
    type_ = one.trigger["type"]
    return {
        **_named("rule", one.pack, one.name),
        "description": one.description,
        "enabled": enabled,
        "trigger": {"type": type_, "ref": type_, "parameters": one.trigger["parameters"]},
        "criteria": dict(one.criteria),
        "action": {"ref": one.action["ref"], "parameters": one.action["parameters"]},
        "type": dict(one.type),
        "tags": list(one.tags),
        "context": dict(one.context),
        "metadata_file": str(one.metadata_file),
    }


def alias(one: Alias) -> dict[str, Any]:
    return {
        **_named("action_alias", one.pack, one.name),
        "description": one.description,
        "enabled": one.enabled,
        "action_ref": one.action_ref,
        "formats": list(one.formats),
        "ack": dict(one.ack),
        "result": dict(one.result),
        "extra": dict(one.extra),
        "immutable_parameters": dict(one.immutable_parameters),
        "tags": list(one.tags),
        "metadata_file": str(one.metadata_file),
    }


def trigger_type(one: TriggerType) -> dict[str, Any]:
    return {
        **_named("trigger_type", one.pack, one.name),
        "description": one.description,
        "payload_schema": dict(one.payload_schema),
        "parameters_schema": dict(one.parameters_schema),
        "tags": [],
    }


def trigger(type_: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A trigger type with parameters, as a rule asks for it."""
    pack, _, name = type_.partition(".")
    if parameters:
        name = identifier(f"{type_}:{sorted(parameters.items())}")
    return {
        **_named("trigger", pack, name),
        "type": type_,
        "parameters": dict(parameters),
        "description": "",
    }


def sensor(one: Sensor) -> dict[str, Any]:
    return {
        **_named("sensor_type", one.pack, one.class_name),
        "class_name": one.class_name,
        "description": one.description,
        "enabled": one.enabled,
        "poll_interval": one.poll_interval,
        "entry_point": one.entry_path.name,
        "artifact_uri": one.entry_path.as_uri(),
        "trigger_types": [each.ref for each in one.trigger_types],
    }


def policy(one: Policy) -> dict[str, Any]:
    return {
        **_named("policy", one.pack, one.name),
        "description": one.description,
        "enabled": one.enabled,
        "resource_ref": one.resource_ref,
        "policy_type": one.policy_type,
        "parameters": dict(one.parameters),
    }


def pack(one: Pack) -> dict[str, Any]:
    uid = f"pack:{one.ref}"
    return {**one.metadata, "id": identifier(uid), "uid": uid, "ref": one.ref}
