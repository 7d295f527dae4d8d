"""/v1/packs, and of what is in them /v1/sensortypes and /v1/policies."""

from __future__ import annotations

from typing import Any

import flask

from standalone import shapes
from standalone.api import pages
from standalone.api.context import app

routes = flask.Blueprint("packs", __name__)


def sensors() -> list[dict[str, Any]]:
    return [shapes.sensor(one) for pack in app().packs.values() for one in pack.sensors]


def policies() -> list[dict[str, Any]]:
    return [shapes.policy(one) for pack in app().packs.values() for one in pack.policies]


@routes.get("/packs")
def list_packs() -> Any:
    return pages.listing(map(shapes.pack, app().packs.values()), "name", "ref")


@routes.get("/packs/<asked>")
def get_pack(asked: str) -> Any:
    return pages.one_of(map(shapes.pack, app().packs.values()), asked, "ref", "name", "id")


@routes.get("/sensortypes")
def list_sensors() -> Any:
    return pages.listing(sensors(), "pack", "name", "enabled")


@routes.get("/sensortypes/<asked>")
def get_sensor(asked: str) -> Any:
    return pages.one_of(sensors(), asked, "ref", "id")


@routes.get("/policies")
def list_policies() -> Any:
    return pages.listing(policies(), "pack", "name", "resource_ref", "policy_type")


@routes.get("/policies/<asked>")
def get_policy(asked: str) -> Any:
    return pages.one_of(policies(), asked, "ref", "id")
