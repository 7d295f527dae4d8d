"""The REST API, as the process of an action or a sensor calls it."""

from __future__ import annotations

import json
import os
from typing import Any
from urllib.parse import urlsplit


class HTTPError(Exception):
    """The API answered with an error: its status and text."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text}")
        self.status = status


def call(method: str, path: str, body: Any = None) -> Any:
    """The answer's JSON (None if it has none). Raises HTTPError and OSError."""
    import http.client  # late: it is slow to import, and many actions never call the API

    address = urlsplit(os.environ["ST2_API_URL"])
    assert address.hostname
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=60)
    try:
        headers = {
            "X-Auth-Token": os.environ.get("ST2_AUTH_TOKEN", ""),
            "Content-Type": "application/json",
        }
        text = None if body is None else json.dumps(body)
        connection.request(method, address.path.rstrip("/") + path, text, headers)
        answer = connection.getresponse()
        content = answer.read().decode()
    finally:
        connection.close()
    if answer.status >= 400:
        raise HTTPError(answer.status, content)
    return json.loads(content) if content.strip() else None
