"""What every call passes: faults, time, the service itself, the log, the observers."""
from __future__ import annotations

import json
import socket
from typing import Any, Callable

from flask import Response, request

from simcloud.calls import Call, redacted
from simcloud.clock import http_date
from simcloud.errors import Refused
from simcloud.faults import Fault, Strike
from simcloud.http.exchange import answer, refusal, the_region
from simcloud.http.shapes import service_of
from simcloud.rates import over_rate
from simcloud.region import Region

Service = Callable[[], Response]


def admit(service: Service) -> Response:
    """Answer the request, if only by hanging up. Waiting is done outside the region's lock."""
    region = the_region()
    request.get_data()  # kept by Flask: whoever reads the form first would use it up
    with region.lock:
        region.age()
        strike = region.faults.strike(request.method, _target())
    region.closing.wait(strike.pause(after_effect=False))
    with region.lock:
        region.age()
        response = _struck(region, strike, service)
        region.age()  # with durations of 0 the effect is there before the answer is
        dropped = strike.outcome is not None and strike.outcome.kind == "drop"
        region.seen(_call(region, strike, None if dropped else response.status_code))
    region.closing.wait(strike.pause(after_effect=True))
    if dropped:
        _hang_up()
    response.headers["Date"] = http_date(region.clock.now())
    return response


def check_token_and_rates() -> None:
    """401 without a valid token, 413 when calls come too fast."""
    region = the_region()
    region.tokens.check(request.headers.get("X-Auth-Token"))
    if region.settings.rate_limits:
        region.rates.spend(request.method, _target(), region.now(), region.clock.speed)


def _struck(region: Region, strike: Strike, service: Service) -> Response:
    outcome = strike.outcome
    if outcome is not None and not outcome.after_effect:
        return _failure(outcome)
    region.strike = strike
    try:
        response = service()
    finally:
        region.strike = Strike()
    return response if outcome is None else _failure(outcome)


def _failure(fault: Fault) -> Response:
    if fault.kind == "drop":
        return Response(b"")
    if fault.kind == "rate_limit":
        refused = over_rate(fault.retry_after or 1)
        if service_of(request.path) in ("slack", "newrelic"):
            refused.status = 429
        return refusal(refused)
    message = fault.message or "The server has either erred or is incapable of performing the " \
                               "requested operation."
    response = refusal(Refused(fault.status, message, retry_after=fault.retry_after))
    if isinstance(fault.body, str):
        response.set_data(fault.body)
        response.content_type = "text/html"
    elif fault.body is not None:
        response.set_data(answer(fault.body).get_data())
    return response


def _hang_up() -> None:
    """End the connection. Waitress has no way for that but the channel behind this callback."""
    channel = request.environ["waitress.client_disconnected"].__self__
    channel.socket.shutdown(socket.SHUT_RDWR)


def _call(region: Region, strike: Strike, status: int | None) -> Call:
    outcome = strike.outcome
    return Call(
        time=region.clock.now(),
        method=request.method,
        path=request.path,
        query=request.query_string.decode("latin-1"),
        body=redacted(_logged_body()),
        status=status,
        fault=strike.names,
        effect=outcome is None or outcome.after_effect,
    )


def _logged_body() -> Any:
    data = request.get_data()
    try:
        return json.loads(data) if data else None
    except ValueError:
        return request.form.to_dict() or data.decode("utf-8", "replace")


def _target() -> str:
    query = request.query_string.decode("latin-1")
    return f"{request.path}?{query}" if query else request.path
