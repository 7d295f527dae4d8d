"""What Cloud DNS checks before it begins a job."""
from __future__ import annotations

import ipaddress
from typing import Any

from simcloud.errors import Refused, invalid

LEAST_TTL = 300
MOST_PER_CALL = 100
TYPES = ("A", "AAAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT")


def checked_batch(entries: Any, kind: str) -> list[dict[str, Any]]:
    """The entries of a call; 413 for more than 100 of them."""
    if not isinstance(entries, list) or not entries:
        raise invalid(f"At least one {kind} must be specified.")
    if not all(isinstance(entry, dict) for entry in entries):
        raise invalid(f"Every {kind} must be an object.")
    if len(entries) > MOST_PER_CALL:
        raise Refused(413, f"Number of {kind}s exceeds the limit of {MOST_PER_CALL} per request.")
    return entries


def check_zone(request: dict[str, Any]) -> None:
    findings = []
    if not isinstance(request.get("name"), str) or "." not in request["name"]:
        findings.append("Domain name is invalid or missing.")
    if "@" not in str(request.get("emailAddress", "")):
        findings.append("Email address is invalid or missing.")
    findings += _ttl_findings(request.get("ttl", 3600))
    records = request.get("recordsList", {}).get("records", [])
    findings += [text for record in records for text in record_findings(record)]
    if findings:
        raise invalid(*findings)


def check_records(requests: list[dict[str, Any]], zone: str) -> None:
    """New records have name, type and data, and lie in the zone."""
    findings = [text for each in requests for text in record_findings(each)]
    findings += [
        f"Record name {each.get('name')} is not within the domain {zone}."
        for each in requests
        if not within(str(each.get("name", "")), zone)
    ]
    if findings:
        raise invalid(*findings)


def record_findings(record: dict[str, Any]) -> list[str]:
    findings = [f"Record {key} is missing." for key in ("name", "type", "data")
                if not record.get(key)]
    if record.get("type") not in TYPES:
        findings.append(f"Record type must be one of {', '.join(TYPES)}.")
    return findings + change_findings(record, record.get("type", ""))


def change_findings(record: dict[str, Any], kind: str) -> list[str]:
    """What is wrong with the changed fields of a record of type `kind`."""
    findings = _ttl_findings(record.get("ttl", 3600))
    if kind in ("A", "AAAA") and record.get("data"):
        version = 4 if kind == "A" else 6
        try:
            right = ipaddress.ip_address(record["data"]).version == version
        except ValueError:
            right = False
        if not right:
            findings.append(f"{kind} record's data {record['data']} is no IPv{version} address.")
    return findings


def within(name: str, zone: str) -> bool:
    """Whether a name is the zone's or lies below it."""
    return name.lower() == zone.lower() or name.lower().endswith("." + zone.lower())


def _ttl_findings(ttl: Any) -> list[str]:
    if isinstance(ttl, int) and not isinstance(ttl, bool) and LEAST_TTL <= ttl <= 2_147_483_647:
        return []
    return [f"Invalid TTL specified. Must be greater than or equal to {LEAST_TTL} seconds."]
