"""Slack's Web API."""
from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from simcloud.http.exchange import answer, body, the_region

routes = Blueprint("slack", __name__, url_prefix="/slack/api")


@routes.post("/chat.postMessage")
def post_message() -> Response:
    region, message = the_region(), _message()
    if not _known(message):
        return answer({"ok": False, "error": "invalid_auth"})
    return answer(region.slack.post(message, region.now()))


@routes.route("/auth.test", methods=["GET", "POST"])
def test_authentication() -> Response:
    if not _known(_message()):
        return answer({"ok": False, "error": "invalid_auth"})
    return answer({"ok": True, "team": "simcloud", "user": "autoscale", "user_id": "U1"})


def _message() -> dict[str, Any]:
    """The parameters, sent as JSON, as a form or in the query."""
    sent = body() if request.is_json else None
    return {**request.values.to_dict(), **(sent if isinstance(sent, dict) else {})}


def _known(message: dict[str, Any]) -> bool:
    token = the_region().settings.slack_token
    bearer = request.headers.get("Authorization") == f"Bearer {token}"
    return bearer or message.get("token") == token
