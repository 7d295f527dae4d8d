"""The launch configuration: what decides how a new server is made."""
from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Mapping

from autoscale.core.associations import MAIN, Association
from autoscale.core.group import Group
from autoscale.core.observation import GROUP_MARK
from autoscale.core.units import ROLE_MARK, UNIT_MARK, Role, place_of

LAUNCH_MARK = "asg_launch"
"""Metadata key that says which launch configuration a server came from."""

ADOPTED = "adopted"
"""What LAUNCH_MARK says of a server that was not made for its group: no launch configuration."""

BALANCER_MARK = "asg_load_balancer"
"""Metadata key that says which load balancers the group had when the server was asked for.

``main=123 public=4711 admin=``, by association; empty where it was still to be made. Servers of
earlier versions carry the id of the main one alone.
"""


MARKS = (LAUNCH_MARK, BALANCER_MARK, UNIT_MARK, ROLE_MARK, GROUP_MARK)
"""The marks that a server is made with. The group's own is the last to be taken away: while it is
there, the server is known."""


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
    homes = write_homes(group, role)
    if homes:
        marks[BALANCER_MARK] = homes
    if group.roles:
        marks.update({UNIT_MARK: unit, ROLE_MARK: role})
    return Launch(own.vm_image_id or group.vm_image_id, own.vm_size_id or group.vm_size_id,
                  own.user_data or group.user_data, marks)


def balancer_id(group: Group, association: str) -> str:
    """The id of the load balancer of this association, empty where it is still to be made."""
    named = group.associations[association].id
    own = group.loadbalancer_id if association == MAIN else group.balancers.get(association, "")
    return named or own


def write_homes(group: Group, role: str) -> str:
    """Which load balancers a new server is made for, as its metadata says it."""
    homes = {name: balancer_id(group, name) for name in joined(group, role)}
    if not group.load_balancers:
        return homes.get(MAIN, "")
    return " ".join(f"{name}={balancer}" for name, balancer in homes.items())


def read_homes(mark: str | None) -> Mapping[str, str] | None:
    """The load balancers by association that a server was made for; None when it is not said."""
    if not mark:
        return None
    if "=" not in mark:
        return {MAIN: mark}
    return dict(one.partition("=")[::2] for one in mark.split())
def adoption_marks(group: Group) -> dict[str, str]:
    """The marks of a server that was not made for the group: as of no launch configuration."""
    return {**launch_of(group, "").metadata, LAUNCH_MARK: ADOPTED}


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
