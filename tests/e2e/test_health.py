"""Health checks on real parts: nodes that are up and do not serve any more."""
from __future__ import annotations

from typing import Iterator

import pytest

from tests.e2e.conftest import staged
from tests.e2e.stage import Stage, message
from tests.support.loopback import only_linux

pytestmark = only_linux

CHECK = {"type": "http", "path": "/", "timeout": 1, "failures": 2, "interval": 1}


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage of its own, whose servers listen, with a group of three."""
    with staged(tmp_path_factory.mktemp("health"), listen=True) as made:
        created = made.run("asg.create", name="shop", domain="example.com", channel="#shop",
                           min_nodes=3, max_nodes=6, health_check=CHECK)
        assert "3 of 3 nodes up" in message(created), created["result"]
        yield made


def names(stage: Stage) -> list[str]:
    return [server["name"] for server in stage.servers("shop")]


def test_a_node_whose_application_stops_is_replaced_by_self_healing(stage: Stage) -> None:
    ill, *others = names(stage)
    assert "0 of" in message(stage.run("asg.heal"))
    stage.region.tamper.set_application(ill, up=False)
    assert stage.run("asg.heal")["status"] == "succeeded"
    assert ill not in names(stage)
    assert set(others) < set(names(stage))
    assert stage.serves("shop", 3)
    history = stage.run("asg.history", asg="shop", last=20)["result"]["result"]["text"]
    assert f"DeleteServer {ill}: it fails its health check" in history


def test_when_all_fail_none_is_touched_and_the_group_says_so_until_they_pass(stage: Stage) -> None:
    before = names(stage)
    for name in before:
        stage.region.tamper.set_application(name, up=False)
    failed = stage.run("asg.converge", asg="shop")
    assert failed["status"] == "failed"
    assert "all 3 servers fail the health check" in message(failed)
    assert "needs attention: all 3 servers fail the health check" in stage.told("shop")[-1]
    text = stage.run("asg.status", asg="shop")["result"]["result"]["text"]
    assert text.count("failing 2 of 2, load balancer: ENABLED") == 3
    assert names(stage) == before
    for name in before:
        stage.region.tamper.set_application(name, up=True)
    assert stage.run("asg.heal")["status"] == "succeeded"
    assert (stage.key("shop", "health"), names(stage)) == ("ACTIVE", before)
    assert stage.serves("shop", 3)
