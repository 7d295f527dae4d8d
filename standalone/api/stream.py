"""/v1/stream: events of one execution, for those who follow it (`st2 execution tail`)."""

from __future__ import annotations

import json
import time
from typing import Any, Iterator, Mapping

import flask

from standalone.api.context import app
from standalone.errors import NotOfferedError
from standalone.executions import COMPLETED, Executions

INTERVAL = 0.25
"""Seconds between looks at the executions."""

routes = flask.Blueprint("stream", __name__)


@routes.get("/stream")
def stream() -> Any:
    followed = flask.request.args.get("end_execution_id")
    if not followed:
        raise NotOfferedError("The stream of all events is not offered, only one execution's.")
    app().executions.get(followed)
    return flask.Response(_events(app().executions, followed), mimetype="text/event-stream")


def _events(executions: Executions, followed: str) -> Iterator[str]:
    seen: dict[str, str] = {}
    told: dict[str, int] = {}
    while True:
        top = executions.get(followed)
        for one in [*executions.children(followed), top]:
            if seen.get(one["id"]) in COMPLETED:
                continue
            if one["id"] not in seen:
                yield from _changed({**one, "status": "running"}, seen)
            yield from _printed(executions, one, told)
            yield from _changed(one, seen)
        if top["status"] in COMPLETED:
            return
        time.sleep(INTERVAL)


def _changed(one: Mapping[str, Any], seen: dict[str, str]) -> Iterator[str]:
    if seen.get(one["id"]) != one["status"]:
        seen[one["id"]] = one["status"]
        yield _event("st2.execution__update", one)


def _printed(executions: Executions, one: Mapping[str, Any], told: dict[str, int]) -> Iterator[str]:
    for kind in ("stdout", "stderr"):
        mark = f"{one['id']} {kind}"
        text = executions.output(one["id"], kind)
        fresh = text[told.get(mark, 0) :]
        if fresh:
            told[mark] = len(text)
            output = {"execution_id": one["id"], "output_type": kind, "data": fresh}
            yield _event("st2.execution.output__create", {**output, "timestamp": ""})


def _event(name: str, document: Mapping[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(document, default=str)}\n\n"
