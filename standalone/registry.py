"""Loads a pack's directory into values, as strictly as StackStorm's registration would."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, TypeVar

from standalone import pack_config
from standalone.resources import (
    Action,
    Alias,
    Pack,
    Policy,
    Rule,
    Sensor,
    TriggerType,
)
from standalone.runner_types import OVERRIDES, RUNNERS
from standalone.yaml_files import RegistrationError, check, read_yaml

__all__ = ["Action", "Alias", "Pack", "Policy", "RegistrationError", "Rule", "Sensor"]
__all__ += ["TriggerType", "builtin_pack", "find_action", "load_pack"]

_POLICY_PARAMETERS = {
    "action.concurrency": "threshold action",
    "action.concurrency.attr": "threshold action attributes",
    "action.retry": "retry_on max_retry_count delay",
}

T = TypeVar("T")


def load_pack(path: Path, config: Mapping[str, Any], *, alone: bool = True) -> Pack:
    """The pack in the directory. Raises RegistrationError.

    `config` holds values by pack; of a pack that is loaded `alone` it may hold the values.
    """
    path = path.resolve()
    metadata = _metadata(path)
    ref = metadata["ref"]
    schema = _config_schema(path)
    values = config[ref] if isinstance(config.get(ref), dict) else config if alone else {}
    full = pack_config.with_defaults(schema, values)
    pack_config.check_values(path / "config.schema.yaml", schema, full)
    sensors = tuple(_each(path / "sensors", lambda file: _sensor(file, ref)))
    actions = _by_name(path / "actions", lambda file: _action(file, ref, path))
    return Pack(
        ref=ref,
        path=path,
        metadata=metadata,
        actions=actions,
        rules=_by_name(path / "rules", lambda file: _rule(file, ref)),
        aliases=_by_name(path / "aliases", lambda file: _alias(file, ref)),
        policies=tuple(_by_name(path / "policies", lambda file: _policy(file, ref)).values()),
        sensors=sensors,
        trigger_types={one.ref: one for sensor in sensors for one in sensor.trigger_types},
        config_schema=schema,
        config=full,
    )


def find_action(packs: Mapping[str, Pack], ref: str) -> Action | None:
    """The action with this ref (`pack.name`), or None."""
    pack, _, name = ref.partition(".")
    return packs[pack].actions.get(name) if pack in packs else None


def check_references(packs: Mapping[str, Pack]) -> None:
    """Raises for a policy or an alias on an action that no pack has."""
    for pack in packs.values():
        named = [(one.ref, one.resource_ref) for one in pack.policies]
        named += [(one.ref, one.action_ref) for one in pack.aliases.values()]
        for ref, action in named:
            if find_action(packs, action) is None:
                raise RegistrationError(pack.path, f"{ref} is for {action}, which doesn't exist")


def builtin_pack() -> Pack:
    """The pack `core`: noop, local and echo."""
    text = {"type": "string", "required": True}
    sudo = {"sudo": {"immutable": True}}
    echo = {"message": text, "cmd": {"default": 'echo "{{message}}"', "immutable": True}}
    actions = (
        Action("noop", "core", "noop", "Action that does nothing"),
        Action(
            "local",
            "core",
            "local-shell-cmd",
            "Action that executes an arbitrary Linux command on the localhost.",
            parameters={"cmd": {**text, "description": "The command."}, **sudo},
        ),
        Action("echo", "core", "local-shell-cmd", "Prints a message.", parameters={**echo, **sudo}),
    )
    metadata = {
        "ref": "core",
        "name": "core",
        "description": "Basic actions.",
        "version": "1.0.0",
        "author": "standalone",
        "email": "info@example.com",
    }
    return Pack("core", Path(), metadata, actions={one.name: one for one in actions})


def _metadata(path: Path) -> dict[str, Any]:
    file = path / "pack.yaml"
    metadata = read_yaml(file)
    for key in ("name", "description", "version", "author", "email"):
        if not metadata.get(key):
            raise RegistrationError(file, f"lacks {key}")
    if not re.match(r"^\d+\.\d+\.\d+$", str(metadata["version"])):
        raise RegistrationError(file, f"version {metadata['version']} is not of the form x.y.z")
    if not re.match(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", str(metadata["email"])):
        raise RegistrationError(file, f"email {metadata['email']} is not an address")
    ref = metadata.get("ref") or metadata["name"]
    if not re.match(r"^[a-z0-9_]+$", ref):
        raise RegistrationError(file, f"ref {ref} has other characters than a-z, 0-9 and _")
    return {**metadata, "ref": ref}


def _config_schema(path: Path) -> dict[str, Any]:
    file = path / "config.schema.yaml"
    schema = read_yaml(file) if file.exists() else {}
    pack_config.check_schema(file, schema)
    return schema


def _each(folder: Path, load: Callable[[Path], T]) -> Iterator[T]:
    for file in sorted(folder.glob("*.yaml")):
        yield load(file)


def _by_name(folder: Path, load: Callable[[Path], T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for file in sorted(folder.glob("*.yaml")):
        one = load(file)
        name = getattr(one, "name", "")
        if name in found:
            raise RegistrationError(file, f"the name {name} is taken by another file")
        found[name] = one
    return found


def _own_pack(file: Path, content: dict[str, Any], pack: str) -> None:
    if content.get("pack", pack) != pack:
        raise RegistrationError(file, f"says pack {content['pack']}, but stands in {pack}")


def _action(file: Path, pack: str, path: Path) -> Action:
    content = read_yaml(file)
    known = "pack description enabled entry_point parameters output_schema notify tags id uid ref"
    check(file, content, required=("name", "runner_type"), known=known + " output_key workflows")
    _own_pack(file, content, pack)
    runner = content["runner_type"]
    if runner not in RUNNERS:
        raise RegistrationError(file, f"runner_type {runner} is not one of {', '.join(RUNNERS)}")
    parameters = content.get("parameters") or {}
    for name, schema in parameters.items():
        _check_parameter(file, runner, name, schema)
    action = Action(
        content["name"],
        pack,
        runner,
        content.get("description") or "",
        content.get("enabled", True),
        content.get("entry_point") or "",
        parameters,
        content.get("output_schema") or {},
        content.get("notify") or {},
        tuple(content.get("tags") or ()),
        file.relative_to(path),
        path,
    )
    if runner in ("python-script", "orquesta") and not action.entry_path.is_file():
        raise RegistrationError(file, f"entry_point {action.entry_point!r} is not a file")
    return action


def _check_parameter(file: Path, runner: str, name: str, schema: Any) -> None:
    if not isinstance(schema, dict):
        raise RegistrationError(file, f"parameter {name} is not a mapping")
    inherited = RUNNERS[runner].get(name)
    if inherited is None:
        return
    refused = sorted(set(schema) - OVERRIDES)
    if refused or schema.get("type", inherited.get("type")) != inherited.get("type"):
        what = ", ".join(refused) or "type"
        raise RegistrationError(file, f"parameter {name} of the runner: {what} can't be changed")


def _rule(file: Path, pack: str) -> Rule:
    content = read_yaml(file)
    known = "pack description enabled criteria type tags context metadata_file ref uid id"
    check(file, content, required=("name", "trigger", "action"), known=known)
    _own_pack(file, content, pack)
    if not content["trigger"].get("type") or not content["action"].get("ref"):
        raise RegistrationError(file, "needs trigger.type and action.ref")
    for name, one in (content.get("criteria") or {}).items():
        if "type" not in one or "pattern" not in one:
            raise RegistrationError(file, f"criterion {name} needs type and pattern")
    return Rule(
        content["name"],
        pack,
        {"parameters": {}, **content["trigger"]},
        {"parameters": {}, **content["action"]},
        content.get("description") or "",
        content.get("enabled", False),
        content.get("criteria") or {},
        {"parameters": {}, **(content.get("type") or {"ref": "standard"})},
        tuple(content.get("tags") or ()),
        content.get("context") or {},
        file,
    )


def _alias(file: Path, pack: str) -> Alias:
    content = read_yaml(file)
    known = "pack description enabled ack result extra immutable_parameters tags ref uid id"
    check(file, content, required=("name", "action_ref", "formats"), known=known)
    _own_pack(file, content, pack)
    return Alias(
        content["name"],
        pack,
        content["action_ref"],
        tuple(content["formats"]),
        content.get("description") or "",
        content.get("enabled", True),
        content.get("ack") or {},
        content.get("result") or {},
        content.get("extra") or {},
        content.get("immutable_parameters") or {},
        tuple(content.get("tags") or ()),
        file,
    )


def _policy(file: Path, pack: str) -> Policy:
    content = read_yaml(file)
    required = ("name", "resource_ref", "policy_type")
    check(file, content, required=required, known="pack description enabled parameters id ref uid")
    _own_pack(file, content, pack)
    kind = content["policy_type"]
    if kind not in _POLICY_PARAMETERS:
        raise RegistrationError(file, f"policy_type {kind} is unknown")
    parameters = content.get("parameters") or {}
    unknown = sorted(set(parameters) - set(_POLICY_PARAMETERS[kind].split()))
    if unknown:
        raise RegistrationError(file, f"{kind} has no parameters {', '.join(unknown)}")
    if kind != "action.retry" and not isinstance(parameters.get("threshold"), int):
        raise RegistrationError(file, "parameter threshold is not a number")
    if kind == "action.concurrency.attr" and not parameters.get("attributes"):
        raise RegistrationError(file, "lacks the parameter attributes")
    description, enabled = content.get("description") or "", content.get("enabled", True)
    resource = content["resource_ref"]
    if not re.match(r"^\w+\..+$", resource):
        raise RegistrationError(file, f"resource_ref {resource} is not of the form pack.action")
    return Policy(content["name"], pack, resource, kind, description, enabled, parameters)


def _sensor(file: Path, pack: str) -> Sensor:
    content = read_yaml(file)
    known = "pack description enabled trigger_types poll_interval id ref uid artifact_uri name"
    check(file, content, required=("class_name", "entry_point"), known=known)
    _own_pack(file, content, pack)
    entry = file.parent / content["entry_point"]
    if not entry.is_file():
        raise RegistrationError(file, f"entry_point {content['entry_point']!r} is not a file")
    interval = content.get("poll_interval")
    if interval is not None and (not isinstance(interval, int) or interval < 4):
        raise RegistrationError(file, "poll_interval is not a whole number of at least 4 seconds")
    types = content.get("trigger_types") or []
    return Sensor(
        content["class_name"],
        pack,
        entry,
        content.get("description") or "",
        content.get("enabled", True),
        interval,
        tuple(_trigger_type(file, one, pack) for one in types),
    )


def _trigger_type(file: Path, content: dict[str, Any], pack: str) -> TriggerType:
    known = "pack description payload_schema parameters_schema tags"
    check(file, content, required=("name",), known=known)
    payload, parameters = content.get("payload_schema"), content.get("parameters_schema")
    return TriggerType(
        content["name"], pack, content.get("description") or "", payload or {}, parameters or {}
    )
