"""Python actions: what they return, what they see, and how they are kept apart."""

from __future__ import annotations

import threading
from typing import Any, Callable

import pytest

from standalone.app import App
from standalone.errors import ParameterError
from standalone.executions import Refused

Run = Callable[..., dict]


@pytest.mark.parametrize(
    ("how", "status", "result"),
    [
        ("plain", "succeeded", {"list": [1, 2]}),
        ("succeeded", "succeeded", {"kept": 1}),
        ("failed", "failed", {"kept": 1}),
        ("int_keys", "succeeded", "{1: 2}"),
        ("raised", "failed", "None"),
        ("config_value", "succeeded", ["hello", 3, None]),
        ("config_missing", "failed", "None"),
    ],
)
def test_the_status_and_the_result_follow_from_what_run_returns(
    run: Run, how: str, status: str, result: Any
) -> None:
    ended = run("works.answer", how=how)
    assert (ended["status"], ended["result"]["result"]) == (status, result)


def test_print_goes_to_stdout_and_the_logger_to_stderr(app: App, run: Run) -> None:
    ended = run("works.answer", how="plain")
    assert ended["result"]["stdout"] == "printed\n"
    assert "logged" in ended["result"]["stderr"]
    assert app.executions.output(ended["id"], "stdout") == "printed\n"


def test_an_exception_leaves_its_traceback_in_stderr(run: Run) -> None:
    result = run("works.answer", how="raised")["result"]
    assert "RuntimeError: boom" in result["stderr"]
    assert result["exit_code"] == 1


def test_a_tuple_whose_first_item_is_no_boolean_fails(run: Run) -> None:
    ended = run("works.answer", how="bad_status")
    assert ended["status"] == "failed"
    assert "must either be True or False" in ended["result"]["error"]


def test_a_timeout_kills_and_keeps_what_was_printed(run: Run) -> None:
    ended = run("works.answer", how="forever", timeout=1)
    assert ended["status"] == "timeout"
    assert ended["result"]["result"] == "None"
    assert ended["result"]["exit_code"] == -9
    assert ended["result"]["stdout"] == "begun\n"


def test_cancel_kills_a_running_action(app: App) -> None:
    begun = threading.Event()
    app.executions.observers.append(lambda one: one["status"] == "running" and begun.set())
    id = app.executions.request("works.answer", {"how": "forever"})["id"]
    assert begun.wait(10)
    app.executions.observers.pop()
    app.executions.cancel(id)
    ended = app.executions.wait(id, 10)
    assert ended["status"] == "canceled"
    with pytest.raises(Refused, match="terminal state: canceled"):
        app.executions.cancel(id)


def test_two_actions_have_each_its_own_module_of_the_same_name(run: Run) -> None:
    assert run("works.first_tally")["result"]["result"] == "first"
    assert run("works.second_tally")["result"]["result"] == "second"


def test_the_datastore_has_pages_of_100_and_values_of_text(app: App, run: Run) -> None:
    for number in range(150):
        app.keys.set(f"many.{number}", "x")
    assert run("works.keys")["result"]["result"] == {
        "dict": "{'a': 1}",
        "mine": "False",
        "mine_in_full": "False",
        "missing": None,
        "page": 100,
        "more": 150,
        "next": 50,
        "deleted": True,
    }


@pytest.mark.parametrize(
    ("ref", "given", "error"),
    [
        ("works.nowhere", {}, Refused),
        ("works.answer", {}, ParameterError),
        ("works.answer", {"how": "plain", "surprise": 1}, ParameterError),
    ],
)
def test_what_can_not_run_is_refused_and_not_stored(
    app: App, ref: str, given: dict, error: type[Exception]
) -> None:
    before = app.executions.list()[1]
    with pytest.raises(error):
        app.executions.request(ref, given)
    assert app.executions.list()[1] == before


def test_a_command_answers_in_json_where_it_prints_json(run: Run) -> None:
    ended = run("core.local", cmd="echo '{\"a\": 1}'; echo no >&2; exit 3")
    assert ended["status"] == "failed"
    result = ended["result"]
    assert (result["stdout"], result["stderr"], result["return_code"]) == ({"a": 1}, "no", 3)


def test_rerun_replaces_some_parameters(app: App, run: Run) -> None:
    first = run("works.echo", value="a", number=1)
    again = app.executions.wait(app.executions.rerun(first["id"], {"number": 2})["id"])
    assert again["parameters"] == {"value": "a", "number": 2}
    assert again["context"]["re-run"] == {"ref": first["id"]}
