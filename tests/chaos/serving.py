"""Who is in service, read from the region itself and without the pack's own planning."""
from __future__ import annotations

from functools import lru_cache
from typing import Any, Iterator, Mapping

from autoscale.core import keys
from autoscale.core.fields import FIELDS
from autoscale.core.group import Group
from autoscale.core.launch import BALANCER_MARK, balancer_id, joined
from autoscale.core.units import ROLE_MARK, UNIT_MARK
from simcloud import Region

MARK = "asg"

ASSOCIATED = ("load_balancers", "roles", "node_port", "node_network", "loadbalancer_id",
              "balancers", "health_check")
WISHED = ("min_nodes", "max_nodes", "desired_nodes", "rolling_update", "rolling_progress")


def group_of(texts: Mapping[str, str], name: str) -> Group:
    """What can be made of the group's keys that matter here."""
    fields = {field: texts.get(keys.key(name, field)) for field in (*ASSOCIATED, *WISHED)}
    return _read(name, tuple((field, text) for field, text in fields.items() if text is not None))


@lru_cache(256)
def _read(name: str, fields: tuple[tuple[str, str], ...]) -> Group:
    return keys.read_for_deletion(name, dict(fields))


def value(texts: Mapping[str, str], name: str, field: str) -> Any:
    """What a key of the group holds, or None where that is nothing, or nonsense."""
    text = texts.get(keys.key(name, field), "")
    return _value(field, text) if text.strip() else None


@lru_cache(2048)
def _value(field: str, text: str) -> Any:
    try:
        return FIELDS[field].read(text)
    except ValueError:
        return None


def servers_of(region: Region, name: str) -> list[Any]:
    return [server for server in region.servers.all() if server.metadata.get(MARK) == name]


def names_of_groups(region: Region) -> set[str]:
    """The groups that have servers."""
    return {server.metadata[MARK] for server in region.servers.all() if MARK in server.metadata}


def role_of(server: Any) -> str:
    return str(server.metadata.get(ROLE_MARK, ""))


def unit_of(server: Any) -> str:
    """The scaling unit of a server; without roles each is its own."""
    return str(server.metadata.get(UNIT_MARK, server.id))


def homes(region: Region, group: Group, server: Any) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The load balancers where the server belongs, each with the node that it is to be there.

    Those that it was made for, while they exist; today's in their place, and where nobody wrote
    down what it was made for.
    """
    there = {str(balancer.id): balancer for balancer in region.load_balancers.all()}
    marked = _marked(server.metadata.get(BALANCER_MARK))
    for name, one in joined(group, role_of(server)).items():
        if marked is not None and name not in marked:
            continue
        known = balancer_id(group, name)
        balancer = there.get((marked or {}).get(name, "")) or there.get(known)
        private = (one.network or group.node_network) == "private"
        address = server.private if private else server.public
        if balancer is not None:
            yield balancer, (address, one.port or group.node_port, one.condition, "PRIMARY",
                             one.weight if balancer.weighs else None)


def _marked(text: str | None) -> dict[str, str] | None:
    if not text:
        return None
    if "=" not in text:
        return {"main": text}
    return dict(one.split("=", 1) for one in text.split())  # type: ignore[misc]


def nodes_of(balancer: Any) -> set[tuple[Any, ...]]:
    return {as_it_counts(balancer, node) for node in balancer.nodes.values()}


def as_it_counts(balancer: Any, node: Any) -> tuple[Any, ...]:
    """A node, with its weight where that counts."""
    weight = node.weight if balancer.weighs else None
    return node.address, node.port, node.condition, node.type, weight


def serves(region: Region, group: Group, server: Any) -> bool:
    """Whether traffic reaches the server, and is answered."""
    if server.status != "ACTIVE" or server.deleting:
        return False
    places = list(homes(region, group, server))
    if not joined(group, role_of(server)):
        return True  # nobody asks it for its health
    if group.health_check and not server.serving:
        return False
    return bool(places) and all(node in nodes_of(balancer) for balancer, node in places)


def in_service(region: Region, texts: Mapping[str, str], name: str) -> dict[str, list[Any]]:
    """The group's units that are whole and in service, with their servers."""
    group = group_of(texts, name)
    wanted = set(group.roles) or {""}
    units: dict[str, list[Any]] = {}
    for server in servers_of(region, name):
        if serves(region, group, server):
            units.setdefault(unit_of(server) if group.roles else server.id, []).append(server)
    return {unit: servers for unit, servers in units.items()
            if wanted <= {role_of(server) if group.roles else "" for server in servers}}
