"""What people read about a group: its state in Otter's shape, and its nodes."""
from __future__ import annotations

from typing import Any

from autoscale.core import rolling, texts
from autoscale.core.group import Group
from autoscale.core.hooks import HookRun, written
from autoscale.core.launch import ADOPTED, LAUNCH_MARK
from autoscale.core.observation import Observation, Server
from autoscale.core.planning import (
    departures,
    places,
    planner,
    renewing,
    roster,
    runs,
    tally,
    units,
    wellness,
)
from autoscale.core.planning.fates import Fate
from autoscale.core.planning.protection import protected
from autoscale.core.renewal import RUNNING, STOPPED


def status(group: Group, seen: Observation, now: float) -> dict[str, Any]:
    """The group's state, each node's, and when it may next expand and deflate."""
    roll = roster.call(group, seen, now)
    known = runs.now_known(group, runs.settle(group, int(now)))
    renewal = renewing.renewal(group, roll, seen, int(now), {}, known)
    demand = tally.Demand(
        renewal.capacity, renewed=renewal.victims,
        duty=planner.duty(group, roll, seen, known, renewal.capacity))
    leaving = departures.choose(group, roll, seen, int(now), demand)
    safe, kept = protected(group, roll), tally.spared(group, roll)
    healths = wellness.told(group, roll, seen, int(now))
    nodes = [
        {
            "name": server.name,
            "id": server.id,
            "state": server.state,
            "address": server.address(group.node_network),
            "launch_configuration":
                "current" if server.id in roll.current else "earlier",
            "age_seconds": max(0, int(now - server.created)),
            **_standing(places.conditions(group, server, seen)),
            "leaving": server.id in leaving,
            "stays": server.id in kept,
            "health": healths.get(server.id),
            **_place(group, server),
            "protected": server.id in safe,
            "adopted": server.metadata.get(LAUNCH_MARK) == ADOPTED,
        }
        for server in sorted(roll.present, key=lambda s: (s.created, s.name))
    ]
    active = [node for node in nodes if node["state"] == "ACTIVE" and not node["leaving"]]
    return {
        "group": {
            "name": group.name,
            "paused": group.paused,
            "active": [{"id": node["id"], "name": node["name"]} for node in active],
            "activeCapacity": sum(unit.rank[0] is Fate.ACTIVE
                                  for unit in tally.staying(roll, leaving)),
            "pendingCapacity": len(roll.units) - len(roll.up) + len(
                tally.coming(group, roll)) + len(roll.candidates),
            "desiredCapacity": group.desired,
            "status": group.health,
            "errors": [{"message": problem.message} for problem in group.errors],
        },
        **summary(group),
        "notes": list(planner.notes(group, roll, leaving, seen, demand)),
        "loadbalancer": seen.load_balancer.address if seen.load_balancer else None,
        "nodes": nodes,
        "rolling_update": rolling.report(group, roll, seen, now, renewal, known),
        "hooks": _hooks(group, now),
        "expand": _next(group, now, "expand"),
        "deflate": _next(group, now, "deflate"),
    }


def _hooks(group: Group, now: float) -> list[dict[str, Any]]:
    """The hooks that are under way: of which node, for how long, and until when they may take."""
    return [
        {"hook": run.point, "node": run.name or None, "seconds": max(0, int(now - run.since)),
         "timeout": group.hooks[run.point].timeout,
         "state": _state(group, name, run)}
        for name, run in sorted(group.hook_runs.items())
        if run.since and not run.outcome and run.point in group.hooks]


def _state(group: Group, name: str, run: HookRun) -> str:
    if not group.hooks[run.point].action:
        return "waits for asg.hook_complete"
    return "runs" if written(run, group.hook_results.get(name)) else "is to begin"


def _standing(conditions: dict[str, str]) -> dict[str, Any]:
    """Its condition in a word where that is the same in all its load balancers, and in each."""
    words = set(conditions.values()) or {"none"}
    each = texts.listed([f"{name} {word}" for name, word in conditions.items()])
    return {"load_balancer": words.pop() if len(words) == 1 else each,
            "load_balancers": conditions}


def _place(group: Group, server: Server) -> dict[str, str]:
    """Unit and role of a server, in a group whose units have several."""
    return dict(zip(("unit", "role"), units.place(server, group))) if group.roles else {}


def summary(group: Group) -> dict[str, Any]:
    """One group in a line of asg.list, from its keys alone."""
    return {
        "name": group.name,
        "status": "paused" if group.paused else group.status,
        "health": group.health,
        "total_nodes": group.total_nodes,
        "desired_nodes": group.desired,
        "min_nodes": group.min_nodes,
        "max_nodes": group.max_nodes,
        "active_incident": group.active_incident,
        "application_name": group.application_name,
        "domain": group.domain,
    }


def _next(group: Group, now: float, direction: str) -> str:
    up = direction == "expand"
    if group.deleted or group.paused:
        return "not while the group is " + ("being deleted" if group.deleted else "paused")
    bound = group.max_nodes if up else group.min_nodes
    if group.desired == bound:
        return f"no: {bound} is {'max' if up else 'min'}_nodes"
    last = group.last_expand_timestamp if up else group.last_deflate_timestamp
    ready = last + 60 * (group.expand_delay if up else group.deflate_delay)
    return "possible now" if now >= ready else f"possible {texts.wait(ready - now)}"


def status_text(told: dict[str, Any], noun: str) -> str:
    """The state of a group as lines for a chat. ``noun``: what it is counted in."""
    group = told["group"]
    active = texts.share(group["activeCapacity"], group["desiredCapacity"], noun, "active")
    lines = [f"{told['name']}: {told['status']}, {told['health']}, {active} "
             f"({told['min_nodes']} to {told['max_nodes']})"]
    lines += [f"needs attention: {error['message']}" for error in group["errors"]]
    update = told["rolling_update"]
    lines += [update["text"]] if update and update["state"] in (RUNNING, STOPPED) else []
    lines += [_node_line(node) for node in told["nodes"]]
    lines += told["notes"]
    lines += [f"hook {one['hook']}{' of ' + one['node'] if one['node'] else ''} {one['state']}, "
              f"{one['seconds']} of {one['timeout']} s" for one in told["hooks"]]
    lines.append(f"expand: {told['expand']}; deflate: {told['deflate']}")
    return "\n".join(lines)


def _node_line(node: dict[str, Any]) -> str:
    health = f"{node['health']}, " if node["health"] else ""
    return (f"- {node['name']}: {node['state']}, {node['address']}, {health}"
            f"load balancer: {node['load_balancer']}{', leaving' * node['leaving']}"
            f"{', stays: its removal was abandoned' * node['stays']}"
            f"{', protected' * node['protected']}{', adopted' * node['adopted']}")


def summary_line(told: dict[str, Any], noun: str) -> str:
    """A group in a line of asg.list. ``noun``: what it is counted in."""
    incident = ", incident open" if told["active_incident"] else ""
    up = texts.share(told["total_nodes"], told["desired_nodes"], noun, "up")
    return (f"{told['name']}: {told['status']}, {told['health']}, {up} "
            f"({told['min_nodes']} to {told['max_nodes']}){incident}")
