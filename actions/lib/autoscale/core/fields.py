"""The fields of a group: how each is read, from text or from a parameter, and written as text.

A reader accepts what a person would type (`` 30 ``, ``yes``, ``"web"``) and raises ValueError
saying what would have been right.
"""
from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Callable

from autoscale.core import (
    alarms,
    associations,
    checks,
    evaluation,
    hooks,
    names,
    policies,
    renewal,
    units,
    webhooks,
)
from autoscale.core.group import SURPLUS, Adoption, Departure, Member, Problem

STATUSES = ("idle", "creating", "expanding", "deflating", "converging", "deleting")
DELETION_POLICIES = ("oldest_launch_configuration", "oldest", "newest", "random")
ANSWERS = (hooks.COMPLETE, hooks.ABANDON, hooks.AGAIN)
"""What can be answered to a ``before_terminate`` hook; again: a new removal of one that stays."""


@dataclass(frozen=True)
class Field:
    """How one field is read from text or from an action's parameter, and written as text."""

    read: Callable[[Any], Any]
    write: Callable[[Any], str]
    kind: str


def _integer(least: int, most: int = 10**12) -> Field:
    def read(value: Any) -> int:
        try:
            if isinstance(value, bool):
                raise ValueError
            number = int(str(value).strip())
        except ValueError:
            raise ValueError("not a whole number") from None
        if not least <= number <= most:
            raise ValueError(f"must be from {least} to {most}" if most < 10**12
                             else f"must be at least {least}")
        return number

    return Field(read, str, "integer")


def _boolean() -> Field:
    words = {"true": True, "yes": True, "on": True, "1": True,
             "false": False, "no": False, "off": False, "0": False}

    def read(value: Any) -> bool:
        try:
            return words[str(value).strip().lower()]
        except KeyError:
            raise ValueError("neither True nor False") from None

    return Field(read, str, "boolean")


def _text(check: Callable[[str], str | None] | None = None, *, lower: bool = False,
          upper: bool = False) -> Field:
    def read(value: Any) -> str:
        text = _unquoted(str(value))
        text = text.lower() if lower else text.upper() if upper else text
        complaint = check(text) if check else None
        if complaint:
            raise ValueError(complaint)
        return text

    return Field(read, str, "text")


def _unquoted(text: str) -> str:
    """The text without the quotes and blanks around it: reading it again changes nothing more."""
    text = text.strip()
    while len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1].strip()
    return text


def _one_of(*words: str, upper: bool = False) -> Field:
    return _text(lambda text: None if text in words else f"must be one of {', '.join(words)}",
                 upper=upper, lower=not upper)


def _json(decode: Callable[[Any], Any], encode: Callable[[Any], Any]) -> Field:
    def read(value: Any) -> Any:
        try:
            return decode(json.loads(value) if isinstance(value, str) else value)
        except (TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            raise ValueError("not of the expected form") from None
        except ValueError as error:
            broken = isinstance(error, json.JSONDecodeError)
            raise ValueError("not JSON" if broken else str(error)) from None

    return Field(read, lambda value: json.dumps(encode(value), sort_keys=True), "JSON")


def _domain(text: str) -> str | None:
    return None if names.is_domain(text) else "not a domain name, such as example.com"


def _base64(text: str) -> str | None:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return "not base64 (encode it: base64 -w0 FILE)"
    return None


def _some(text: str) -> str | None:
    return None if text else "must not be empty"


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(name, str) for name in value):
        raise ValueError("must be a list of names")
    return tuple(value)


def _texts(value: Any) -> dict[str, str]:
    return {str(name): str(text) for name, text in value.items()}


def _answers(value: Any) -> dict[str, str]:
    words = {str(answer).partition(":")[0] for answer in value.values()}
    if not words <= set(ANSWERS):
        raise ValueError(f"answers are {', '.join(ANSWERS)}, each with the time of its departure")
    return _texts(value)


def _departure(value: Any) -> Departure:
    return Departure(int(value["since"]), bool(value["final"]), int(value["asked"]),
                     str(value.get("why", SURPLUS)), bool(value.get("stays")),
                     int(value.get("drains_since", 0)))


def _member(value: Any) -> Member:
    member = Member(value.get("node"), value.get("record"), bool(value.get("dismissed")),
                    value.get("server"), value.get("other"), tuple(value.get("homes") or ()))
    texts = (member.node, member.record, member.server, member.other, *member.homes)
    if not all(isinstance(text, (str, type(None))) for text in texts):
        raise TypeError
    return member


FIELDS: dict[str, Field] = {
    "min_nodes": _integer(0),
    "max_nodes": _integer(0),
    "expand_by": _integer(1),
    "expand_delay": _integer(0),
    "deflate_by": _integer(1),
    "deflate_delay": _integer(0),
    "vm_image_id": _text(_some),
    "vm_size_id": _text(_some),
    "application_name": _text(_some),
    "domain": _text(_domain, lower=True),
    "channel": _text(),
    "port": _integer(1, 65535),
    "protocol": _one_of("HTTP", "HTTPS", "TCP", "TCP_CLIENT_FIRST", upper=True),
    "node_port": _integer(1, 65535),
    "node_network": _one_of("private", "public"),
    "admin_contact": _text(),
    "key_name": _text(),
    "user_data": _text(_base64),
    "health_check": _json(checks.decode, checks.encode),
    "hooks": _json(hooks.decode, hooks.encode),
    "expand_on": _one_of("critical", "warning"),
    "build_timeout": _integer(1),
    "drain_timeout": _integer(0, 3600),
    "deletion_policy": _one_of(*DELETION_POLICIES),
    "update_policy": _json(renewal.decode_policy, renewal.encode_policy),
    "load_balancers": _json(associations.decode, associations.encode),
    "roles": _json(units.decode, units.encode),
    "desired_nodes": _integer(0),
    "paused": _boolean(),
    "deleted": _boolean(),
    "active_incident": _boolean(),
    "evict": _json(_names, list),
    "protected": _json(_names, list),
    "adopting": _json(
        lambda value: {str(server): Adoption(str(a["name"]), int(a["desired"]))
                       for server, a in value.items()},
        lambda value: {server: vars(adoption) for server, adoption in value.items()}),
    "releasing": _json(_names, list),
    "hook_answers": _json(_answers, dict),
    "rolling_update": _json(renewal.decode, renewal.encode),
    "policies": _json(policies.decode, policies.encode),
    "policy_runs": _json(policies.decode_runs, lambda runs: {n: vars(r) for n, r in runs.items()}),
    "alarms": _json(alarms.decode, alarms.encode),
    "alarm_states": _json(evaluation.decode, evaluation.encode),
    "webhooks": _json(webhooks.decode, webhooks.encode),
    "nonces": _json(webhooks.decode_uses, webhooks.encode_uses),
    "last_expand_timestamp": _integer(0),
    "last_deflate_timestamp": _integer(0),
    "status": _one_of(*STATUSES),
    "health": _one_of("ACTIVE", "ERROR", upper=True),
    "errors": _json(
        lambda value: tuple(Problem(str(p["message"]), int(p["since"]), str(p.get("about", "")))
                            for p in value),
        lambda value: [vars(problem) for problem in value]),
    "total_nodes": _integer(0),
    "looked_at": _integer(0),
    "loadbalancer_id": _text(),
    "dns_zone_id": _text(),
    "plan": _integer(0),
    "reserved": _json(
        lambda value: {str(name): int(since) for name, since in value.items()}, dict),
    "asked": _json(
        lambda value: {str(name): int(before) for name, before in value.items()}, dict),
    "made": _json(_texts, dict),
    "leaving": _json(
        lambda value: {str(server): _departure(d) for server, d in value.items()},
        lambda value: {server: vars(departure) for server, departure in value.items()}),
    "members": _json(
        lambda value: {str(name): _member(member) for name, member in value.items()},
        lambda value: {name: vars(member) for name, member in value.items()}),
    "balancers": _json(_texts, dict),
    "checks": _json(checks.decode_checks, checks.encode_checks),
    "health_failures": _json(_texts, dict),
    "hook_runs": _json(hooks.decode_runs, hooks.encode_runs),
    "configure_failures": _integer(0),
    "rolling_progress": _json(renewal.decode_progress, renewal.encode),
}

CONFIGURATION = tuple(FIELDS)[:list(FIELDS).index("desired_nodes")]
"""The fields that a group's owner sets: parameters of asg.create, most of them of asg.update."""

REQUIRED = ("min_nodes", "max_nodes", "vm_image_id", "vm_size_id", "domain", "desired_nodes")
