"""/v1/keys."""

from __future__ import annotations

from typing import Any

import flask

from standalone.api import pages
from standalone.api.context import app
from standalone.errors import NotFoundError
from standalone.keys import scope_name


def _scope(given: str | None) -> str:
    return "all" if given == "all" else scope_name(given)


def _user(given: str | None) -> str:
    return str(given or flask.g.user)


routes = flask.Blueprint("keys", __name__)


@routes.get("/keys")
def list_keys() -> Any:
    wanted = pages.filters("prefix", "scope", "user", "decrypt")
    limit, offset = pages.window()
    page, total = app().keys.list(
        wanted.get("prefix", ""),
        _scope(wanted.get("scope")),
        _user(wanted.get("user")),
        limit=limit,
        offset=offset,
        decrypt=pages.flag("decrypt"),
    )
    return pages.answer(page, total, limit)


@routes.get("/keys/<name>")
def get(name: str) -> Any:
    wanted = pages.filters("scope", "user", "decrypt")
    scope, user = scope_name(wanted.get("scope")), _user(wanted.get("user"))
    document = app().keys.get(name, scope, user, decrypt=pages.flag("decrypt"))
    return flask.jsonify(pages.attributes(document))


@routes.put("/keys/<name>")
def put(name: str) -> Any:
    given = pages.body()
    document = app().keys.set(
        name,
        given.get("value"),
        scope=scope_name(given.get("scope")),
        user=_user(given.get("user")),
        ttl=given.get("ttl"),
        secret=bool(given.get("secret")),
        encrypted=bool(given.get("encrypted")),
    )
    return flask.jsonify(document)


@routes.delete("/keys/<name>")
def delete(name: str) -> Any:
    wanted = pages.filters("scope", "user")
    app().keys.delete(name, scope_name(wanted.get("scope")), _user(wanted.get("user")))
    return "", 204


@routes.route("/keys/<path:name>", methods=["GET", "PUT", "DELETE"])
def unreachable(name: str) -> Any:
    raise NotFoundError("The resource could not be found.")
