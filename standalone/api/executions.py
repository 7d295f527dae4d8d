"""/v1/executions."""

from __future__ import annotations

from typing import Any

import flask

from standalone.api import pages
from standalone.api.context import app
from standalone.errors import NotFoundError, NotOfferedError, RequestError
from standalone.executions import COMPLETED

_FILTERS = (
    "action",
    "status",
    "user",
    "parent",
    "trigger_instance",
    "rule",
    "timestamp_gt",
    "timestamp_lt",
)

routes = flask.Blueprint("executions", __name__)


@routes.get("/executions")
def list_executions() -> Any:
    wanted = pages.filters(*_FILTERS, "sort_asc", "sort_desc")
    ascending = pages.flag("sort_asc")
    wanted = {name: value for name, value in wanted.items() if name in _FILTERS}
    limit, offset = pages.window()
    page, total = app().executions.list(limit, offset, ascending=ascending, **wanted)
    return pages.answer(page, total, limit)


@routes.post("/executions")
def create() -> Any:
    asked = pages.body()
    if not isinstance(asked.get("action"), str):
        raise RequestError("'action' is a required property")
    context = {**(asked.get("context") or {}), "user": asked.get("user") or flask.g.user}
    made = app().executions.request(
        asked["action"],
        asked.get("parameters") or {},
        context=context,
        delay=(asked.get("delay") or 0) / 1000,
        notify=asked.get("notify"),
    )
    return flask.jsonify(made), 201


@routes.get("/executions/<asked>")
def get(asked: str) -> Any:
    return flask.jsonify(pages.attributes(_find(asked)))


@routes.delete("/executions/<asked>")
def cancel(asked: str) -> Any:
    status = _find(asked)["status"]
    if status in COMPLETED and status != "canceled":
        # StackStorm answers this, too, with 200
        return {"faultstring": f"Action cannot be canceled. State = {status}."}
    document = _find(asked) if status == "canceled" else app().executions.cancel(asked)
    return flask.jsonify(document)


@routes.put("/executions/<asked>")
def change(asked: str) -> Any:
    raise NotOfferedError("Pausing and resuming an execution is not offered here.")


@routes.get("/executions/<asked>/children")
def children(asked: str) -> Any:
    depth = pages.number("depth", -1)
    found = app().executions.children(_find(asked)["id"], depth)
    return flask.jsonify([pages.attributes(one) for one in found])


@routes.get("/executions/<asked>/output")
def output(asked: str) -> Any:
    kind = flask.request.args.get("output_type")
    text = app().executions.output(_find(asked)["id"], None if kind == "all" else kind)
    return flask.Response(text, mimetype="text/plain")


@routes.get("/executions/<asked>/result")
def result(asked: str) -> Any:
    return flask.jsonify(_find(asked).get("result"))


@routes.post("/executions/<asked>/re_run")
def rerun(asked: str) -> Any:
    wanted = pages.body()
    if wanted.get("tasks"):
        raise NotOfferedError("Running only some tasks of a workflow again is not offered.")
    user = wanted.get("user") or flask.g.user
    made = app().executions.rerun(_find(asked)["id"], wanted.get("parameters") or {}, user)
    return flask.jsonify(made), 201


def _find(asked: str) -> dict[str, Any]:
    if asked != "last":
        return app().executions.get(asked)
    newest, _ = app().executions.list(1)
    if not newest:
        raise NotFoundError("There is no execution yet.")
    return newest[0]
