"""The phases of the tour. Each checks what it shows, and raises Failed when it is not so."""
from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Callable

from demo.stage import PUBLIC_KEY, Stage

GROUP, DOMAIN, APPLICATION = "web", "example.com", "My shop"
SMALLEST, LARGEST, STEP = 2, 5, 2
PATIENCE = 90


class Failed(Exception):
    """The tour did not show what it promises."""


@dataclass(frozen=True)
class Phase:
    title: str
    act: Callable[[Stage], None]


def check(truth: bool, promise: str) -> None:
    if not truth:
        raise Failed(f"not so: {promise}")


def until(truth: Callable[[], bool], promise: str) -> None:
    """Wait for something that others bring about."""
    end = time.monotonic() + PATIENCE
    while not truth():
        check(time.monotonic() < end, f"{promise}, within {PATIENCE} s")
        time.sleep(0.3)


def servers(stage: Stage) -> list[dict[str, Any]]:
    """The region's servers that are not being deleted, the oldest first."""
    there = [server for server in stage.control("state")["servers"]
             if server["OS-EXT-STS:task_state"] != "deleting"]
    return sorted(there, key=lambda server: (server["created"], server["name"]))


def in_rotation(stage: Stage) -> set[str]:
    """The addresses that the group's load balancer forwards to."""
    balancers = stage.control("state")["load_balancers"]
    return {node["address"] for balancer in balancers for node in balancer["nodes"]
            if node["condition"] == "ENABLED"}


def addresses(stage: Stage) -> set[str]:
    return {server["addresses"]["private"][0]["addr"] for server in servers(stage)
            if server["status"] == "ACTIVE"}


def serves(stage: Stage, nodes: int) -> bool:
    """Whether exactly so many servers exist, are up and are in the load balancer."""
    return (len(servers(stage)) == nodes == len(addresses(stage))
            and addresses(stage) == in_rotation(stage)
            and stage.st2_json("key", "get", f"asg.{GROUP}.status")["value"] == "idle")


def set_up(stage: Stage) -> None:
    stage.st2("key", "set", "ssh_pub_key", PUBLIC_KEY)
    stage.st2("run", "autoscale.asg.create", f"name={GROUP}", f"domain={DOMAIN}",
              f"application_name={APPLICATION}", f"min_nodes={SMALLEST}", f"max_nodes={LARGEST}",
              f"expand_by={STEP}", f"deflate_by={STEP}", "expand_delay=0", "deflate_delay=0")
    check(serves(stage, SMALLEST), f"{SMALLEST} nodes are up and in the load balancer")
    state = stage.control("state")
    check(len(state["load_balancers"]) == 1, "the group has its load balancer")
    check([zone["name"] for zone in state["zones"]] == [f"{GROUP}.{DOMAIN}"], "and its zone")
    hosts = {f"{server['name']}.{GROUP}.{DOMAIN}" for server in servers(stage)}
    records = {record["name"] for record in state["records"] if record["type"] == "A"}
    check(records == hosts | {f"lb.{GROUP}.{DOMAIN}"}, "with a record for each node and the lb")


def alert(stage: Stage) -> None:
    stage.webhook("nrhook", issue("ACTIVATED"))
    until(lambda: serves(stage, SMALLEST + STEP), f"the alert adds {STEP} nodes")


def issue(state: str) -> dict[str, Any]:
    """What New Relic posts."""
    return {
        "id": "9a7e3f5c-0d5b-4c1e-8d0e-1c8a4e2b6f10",
        "issueUrl": "https://radar-api.service.newrelic.com/accounts/1/issues/9a7e3f5c",
        "title": "Response time (Web) is above 2 seconds for at least 5 minutes",
        "priority": "CRITICAL", "state": state, "impactedEntities": [APPLICATION],
        "totalIncidents": 1, "trigger": "STATE_CHANGE", "isCorrelated": False,
        "alertPolicyNames": ["Shop"], "alertConditionNames": ["Response time"],
        "workflowName": "StackStorm",
    }


def pressure(stage: Stage) -> None:
    until(lambda: serves(stage, LARGEST), f"the governor goes on up to max_nodes, {LARGEST}")
    calls = [call for call in stage.control("calls?method=POST")["calls"]
             if call["path"].endswith("/servers") and call["status"] < 300]
    check(len(calls) == LARGEST, "never more servers than that are asked for")


def accident(stage: Stage) -> None:
    victim = servers(stage)[-1]
    stage.control("tamper/delete_server", id_or_name=victim["id"])
    print(f"    {victim['name']} has been deleted behind the pack's back")
    stage.st2("run", "autoscale.asg.converge", f"asg={GROUP}")
    check(serves(stage, LARGEST), "a server that is lost comes back")
    check(victim["name"] not in {server["name"] for server in servers(stage)}, "as a new one")


def recovery(stage: Stage) -> None:
    before = [server["id"] for server in servers(stage)]
    stage.webhook("nrhook", issue("CLOSED"))
    until(lambda: serves(stage, SMALLEST), f"the governor goes down to min_nodes, {SMALLEST}")
    after = [server["id"] for server in servers(stage)]
    check(after == before[-SMALLEST:], "the oldest nodes go first")


def farewell(stage: Stage) -> None:
    stage.st2("action-alias", "execute", f"asg delete name={GROUP}")

    def nothing() -> bool:
        state = stage.control("state")
        left = [state[kind] for kind in ("servers", "load_balancers", "zones", "keypairs")]
        return not any(left) and not stage.st2_json("key", "list", "--prefix", "asg.")

    until(nothing, "no server, load balancer, zone, key pair or asg. key is left")


PHASES = (
    Phase("0  a group is created", set_up),
    Phase("1  New Relic alerts", alert),
    Phase("2  the incident goes on", pressure),
    Phase("2b a server is lost", accident),
    Phase("3  New Relic: recovered", recovery),
    Phase("4  !asg delete name=web", farewell),
)
