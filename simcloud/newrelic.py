"""New Relic, as far as the health of applications goes."""
from __future__ import annotations

from typing import Any

from simcloud.clock import iso
from simcloud.errors import Refused

FIRST_ID = 900_001
SUMMARY = {
    "response_time": 4.2,
    "throughput": 100.0,
    "error_rate": 0.0,
    "apdex_target": 0.5,
    "apdex_score": 0.99,
    "host_count": 1,
    "instance_count": 1,
}
HEALTH = ("green", "orange", "red", "gray", "unknown")


class NewRelic:
    """Applications by name, each with its health and summary."""

    def __init__(self) -> None:
        self._applications: dict[str, dict[str, Any]] = {}

    def set_health(
        self, name: str, health: str, apdex: float | None = None, **summary: float
    ) -> dict[str, Any]:
        """Make or change an application; `apdex` is short for apdex_score."""
        if health not in HEALTH:
            raise ValueError(f"there is no health {health!r}; there are {', '.join(HEALTH)}")
        given = dict(summary) if apdex is None else {**summary, "apdex_score": apdex}
        unknown = sorted(set(given) - set(SUMMARY))
        if unknown:
            raise ValueError(f"a summary has no {', '.join(unknown)}; it has {', '.join(SUMMARY)}")
        known = self._applications.get(name)
        application = known or {"id": FIRST_ID + len(self._applications), "name": name}
        application["health_status"] = health
        application["application_summary"] = {
            **SUMMARY, **application.get("application_summary", {}), **given
        }
        self._applications[name] = application
        return application

    def found(self, name: str | None, now: float) -> list[dict[str, Any]]:
        """As the real filter: every application whose name contains `name`, in any case."""
        wanted = (name or "").lower()
        return [
            _shown(application, now)
            for application in self._applications.values()
            if wanted in application["name"].lower()
        ]

    def get(self, application_id: int, now: float) -> dict[str, Any]:
        for application in self._applications.values():
            if application["id"] == application_id:
                return _shown(application, now)
        raise Refused(404, "No Application found with the given parameters")

    def metrics(self, application_id: int, names: list[str], now: float) -> dict[str, Any]:
        """One time slice of the last half hour with the values of the summary."""
        summary = self.get(application_id, now)["application_summary"]
        values = {
            "score": summary["apdex_score"],
            "average_response_time": summary["response_time"],
            "requests_per_minute": summary["throughput"],
            "error_rate": summary["error_rate"],
        }
        span = {"from": iso(now - 1800), "to": iso(now)}
        metrics = [{"name": name, "timeslices": [{**span, "values": values}]} for name in names]
        return {"metric_data": {**span, "metrics_found": names, "metrics_not_found": [],
                                "metrics": metrics}}


def _shown(application: dict[str, Any], now: float) -> dict[str, Any]:
    return {
        **application,
        "language": "python",
        "reporting": application["health_status"] != "gray",
        "last_reported_at": iso(now),
        "settings": {"app_apdex_threshold": 0.5, "end_user_apdex_threshold": 7.0,
                     "enable_real_user_monitoring": True, "use_server_side_config": False},
        "links": {"application_instances": [], "servers": [], "application_hosts": []},
    }
