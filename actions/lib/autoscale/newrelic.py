"""New Relic: how an application is, for those who are about to take its capacity down."""
from __future__ import annotations

from typing import Any, Mapping
from urllib.parse import quote

from autoscale.seams import Health

TIMEOUT = 10
PAGES = 20
"""Pages of applications that are searched for the exact name: New Relic matches substrings."""

_WORDS = {"green": Health.WELL, "orange": Health.UNWELL, "red": Health.UNWELL}


class NewRelic:
    """Asks New Relic's REST API. What it can't tell is unknown, never well."""

    def __init__(self, api_key: str, url: str | None) -> None:
        self._api_key = api_key
        self._url = url

    def health(self, application: str) -> Health:
        try:
            return self._health(application)
        except Exception:  # whatever New Relic or its library come up with: it is not known
            return Health.UNKNOWN

    def _health(self, application: str) -> Health:
        client = self._client()
        for page in range(1, PAGES + 1):
            answer = client.list(filter_name=quote(application), page=page)
            for found in answer["applications"]:
                if found["name"] == application:
                    return _WORDS.get(found["health_status"], Health.UNKNOWN)
            if "next" not in answer.get("pages", {}):
                break
        return Health.UNKNOWN

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


def monitor(config: Mapping[str, Any]) -> NewRelic | None:
    """The monitor that the pack's configuration names, if any."""
    key = config.get("newrelic_api_key")
    return NewRelic(str(key), config.get("newrelic_url") or None) if key else None
