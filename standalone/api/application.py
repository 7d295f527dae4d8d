"""The WSGI application: who may call, under which paths, and how errors look."""

from __future__ import annotations

import hmac
import logging
from typing import TYPE_CHECKING, Any, Callable, Iterable

import flask
from werkzeug.exceptions import HTTPException

from standalone.api import (
    actions,
    aliases,
    context,
    executions,
    keys,
    packs,
    rules,
    stream,
    triggers,
    webhooks,
)
from standalone.errors import RequestError
from standalone.executions import USER

if TYPE_CHECKING:
    from standalone.app import App

LOG = logging.getLogger(__name__)


def make_application(app: App) -> Callable[..., Iterable[bytes]]:
    """Serves /v1/..., and the same under /api and /stream as StackStorm's proxy does."""
    web = flask.Flask("standalone", static_folder=None)
    web.json = _Json(web)
    web.url_map.strict_slashes = False
    web.config[context.KEY] = app
    for noun in (actions, aliases, executions, keys, packs, rules, stream, triggers, webhooks):
        web.register_blueprint(noun.routes, url_prefix="/v1")
    web.before_request(_authenticate)
    web.register_error_handler(Exception, _error)

    def serve(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        for prefix in ("/api/v1", "/stream/v1"):
            if environ.get("PATH_INFO", "").startswith(prefix):
                environ["PATH_INFO"] = environ["PATH_INFO"][len(prefix) - 3 :]
        return web(environ, start)

    return serve


class _Json(flask.json.provider.DefaultJSONProvider):
    sort_keys = False
    default = staticmethod(str)


def _authenticate() -> Any:
    """Sets who calls. With an API key set, a request needs it, or an action's token."""
    app, request = context.app(), flask.request
    token = request.headers.get("X-Auth-Token") or request.args.get("x-auth-token")
    given = request.headers.get("St2-Api-Key") or request.args.get("st2-api-key") or ""
    user = app.tokens.user(token)
    flask.g.user = user or USER
    if app.api_key is None or user is not None:
        return None
    if hmac.compare_digest(given.encode(), app.api_key.encode()):
        return None
    what = "Token or API key is not valid" if given or token else "One of Token or API key required"
    return _fault(f"Unauthorized - {what}.", 401)


def _fault(text: str, status: int) -> Any:
    return flask.jsonify({"faultstring": text}), status


def _error(error: Exception) -> Any:
    if isinstance(error, RequestError):
        return _fault(str(error), error.status)
    if isinstance(error, HTTPException):
        return _http_error(error)
    LOG.exception("%s %s failed", flask.request.method, flask.request.path)
    return _fault("Internal Server Error", 500)


def _http_error(error: HTTPException) -> Any:
    """What has no route is something StackStorm may do and this doesn't."""
    path = flask.request.path
    if error.code in (404, 405) and path.startswith(("/v1/", "/auth/")):
        sentence = (
            f"{flask.request.method} {path} is not offered here: this runs a pack without "
            "StackStorm and serves only the part of its API that running a pack needs."
        )
        return _fault(sentence, 501)
    return _fault(error.description or error.name, error.code or 500)
