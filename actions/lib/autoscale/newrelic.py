"""New Relic: how an application is, and what was measured of it."""
from __future__ import annotations

import math
from datetime import datetime, timezone
from typing import Any, Callable, Iterable, Mapping
from urllib.parse import quote

from autoscale.core.evaluation import Measurement
from autoscale.seams import Health

TIMEOUT = 10
PAGES = 20
"""Pages of applications that are searched for the exact name: New Relic matches substrings."""

_WORDS = {"green": Health.WELL, "orange": Health.UNWELL, "red": Health.UNWELL}

_NAMES = ("Apdex", "HttpDispatcher", "OtherTransaction/all", "Errors/all", "CPU/User Time")
_VALUES = ("score", "count", "average_call_time", "call_count", "requests_per_minute",
           "error_count", "percent")
"""New Relic's names of all that ``_METRICS`` are computed from, and of their values."""

_Values = Mapping[str, Mapping[str, Any]]


class NewRelic:
    """Asks New Relic's REST API. What it can't tell is unknown, never well."""

    def __init__(self, api_key: str, url: str | None) -> None:
        self._api_key = api_key
        self._url = url

    def health(self, application: str) -> Health:
        try:
            found = self._find(application)
        except Exception:  # whatever New Relic or its library come up with: it is not known
            return Health.UNKNOWN
        return _WORDS.get(found["health_status"], Health.UNKNOWN) if found else Health.UNKNOWN

    def measure(
        self, application: str, wanted: Iterable[Measurement]
    ) -> Mapping[Measurement, float]:
        asked = sorted(wanted, key=lambda one: one.until)
        try:
            found = self._find(application)
        except Exception:  # as above
            return {}
        # What does not report has no data, although New Relic fills its slices with zeros.
        if not found or not found.get("reporting"):
            return {}
        spans = {(one.since, one.until) for one in asked}
        seen = {span: self._values(found["id"], *span) for span in sorted(spans)}
        told = {one: _computed(one.metric, seen[one.since, one.until]) for one in asked}
        return {one: value for one, value in told.items() if value is not None}

    def _find(self, application: str) -> Mapping[str, Any] | None:
        client = self._client()
        for page in range(1, PAGES + 1):
            answer = client.list(filter_name=quote(application, safe=""), page=page)
            for found in answer["applications"]:
                if found["name"] == application:
                    return dict(found)
            if "next" not in answer.get("pages", {}):
                break
        return None

    def _values(self, id: Any, since: int, until: int) -> _Values:
        """The values by the names of _NAMES, of one slice over the whole time; none if it fails."""
        try:
            answer = self._client().metric_data(
                id, [quote(name, safe="") for name in _NAMES], list(_VALUES),
                _time(since), _time(until), summarize=True)
            return {metric["name"]: metric["timeslices"][0]["values"]
                    for metric in answer["metric_data"]["metrics"] if metric["timeslices"]}
        except Exception:  # as above
            return {}

    def _client(self) -> Any:
        # Imported here: only few actions ask, and only where there is a key.
        from newrelic_api.applications import Applications

        class WithTimeout(Applications):  # type: ignore[misc]
            """The library sets no time-out."""

            def _get(self, *args: Any, **kwargs: Any) -> Any:
                return super()._get(*args, timeout=TIMEOUT, **kwargs)

        client = WithTimeout(api_key=self._api_key)
        if self._url:
            client.URL = self._url.rstrip("/") + "/"
        return client


def _time(seconds: int) -> str:
    """ISO 8601, percent-encoded, for the library does not: its plus would arrive as a blank."""
    return quote(datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="seconds"))


def _computed(metric: str, values: _Values) -> float | None:
    """The metric by New Relic's own formulas; None without data, such as of no request at all."""
    try:
        value = _METRICS[metric](values)
        return float(value) if value is not None and math.isfinite(float(value)) else None
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None


def _apdex(values: _Values) -> Any:
    return values["Apdex"]["score"] if values["Apdex"]["count"] else None


def _response_time(values: _Values) -> Any:
    web = values["HttpDispatcher"]
    return web["average_call_time"] if web["call_count"] else None


def _error_rate(values: _Values) -> float:
    calls = sum(values[name]["call_count"] for name in ("HttpDispatcher", "OtherTransaction/all")
                if name in values)
    return float(100 * values.get("Errors/all", {}).get("error_count", 0) / calls)


_METRICS: Mapping[str, Callable[[_Values], Any]] = {
    "apdex": _apdex,
    "response_time": _response_time,
    "throughput": lambda values: values["HttpDispatcher"]["requests_per_minute"],
    "error_rate": _error_rate,
    "cpu": lambda values: values["CPU/User Time"]["percent"],
}


def monitor(config: Mapping[str, Any]) -> NewRelic | None:
    """The monitor that the pack's configuration names, if any."""
    key = config.get("newrelic_api_key")
    return NewRelic(str(key), config.get("newrelic_url") or None) if key else None
