"""/v1/triggertypes, /v1/triggers, /v1/triggerinstances; and what sensors dispatch."""

from __future__ import annotations

from typing import Any

import flask

from standalone import shapes
from standalone.api import pages
from standalone.api.context import app
from standalone.errors import RequestError

routes = flask.Blueprint("triggers", __name__)


def types() -> list[dict[str, Any]]:
    return [shapes.trigger_type(one) for one in app().triggers.types.values()]


@routes.get("/triggertypes")
def list_types() -> Any:
    return pages.listing(types(), "pack", "name")


@routes.get("/triggertypes/<asked>")
def get_type(asked: str) -> Any:
    return pages.one_of(types(), asked, "ref", "id")


@routes.get("/triggers")
def list_triggers() -> Any:
    return pages.listing(app().triggers.specs(), "type", "pack")


@routes.get("/triggers/<asked>")
def get_trigger(asked: str) -> Any:
    return pages.one_of(app().triggers.specs(), asked, "ref", "id")


@routes.get("/triggerinstances")
def list_instances() -> Any:
    return pages.listing(app().triggers.instances.newest(), "trigger", "status")


@routes.get("/triggerinstances/<asked>")
def get_instance(asked: str) -> Any:
    return pages.one_of(app().triggers.instances.newest(), asked, "id")


@routes.post("/internal/dispatch")
def dispatch() -> Any:
    given = pages.body()
    payload = given.get("payload") or {}
    if not isinstance(payload, dict) or not isinstance(given.get("trigger"), str):
        raise RequestError("A dispatch needs a trigger and, if any, an object as payload.")
    return {"id": app().triggers.dispatch(given["trigger"], payload)}, 202
