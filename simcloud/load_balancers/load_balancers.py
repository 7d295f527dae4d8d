"""All load balancers of the region: how they come, change and go, one change at a time."""
from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from simcloud.errors import Refused
from simcloud.load_balancers.load_balancer import STATES, LoadBalancer
from simcloud.load_balancers.nodes import Nodes
from simcloud.load_balancers.validation import checked_load_balancer

if TYPE_CHECKING:
    from simcloud.region import Region


class LoadBalancers:
    """The region's load balancers by id, deleted ones included until they are forgotten."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._load_balancers: dict[int, LoadBalancer] = {}
        self._ids = count(1001)
        self._pair_ids = count(1)
        self.nodes = Nodes(region.settings)

    def all(self) -> list[LoadBalancer]:
        """Those that exist."""
        return [each for each in self._load_balancers.values() if each.status != "DELETED"]

    def get(self, lb_id: int) -> LoadBalancer:
        """404 for one that never was, 410 for one that was."""
        load_balancer = self._load_balancers.get(lb_id)
        if load_balancer is None:
            raise Refused(404, "Load balancer not found")
        if load_balancer.status == "DELETED":
            raise Refused(410, "The load balancer is deleted and considered immutable.")
        return load_balancer

    def changeable(self, lb_id: int, also: tuple[str, ...] = ()) -> LoadBalancer:
        """422 unless it is ACTIVE or in one of the states `also`."""
        load_balancer = self.get(lb_id)
        if load_balancer.status not in ("ACTIVE", *also):
            raise Refused(
                422,
                f"Load Balancer '{lb_id}' has a status of '{load_balancer.status}' "
                "and is considered immutable.",
            )
        return load_balancer

    def create(self, request: dict[str, Any]) -> LoadBalancer:
        """Accept a load balancer and begin to build it."""
        region, request = self._region, checked_load_balancer(request)
        if len(self.all()) >= region.settings.load_balancer_quota or region.twist("quota"):
            raise Refused(413, f"Load balancer limit reached: "
                               f"{region.settings.load_balancer_quota} per account.")
        load_balancer = self.add(request)
        self._settle(load_balancer, region.settings.lb_build_seconds)
        return load_balancer

    def add(self, request: dict[str, Any]) -> LoadBalancer:
        """Have one, over the quota if need be."""
        request = checked_load_balancer(request)
        load_balancer = self._made(request)
        self.nodes.add(load_balancer, request.get("nodes") or [])
        load_balancer.address = self._region.addresses.vip.take()
        self.add_metadata(load_balancer, request.get("metadata") or [])
        self._load_balancers[load_balancer.id] = load_balancer
        return load_balancer

    def begin_change(self, load_balancer: LoadBalancer) -> None:
        """Something about it was changed: it is PENDING_UPDATE until that is done."""
        self.set_status(load_balancer, "PENDING_UPDATE")
        self._settle(load_balancer, self._region.settings.lb_update_seconds)

    def delete(self, load_balancer: LoadBalancer) -> None:
        self.set_status(load_balancer, "PENDING_DELETE")
        seconds = self._duration(self._region.settings.lb_update_seconds)
        if seconds is not None:
            gone_at = self._region.now() + seconds
            self._region.agenda.at(gone_at, lambda: self.remove(load_balancer))

    def remove(self, load_balancer: LoadBalancer) -> None:
        """It is gone: DELETED for a while, then forgotten."""
        if load_balancer.status == "DELETED":
            return
        self._region.addresses.vip.give_back(load_balancer.address)
        self.set_status(load_balancer, "DELETED")
        self._region.traffic.load_balancer_changed(load_balancer)
        forgotten_at = self._region.now() + self._region.settings.lb_gone_seconds
        self._region.agenda.at(
            forgotten_at, lambda: self._load_balancers.pop(load_balancer.id, None)
        )

    def set_status(self, load_balancer: LoadBalancer, status: str) -> None:
        """Put it into a state, in which it stays; ValueError when there is no such state."""
        if status not in STATES:
            raise ValueError(f"there is no load balancer state {status!r}; "
                             f"there are {', '.join(STATES)}")
        load_balancer.changes += 1
        load_balancer.status = status
        load_balancer.updated = self._region.now()

    def stick(self, load_balancer: LoadBalancer, seconds: float) -> None:
        """Leave it in PENDING_UPDATE for `seconds`."""
        self.set_status(load_balancer, "PENDING_UPDATE")
        self._settle_in(load_balancer, seconds)

    def add_metadata(self, load_balancer: LoadBalancer, pairs: list[dict[str, Any]]) -> None:
        load_balancer.metadata += [
            {"id": next(self._pair_ids), "key": pair["key"], "value": pair["value"]}
            for pair in pairs
        ]

    def _made(self, request: dict[str, Any]) -> LoadBalancer:
        new_id, now = next(self._ids), self._region.now()
        return LoadBalancer(
            id=new_id,
            name=request["name"],
            protocol=request["protocol"],
            port=request["port"],
            algorithm=request["algorithm"],
            timeout=request.get("timeout", 30),
            vip_id=new_id + 10_000,
            vip_type=request["virtualIps"][0].get("type", "PUBLIC"),
            created=now,
            updated=now,
        )

    def _settle(self, load_balancer: LoadBalancer, seconds: float) -> None:
        duration = self._duration(seconds)
        if duration is not None:
            self._settle_in(load_balancer, duration)

    def _duration(self, seconds: float) -> float | None:
        """How long a change takes that should take `seconds`; None when it sticks for good."""
        stuck = self._region.twist("update_stuck")
        return seconds if stuck is None else stuck.seconds or None

    def _settle_in(self, load_balancer: LoadBalancer, seconds: float) -> None:
        change = load_balancer.changes

        def settle() -> None:
            if load_balancer.changes == change:
                self.set_status(load_balancer, "ACTIVE")
                self._region.traffic.load_balancer_changed(load_balancer)

        self._region.agenda.at(self._region.now() + seconds, settle)
