"""Associations: which load balancers a group's nodes belong to, and how each is joined."""
from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Mapping

from autoscale.core import names

MAIN = "main"
"""The load balancer that every group has unless it names others: its own, asg_<group>_lb."""

MOST = 10
"""Load balancers that a group can join: their ids have to fit into a server's metadata."""

PROTOCOLS = ("HTTP", "HTTPS", "TCP", "TCP_CLIENT_FIRST")


@dataclass(frozen=True)
class Association:
    """Nodes of the group belong there, on this port.

    ``id``: a given load balancer's; empty for one that the pack makes for the group, which then
    listens on ``listen`` by ``protocol``. What is None is as the group's own fields say: ``port``
    (node_port), ``network`` (node_network). ``condition``: ENABLED, or DISABLED for nodes that
    are to be there and take no traffic.
    """

    id: str = ""
    listen: int | None = None
    protocol: str | None = None
    port: int | None = None
    network: str | None = None
    weight: int = 1
    condition: str = "ENABLED"


def decode(value: Any) -> dict[str, Association]:
    """Associations by name; raises ValueError saying what would have been right."""
    found = {str(name): _association(str(name), one or {}) for name, one in (value or {}).items()}
    if len(found) > MOST:
        raise ValueError(f"at most {MOST} load balancers")
    return found


def _association(name: str, value: Any) -> Association:
    if not names.is_label(name) or len(name) > 20:
        raise ValueError(f"{name!r} can't name one: lower-case letters, digits, hyphens, to 20")
    known = asdict(Association())
    if set(value) - set(known):
        raise ValueError(f"{name} knows {', '.join(known)}")
    given = {field: one for field, one in value.items() if one is not None}
    for field in ("listen", "port", "weight"):
        if field in given:
            given[field] = _number(name, field, given[field])
    for field in ("protocol", "condition"):
        if field in given:
            given[field] = str(given[field]).upper()
    one = Association(**{**given, **({"id": str(given["id"])} if "id" in given else {})})
    complaint = _complaint(one)
    if complaint:
        raise ValueError(f"{name}'s {complaint}")
    return one


def _number(name: str, field: str, given: Any) -> int:
    most = 100 if field == "weight" else 65535
    if isinstance(given, bool) or not str(given).strip().isdigit() or not 1 <= int(given) <= most:
        raise ValueError(f"{name}'s {field} must be a whole number from 1 to {most}")
    return int(given)


def _complaint(one: Association) -> str | None:
    if one.protocol not in (None, *PROTOCOLS):
        return f"protocol must be one of {', '.join(PROTOCOLS)}"
    if one.network not in (None, "private", "public"):
        return "network must be private or public"
    if one.condition not in ("ENABLED", "DISABLED", "DRAINING"):
        return "condition must be ENABLED, DISABLED or DRAINING"
    if one.id and (one.listen or one.protocol):
        return "listen and protocol are the load balancer's own: one with an id has them"
    return None


def clashes(associations: Mapping[str, Association]) -> list[str]:
    """What is wrong between associations that are each right by themselves."""
    nodes: dict[tuple[str, int | None, str | None], str] = {}
    found = []
    for name, one in associations.items():
        other = nodes.setdefault((one.id, one.port, one.network), name)
        if one.id and other != name:
            found.append(f"{other} and {name} are the same port at the same load balancer")
        if name != MAIN and not one.id and not one.listen:
            found.append(f"{name} needs the id of a load balancer, or the port on which one that "
                         "is made for the group listens, as {\"listen\": 443}")
    return found


def encode(associations: Mapping[str, Association]) -> dict[str, Any]:
    plain = asdict(Association())
    return {name: {field: value for field, value in asdict(one).items() if value != plain[field]}
            for name, one in associations.items()}
