"""The files of a pack's resources: each checked, and read into a value."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from standalone.resources import Action, Alias, Policy, Rule, Sensor, TriggerType
from standalone.runner_types import OVERRIDES, RUNNERS
from standalone.yaml_files import RegistrationError, check, read_yaml

_WITH_FILES = ("python-script", "orquesta", "remote-shell-script")
_POLICY_PARAMETERS = {
    "action.concurrency": "threshold action",
    "action.concurrency.attr": "threshold action attributes",
    "action.retry": "retry_on max_retry_count delay",
}


def _own_pack(file: Path, content: dict[str, Any], pack: str) -> None:
    if content.get("pack", pack) != pack:
        raise RegistrationError(file, f"says pack {content['pack']}, but stands in {pack}")


def action(file: Path, pack: str, path: Path) -> Action:
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
    if runner in _WITH_FILES and not action.entry_path.is_file():
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


def rule(file: Path, pack: str) -> Rule:
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


def alias(file: Path, pack: str) -> Alias:
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


def policy(file: Path, pack: str) -> Policy:
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


def sensor(file: Path, pack: str) -> Sensor:
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
