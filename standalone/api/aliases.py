"""/v1/actionalias and /v1/aliasexecution: what chat bots use."""

from __future__ import annotations

from typing import Any

import flask

from standalone import shapes
from standalone.api import pages
from standalone.api.context import app

routes = flask.Blueprint("aliases", __name__)


@routes.get("/actionalias")
def list_aliases() -> Any:
    return pages.listing(map(shapes.alias, app().aliases.all), "pack", "name")


@routes.get("/actionalias/<asked>")
def get(asked: str) -> Any:
    return pages.one_of(map(shapes.alias, app().aliases.all), asked, "ref", "id")


@routes.get("/actionalias/help")
def help_() -> Any:
    wanted = pages.filters("pack", "filter")
    found = app().aliases.help(wanted.get("pack"), wanted.get("filter", ""))
    limit, offset = pages.window()
    page = found[offset:] if limit < 0 else found[offset : offset + limit]
    return flask.jsonify({"available": len(found), "helpstrings": page})


@routes.post("/actionalias/match")
def match() -> Any:
    return flask.jsonify(app().aliases.match(str(pages.body().get("command") or "")).to_dict())


@routes.post("/aliasexecution")
def execute() -> Any:
    return flask.jsonify(app().aliases.execute(pages.body())), 201


@routes.post("/aliasexecution/match_and_execute")
def match_and_execute() -> Any:
    return flask.jsonify(app().aliases.match_and_execute(pages.body())), 201
