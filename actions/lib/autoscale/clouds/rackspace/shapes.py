"""From Rackspace's JSON to the library's values.

These raise KeyError, TypeError or ValueError for what is not as documented; the session makes
that an error with a text. What a field may leave out is said where it is read.
"""
from __future__ import annotations

from typing import Any

from autoscale.clouds.rackspace.times import epoch
from autoscale.core.observation import GROUP_MARK, LoadBalancer, Node, Record, Server

OWNER = f"{GROUP_MARK}:"
"""How a zone's comment begins that names its group; DNS has no metadata."""


def required(item: Any, key: str) -> str:
    """The text of a field that has to be there."""
    value = item[key]
    if value is None:
        raise ValueError(f"{key!r} is null")
    return str(value)


def server(item: Any) -> Server:
    """A server. ``addresses`` is empty while it builds, ``OS-EXT-STS:*`` is an extension."""
    created = epoch(item["created"])
    return Server(
        id=required(item, "id"),
        name=str(item.get("name") or ""),
        state=required(item, "status").upper(),
        created=created,
        updated=epoch(item["updated"]) if item.get("updated") else created,
        private=_address(item, "private"),
        public=_address(item, "public") or item.get("accessIPv4") or None,
        leaving=str(item.get("OS-EXT-STS:task_state") or "").lower() == "deleting",
        metadata={str(k): str(v) for k, v in (item.get("metadata") or {}).items()},
    )


def _address(item: Any, network: str) -> str | None:
    known = (item.get("addresses") or {}).get(network) or ()
    return next((str(a["addr"]) for a in known if str(a["version"]) == "4"), None)


def load_balancer(item: Any) -> LoadBalancer:
    """A load balancer with its nodes and metadata."""
    return LoadBalancer(
        id=required(item, "id"),
        name=required(item, "name"),
        status=item["status"],
        address=_public_address(item.get("virtualIps") or ()),
        owner=_owner_in(item["metadata"]),
        nodes=tuple(node(each) for each in item["nodes"] or ()),
        weighs=str(item.get("algorithm") or "").upper().startswith("WEIGHTED_"),
    )


def status(item: Any) -> str:
    """A load balancer's status in upper case; some write PENDING-DELETE for PENDING_DELETE."""
    return required(item, "status").upper().replace("-", "_")


def _public_address(virtual_ips: Any) -> str | None:
    v4 = [ip for ip in virtual_ips if ":" not in str(ip["address"])]
    public = [ip for ip in v4 if str(ip.get("type") or "PUBLIC").upper() == "PUBLIC"]
    return next((str(ip["address"]) for ip in public or v4), None)


def _owner_in(metadata: Any) -> str | None:
    """Metadata of load balancers is a list of {key, value}; that of servers is an object."""
    if isinstance(metadata, dict):
        return metadata.get(GROUP_MARK) or None
    return next((str(m["value"]) for m in metadata or () if m["key"] == GROUP_MARK), None)


def node(item: Any) -> Node:
    """A load balancer's node; type and weight have the documented defaults.

    The weight is left out where it does not count: by every algorithm that is not weighted.
    """
    return Node(
        address=required(item, "address"),
        port=int(item["port"]),
        id=required(item, "id"),
        condition=str(item.get("condition") or "ENABLED").upper(),
        type=str(item.get("type") or "PRIMARY").upper(),
        weight=int(item.get("weight") or 1),
    )


def record(item: Any) -> Record:
    """A DNS record; without a TTL of its own it has its zone's, told as the least there is."""
    return Record(
        name=required(item, "name"),
        data=required(item, "data"),
        id=required(item, "id"),
        type=required(item, "type").upper(),
        ttl=int(item.get("ttl") or 300),
    )


def owner_in(comment: object) -> str | None:
    """The group that a zone's comment names."""
    text = str(comment or "").strip()
    return text[len(OWNER) :].strip() or None if text.startswith(OWNER) else None
