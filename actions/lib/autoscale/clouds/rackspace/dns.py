"""Cloud DNS v1.0. Its rates are counted per minute, so records go in batches."""
from __future__ import annotations

import contextlib
from typing import Any, Sequence

from autoscale.clouds.rackspace import jobs, shapes
from autoscale.clouds.rackspace.identity import DNS
from autoscale.clouds.rackspace.paging import (
    CountedPage,
    Item,
    by_offset,
    each_batch,
    identified,
    segment,
)
from autoscale.clouds.rackspace.session import Session
from autoscale.clouds.rackspace.transport import Params
from autoscale.core import texts
from autoscale.core.observation import Record, Zone
from autoscale.seams import Busy, Conflict, Gone, Refused, Uncertain

PAGE = 100
AT_ONCE = 100
LEAST_TTL = 300  # seconds
TRIES = 3  # another hand may change the records between our look and our job


class Dns:
    """The account's DNS. Promises as ``autoscale.seams.Dns``."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, name: str) -> Zone | None:
        """The service's name filter also answers with names that only contain the name."""
        what = f"look for zone {name}"
        found = self._all("/domains", "domains", what, [("name", _plain(name))])
        same = next((z for z in found if _plain(str(z.get("name"))) == _plain(name)), None)
        if same is None:
            return None
        return self._with_records(same) if "comment" in same else self.get(str(same["id"]))

    def get(self, zone_id: str) -> Zone | None:
        try:
            item = self._session.read(
                DNS,
                _path(zone_id),
                lambda body: {"id": body["id"], "name": body["name"], **body},
                f"look at zone {zone_id}",
                [("showRecords", "false"), ("showSubdomains", "false")],
            )
        except Gone:
            return None
        return self._with_records(item)

    def marked(self, owner: str) -> Zone | None:
        found = self._all("/domains", "domains", f"look for the zone of {owner}")
        same = next((z for z in found if shapes.owner_in(z.get("comment")) == owner), None)
        return self._with_records(same) if same else None

    def create_zone(self, name: str, *, email: str, owner: str) -> str:
        wanted = {
            "name": _plain(name),
            "emailAddress": email,
            "ttl": LEAST_TTL,
            "comment": f"{shapes.OWNER}{owner}",
        }
        what = f"create zone {name}"
        response = jobs.change(self._session, "POST", "/domains", what, {"domains": [wanted]})
        created = self._session.decoded(response, _ids_of_zones, what, changes=True)
        return created[0] if created else self._id_of(name)

    def delete_zone(self, zone_id: str) -> None:
        """Zones below it stay: they can be another group's."""
        with contextlib.suppress(Gone):
            jobs.change(self._session, "DELETE", _path(zone_id), f"delete zone {zone_id}")

    def add_records(self, zone_id: str, records: Sequence[Record]) -> None:
        """Looks first: nothing says that the service refuses a record that is there."""
        wanted = list({_identity(record): record for record in records}.values())
        refusal = None
        for _ in range(TRIES):
            there = {_identity(record) for record in self._records(zone_id)}
            wanted = [record for record in wanted if _identity(record) not in there]
            try:
                each_batch(wanted, AT_ONCE, lambda batch: self._add(zone_id, batch))
                return
            except Conflict as error:
                refusal = error
        if refusal:
            raise refusal

    def remove_records(self, zone_id: str, record_ids: Sequence[str]) -> None:
        left = list(dict.fromkeys(record_ids))
        for _ in range(TRIES):
            try:
                each_batch(left, AT_ONCE, lambda batch: self._remove(zone_id, batch))
                return
            except Refused:
                there = self._ids(zone_id)
                before, left = left, [each for each in left if each in there]
                if left == before:
                    raise
        if left:
            raise Busy(f"the records of zone {zone_id} change all the time; try again later")

    def _add(self, zone_id: str, records: Sequence[Record]) -> None:
        wanted = [
            {"name": r.name, "type": r.type, "data": r.data, "ttl": max(r.ttl, LEAST_TTL)}
            for r in records
        ]
        what = f"add {texts.count(len(wanted), 'record')} to zone {zone_id}"
        body = {"records": wanted}
        jobs.change(self._session, "POST", f"{_path(zone_id)}/records", what, body)

    def _remove(self, zone_id: str, record_ids: Sequence[str]) -> None:
        what = f"remove {texts.count(len(record_ids), 'record')} from zone {zone_id}"
        params = [("id", each) for each in record_ids]
        jobs.change(self._session, "DELETE", f"{_path(zone_id)}/records", what, params=params)

    def _id_of(self, name: str) -> str:
        zone = self.find(name)
        if zone is None:
            raise Uncertain(f"the job to create zone {name} is done, but the zone can't be found")
        return zone.id

    def _ids(self, zone_id: str) -> set[str]:
        try:
            return {record.id for record in self._records(zone_id)}
        except Gone:
            return set()

    def _with_records(self, item: Item) -> Zone | None:
        zone_id = str(item["id"])
        try:
            records = self._records(zone_id)
        except Gone:
            return None
        owner = shapes.owner_in(item.get("comment"))
        return Zone(id=zone_id, name=str(item["name"]), owner=owner, records=records)

    def _records(self, zone_id: str) -> tuple[Record, ...]:
        what = f"list the records of zone {zone_id}"
        items = self._all(f"{_path(zone_id)}/records", "records", what)
        return self._session.decoded(items, lambda body: tuple(map(shapes.record, body)), what)

    def _all(self, path: str, key: str, what: str, params: Params = ()) -> list[Item]:
        def page(offset: int) -> CountedPage:
            def decode(body: Any) -> CountedPage:
                total = body.get("totalEntries")
                return identified(body[key]), None if total is None else int(total)

            window = [("limit", str(PAGE)), ("offset", str(offset))]
            return self._session.read(DNS, path, decode, what, [*params, *window])

        return by_offset(page, PAGE, what)


def _path(zone_id: str) -> str:
    return f"/domains/{segment(zone_id)}"


def _ids_of_zones(response: Any) -> list[str]:
    return [shapes.required(zone, "id") for zone in response.get("domains") or ()]


def _plain(name: str) -> str:
    """The host name without what makes no difference: case and a dot at the end."""
    return name.lower().rstrip(".")


def _identity(record: Record) -> tuple[str, str, str]:
    return _plain(record.name), record.type, record.data
