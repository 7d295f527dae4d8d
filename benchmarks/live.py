"""Time to capacity with real processes: a region, standalone, and a process for every action."""
from __future__ import annotations

import time
from typing import Any, NamedTuple, Sequence

import requests

from benchmarks.report import Promise, Report, ratio
from demo.stage import API_KEY, Stage

NODES = (1, 5, 20)
BUILD = 10
PATIENCE = 60
CYCLE = 3
"""Tasks of a cycle: plan, and the batches for load balancer and zone."""
HEADERS = {"St2-Api-Key": API_KEY}


class Growth(NamedTuple):
    """``seconds`` until all take traffic; ``ended`` until the workflow was done; its ``tasks``."""

    seconds: float
    ended: float
    tasks: int
    creates: int


def bench(nodes: Sequence[int] = NODES, build: float = BUILD) -> Report:
    with Stage(build_seconds=1, simcloud=("--no-listen",)) as stage:
        _set_up(stage, sum(nodes))
        _settings(stage, build_seconds=build)
        grown = [_grow(stage, count) for count in nodes]
    rows = [[f"+{count}", ratio(each.seconds / build), f"{each.seconds - build:.1f}",
             f"{each.ended - build:.1f}", str(each.tasks), str(each.creates)]
            for count, each in zip(nodes, grown)]
    return Report(
        f"Time to capacity with real processes: until all take traffic, a build being {build:g} s",
        ["", "time / build", "s after it", "s until told", "tasks", "creates"], rows,
        [Promise("one create for each node, and no more",
                 [each.creates for each in grown] == list(nodes)),
         Promise(f"no more tasks than for +{nodes[0]}, or those of one cycle more",
                 all(each.tasks <= grown[0].tasks + CYCLE for each in grown))],
        "  What is above x1 is starting processes and polling, the same for any build: a build of "
        "minutes is\n  nearer to x1. Tasks are executions, the workflows' own included. A process "
        "costs StackStorm more.")


def _set_up(stage: Stage, more: int) -> None:
    _settings(stage, nodes_per_load_balancer=100)
    _run(stage, "autoscale.asg.create", name="web", domain="example.com", min_nodes=1,
         max_nodes=1 + more, expand_delay=0, deflate_delay=999)


def _grow(stage: Stage, count: int) -> Growth:
    before, creates = _in_rotation(stage), _creates(stage)
    _api(stage, "PUT", "keys/asg.web.expand_by", name="asg.web.expand_by", value=str(count))
    started = time.monotonic()
    execution = _request(stage, "autoscale.asg.expand", asg="web", force=True)
    _until(lambda: _in_rotation(stage) == before + count)
    seconds = time.monotonic() - started
    _finish(stage, execution)
    return Growth(seconds, time.monotonic() - started, 1 + len(_api(
        stage, "GET", f"executions/{execution}/children?depth=-1")), _creates(stage) - creates)


def _in_rotation(stage: Stage) -> int:
    """Nodes in the load balancer, once it has taken its last change."""
    balancers = stage.control("state")["load_balancers"]
    return sum(len(balancer["nodes"]) for balancer in balancers if balancer["status"] == "ACTIVE")


def _creates(stage: Stage) -> int:
    return int(stage.control("calls?method=POST&path=/servers$")["count"])


def _settings(stage: Stage, **changes: Any) -> None:
    url = f"{stage.region['control_url']}/settings"
    requests.put(url, json=changes, timeout=10).raise_for_status()


def _api(stage: Stage, method: str, path: str, **body: Any) -> Any:
    answer = requests.request(method, f"{stage.api}/v1/{path}", json=body or None, timeout=10,
                              headers=HEADERS)
    answer.raise_for_status()
    return answer.json()


def _request(stage: Stage, action: str, **parameters: Any) -> str:
    return str(_api(stage, "POST", "executions", action=action, parameters=parameters)["id"])


def _run(stage: Stage, action: str, **parameters: Any) -> None:
    _finish(stage, _request(stage, action, **parameters))


def _finish(stage: Stage, execution: str) -> None:
    _until(lambda: _status(stage, execution) not in ("requested", "scheduled", "running"))
    status = _status(stage, execution)
    if status != "succeeded":
        raise RuntimeError(f"execution {execution} ended as {status}")


def _status(stage: Stage, execution: str) -> str:
    return str(_api(stage, "GET", f"executions/{execution}")["status"])


def _until(truth: Any) -> None:
    end = time.monotonic() + PATIENCE
    while not truth():
        if time.monotonic() > end:
            raise TimeoutError(f"not so within {PATIENCE} s")
        time.sleep(0.1)
