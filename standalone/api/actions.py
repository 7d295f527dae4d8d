"""/v1/actions and /v1/runnertypes."""

from __future__ import annotations

from typing import Any

import flask

from standalone import shapes
from standalone.api import pages
from standalone.api.context import app
from standalone.documents import action_document
from standalone.errors import NotFoundError
from standalone.runner_types import RUNNERS

routes = flask.Blueprint("actions", __name__)


def everything() -> list[dict[str, Any]]:
    found = [each for pack in app().packs.values() for each in pack.actions.values()]
    return [action_document(each) for each in sorted(found, key=lambda one: one.ref)]


@routes.get("/actions")
@routes.get("/actions/views/overview")
def list_actions() -> Any:
    return pages.listing(everything(), "pack", "name")


@routes.get("/actions/<asked>")
@routes.get("/actions/views/overview/<asked>")
def get_action(asked: str) -> Any:
    return pages.one_of(everything(), asked, "ref", "id")


@routes.get("/actions/views/entry_point/<ref>")
def get_entry_point(ref: str) -> Any:
    action = app().action(ref)
    if action is None or not action.entry_point:
        raise NotFoundError(f"The action {ref} has no entry point")
    return flask.Response(action.entry_path.read_text(), mimetype="text/plain")


@routes.get("/runnertypes")
def list_runners() -> Any:
    return pages.listing(map(shapes.runner, RUNNERS), "name")


@routes.get("/runnertypes/<asked>")
def get_runner(asked: str) -> Any:
    return pages.one_of(map(shapes.runner, RUNNERS), asked, "name", "id")
