"""All zones of the account."""
from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from simcloud.dns.jobs import Jobs
from simcloud.dns.records import Records
from simcloud.dns.validation import within
from simcloud.dns.zone import NAME_SERVERS, Zone
from simcloud.errors import Refused

if TYPE_CHECKING:
    from simcloud.region import Region


class Zones:
    """The account's zones by id. What changes them is run by a job."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._zones: dict[int, Zone] = {}
        self._ids = count(3_000_001)
        self.jobs = Jobs(region)
        self.records = Records(region)

    def all(self) -> list[Zone]:
        return list(self._zones.values())

    def named(self, name: str | None) -> list[Zone]:
        """With a name, as the real filter: that zone and the zones below it. In order of name."""
        found = [zone for zone in self.all() if name is None or within(zone.name, name)]
        return sorted(found, key=lambda zone: zone.name)

    def get(self, zone_id: int) -> Zone:
        try:
            return self._zones[zone_id]
        except KeyError:
            raise Refused(404, "Object not Found.") from None

    def create(self, requests: list[dict[str, Any]]) -> dict[str, Any]:
        """All of them or none; 409 for a name in use, 413 over the quota."""
        quota = self._region.settings.domain_quota
        if len(self._zones) + len(requests) > quota:
            raise Refused(413, f"Domain limit of {quota} reached.")
        names = [zone.name for zone in self.all()] + [each["name"].lower() for each in requests]
        if len(set(names)) < len(names):
            raise Refused(409, "Conflict", details="Domain already exists")
        zones = [self._made(request) for request in requests]
        for zone, request in zip(zones, requests):
            self.records.add(zone, request.get("recordsList", {}).get("records", []))
        self._zones.update({zone.id: zone for zone in zones})
        return {"domains": [zone.to_full_dict(list(zone.records.values())) for zone in zones]}

    def change(self, zone_id: int, request: dict[str, Any]) -> None:
        zone = self.get(zone_id)
        zone.ttl = request.get("ttl", zone.ttl)
        zone.email = request.get("emailAddress", zone.email)
        zone.comment = request.get("comment", zone.comment)
        zone.updated = self._region.now()

    def delete(self, zone_id: int, with_subdomains: bool) -> None:
        zone = self.get(zone_id)
        for each in self.named(zone.name) if with_subdomains else [zone]:
            del self._zones[each.id]

    def _made(self, request: dict[str, Any]) -> Zone:
        now = self._region.now()
        zone = Zone(
            id=next(self._ids),
            name=request["name"].lower(),
            email=request["emailAddress"],
            account=self._region.settings.tenant,
            ttl=request.get("ttl", 3600),
            comment=request.get("comment", ""),
            created=now,
            updated=now,
        )
        if self._region.settings.ns_records:
            servers = [{"name": zone.name, "type": "NS", "data": name} for name in NAME_SERVERS]
            self.records.add(zone, servers)
        return zone
