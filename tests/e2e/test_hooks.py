"""Hooks as StackStorm runs them: beside the convergence, killed half way, answered by people."""
from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.stage import Stage, message

ROOMY = {"domain": "example.com", "min_nodes": 1, "max_nodes": 5, "expand_delay": 0,
         "deflate_delay": 0}


def hold(point: str, **more: Any) -> dict[str, Any]:
    return {point: {"action": "profiles.hold", "parameters": {"point": point}, **more}}


def went(stage: Stage, asg: str, point: str) -> dict[str, int]:
    """How often the hook's action has run for each node."""
    found = stage.keys(f"profiles.{asg}.{point}.")
    return {name.rpartition(".")[2]: len(text.splitlines()) for name, text in found.items()}


def let(stage: Stage, asg: str, point: str, how: str = "on") -> None:
    stage.app.keys.set(f"profiles.{asg}.go.{point}", how)


def actions(stage: Stage, ref: str, status: str = "running") -> list[str]:
    found, _ = stage.app.executions.list(100, action=ref, status=status)
    return [each["id"] for each in found]


def test_a_run_that_is_killed_half_way_ends_by_its_time_out_and_the_node_is_replaced(
        stage: Stage) -> None:
    id = stage.start("asg.create", name="kills", **ROOMY,
                     hooks=hold("configure", timeout=12, attempts=3))
    stage.until(lambda: went(stage, "kills", "configure"), "the hook runs")
    first, = stage.servers("kills")
    assert stage.rotation("kills") == set(), "it does not serve yet"
    run, = actions(stage, "profiles.hold")
    stage.app.executions.cancel(stage.app.executions.get(run)["parent"])  # no transition follows
    stage.process(run).kill()
    let(stage, "kills", "configure")
    ended = stage.end(id)
    assert ended["status"] == "succeeded", message(ended)
    second, = stage.servers("kills")
    assert second["id"] != first["id"]
    assert stage.serves("kills", 1)
    assert any("did not end within 12 s" in line for line in stage.told("kills"))


def test_a_failure_is_shown_without_its_secrets_and_as_no_template(stage: Stage) -> None:
    let(stage, "fails", "configure", "fail")
    failed = stage.run("asg.create", name="fails", **ROOMY,
                       hooks=hold("configure", attempts=1))
    assert failed["status"] == "failed"
    assert "token=*** was not taken { { config_context.api_key } }" in message(failed)
    history = stage.run("asg.history", asg="fails")["result"]["result"]["text"]
    assert "the configure hook of" in history
    assert "t0psecret" not in history + str(stage.keys("asg.fails."))


def test_an_action_that_does_not_exist_has_failed_at_once(stage: Stage) -> None:
    failed = stage.run("asg.create", name="typo", **ROOMY, hooks={
        "configure": {"action": "profiles.gve", "attempts": 1}})
    assert failed["status"] == "failed"
    assert "profiles.gve" in message(failed)


@pytest.mark.parametrize("word", ["complete", "abandon"])
def test_people_end_what_a_node_finishes(stage: Stage, word: str) -> None:
    asg = f"ends-{word}"
    made = stage.run("asg.create", name=asg, **{**ROOMY, "min_nodes": 2},
                     hooks=hold("before_terminate"))
    assert made["status"] == "succeeded", message(made)
    node = stage.servers(asg)[0]["name"]
    removal = stage.start("asg.delete_node", asg=asg, name=node, replace=True)
    stage.until(lambda: went(stage, asg, "before_terminate"), "the hook runs")
    assert went(stage, asg, "before_terminate") == {node: 1}
    assert len(stage.rotation(asg)) == 2, "it is out of rotation, its replacement in"
    assert node in {server["name"] for server in stage.servers(asg)}
    told = stage.run("asg.status", asg=asg)["result"]["result"]
    assert [(one["node"], one["state"]) for one in told["hooks"]] == [(node, "runs")]
    said, = stage.hubot(f'asg hook {word} asg={asg} node={node} reason="we looked"')
    assert said["status"] == "succeeded", message(said)
    stage.end(removal)
    left = {server["name"] for server in stage.servers(asg)}
    assert (node in left) is (word == "abandon")
    assert stage.serves(asg, 3 if word == "abandon" else 2)
    let(stage, asg, "before_terminate")


def test_a_hook_chooses_who_goes(stage: Stage) -> None:
    stage.run("asg.create", name="picks", **{**ROOMY, "min_nodes": 1}, hooks={
        "select_victims": {"action": "profiles.choose"}})
    stage.run("asg.exact_capacity", asg="picks", nodes=3)
    names = sorted(server["name"] for server in stage.servers("picks"))
    ended = stage.run("asg.exact_capacity", asg="picks", nodes=2)
    assert ended["status"] == "succeeded", message(ended)
    assert sorted(server["name"] for server in stage.servers("picks")) == names[:-1]


def test_a_long_end_is_followed_up_by_itself(stage: Stage) -> None:
    """Its convergence is over by then: pretended here by a group that is idle."""
    stage.run("asg.create", name="later", **{**ROOMY, "min_nodes": 2},
              hooks=hold("before_terminate"))
    id = stage.start("asg.delete_node", asg="later", name=stage.servers("later")[0]["name"],
                     replace=True)
    stage.until(lambda: went(stage, "later", "before_terminate"), "the hook runs")
    converging, = actions(stage, "autoscale.asg.converge")
    stage.app.executions.cancel(converging)
    stage.end(id)
    stage.until(lambda: not actions(stage, "autoscale.converge.plan"), "nobody is at it")
    stage.set("later", "status", "idle")
    let(stage, "later", "before_terminate")
    stage.until(lambda: len(stage.servers("later")) == 2, "it is deleted")
