"""Cloud DNS v1.0."""
from __future__ import annotations

from typing import Any, Callable

from flask import Response, request

from simcloud.dns.jobs import Job
from simcloud.dns.validation import (
    change_findings,
    check_records,
    check_zone,
    checked_batch,
)
from simcloud.errors import invalid
from simcloud.http.exchange import answer, body, root, the_region
from simcloud.http.paging import counted
from simcloud.http.tenant import tenant_routes

PREFIX = "/dns/v1.0"
routes = tenant_routes("dns", PREFIX)


@routes.get("/domains")
def list_domains() -> Response:
    found = the_region().zones.named(request.args.get("name"))
    page, links = counted(found, the_region().settings.dns_page_size)
    listing = {"domains": [zone.to_dict() for zone in page], "totalEntries": len(found)}
    return answer({**listing, "links": links} if links else listing)


@routes.post("/domains")
def create_domains() -> Response:
    zones, requests = the_region().zones, checked_batch(_entries("domains"), "domain")
    for each in requests:
        check_zone(each)
    return _job(lambda: zones.create(requests))


@routes.get("/domains/<int:zone_id>")
def show_domain(zone_id: int) -> Response:
    zone = the_region().zones.get(zone_id)
    page, links = counted(list(zone.records.values()), the_region().settings.dns_page_size)
    domain = zone.to_full_dict(list(page))
    if links:
        domain["recordsList"]["links"] = links
    return answer(domain)


@routes.put("/domains/<int:zone_id>")
def change_domain(zone_id: int) -> Response:
    zones, changes = the_region().zones, body()
    zones.get(zone_id)
    return _job(lambda: zones.change(zone_id, changes))


@routes.delete("/domains/<int:zone_id>")
def delete_domain(zone_id: int) -> Response:
    zones = the_region().zones
    zones.get(zone_id)
    with_subdomains = request.args.get("deleteSubdomains") == "true"
    return _job(lambda: zones.delete(zone_id, with_subdomains))


@routes.get("/domains/<int:zone_id>/records")
def list_records(zone_id: int) -> Response:
    zones = the_region().zones
    wanted = {key: request.args.get(key) for key in ("type", "name", "data")}
    found = zones.records.found(zones.get(zone_id), **wanted)
    page, links = counted(found, the_region().settings.dns_page_size)
    listing = {"records": [record.to_dict() for record in page], "totalEntries": len(found)}
    return answer({**listing, "links": links} if links else listing)


@routes.post("/domains/<int:zone_id>/records")
def add_records(zone_id: int) -> Response:
    zones, requests = the_region().zones, checked_batch(_entries("records"), "record")
    check_records(requests, zones.get(zone_id).name)
    return _job(lambda: zones.records.add(zones.get(zone_id), requests))


@routes.put("/domains/<int:zone_id>/records")
def change_records(zone_id: int) -> Response:
    return _change_records(zone_id, checked_batch(_entries("records"), "record"))


@routes.put("/domains/<int:zone_id>/records/<record_id>")
def change_record(zone_id: int, record_id: str) -> Response:
    return _change_records(zone_id, [{**body(), "id": record_id}])


@routes.delete("/domains/<int:zone_id>/records")
def delete_records(zone_id: int) -> Response:
    ids = checked_batch([{"id": each} for each in request.args.getlist("id")], "record")
    return _delete_records(zone_id, [each["id"] for each in ids])


@routes.delete("/domains/<int:zone_id>/records/<record_id>")
def delete_record(zone_id: int, record_id: str) -> Response:
    return _delete_records(zone_id, [record_id])


@routes.get("/domains/<int:zone_id>/records/<record_id>")
def show_record(zone_id: int, record_id: str) -> Response:
    zones = the_region().zones
    return answer(zones.records.get(zones.get(zone_id), record_id).to_dict())


@routes.get("/status/<job_id>")
def show_job(job_id: str) -> Response:
    details = request.args.get("showDetails") == "true"
    return answer(_shown(the_region().zones.jobs.get(job_id), details))


@routes.get("/limits")
def limits() -> Response:
    settings = the_region().settings
    absolute = {"domains": settings.domain_quota,
                "records per domain": settings.records_per_domain}
    return answer({"limits": {"absolute": absolute}})


def _change_records(zone_id: int, requests: list[dict[str, Any]]) -> Response:
    zones = the_region().zones
    zone = zones.get(zone_id)
    findings = [
        text
        for each in requests
        for text in change_findings(each, str(each.get("id", "")).partition("-")[0])
    ]
    if findings:
        raise invalid(*findings)
    return _job(lambda: zones.records.change(zone, requests))


def _delete_records(zone_id: int, ids: list[str]) -> Response:
    zones = the_region().zones
    zone = zones.get(zone_id)
    return _job(lambda: zones.records.delete(zone, ids))


def _entries(name: str) -> Any:
    found = body()
    return found.get(name) if isinstance(found, dict) else None


def _job(effect: Callable[[], Any]) -> Response:
    asked = body() if request.get_data() else None
    jobs = the_region().zones.jobs
    return answer(_shown(jobs.begin(request.method, request.url, asked, effect), True), 202)


def _shown(job: Job, details: bool) -> dict[str, Any]:
    tenant = the_region().settings.tenant
    return job.to_dict(f"{root()}{PREFIX}/{tenant}/status/{job.id}", details)
