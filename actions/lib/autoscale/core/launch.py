"""The launch configuration: what decides how a new server is made."""
from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Mapping

from autoscale.core.associations import Association
from autoscale.core.group import Group
from autoscale.core.observation import GROUP_MARK
from autoscale.core.units import ROLE_MARK, UNIT_MARK, Role, place_of

LAUNCH_MARK = "asg_launch"
"""Metadata key that says which launch configuration a server came from."""

ADOPTED = "adopted"
"""What LAUNCH_MARK says of a server that was not made for its group: no launch configuration."""

BALANCER_MARK = "asg_load_balancer"
"""Metadata key that says which load balancer the group had when the server was asked for."""


@dataclass(frozen=True)
class Launch:
    """What a new server is made from, and the marks that it carries."""

    image: str
    size: str
    user_data: str
    metadata: Mapping[str, str]


def launch_of(group: Group, name: str) -> Launch:
    """How the server of this name is made, going by its role."""
    unit, role = place_of(name, group.roles)
    own = group.roles.get(role, Role())
    marks = {GROUP_MARK: group.name, LAUNCH_MARK: launch_mark(group, role)}
    if group.loadbalancer_id:
        marks[BALANCER_MARK] = group.loadbalancer_id
    if group.roles:
        marks.update({UNIT_MARK: unit, ROLE_MARK: role})
    return Launch(own.vm_image_id or group.vm_image_id, own.vm_size_id or group.vm_size_id,
                  own.user_data or group.user_data, marks)


def launch_mark(group: Group, role: str = "") -> str:
    """A short mark of image, size, key and user data: another of these is another mark.

    The load balancers that a node is to join are part of it where the group names any.
    """
    own = group.roles.get(role, Role())
    parts: list[object] = [
        own.vm_image_id or group.vm_image_id, own.vm_size_id or group.vm_size_id,
        group.launch_key or "", own.user_data or group.user_data]
    if group.load_balancers:
        parts.append(sorted((name, one.id) for name, one in joined(group, role).items()))
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def joined(group: Group, role: str = "") -> Mapping[str, Association]:
    """The associations of a role's servers by name: where they belong."""
    every = group.associations
    named = group.roles.get(role, Role()).load_balancers
    return every if named is None else {name: every[name] for name in named if name in every}
