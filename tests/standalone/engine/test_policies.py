"""Policies: who has to wait for whom, and what is tried again."""

from __future__ import annotations

from typing import Any

import pytest

from standalone.app import App
from standalone.policies import verdict
from standalone.resources import Policy

ONE = {"threshold": 1, "action": "delay"}
BY_GROUP = {**ONE, "attributes": ["group"]}


def policy(**parameters: Any) -> Policy:
    kind = "action.concurrency.attr" if "attributes" in parameters else "action.concurrency"
    return Policy("one", "works", "works.guarded", kind, parameters=parameters)


def document(status: str = "running", **parameters: Any) -> dict[str, Any]:
    return {"status": status, "parameters": parameters}


@pytest.mark.parametrize(
    ("parameters", "given", "other", "expected"),
    [
        (ONE, {}, document("running"), "delay"),
        (ONE, {}, document("scheduled"), "delay"),
        (ONE, {}, document("delayed"), "run"),
        (ONE, {}, document("canceling"), "run"),
        ({**ONE, "threshold": 2}, {}, document(), "run"),
        ({**ONE, "action": "cancel"}, {}, document(), "cancel"),
        (BY_GROUP, {"group": "web"}, document(group="web"), "delay"),
        (BY_GROUP, {"group": "web"}, document(group="db"), "run"),
        (BY_GROUP, {"group": "web"}, document(), "run"),
        (BY_GROUP, {}, document(group="web"), "delay"),  # a default isn't compared
    ],
)
def test_a_policy_compares_what_was_given_with_what_occupies_a_place(
    parameters: dict, given: dict, other: dict, expected: str
) -> None:
    assert verdict([policy(**parameters)], document("requested", **given), [other]) == expected


def test_children_of_one_group_run_one_after_the_other_and_others_beside_them(app: App) -> None:
    for group in ("web", "web", "db", "web"):
        app.executions.request("works.outer", {"group": group})
    app.wait_idle(20)
    found, _ = app.executions.list(4, action="works.guarded")
    assert {one["status"] for one in found} == {"succeeded"}
    web = sorted(_span(one) for one in found if one["parameters"]["group"] == "web")
    (db,) = (_span(one) for one in found if one["parameters"]["group"] == "db")
    assert all(earlier[1] <= later[0] for earlier, later in zip(web, web[1:]))
    assert db[0] < web[-1][1], "it has not waited for all of the others"


def test_a_failed_action_is_tried_again_until_it_succeeds(app: App) -> None:
    app.keys.set("attempts", "0")
    app.executions.request("works.third_time")
    app.wait_idle(20)
    found, _ = app.executions.list(3, action="works.third_time", parent="null")
    assert [one["status"] for one in found] == ["succeeded", "failed", "failed"]
    assert found[0]["context"]["policies"]["retry"]["retry_count"] == 2


def _span(one: dict) -> tuple[str, str]:
    (began,) = [entry["timestamp"] for entry in one["log"] if entry["status"] == "running"]
    return began, one["end_timestamp"]
