"""Changes behind everybody's back. None of them is a call: the log does not show them."""
from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Callable, TypeVar

from simcloud.errors import Refused
from simcloud.load_balancers.load_balancer import DEFAULT_ALGORITHM
from simcloud.servers.offers import FLAVORS, IMAGES

if TYPE_CHECKING:
    from simcloud.load_balancers.load_balancer import LoadBalancer
    from simcloud.region import Region

Verb = TypeVar("Verb", bound=Callable[..., Any])


def _verb(method: Verb) -> Verb:
    """Under the region's lock, on a region aged until now; what is not there is a LookupError."""

    @functools.wraps(method)
    def run(self: Tamper, *args: Any, **kwargs: Any) -> Any:
        with self.region.lock:
            self.region.age()
            try:
                return method(self, *args, **kwargs)
            except Refused as refused:
                error = LookupError if refused.status in (404, 410) else ValueError
                raise error("; ".join(refused.messages) or refused.message) from None

    return run  # type: ignore[return-value]


class Tamper:
    """Each verb raises LookupError for what is not there, ValueError for what can't be."""

    def __init__(self, region: Region) -> None:
        self.region = region

    @_verb
    def add_server(
        self, name: str, metadata: dict[str, str] | None = None, **extra: Any
    ) -> dict[str, Any]:
        """An ACTIVE server, over the quota if need be; returns it as the API would."""
        request = {"imageRef": IMAGES[0].id, "flavorRef": FLAVORS[0].id, **extra}
        server = self.region.servers.add({**request, "name": name, "metadata": metadata})
        self.region.servers.turn(server, "ACTIVE")
        return server.to_dict()

    @_verb
    def delete_server(self, id_or_name: str) -> None:
        """Gone at once, without the time that a deletion takes."""
        self.region.servers.remove(self.region.servers.find(id_or_name))

    @_verb
    def set_server_state(self, id_or_name: str, state: str) -> None:
        self.region.servers.turn(self.region.servers.find(id_or_name), state)

    @_verb
    def set_server_metadata(self, id_or_name: str, metadata: dict[str, str]) -> None:
        """Replaces all of it."""
        self.region.servers.set_metadata(self.region.servers.find(id_or_name), metadata)

    @_verb
    def set_application(self, id_or_name: str, up: bool) -> None:
        """Its application stops, or comes back; the server stays in its state."""
        self.region.servers.set_application(self.region.servers.find(id_or_name), up)

    @_verb
    def add_load_balancer(
        self, name: str, port: int = 80, protocol: str = "HTTP",
        algorithm: str = DEFAULT_ALGORITHM,
    ) -> dict[str, Any]:
        """An ACTIVE load balancer without nodes, over the quota if need be; returns it."""
        load_balancer = self.region.load_balancers.add(
            {"name": name, "port": port, "protocol": protocol, "algorithm": algorithm,
             "virtualIps": [{"type": "PUBLIC"}]})
        self.region.load_balancers.set_status(load_balancer, "ACTIVE")
        self.region.traffic.load_balancer_changed(load_balancer)
        return load_balancer.to_dict()

    @_verb
    def add_node(
        self, lb_id: int, address: str, port: int, condition: str = "ENABLED",
        type: str = "PRIMARY", weight: int = 1,
    ) -> dict[str, Any]:
        """Whatever state the load balancer is in; returns the node."""
        load_balancer = self._load_balancer(lb_id)
        node = {"address": address, "port": port, "condition": condition, "type": type,
                "weight": weight}
        added = self.region.load_balancers.nodes.add(load_balancer, [node])
        self.region.traffic.load_balancer_changed(load_balancer)
        return added[0].to_dict()

    @_verb
    def remove_node(self, lb_id: int, node_id: int) -> None:
        load_balancer = self._load_balancer(lb_id)
        self.region.load_balancers.nodes.get(load_balancer, int(node_id))
        self.region.load_balancers.nodes.remove(load_balancer, [int(node_id)])
        self.region.traffic.load_balancer_changed(load_balancer)

    @_verb
    def change_node(self, lb_id: int, node_id: int, **changes: Any) -> None:
        """Changes among condition, weight and type."""
        load_balancer = self._load_balancer(lb_id)
        nodes = self.region.load_balancers.nodes
        nodes.change(nodes.get(load_balancer, int(node_id)), changes)
        self.region.traffic.load_balancer_changed(load_balancer)

    @_verb
    def delete_load_balancer(self, lb_id: int) -> None:
        """Gone at once: 410 for a while, then 404."""
        self.region.load_balancers.remove(self._load_balancer(lb_id))

    @_verb
    def set_load_balancer_status(self, lb_id: int, status: str) -> None:
        """It stays so until it is set to something else."""
        load_balancer = self._load_balancer(lb_id)
        self.region.load_balancers.set_status(load_balancer, status)
        self.region.traffic.load_balancer_changed(load_balancer)

    @_verb
    def stick_load_balancer(self, lb_id: int, seconds: float) -> None:
        """PENDING_UPDATE for `seconds` of the region, then ACTIVE."""
        self.region.load_balancers.stick(self._load_balancer(lb_id), seconds)

    @_verb
    def delete_zone(self, zone: int | str) -> None:
        """By id or name."""
        self.region.zones.delete(self._zone(zone).id, with_subdomains=False)

    @_verb
    def add_record(
        self, zone: int | str, name: str, type: str, data: str, ttl: int = 300
    ) -> dict[str, Any]:
        record = {"name": name, "type": type, "data": data, "ttl": ttl}
        added = self.region.zones.records.add(self._zone(zone), [record])
        return dict(added["records"][0])

    @_verb
    def change_record(self, zone: int | str, record: str, **changes: Any) -> None:
        """Changes among data, ttl, name and comment; the record by id or name."""
        found = self._zone(zone)
        self.region.zones.records.change(found, [{**changes, "id": _record_id(found, record)}])

    @_verb
    def delete_record(self, zone: int | str, record: str) -> None:
        """Zone and record by id or name."""
        found = self._zone(zone)
        self.region.zones.records.delete(found, [_record_id(found, record)])

    @_verb
    def delete_keypair(self, name: str) -> None:
        self.region.keypairs.delete(name)

    def _load_balancer(self, lb_id: int) -> LoadBalancer:
        return self.region.load_balancers.get(int(lb_id))

    def _zone(self, zone: int | str) -> Any:
        for each in self.region.zones.all():
            if str(zone) in (str(each.id), each.name):
                return each
        raise LookupError(f"there is no zone {zone!r}")


def _record_id(zone: Any, record: str) -> str:
    for each in zone.records.values():
        if record in (each.id, each.name):
            return str(each.id)
    raise LookupError(f"there is no record {record!r} in {zone.name}")
