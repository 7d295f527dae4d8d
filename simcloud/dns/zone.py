"""One zone (Rackspace: domain), its records and their JSON."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from simcloud.clock import iso_with_milliseconds

NAME_SERVERS = ("dns1.stabletransit.com", "dns2.stabletransit.com")


@dataclass
class Record:
    id: str
    name: str
    type: str
    data: str
    ttl: int
    created: float
    updated: float
    comment: str = ""
    priority: int | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        """Two records of a zone differ in this."""
        return self.name.lower(), self.type, self.data

    def to_dict(self) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "type": self.type,
            "data": self.data,
            "ttl": self.ttl,
            "created": _moment(self.created),
            "updated": _moment(self.updated),
        }
        if self.comment:
            answer["comment"] = self.comment
        if self.priority is not None:
            answer["priority"] = self.priority
        return answer


@dataclass
class Zone:
    id: int
    name: str
    email: str
    account: str
    created: float
    updated: float
    ttl: int = 3600
    comment: str = ""
    records: dict[str, Record] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As a listing gives it: without records."""
        answer: dict[str, Any] = {
            "id": self.id,
            "name": self.name,
            "accountId": self.account,
            "emailAddress": self.email,
            "ttl": self.ttl,
            "created": _moment(self.created),
            "updated": _moment(self.updated),
        }
        return {**answer, "comment": self.comment} if self.comment else answer

    def to_full_dict(self, records: list[Record]) -> dict[str, Any]:
        """As GET /domains/ID gives it, with these records."""
        return {
            **self.to_dict(),
            "nameservers": [{"name": name} for name in NAME_SERVERS],
            "recordsList": {
                "totalEntries": len(self.records),
                "records": [record.to_dict() for record in records],
            },
        }


def _moment(seconds: float) -> str:
    return iso_with_milliseconds(seconds, "+0000")
