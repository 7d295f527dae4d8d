"""A group as a document: what its owner wishes, in sections, as a file holds it."""
from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Callable, Mapping

from autoscale.core import alarms, policies, texts, units
from autoscale.core.alarms import Alarm
from autoscale.core.fields import CONFIGURATION, FIELDS
from autoscale.core.group import Group
from autoscale.core.policies import Policy
from autoscale.core.requests import BadRequest, configuration, group_name

SECTIONS: Mapping[str, tuple[str, ...]] = {
    "group": (
        "domain", "application_name", "channel", "admin_contact", "min_nodes", "max_nodes",
        "expand_by", "expand_delay", "deflate_by", "deflate_delay", "expand_on",
        "deletion_policy"),
    "launch_configuration": (
        "vm_image_id", "vm_size_id", "key_name", "user_data", "build_timeout"),
    "load_balancer": (
        "port", "protocol", "node_port", "node_network", "health_check", "drain_timeout"),
}
"""The sections of a document and the fields of a group that stand in each."""

WHOLE = ("hooks", "update_policy", "load_balancers", "roles")
"""Fields of a group that are sections of their own."""

_SCHEDULE = ("at", "cron", "timezone", "tolerance")


@dataclass(frozen=True)
class Document:
    """What a document says. ``policies`` and ``alarms`` are None where it says nothing of them."""

    name: str
    configuration: Mapping[str, Any]
    policies: Mapping[str, Policy] | None = None
    alarms: Mapping[str, Alarm] | None = None


def read(content: Mapping[str, Any]) -> Document:
    """The document, or BadRequest with the path of what is wrong. Its shape was checked before."""
    name = group_name(content["group"]["name"])
    given = {field: content[section][field] for section, known in SECTIONS.items()
             for field in known if field in content.get(section, {})}
    given.update({field: content[field] for field in WHOLE if field in content})
    return Document(
        name, configuration(given),
        {key: _policy(key, policy) for key, policy in content["policies"].items()}
        if "policies" in content else None,
        {key: _alarm(key, alarm) for key, alarm in content["alarms"].items()}
        if "alarms" in content else None)


def _policy(name: str, given: Mapping[str, Any]) -> Policy:
    if not policies.NAME.fullmatch(name):
        raise BadRequest(f"policies.{name}: not a policy's name: lower-case letters, digits, - _")
    values = {field: value for field, value in given.items() if field != "schedule"}
    try:
        return policies.read({**values, **given.get("schedule", {})})
    except ValueError as error:
        raise BadRequest(f"policies.{name}: {error}") from None


def _alarm(name: str, given: Mapping[str, Any]) -> Alarm:
    if not alarms.NAME.fullmatch(name):
        raise BadRequest(f"alarms.{name}: not an alarm's name: lower-case letters, digits, - _")
    try:
        return alarms.read(given)
    except ValueError as error:
        raise BadRequest(f"alarms.{name}: {error}") from None


def write(group: Group) -> dict[str, Any]:
    """The document that describes the group: what is as it is by default is left out."""
    plain = {field.name: field.default for field in fields(Group)}
    said = {name: _value(name, getattr(group, name)) for name in CONFIGURATION
            if getattr(group, name) != plain[name] and getattr(group, name) not in ("", {}, None)}
    content: dict[str, Any] = {
        section: {field: said[field] for field in known if field in said}
        for section, known in SECTIONS.items()}
    content["group"] = {"name": group.name, **content["group"]}
    content.update({field: said.get(field) for field in WHOLE})
    content["policies"] = {name: _described(policy)
                           for name, policy in sorted(group.policies.items())}
    content["alarms"] = {
        name: {field: value for field, value in alarms.as_given(alarm).items() if value != ""}
        for name, alarm in sorted(group.alarms.items())}
    return {section: value for section, value in content.items() if value}


def _value(name: str, value: Any) -> Any:
    """The value as a document holds it: numbers and texts as they are, the rest as JSON would."""
    if isinstance(value, (int, str)):
        return value
    return json.loads(FIELDS[name].write(value))


def _described(policy: Policy) -> dict[str, Any]:
    plain = {field.name: field.default for field in fields(Policy)}
    said = {name: value for name, value in asdict(policy).items() if value != plain[name]}
    schedule = {name: said.pop(name) for name in _SCHEDULE if name in said}
    return {**said, "schedule": schedule} if schedule else said


def difference(group: Group | None, document: Document) -> list[str]:
    """What the document would change, in sentences; nothing when it is so already."""
    told = [f"group {document.name}: made"] * (group is None)
    told += [_changed(field, getattr(group, field, None), value)
             for field, value in document.configuration.items()
             if group is None or getattr(group, field) != value]
    noun = units.noun(document.configuration.get("roles", group.roles if group else {}))
    if document.policies is not None:
        told += _named("policy", group.policies if group else {}, document.policies,
                       lambda policy: policies.told(policy, noun))
    if document.alarms is not None:
        told += _named("alarm", group.alarms if group else {}, document.alarms,
                       lambda alarm: alarms.told(alarm, noun))
    return told


def _changed(field: str, old: Any, new: Any) -> str:
    if field in ("user_data", "hooks"):
        return f"{field}: changed"
    before = "" if old in (None, "") else f"{FIELDS[field].write(old)} -> "
    return f"{field}: {before}{FIELDS[field].write(new)}"


def _named(
    kind: str, old: Mapping[str, Any], new: Mapping[str, Any], told: Callable[[Any], str]
) -> list[str]:
    """What changes between two sets of named things."""
    changed = [f"{kind} {name}: {told(thing)}" for name, thing in sorted(new.items())
               if old.get(name) != thing]
    return changed + [f"{kind} {name}: deleted" for name in sorted(set(old) - set(new))]


def dangling(group: Group | None, document: Document) -> None:
    """Raise BadRequest where an alarm would run a policy that there will not be."""
    there = document.policies if document.policies is not None else group.policies if group else {}
    kept = document.alarms if document.alarms is not None else group.alarms if group else {}
    for name, alarm in kept.items():
        missing = [policy for policy in alarms.policies_of(alarm) if policy not in there]
        if missing:
            raise BadRequest(f"alarms.{name}: there is no policy {texts.listed(missing)}")
