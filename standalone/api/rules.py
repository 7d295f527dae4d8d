"""/v1/rules and /v1/ruleenforcements."""

from __future__ import annotations

from typing import Any

import flask

from standalone.api import pages
from standalone.api.context import app
from standalone.errors import NotOfferedError

routes = flask.Blueprint("rules", __name__)


@routes.get("/rules")
@routes.get("/rules/views")
def list_rules() -> Any:
    wanted = pages.filters("pack", "name", "enabled", "action", "trigger")
    found = [app().rules.document(rule) for rule in app().rules.all]
    for noun in ("action", "trigger"):
        ref = wanted.pop(noun, None)
        found = [one for one in found if ref in (None, one[noun]["ref"])]
    return pages.paged(found, wanted)


@routes.get("/rules/<asked>")
def get(asked: str) -> Any:
    return flask.jsonify(pages.attributes(app().rules.document(app().rules.get(asked))))


@routes.put("/rules/<asked>")
def put(asked: str) -> Any:
    rule, given = app().rules.get(asked), pages.body()
    present = app().rules.document(rule)
    changed = [key for key in given if given[key] != present.get(key) and key != "enabled"]
    if changed:
        raise NotOfferedError(
            f"Only `enabled` can be changed here, not {', '.join(sorted(changed))}: "
            "a rule is what its file says."
        )
    app().rules.enable(rule, bool(given.get("enabled", present["enabled"])))
    return flask.jsonify(app().rules.document(rule))


@routes.get("/ruleenforcements")
@routes.get("/ruleenforcements/views")
def list_enforcements() -> Any:
    return pages.listing(app().rules.enforcements.newest(), "trigger_instance_id", "status")


@routes.get("/ruleenforcements/<asked>")
def get_enforcement(asked: str) -> Any:
    return pages.one_of(app().rules.enforcements.newest(), asked, "id")
