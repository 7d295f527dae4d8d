"""Nodes that are up and do not serve: watched, replaced, and let be where replacing would hurt."""
from __future__ import annotations

import json

import pytest

from autoscale import heal
from autoscale.core.checks import Check
from autoscale.core.planning.newcomers import trial
from autoscale.groups import load
from autoscale.heal import survey
from autoscale.views import status
from tests.support.loopback import only_linux

pytestmark = only_linux

CHECK = {"type": "http", "path": "/ready", "timeout": 1, "grace_period": 60}


@pytest.fixture
def settings():
    return {"listen": True}


@pytest.fixture
def web(world):
    """A converged group of four nodes with a health check."""
    return made(world)


def made(world, asg="web", nodes=4):
    world.create(asg, min_nodes=nodes, max_nodes=10, health_check=CHECK, drain_timeout=300)
    assert world.converge(asg)["outcome"] == "converged"
    world.told.clear()
    return world


def servers(world, asg="web"):
    return {server["name"]: server for server in world.region.snapshot()["servers"]
            if server["metadata"]["asg"] == asg}


def nodes(world, number=0):
    return {node["address"] for node in world.region.snapshot()["load_balancers"][number]["nodes"]}


def private(server):
    return server["addresses"]["private"][0]["addr"]


def stop(world, *names):
    for name in names:
        world.region.tamper.set_application(name, up=False)


def start(world, *names):
    for name in names:
        world.region.tamper.set_application(name, up=True)


def drifted(world):
    return {found["asg"]: found["reason"] for found in survey(world.parts)["groups"]}


def awaited(world):
    return [sentence for look in world.looks for sentence in look["awaited"]]


def test_a_node_that_stops_serving_is_found_in_a_pass_and_replaced_without_draining(web):
    ill, *others = servers(web)
    assert drifted(web) == {}
    stop(web, ill)
    assert drifted(web) == {"web": f"{ill} fails its health check, 1 of 3"}
    began = web.clock.now()
    assert web.converge()["outcome"] == "converged"
    there = servers(web)
    assert ill not in there
    assert set(others) < set(there)
    assert nodes(web) == {private(server) for server in there.values()}
    assert len(there) == 4
    assert web.clock.now() - began < 100
    assert drifted(web) == {}


def test_a_node_that_recovers_in_time_is_let_be(web):
    ill = next(iter(servers(web)))
    before = set(servers(web))
    stop(web, ill)
    when_time_passes(web, lambda: '"failed": 2' in web.key("checks") and start(web, ill))
    assert web.converge()["outcome"] == "converged"
    assert set(servers(web)) == before
    assert '"failed"' not in web.key("checks")
    assert len(nodes(web)) == 4


def when_time_passes(world, then):
    """Do this each time the pack has slept."""
    sleep = world.parts.sleep

    def slept(seconds):
        sleep(seconds)
        then()

    object.__setattr__(world.parts, "sleep", slept)


class Killed(Exception):
    pass


def test_counts_survive_the_death_of_a_convergence(web):
    ill = next(iter(servers(web)))
    stop(web, ill)

    def die():
        if '"failed": 2' in web.key("checks"):
            raise Killed

    when_time_passes(web, die)
    with pytest.raises(Killed):
        web.converge()
    web.looks.clear()
    object.__setattr__(web.parts, "sleep", web.clock.advance)
    web.clock.advance(120)
    web.converge()
    assert web.looks[0]["next"] == "apply", "two failures are remembered, the third is enough"
    assert ill not in servers(web)


def test_when_all_fail_nothing_is_touched_the_channel_hears_it_once_and_it_ends_by_itself(web):
    before = set(servers(web))
    stop(web, *before)
    assert web.converge()["outcome"] == "failed"
    assert web.converge()["outcome"] == "failed"
    assert set(servers(web)) == before
    assert len(nodes(web)) == 4
    assert web.key("health") == "ERROR"
    said = [line for line in web.told if "all 4 servers fail the health check" in line]
    assert len(said) == 1
    web.clock.advance(60)
    assert drifted(web) == {}, "tried again later, and not every minute"
    start(web, *before)
    assert list(drifted(web)) == ["web"], "that it passes again is seen within a minute"
    assert web.converge()["outcome"] == "converged"
    assert set(servers(web)) == before
    assert web.key("health") == "ACTIVE"
    assert any("well again" in line for line in web.told)


def test_of_several_that_fail_one_quarter_is_replaced_at_a_time(web):
    ill = sorted(servers(web))[:3]
    stop(web, *ill)
    counts = []
    web.region.observers.append(lambda region, call: counts.append(len(
        {s.private for s in region.servers.all() if s.status == "ACTIVE" and not s.deleting
         and s.name in ill})))
    assert web.converge()["outcome"] == "converged"
    assert not set(ill) & set(servers(web))
    assert len(servers(web)) == 4
    assert all(later in (earlier, earlier - 1) for earlier, later in zip(counts, counts[1:]))


def test_a_newcomer_that_never_serves_is_replaced_after_its_grace_period(web):
    web.region.settings.app_start_seconds = 10**6
    web.ask("web", "add_node")
    old = set(servers(web))
    began = web.clock.now()

    def mend():
        if web.clock.now() - began > 60:
            web.region.settings.app_start_seconds = 0

    when_time_passes(web, mend)
    assert web.converge()["outcome"] == "converged"
    there = servers(web)
    assert old < set(there)
    assert len(there) == 5
    assert len(nodes(web)) == 5
    assert web.region.calls.count("POST", "/servers$") == 4 + 2


def grow_in_vain(world, **changes):
    """One node more is desired; no new application comes up any more."""
    world.region.settings.app_start_seconds = 10**6
    old = set(servers(world))
    world.ask("web", "update", changes={"health_check": {**CHECK, **changes}})
    world.ask("web", "add_node")
    assert world.converge()["outcome"] == "failed"
    (kept,) = set(servers(world)) - old
    return kept


def mend(world, *names):
    world.region.settings.app_start_seconds = 0
    start(world, *names)


def created(world):
    return world.region.calls.count("POST", "/servers$")


def healed(world, passes):
    """Self-healing for so many minutes; which groups it had converged, in which minutes."""
    found = []
    for minute in range(passes):
        reasons = drifted(world)
        if reasons:
            found.append((minute, reasons["web"]))
            world.converge()
        world.clock.advance(60)
    return found


def test_newcomers_that_never_serve_are_replaced_so_many_times_and_then_a_person_is_asked(web):
    before = created(web)
    kept = grow_in_vain(web)
    assert created(web) == before + 3
    assert len(servers(web)) == 5
    assert private(servers(web)[kept]) not in nodes(web)
    assert len(nodes(web)) == 4
    assert (web.key("health"), web.key("status")) == ("ERROR", "idle")
    said = [line for line in web.told if "needs attention" in line]
    assert len(said) == 1
    assert f"{kept} has not passed the health check (http, port 8080, path /ready)" in said[0]
    assert "in a row: 2" in said[0]
    assert "never passed, kept" in status(web.parts, "web")["text"]


def test_a_newcomer_that_is_kept_rests_and_joins_by_itself_when_it_serves(web):
    kept = grow_in_vain(web)
    before, looks = created(web), len(web.looks)
    tried = healed(web, 120)
    assert len(tried) <= 10, "ever more rarely"
    assert len(web.looks) - looks == len(tried), "and no convergence stays for it"
    assert created(web) == before
    assert set(servers(web)) >= {kept}
    mend(web, kept)
    assert healed(web, 3) == [(0, f"{kept} passes its health check again")], "within a pass"
    assert len(nodes(web)) == 5
    assert (web.key("health"), web.key("health_failures")) == ("ACTIVE", "{}")
    assert any("well again" in line for line in web.told)
    assert created(web) == before


def test_a_node_in_rotation_that_fails_meanwhile_is_replaced_as_ever(web):
    kept = grow_in_vain(web, replace_percent=50)
    ill = sorted(set(servers(web)) - {kept})[0]
    web.region.settings.app_start_seconds = 0
    stop(web, ill)
    assert [minute for minute, _ in healed(web, 3)] == [0]
    assert ill not in servers(web)
    assert kept not in servers(web), "its replacement has passed: newcomers are tried again"
    assert len(nodes(web)) == 5


def test_a_newcomer_that_passes_while_others_are_waited_for_ends_the_row_at_once(web):
    """That it passes for the first time is seen by one look only."""
    old = set(servers(web))
    web.set("health_failures", json.dumps({"gone": trial(load(web.store, "web"), "")}))
    web.ask("web", "update", changes={"min_nodes": 6})
    kept = []

    def sees():
        new = sorted(set(servers(web)) - old)
        stop(web, *new[:1])
        checks = json.loads(web.key("checks"))
        if any(checks.get(servers(web)[name]["id"], {}).get("passed") for name in new):
            kept.append("gone" in web.key("health_failures"))

    when_time_passes(web, sees)
    web.converge(dies_at=6)
    assert kept
    assert not any(kept)


def test_another_launch_configuration_has_newcomers_tried_anew(web):
    kept = grow_in_vain(web)
    web.region.settings.app_start_seconds = 0
    web.ask("web", "update", changes={"vm_size_id": "3"})
    assert web.converge()["outcome"] == "converged"
    assert kept not in servers(web)
    assert len(nodes(web)) == 5


def test_a_kept_newcomer_can_be_replaced_by_hand(web):
    kept = grow_in_vain(web)
    web.region.settings.app_start_seconds = 0
    web.ask("web", "delete_node", node=kept, replace=True)
    assert web.converge()["outcome"] == "converged"
    assert kept not in servers(web)
    assert (len(nodes(web)), web.key("health")) == (5, "ACTIVE")


def test_one_that_was_to_be_replaced_goes_on_serving_when_its_replacement_is_kept(web):
    web.region.settings.app_start_seconds = 10**6
    old = sorted(servers(web))
    web.ask("web", "delete_node", node=old[0], replace=True)
    began = web.clock.now()
    assert web.converge()["outcome"] == "failed"
    assert web.clock.now() - began < 600, "and no convergence waits for what does not come"
    assert len(nodes(web)) == 4
    (kept,) = set(servers(web)) - set(old)
    mend(web, kept)
    healed(web, 2)
    assert set(servers(web)) == {*old[1:], kept}
    assert len(nodes(web)) == 4


@pytest.mark.parametrize("look", range(1, 14))
def test_a_death_anywhere_costs_no_newcomer_more(web, look):
    before = created(web)
    web.region.settings.app_start_seconds = 10**6
    web.ask("web", "add_node")
    web.converge(dies_at=look)
    web.clock.advance(130)
    web.converge()
    assert created(web) - before <= 3
    assert web.key("health") == "ERROR"


def test_a_check_that_nobody_can_pass_touches_nobody_when_it_is_set(web):
    before = set(servers(web))
    web.ask("web", "update", changes={"health_check": {
        "type": "tcp", "timeout": 1, "grace_period": 30}, "node_port": 8081})
    web.converge()
    web.clock.advance(60)
    assert web.converge()["outcome"] == "failed"
    assert set(servers(web)) == before


def test_status_shows_each_nodes_health(web):
    ill = sorted(servers(web))[0]
    stop(web, ill)
    told = status(web.parts, "web")
    assert {node["name"]: node["health"] for node in told["nodes"]} == {
        name: "failing 1 of 3" if name == ill else "passing" for name in servers(web)}
    assert f"- {ill}: ACTIVE, {private(servers(web)[ill])}, failing 1 of 3, " in told["text"]


def test_without_a_health_check_nobody_is_asked_and_nothing_is_said_of_it(web):
    web.ask("web", "update", changes={"health_check": {}})
    web.converge()
    stop(web, *servers(web))
    assert drifted(web) == {}
    assert web.key("checks") == "{}"
    told = status(web.parts, "web")
    assert {node["health"] for node in told["nodes"]} == {None}


def test_one_pass_has_only_so_many_groups_converged_because_nodes_fail(web, monkeypatch):
    monkeypatch.setattr(heal, "FAILING_GROUPS", 2)
    for asg in ("a", "b", "c"):
        made(web, asg, nodes=2)
    stop(web, *[sorted(servers(web, asg))[0] for asg in ("web", "a", "b", "c")])
    assert len(drifted(web)) == 2


def test_groups_that_keep_a_newcomer_take_no_place_from_those_that_can_be_healed(
        web, monkeypatch):
    grow_in_vain(web)
    web.region.settings.app_start_seconds = 0
    made(web, "db", nodes=2)
    monkeypatch.setattr(heal, "FAILING_GROUPS", 1)
    stop(web, sorted(servers(web, "db"))[0])
    assert list(drifted(web)) == ["db"]


def test_for_whom_there_was_no_time_in_a_pass_nothing_has_drifted(web, monkeypatch):
    stop(web, next(iter(servers(web))))
    monkeypatch.setattr(heal, "ASK_WITHIN", 0)
    assert drifted(web) == {}


def test_a_hand_in_the_key_replaces_nobody(web):
    ids = {server["id"]: Check(0, 0, 99, True) for server in servers(web).values()}
    web.set("checks", json.dumps({id: vars(check) for id, check in ids.items()}))
    before = set(servers(web))
    assert web.converge()["outcome"] == "converged"
    assert set(servers(web)) == before
