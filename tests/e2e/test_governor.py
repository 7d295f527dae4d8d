"""The governor, in processes of its own: what it dispatches, and what the rules make of it."""
from __future__ import annotations

from typing import Any, Iterator

import pytest

from standalone.sensors import SensorProcess
from tests.e2e.conftest import staged
from tests.e2e.stage import Stage

UP, DOWN = "autoscale.ScaleUpPulse", "autoscale.ScaleDownPulse"
READY: dict[str, Any] = {"paused": False, "expand_delay": 0, "deflate_delay": 0}
OPEN = {**READY, "active_incident": True}

GROUPS: dict[str, dict[str, Any]] = {
    "bad": {**OPEN, "max_nodes": "lots"},
    "busy": {**OPEN, "status": "expanding"},
    "capped": {**OPEN, "desired_nodes": 5},
    "early": {**OPEN, "expand_delay": 10, "last_expand_timestamp": 2_000_000_000},
    "low": READY,
    "paused": {**OPEN, "paused": True},
    "down": {**READY, "desired_nodes": 3},
    "up": OPEN,
}


@pytest.fixture(scope="module")
def governed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage of its own, with two governors that look every second."""
    with staged(tmp_path_factory.mktemp("governed"), poll_interval=1) as stage:
        for asg, fields in GROUPS.items():
            stage.seed(asg, **fields)
        for rule in ("scale_up", "scale_down"):
            turn(stage, rule, on=False)
        sensor, = stage.app.packs["autoscale"].sensors
        governors = [SensorProcess(stage.app, sensor) for _ in range(2)]
        for governor in governors:
            governor.start()
        yield stage
        assert all(governor.pid for governor in governors), "they live"
        for governor in governors:
            governor.stop()


def turn(stage: Stage, rule: str, on: bool) -> None:
    stage.app.rules.enable(stage.app.rules.get(f"autoscale.{rule}"), on)


def pulses(stage: Stage) -> list[tuple[str, str]]:
    return [(each["trigger"], each["payload"]["asg"])
            for each in stage.app.triggers.instances.newest() if each["trigger"] in (UP, DOWN)]


def test_pulses_go_to_the_groups_that_need_one_whatever_the_others_hold(governed: Stage) -> None:
    governed.until(lambda: len(pulses(governed)) >= 8, "each governor has looked twice")
    assert set(pulses(governed)) == {(UP, "up"), (DOWN, "down")}


def test_pulses_expand_and_deflate_within_bounds_though_two_governors_send_them(
        governed: Stage) -> None:
    for asg in GROUPS:
        governed.set(asg, "paused", True)
    governed.seed("live", **{**OPEN, "min_nodes": 0, "max_nodes": 2, "desired_nodes": 0,
                              "expand_by": 2, "deflate_by": 2})
    for rule in ("scale_up", "scale_down"):
        turn(governed, rule, on=True)
    governed.until(lambda: governed.serves("live", 2), "the group grows while the incident is open")
    governed.set("live", "active_incident", False)
    governed.until(lambda: governed.serves("live", 0), "and shrinks when it is over")
    assert governed.creates("live") == 2
    assert any("the incident is still open" in line for line in governed.told("live"))

    governed.start("asg.delete", name="live")
    governed.until(lambda: not governed.keys("asg.live."), "nothing is left of it")
    governed.app.wait_idle()
    assert governed.keys("asg.live.") == {}, "no governor writes of a group that is gone"
