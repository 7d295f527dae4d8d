"""Requests: what people, alerts, schedules and the governor ask of a group, checked at the edge.

A request that can't be understood, or that names what does not exist, raises ``BadRequest`` and
changes nothing. One that is understood and not granted is a ``Decision`` that says why.
"""
from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Mapping

from autoscale.core import keys, names
from autoscale.core.fields import CONFIGURATION, FIELDS
from autoscale.core.observation import Server


class BadRequest(ValueError):
    """The request can't be carried out as it is; the text says what to change."""


@dataclass(frozen=True)
class Request:
    """Something asked of a group.

    ``kind``: one of deciding.KINDS. ``by``: who or what asks, for the group's history. ``reason``:
    why, in the asker's words. ``node``: the server it names. ``changes``: configuration, values
    by field, read already. ``policy``: the policy it names, ``definition`` its fields, ``due`` the
    time of its schedule that is to be seen to, ``missed`` how many were missed up to then.
    ``nodes``: how many an exact capacity is. ``alarm``: the alarm it names. ``server``: the named
    node as its cloud knows it; ``taken``: the names of all nodes of the group, ``unit``: the
    ids of the servers of the named one's scaling unit.
    ``outdated``: names of nodes of an earlier launch configuration.
    """

    kind: str
    by: str = ""
    reason: str = ""
    force: bool = False
    node: str = ""
    replace: bool = False
    severity: str = "critical"
    changes: Mapping[str, Any] = field(default_factory=dict)
    policy: str = ""
    definition: Mapping[str, Any] = field(default_factory=dict)
    due: int = 0
    missed: int = 0
    nodes: int = 0
    alarm: str = ""
    server: Server | None = None
    taken: tuple[str, ...] = ()
    outdated: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()


def group_name(given: object) -> str:
    """The group's name if it is one: a DNS label."""
    name = unmarked(given)
    if not names.is_label(name):
        raise BadRequest(
            f"{name!r} can't be a group's name: use lower-case letters, digits and hyphens, "
            "at most 63, not starting or ending with a hyphen")
    return name


def configuration(given: Mapping[str, Any]) -> dict[str, Any]:
    """These parameters as values by field; None counts as not given. All complaints at once."""
    values, complaints = {}, []
    for name, value in given.items():
        if value is None:
            continue
        if name not in CONFIGURATION:
            complaints.append(f"{name} is not a field of a group")
            continue
        try:
            values[name] = FIELDS[name].read(unmarked(value) if isinstance(value, str) else value)
        except ValueError as error:
            complaints.append(f"{name} is {value!r}: {error}")
    if complaints:
        raise BadRequest("; ".join(complaints))
    return values


def consistent(name: str, values: Mapping[str, Any]) -> None:
    """Raise BadRequest where fields that are each right contradict each other."""
    problems = keys.contradictions(name, values)
    if problems:
        raise BadRequest("; ".join(problems))
    zone = names.zone_name(name, values["domain"])
    if len(zone) > 180:
        raise BadRequest(f"the zone's name {zone} is too long: choose a shorter domain")


_LINK = re.compile(r"<(?:mailto:|tel:|https?://)[^|>]*\|([^>]*)>")
_BARE_LINK = re.compile(r"<(?:mailto:|tel:)?([^|>\s]+)>")
_CHANNEL = re.compile(r"<#[A-Z0-9]+\|([^>]+)>")
_CURLY = str.maketrans({"\u201c": '"', "\u201d": '"', "\u2018": "'", "\u2019": "'"})


def unmarked(given: object) -> str:
    """The value as a person typed it, without what a chat made of it.

    Slack turns addresses, links and channels into markup (``<mailto:a@b.c|a@b.c>``,
    ``<#C01|ops>``) and quotes into curly ones.
    """
    text = str(given).strip().translate(_CURLY)
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        text = text[1:-1]
    text = _CHANNEL.sub(r"#\1", text)
    text = _LINK.sub(r"\1", text)
    text = _BARE_LINK.sub(r"\1", text)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
