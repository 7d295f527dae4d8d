"""New Relic, as far as the health of applications and what is measured of them go."""
from __future__ import annotations

from datetime import datetime
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
CPU = 10.0
HEALTH = ("green", "orange", "red", "gray", "unknown")


class NewRelic:
    """Applications by name, each with its health and summary."""

    def __init__(self) -> None:
        self._applications: dict[str, dict[str, Any]] = {}
        self._measured: dict[int, list[tuple[float, dict[str, float | None]]]] = {}

    def measure(self, name: str, now: float, **values: float | None) -> None:
        """From now on this is measured of the application: response_time (ms), throughput (requests
        a minute), error_rate (%), apdex_score, cpu (%). None: there are no data.
        """
        unknown = sorted(set(values) - {*SUMMARY, "cpu"})
        if unknown:
            raise ValueError(f"nothing measures {', '.join(unknown)}")
        application = self._applications.get(name) or self.set_health(name, "green")
        past = self._measured.setdefault(application["id"], [])
        past.append((now, {**(past[-1][1] if past else {}), **values}))

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

    def metrics(
        self, application_id: int, names: list[str], values: list[str], now: float,
        since: str | None = None, until: str | None = None,
    ) -> dict[str, Any]:
        """One time slice, of the last half hour if no time is given, as it was at its end."""
        summary = {**self.get(application_id, now)["application_summary"], "cpu": CPU}
        start, end = _seconds(since, now - 1800), _seconds(until, now)
        if end <= start:
            raise Refused(400, "The 'to' time must be after the 'from' time")
        past = self._measured.get(application_id, [])
        measured = next((then for at, then in reversed(past) if at < end), {})
        found = _slices({**summary, **measured}, (end - start) / 60)
        span = {"from": iso(start), "to": iso(end)}
        metrics = [{"name": name, "timeslices": [{**span, "values": {
            value: number for value, number in found[name].items()
            if not values or value in values}}]} for name in names if name in found]
        return {"metric_data": {
            **span, "metrics_found": [name for name in names if name in found],
            "metrics_not_found": [name for name in names if name not in found],
            "metrics": metrics}}


def _seconds(text: str | None, otherwise: float) -> float:
    if not text:
        return otherwise
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        raise Refused(400, f"{text} is not a time") from None


def _slices(measured: dict[str, Any], minutes: float) -> dict[str, dict[str, float]]:
    """The values of New Relic's metrics; without requests they are there, and zero."""
    throughput = measured["throughput"]
    calls = round((throughput or 0) * minutes)
    error_rate, response_time = measured["error_rate"], measured["response_time"]
    apdex, cpu = measured["apdex_score"], measured["cpu"]
    slices = {
        "Apdex": None if apdex is None else {
            "score": apdex if calls else 0, "count": calls, "threshold": 0.5},
        "HttpDispatcher": None if None in (throughput, response_time) else {
            "average_call_time": response_time if calls else 0,
            "average_response_time": response_time if calls else 0,
            "call_count": calls, "requests_per_minute": throughput},
        "Errors/all": None if not error_rate else {
            "error_count": calls * error_rate / 100,
            "errors_per_minute": calls * error_rate / 100 / minutes},
        "CPU/User Time": None if cpu is None else {"percent": cpu},
    }
    return {name: values for name, values in slices.items() if values is not None}


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
