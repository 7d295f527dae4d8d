"""The keys ``asg.<group>.<field>``: text in StackStorm's datastore, values here.

What can't be read is an error of that group alone, named by its key. A key that is missing or
empty has its field's default.
"""
from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, Iterable, Mapping

from autoscale.core.associations import MAIN, Association, clashes
from autoscale.core.fields import FIELDS, REQUIRED
from autoscale.core.group import Group
from autoscale.core.hooks import HookResult, decode_result

PREFIX = "asg."
SSH_KEY = "ssh_pub_key"
HOOK_RESULT = "hook."
"""What the fields begin with that runs of hooks write, ``hook.<run>``."""


BROKEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


class Unreadable(ValueError):
    """Keys of one group that can't be used; ``problems`` are sentences that name them."""

    def __init__(self, group: str, problems: Iterable[str]) -> None:
        self.group = group
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


def key(group: str, field: str) -> str:
    return f"{PREFIX}{group}.{field}"


def by_group(texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Sort keys of all groups by group: ``{group: {field: text}}``."""
    groups: dict[str, dict[str, str]] = {}
    for name, text in texts.items():
        head, _, rest = name.partition(".")
        group, dot, field = rest.partition(".")
        if head + "." == PREFIX and group and dot and field:
            groups.setdefault(group, {})[field] = text
    return groups


def read(name: str, texts: Mapping[str, str], ssh_pub_key: str = "") -> Group:
    """The group that these texts (``{field: text}``) describe, or Unreadable with every reason."""
    values, problems = _read_fields(name, texts)
    problems += [f"{key(name, field)} is missing" for field in REQUIRED
                 if not str(texts.get(field, "")).strip()]
    if not problems:
        problems = contradictions(name, values)
    if problems:
        raise Unreadable(name, problems)
    return Group(name=name, ssh_pub_key=ssh_pub_key, **values)


def read_for_deletion(name: str, texts: Mapping[str, str]) -> Group:
    """What can be made of a group that is to be deleted: what can't be read has its default."""
    values, _ = _read_fields(name, texts)
    missing = {"min_nodes": 0, "max_nodes": 0, "vm_image_id": "", "vm_size_id": "", "domain": ""}
    return Group(name=name, **{**missing, **values, "deleted": True})


def _read_fields(name: str, texts: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {"hook_results": _hook_results(texts)}
    problems = []
    for field, text in texts.items():
        if field not in FIELDS or not str(text).strip():
            continue
        try:
            values[field] = FIELDS[field].read(text)
        except ValueError as error:
            problems.append(f"{key(name, field)} is {_short(text)}: {error}")
    return values, problems


def _hook_results(texts: Mapping[str, str]) -> dict[str, HookResult]:
    """What runs of hooks have written; what a hand has broken counts as not written."""
    found = {}
    for field, text in texts.items():
        if field.startswith(HOOK_RESULT):
            with suppress(*BROKEN):
                found[field[len(HOOK_RESULT):]] = decode_result(json.loads(text))
    return found


def contradictions(name: str, values: Mapping[str, Any]) -> list[str]:
    """What is wrong between fields that are each right by themselves."""
    problems = []
    if values["min_nodes"] > values["max_nodes"]:
        problems.append(f"{key(name, 'min_nodes')} is {values['min_nodes']}, "
                        f"more than {key(name, 'max_nodes')}, {values['max_nodes']}")
    balancers = values.get("load_balancers") or {MAIN: Association()}
    problems += [f"{key(name, 'roles')}: {role} is to join {other!r}, which is not among "
                 f"{', '.join(balancers)}" for role, its in (values.get("roles") or {}).items()
                 for other in its.load_balancers or () if other not in balancers]
    return problems + [f"{key(name, 'load_balancers')}: {complaint}"
                       for complaint in clashes(balancers)]


def _short(text: object) -> str:
    shown = str(text)
    return repr(shown if len(shown) <= 40 else shown[:37] + "...")


def write(values: Mapping[str, Any]) -> dict[str, str]:
    """``{field: text}`` for these values, as the datastore keeps them."""
    return {field: FIELDS[field].write(value) for field, value in values.items()}
