"""Reading a request and writing an answer."""
from __future__ import annotations

import json
from typing import Any, cast

from flask import Response, request
from werkzeug.exceptions import HTTPException

from simcloud.clock import http_date
from simcloud.errors import Refused
from simcloud.http.shapes import shape_of
from simcloud.region import Region

ENVIRON_KEY = "simcloud.region"


def the_region() -> Region:
    """The region that this request is for."""
    return cast(Region, request.environ[ENVIRON_KEY])


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    text = json.dumps(body, separators=(",", ":"))
    return Response(text, status, headers, content_type="application/json")


def nothing(status: int) -> Response:
    return Response(b"", status, content_type="application/json")


def refusal(refused: Refused) -> Response:
    """A refusal in the words of the service that was called."""
    response = answer(shape_of(request.path)(refused), refused.status)
    if refused.retry_after is not None:
        response.headers["Retry-After"] = _retry_after(refused.retry_after)
    return response


def unserved(error: HTTPException) -> Response:
    """A path or method that nobody serves, in the words of the service that was meant."""
    text = f"{request.method} {request.path}: {error.description}"
    return refusal(Refused(error.code or 500, text))


def body() -> Any:
    """The JSON of the request; 400 when it is none."""
    try:
        return json.loads(request.get_data())
    except ValueError:
        raise Refused(400, "Malformed request body") from None


def part(name: str) -> dict[str, Any]:
    """The object that the request holds under `name`; 400 when there is none."""
    found = body()
    inner = found.get(name) if isinstance(found, dict) else None
    if not isinstance(inner, dict):
        raise Refused(400, f"Malformed request body: {name!r} is missing or no object")
    return inner


def number(name: str) -> int | None:
    """A parameter of the query that counts something; 400 when it is no such number."""
    text = request.args.get(name)
    if text is None:
        return None
    if not text.isdigit():
        raise Refused(400, f"{name} param must be an integer of 0 or more")
    return int(text)


def root() -> str:
    """The URL under which the caller reaches this server."""
    return request.host_url.rstrip("/")


def _retry_after(seconds: int) -> str:
    if the_region().settings.retry_after_as_date:
        return http_date(the_region().clock.now() + seconds * the_region().clock.speed)
    return str(seconds)
