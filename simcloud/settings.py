"""What can be set about a region, before it starts or while it runs."""
from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Mapping


@dataclass
class Settings:
    """All durations are in the region's seconds."""

    region_name: str = "DFW"
    tenant: str = "123456"
    username: str = "demo"
    api_key: str = "demo-api-key"
    token_seconds: float = 86_400
    slack_token: str = "xoxb-simcloud"
    newrelic_key: str = "demo-newrelic-key"
    seed: int = 0

    build_seconds: float = 5
    build_jitter: float = 0  # a build takes up to this much longer
    delete_seconds: float = 2
    lb_build_seconds: float = 1
    lb_update_seconds: float = 1
    lb_gone_seconds: float = 60  # how long a deleted load balancer answers 410 before 404
    dns_job_seconds: float = 1

    server_quota: int = 100
    over_quota_status: int = 403  # Rackspace answers 403 or 413
    load_balancer_quota: int = 25
    nodes_per_load_balancer: int = 25
    domain_quota: int = 500
    records_per_domain: int = 500
    rate_limits: bool = False
    retry_after_as_date: bool = False  # some of Rackspace's services send a date, not seconds

    list_lag_seconds: float = 0  # servers younger than this are missing from listings
    page_size: int = 1000  # servers per page
    lb_page_size: int = 100
    lb_marker_inclusive: bool = True
    dns_page_size: int = 100
    newrelic_page_size: int = 200
    ns_records: bool = True  # new domains hold the name servers' records, as real ones do

    listen: bool = True
    app_port: int = 8080
    app_start_seconds: float = 0  # from ACTIVE until the application on the server answers
    app_latency_seconds: float = 0  # how long it takes for an answer, in real seconds
    app_capacity: int = 0  # requests it takes at a time, 503 for more; 0: as many as come
    reuse_addresses: bool = False  # addresses of deleted servers are given out again at once

    def change(self, values: Mapping[str, Any]) -> None:
        """Set all of `values` or none; ValueError says which one is unknown or of a wrong type."""
        checked = {name: self._checked(name, value) for name, value in values.items()}
        for name, value in checked.items():
            setattr(self, name, value)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def _checked(self, name: str, value: Any) -> Any:
        if name not in {field.name for field in fields(self)}:
            raise ValueError(f"there is no setting {name!r}; GET /control/settings lists them")
        now = getattr(self, name)
        if isinstance(now, bool) != isinstance(value, bool) or not _alike(now, value):
            raise ValueError(f"{name} takes a value like {now!r}, not {value!r}")
        return value


def _alike(now: Any, value: Any) -> bool:
    if isinstance(now, str):
        return isinstance(value, str)
    return isinstance(value, (int, float))
