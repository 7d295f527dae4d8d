"""The Flask application in front of regions. There is one for all: the request names its region."""
from __future__ import annotations

import functools

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from simcloud.errors import Refused
from simcloud.http import (
    control_routes,
    dns_routes,
    identity_routes,
    load_balancer_routes,
    newrelic_routes,
    server_routes,
    slack_routes,
)
from simcloud.http.exchange import refusal, the_region, unserved
from simcloud.http.gate import admit

ROUTES = (
    identity_routes.routes,
    server_routes.routes,
    load_balancer_routes.routes,
    dns_routes.routes,
    slack_routes.routes,
    newrelic_routes.routes,
    control_routes.routes,
)


class Front(Flask):
    """Flask, with every request led through the gate, paths that nobody serves included."""

    def full_dispatch_request(self) -> Response:
        dispatch = functools.partial(Flask.full_dispatch_request, self)
        if not request.path.startswith("/control"):
            return admit(dispatch)
        with the_region().lock:
            the_region().age()
            return dispatch()


@functools.lru_cache(maxsize=None)
def front() -> Front:
    """The application; made once, for routes are costly and hold no state."""
    app = Front("simcloud", static_folder=None)
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.url_map.strict_slashes = False
    app.register_error_handler(Refused, refusal)
    app.register_error_handler(HTTPException, unserved)
    for routes in ROUTES:
        app.register_blueprint(routes)
    return app
