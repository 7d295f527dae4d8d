"""The records of zones."""
from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Iterable

from simcloud.dns.zone import Record, Zone
from simcloud.errors import Refused

if TYPE_CHECKING:
    from simcloud.region import Region

CHANGEABLE = ("name", "data", "ttl", "comment", "priority")


class Records:
    """Adds, changes and removes records: each call as a whole or not at all."""

    def __init__(self, region: Region) -> None:
        self._region = region
        self._ids = count(7_000_001)

    def add(self, zone: Zone, requests: list[dict[str, Any]]) -> dict[str, Any]:
        """409 for a record that is there already, 413 over the zone's limit."""
        limit = self._region.settings.records_per_domain
        if len(zone.records) + len(requests) > limit:
            raise Refused(413, f"Record limit of {limit} per domain reached.")
        added = [self._made(zone, request) for request in requests]
        _refuse_duplicates([*zone.records.values(), *added])
        zone.records.update({record.id: record for record in added})
        return {"records": [record.to_dict() for record in added]}

    def found(self, zone: Zone, **wanted: str | None) -> list[Record]:
        """The records with the wanted type, name and data, as far as these are given."""
        return [
            record
            for record in zone.records.values()
            if all(value is None or getattr(record, key).lower() == value.lower()
                   for key, value in wanted.items())
        ]

    def get(self, zone: Zone, record_id: str) -> Record:
        try:
            return zone.records[record_id]
        except KeyError:
            raise Refused(404, "Object not Found.") from None

    def change(self, zone: Zone, requests: list[dict[str, Any]]) -> dict[str, Any]:
        changed = [(self.get(zone, request.get("id", "")), request) for request in requests]
        future = {record.id: {**vars(record), **_changeable(request)}
                  for record, request in changed}
        _refuse_duplicates([
            Record(**future.get(record.id, vars(record))) for record in zone.records.values()
        ])
        for record, request in changed:
            for key, value in _changeable(request).items():
                setattr(record, key, value)
            record.updated = self._region.now()
        return {"records": [record.to_dict() for record, _ in changed]}

    def delete(self, zone: Zone, record_ids: Iterable[str]) -> None:
        """404, with none deleted, when one is unknown."""
        doomed = [self.get(zone, record_id) for record_id in record_ids]
        for record in doomed:
            zone.records.pop(record.id, None)

    def _made(self, zone: Zone, request: dict[str, Any]) -> Record:
        now = self._region.now()
        return Record(
            id=f"{request['type']}-{next(self._ids)}",
            name=request["name"],
            type=request["type"],
            data=request["data"],
            ttl=request.get("ttl", zone.ttl),
            comment=request.get("comment", ""),
            priority=request.get("priority"),
            created=now,
            updated=now,
        )


def _changeable(request: dict[str, Any]) -> dict[str, Any]:
    return {key: request[key] for key in CHANGEABLE if key in request}


def _refuse_duplicates(records: list[Record]) -> None:
    if len({record.identity for record in records}) < len(records):
        raise Refused(409, "Conflict", details="Record is a duplicate of another record")
