"""How each service words a refusal."""
from __future__ import annotations

from typing import Any, Callable

from simcloud.errors import Refused

NOVA_NAMES = {
    400: "badRequest", 401: "unauthorized", 403: "forbidden", 404: "itemNotFound",
    405: "badMethod", 409: "conflictingRequest", 413: "overLimit", 429: "overLimit",
    501: "notImplemented", 503: "serviceUnavailable",
}  # fmt: skip


def nova(refused: Refused) -> dict[str, Any]:
    """{"itemNotFound": {"code": 404, "message": ...}}, of Identity and Servers."""
    fault: dict[str, Any] = {"code": refused.status, "message": refused.message}
    if refused.retry_after is not None:
        fault["retryAfter"] = str(refused.retry_after)
    return {NOVA_NAMES.get(refused.status, "computeFault"): fault}


def atlas(refused: Refused) -> dict[str, Any]:
    """{"code": 422, "message": ..., "details": ...}, of Load Balancers and DNS."""
    answer: dict[str, Any] = {"message": refused.message, "code": refused.status}
    if refused.messages:
        answer["validationErrors"] = {"messages": list(refused.messages)}
    if refused.retry_after is not None:
        answer["retryAfter"] = str(refused.retry_after)
    return {**answer, "details": refused.details}


def slack(refused: Refused) -> dict[str, Any]:
    return {"ok": False, "error": "ratelimited" if refused.status == 429 else refused.message}


def newrelic(refused: Refused) -> dict[str, Any]:
    return {"error": {"title": refused.message}}


def plain(refused: Refused) -> dict[str, Any]:
    return {"error": refused.message}


SHAPES: dict[str, Callable[[Refused], dict[str, Any]]] = {
    "identity": nova,
    "servers": nova,
    "load_balancers": atlas,
    "dns": atlas,
    "slack": slack,
    "newrelic": newrelic,
}


def shape_of(path: str) -> Callable[[Refused], dict[str, Any]]:
    """The shape of the service that `path` belongs to."""
    return SHAPES.get(service_of(path), plain)


def service_of(path: str) -> str:
    return path.split("/", 2)[1]
