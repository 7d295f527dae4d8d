"""Scaling units: what a group is scaled by, one server of each of its roles."""
from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import Any, Mapping

UNIT_MARK = "asg_unit"
"""Metadata key that says which unit a server belongs to; without roles each is its own."""

ROLE_MARK = "asg_role"
"""Metadata key that says which role of its unit a server has."""

_ROLE = re.compile(r"[a-z][a-z0-9]{0,14}")
_AGAIN = re.compile(r"-r\d+$")


@dataclass(frozen=True)
class Role:
    """A server of each unit. What is empty is as the group's own fields say.

    ``load_balancers``: names of the group's associations that its servers join; None for all.
    """

    vm_image_id: str = ""
    vm_size_id: str = ""
    user_data: str = ""
    load_balancers: tuple[str, ...] | None = None


def noun(roles: Mapping[str, Role]) -> str:
    """What a group with these roles is counted in, for people: units of several servers, or nodes,
    each a server."""
    return "unit" if roles else "node"


def decode(value: Any) -> dict[str, Role]:
    """Roles by name; raises ValueError saying what would have been right."""
    return {str(name): _role(str(name), role or {}) for name, role in (value or {}).items()}


def _role(name: str, value: Any) -> Role:
    if not _ROLE.fullmatch(name):
        raise ValueError(f"{name!r} can't name a role: at most 15 lower-case letters and digits")
    if set(value) - set(asdict(Role())):
        raise ValueError(f"{name} knows {', '.join(asdict(Role()))}")
    joined = value.get("load_balancers")
    if joined is not None and not isinstance(joined, (list, tuple)):
        raise ValueError(f"{name}'s load_balancers must be a list of names")
    image, size, user_data = (str(value.get(field) or "") for field in
                              ("vm_image_id", "vm_size_id", "user_data"))
    return Role(image, size, user_data, None if joined is None else tuple(map(str, joined)))


def encode(roles: Mapping[str, Role]) -> dict[str, Any]:
    plain = asdict(Role())
    return {name: {field: value for field, value in asdict(role).items() if value != plain[field]}
            for name, role in roles.items()}


def server_name(unit: str, role: str, again: int = 1) -> str:
    """What a server of a unit is called; ``again`` counts those of that role, from 1."""
    name = f"{role}-{unit}" if role else unit
    return name if again == 1 else f"{name}-r{again}"


def place_of(name: str, roles: Mapping[str, Role]) -> tuple[str, str]:
    """The unit and the role of a server of this name."""
    role, dash, rest = name.partition("-")
    if not dash or role not in roles:
        return name, ""
    return _AGAIN.sub("", rest), role
