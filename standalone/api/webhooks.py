"""/v1/webhooks: how the world outside tells that something happened."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import flask

from standalone.api import pages
from standalone.api.context import app
from standalone.errors import NotFoundError, RequestError
from standalone.triggers import WEBHOOK

_KEPT_BACK = ("X-Auth-Token", "St2-Api-Key", "Cookie", "St2-Trace-Tag")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

routes = flask.Blueprint("webhooks", __name__)


@routes.get("/webhooks")
def list_webhooks() -> Any:
    # all of them, whole: StackStorm ignores limits and attributes here, and its client knows
    pages.filters()
    return flask.jsonify([one for one in app().triggers.specs() if one["type"] == WEBHOOK])


@routes.get("/webhooks/<path:url>")
def get(url: str) -> Any:
    return flask.jsonify(_hook(url))


@routes.post("/webhooks/st2")
def post_any() -> Any:
    given = _content()
    if not isinstance(given, dict) or not given.get("trigger"):
        raise RequestError("Trigger not specified.")
    app().triggers.dispatch(given["trigger"], given.get("payload") or {})
    return flask.jsonify(given), 202


@routes.post("/webhooks/<path:url>")
def post(url: str) -> Any:
    hook, content = _hook(url), _content()
    headers = {name: value for name, value in flask.request.headers if name not in _KEPT_BACK}
    payload = {
        "headers": headers,
        "headers_lower": {name.lower(): value for name, value in headers.items()},
        "body": content,
    }
    app().triggers.dispatch(WEBHOOK, payload, hook["parameters"])
    return flask.jsonify(content), 202


def _hook(url: str) -> dict[str, Any]:
    hook = app().triggers.webhook(url)
    if hook is None:
        raise NotFoundError(f"Webhook {url} not registered with st2")
    return hook


def _content() -> Any:
    """The body as its content type says: JSON, or a form, whose values are lists."""
    kind = flask.request.mimetype or "application/json"
    raw = flask.request.get_data(cache=True)
    if kind in _FORMS:
        return parse_qs(raw.decode("utf-8", "replace"))
    if kind != "application/json":
        raise RequestError(f'Failed to parse request body: Unsupported Content-Type: "{kind}".')
    content = flask.request.get_json(force=True, silent=True)
    if not isinstance(content, (dict, list)):
        raise RequestError("Failed to parse request body: it is not a JSON object or array.")
    return content
