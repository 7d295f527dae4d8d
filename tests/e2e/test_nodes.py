"""Nodes by name, as docs/nodes.md says it, with the real command line."""
from __future__ import annotations

import re
from typing import Any

import pytest

from tests.e2e.stage import ROOT, Stage


@pytest.fixture(scope="module")
def den(stage: Stage) -> str:
    ended = stage.run("asg.create", name="den", domain="example.com", min_nodes=1, max_nodes=4,
                      deflate_by=1, deflate_delay=0)
    assert ended["status"] == "succeeded"
    stage.region.tamper.add_server("shop-1")
    return "den"


def ran(stage: Stage, *words: str) -> Any:
    """The output of an action, run with `st2 run`."""
    return stage.st2("run", *words, "-j").json["result"]["output"]


def test_a_server_is_adopted_protected_kept_and_released(stage: Stage, den: str) -> None:
    (first,) = (server["name"] for server in stage.servers(den))
    adopted = ran(stage, "autoscale.asg.adopt", f"asg={den}", "server=shop-1",
                  "reason=it was here before")
    assert adopted["message"] == (
        "den: adopting server shop-1, 2 nodes are desired then; den: 2 of 2 nodes up")
    assert {server["name"] for server in stage.servers(den)} == {first, "shop-1"}
    assert stage.serves(den, 2)

    safe = ran(stage, "autoscale.asg.protect", f"asg={den}", "node=shop-1")
    assert "node shop-1 is protected" in safe["message"]
    ran(stage, "autoscale.asg.deflate", f"asg={den}")
    assert [server["name"] for server in stage.servers(den)] == ["shop-1"]

    released = ran(stage, "autoscale.asg.release", f"asg={den}", "node=shop-1", "replace=true")
    assert "a new one takes its place" in released["message"]
    assert stage.serves(den, 1)
    (left,) = (server for server in stage.region.snapshot()["servers"]
               if server["name"] == "shop-1")
    assert (left["status"], left["metadata"]) == ("ACTIVE", {})


def test_a_chat_names_nodes_too_and_hears_why_not(stage: Stage, den: str) -> None:
    (node,) = (server["name"] for server in stage.servers(den))
    kept, lost = stage.hubot(f"asg protect node={node} asg={den}",
                             f"asg release node={node} asg={den}")
    assert f"node {node} is protected" in stage.heard(kept)
    assert "min_nodes is 1; replace=true gets a new node for it" in stage.heard(lost)
    unknown, = stage.errbot(f"asg adopt server=nobody asg={den}")
    assert stage.heard(unknown).startswith("Failed: there is no server 'nobody'")


def test_what_the_manual_says_can_be_typed(stage: Stage) -> None:
    text = (ROOT / "docs" / "nodes.md").read_text()
    typed = {line.split("autoscale.")[1].split()[0]: set(re.findall(r"(\w+)=", line))
             for line in text.splitlines() if line.startswith("$ st2 run")}
    assert {"asg.protect", "asg.unprotect", "asg.adopt", "asg.release"} <= set(typed)
    for ref, parameters in typed.items():
        known = stage.app.action(f"autoscale.{ref}").parameters
        assert parameters <= set(known), ref
