"""Workflows, driven by the real orquesta."""

from __future__ import annotations

import threading
from typing import Any, Callable

from standalone.app import App

Run = Callable[..., dict]


def named(app: App, document: dict) -> list[str]:
    return [one["action"]["name"] for one in app.executions.children(document["id"])]


def test_a_loop_with_items_and_dynamic_actions_ends_when_it_says_so(app: App, run: Run) -> None:
    ended = run("works.loop", limit=3)
    assert (ended["status"], ended["result"]) == ("succeeded", {"output": {"count": 3}})
    cycles = [["step", "echo", "noop"], ["step", "echo", "echo", "noop"], ["step"]]
    assert named(app, ended) == ["noop", *(name for cycle in cycles for name in cycle)]


def test_a_child_says_which_task_asked_for_it(app: App, run: Run) -> None:
    ended = run("works.loop", limit=1)
    child = app.executions.children(ended["id"])[1]
    assert child["parent"] == ended["id"]
    assert child["context"]["parent"]["execution_id"] == ended["id"]
    assert child["context"]["orquesta"]["task_name"] == "plan"
    assert ended["children"][1] == child["id"]


def test_a_failed_item_fails_the_task_after_its_siblings(run: Run) -> None:
    ended = run("works.items")
    assert ended["status"] == "failed"
    results = [one["result"] for one in ended["result"]["output"]["seen"]]
    assert results == [{"kept": 1}, {"list": [1, 2]}, {"list": [1, 2]}]
    assert ended["result"]["errors"][0]["task_id"] == "each"


def test_items_that_never_ran_are_null(run: Run) -> None:
    seen = run("works.items", concurrency=1)["result"]["output"]["seen"]
    assert [one and one["result"] for one in seen] == [{"kept": 1}, None, None]


def test_a_task_is_retried_and_expressions_know_stackstorms_functions(app: App, run: Run) -> None:
    app.keys.set("attempts", "0")
    ended = run("works.flaky")
    assert ended["status"] == "succeeded"
    assert ended["result"] == {
        "output": {
            "attempts": "3",
            "none": None,
            "parsed": [1],
            "text": '{"b": [1,2]}',
            "last": 3,
        }
    }
    assert named(app, ended) == ["third_time"] * 3 + ["noop"]


def test_an_unsound_workflow_says_all_that_is_wrong_and_starts_nothing(app: App, run: Run) -> None:
    ended = run("works.unsound")
    assert ended["status"] == "failed"
    assert [one["message"] for one in ended["result"]["errors"]] == [
        'The action "works.nowhere" is not registered in the database.',
        'Action "works.answer" is missing required input "how".',
        'Action "core.noop" has unexpected input "surprise".',
    ]
    assert ended["children"] == []


def test_what_a_task_passes_on_is_rendered_again(app: App, run: Run) -> None:
    (child,) = app.executions.children(run("works.rendered")["id"])
    assert child["parameters"] == {"value": "2"}


def test_cancel_reaches_child_workflows_and_what_is_delayed(app: App) -> None:
    delayed = threading.Event()
    app.executions.observers.append(lambda one: one["status"] == "delayed" and delayed.set())
    id = app.executions.request("works.waits")["id"]
    assert delayed.wait(10)
    app.executions.observers.pop()
    app.executions.cancel(id)
    ended: dict[str, Any] = app.executions.wait(id, 10)
    app.wait_idle(10)
    assert ended["status"] == "canceled"
    found = app.executions.children(id)
    assert [(one["action"]["name"], one["status"]) for one in found] == [
        ("noop", "succeeded"),
        ("waits_inside", "canceled"),
        ("noop", "canceled"),
    ]


def test_workflows_that_are_canceled_at_any_moment_all_end(app: App) -> None:
    ids = [app.executions.request("works.loop", {"limit": 2})["id"] for _ in range(6)]
    for id in ids[::2]:
        app.executions.cancel(id)
    app.wait_idle(20)
    assert [app.executions.get(id)["status"] for id in ids[1::2]] == ["succeeded"] * 3
    assert [app.executions.get(id)["status"] for id in ids[::2]] == ["canceled"] * 3
