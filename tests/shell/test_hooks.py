"""Hooks on a simulated region: a node's profile, its end, and telling of both."""
from __future__ import annotations

import json
from dataclasses import replace

import pytest

from autoscale.converge import PATIENCE
from autoscale.heal import survey
from autoscale.tick import tick
from tests.support.loop import NEVER

PROFILE = {"action": "examples.profile", "timeout": 600}
FINISH = {"action": "examples.finish", "timeout": 600}


def servers(world):
    return sorted((server for server in world.region.snapshot()["servers"]
                   if server["OS-EXT-STS:task_state"] != "deleting"),
                  key=lambda server: server["created"])


def names(world):
    return {server["name"] for server in servers(world)}


def rotation(world):
    balancer, = world.region.snapshot()["load_balancers"]
    return {node["address"] for node in balancer["nodes"]}


def private(server):
    return server["addresses"]["private"][0]["addr"]


def runs(world):
    return json.loads(world.key("hook_runs") or "{}")


def fail(message):
    def action(given):
        raise RuntimeError(message)

    return action


def history(world):
    return " / ".join(event["what"] for event in json.loads(world.key("events_converging")))


def pass_time(world, seconds):
    """Self-healing looks every minute, and has converged what has drifted."""
    for _ in range(seconds // 60):
        world.clock.advance(60)
        if survey(world.parts)["groups"]:
            world.converge()


# A node's profile.

def test_a_node_joins_only_after_its_configure_hook(world):
    world.hooks["examples.profile"] = lambda given: None
    world.create(hooks={"configure": {**PROFILE, "parameters": {"role": "web"}}}, min_nodes=2)
    assert world.converge()["outcome"] == "converged"
    assert rotation(world) == {private(server) for server in servers(world)}
    assert sorted(given["node"] for _, given in world.ran) == sorted(names(world))
    assert {run for run, _ in world.ran} == {f"configure.{s['id']}" for s in servers(world)}
    assert world.ran[0][1] == {
        "asg": "web", "role": "web", "node": world.ran[0][1]["node"],
        "node_id": world.ran[0][0].split(".")[1], "address": world.ran[0][1]["address"]}
    assert all(s["metadata"]["asg_configured"] == "True" for s in servers(world))
    assert runs(world) == {}
    assert [key for key in world.store.texts if ".hook." in key] == []


def test_an_action_of_stackstorms_own_is_given_nothing_that_it_would_refuse(world):
    world.create(min_nodes=1, hooks={
        "configure": {"action": "core.local", "parameters": {"cmd": "true"}}})
    assert world.converge()["outcome"] == "converged"
    assert [given for _, given in world.ran] == [{"cmd": "true"}]


def test_a_node_whose_profile_fails_is_replaced_and_the_last_is_kept_with_its_output(world):
    world.hooks["examples.profile"] = fail("could not fetch: password=hunter22")
    world.create(hooks={"configure": {**PROFILE, "attempts": 3}}, min_nodes=1, max_nodes=3)
    answer = world.converge()
    assert answer["outcome"] == "failed"
    assert len(world.ran) == 3
    assert len({given["node_id"] for _, given in world.ran}) == 3
    assert [server["id"] for server in servers(world)] == [world.ran[-1][1]["node_id"]]
    assert rotation(world) == set()
    assert world.key("health") == "ERROR"
    assert "could not fetch: password=***" in answer["errors"][0]
    assert "hunter22" not in "".join(world.store.texts.values()) + "".join(world.told)
    assert "the configure hook of" in history(world)


def test_a_new_convergence_tries_the_node_that_was_kept_once_more(world):
    world.hooks["examples.profile"] = fail("no")
    world.create(hooks={"configure": {**PROFILE, "attempts": 1}}, min_nodes=1)
    assert world.converge()["outcome"] == "failed"
    kept, = names(world)
    assert world.converge()["outcome"] == "failed"
    assert len(world.ran) == 2
    world.hooks["examples.profile"] = lambda given: None
    assert world.converge()["outcome"] == "converged"
    assert names(world) == {kept}
    assert (world.key("health"), world.key("configure_failures")) == ("ACTIVE", None)


def test_a_node_that_nobody_configures_in_time_is_replaced(world):
    never = iter([NEVER])
    world.hooks["examples.profile"] = lambda given: next(never, None)
    world.create(hooks={"configure": {**PROFILE, "timeout": 300}}, min_nodes=1)
    assert world.converge()["outcome"] == "converged"
    assert [given["node"] for _, given in world.ran][1:] == list(names(world))
    assert "did not end within 300 s" in "".join(world.told)


def test_a_node_may_join_without_its_profile_where_the_default_is_to_continue(world):
    world.hooks["examples.profile"] = fail("no")
    world.create(hooks={"configure": {**PROFILE, "default": "continue"}}, min_nodes=1)
    assert world.converge()["outcome"] == "converged"
    assert rotation(world) == {private(server) for server in servers(world)}
    assert "failed: no; it joins all the same" in "".join(world.told)


def test_a_run_that_does_not_begin_is_asked_for_again_and_the_rule_is_named(world):
    world.create(hooks={"configure": PROFILE}, min_nodes=1)
    begin, world.run_hook = world.run_hook, lambda **hook: asked.append(hook)
    asked: list = []
    answer = world.converge()
    assert len(asked) == 3
    assert len({hook["since"] for hook in asked}) == 3
    assert "rule autoscale.run_hook enabled" in answer["errors"][0]
    world.run_hook = begin
    assert world.run_hook(**asked[0])["start"] is False, "it is out of date"
    assert world.run_hook(**asked[-1])["converge"]
    assert world.run_hook(**asked[-1])["start"] is False, "it has begun before"
    assert world.converge()["outcome"] == "converged"


def test_the_governor_asks_for_a_run_whose_trigger_was_lost(world):
    world.create(hooks={"configure": PROFILE}, min_nodes=1)
    asked: list = []
    world.run_hook = lambda **hook: asked.append(hook)
    world.converge()
    dispatched: list = []

    class Service:
        def list_values(self, local, prefix, **page):
            from types import SimpleNamespace as Pair
            return [Pair(name=k, value=v) for k, v in world.store.list(prefix).items()]

        def dispatch(self, trigger, payload):
            dispatched.append((trigger, payload))

        def set_value(self, name, text, local):
            world.store.set(name, text)

    import logging
    world.clock.advance(40)
    tick(Service(), logging.getLogger("test"), world.clock.now())
    assert ("autoscale.hook_due", asked[-1]) in dispatched


# Its end.

@pytest.fixture
def web(world):
    world.create(hooks={"before_terminate": FINISH}, min_nodes=1, max_nodes=4)
    world.converge()
    world.ask("web", "add_node")
    assert world.converge()["outcome"] == "converged"
    world.ran.clear()
    world.told.clear()
    return world


def victim(world):
    world.ask("web", "deflate", force=True)
    world.converge()
    (_, given), = world.ran
    return given


def test_a_node_finishes_out_of_rotation_before_it_is_deleted(web):
    def finish(given):
        assert given["address"] not in rotation(web)
        assert given["node"] in names(web)

    web.hooks["examples.finish"] = finish
    gone = victim(web)
    assert gone["node"] not in names(web)
    assert "has succeeded" in history(web)


def test_a_long_end_does_not_keep_the_convergence_and_nobody_is_pressed(web):
    web.hooks["examples.finish"] = lambda given: NEVER
    gone = victim(web)
    answer = web.looks[-1]
    assert answer["outcome"] == "resting"
    assert "before_terminate hook is under way" in answer["message"]
    assert web.key("status") == "idle"
    looks = len(web.looks)
    pass_time(web, 300)
    assert len(web.looks) == looks, "self-healing leaves it in peace"
    assert gone["node"] in names(web)


def test_an_end_that_does_not_come_is_waited_for_no_longer_than_its_time_out(web):
    web.hooks["examples.finish"] = lambda given: NEVER
    gone = victim(web)
    pass_time(web, 360)
    assert gone["node"] in names(web)
    pass_time(web, 240)
    assert gone["node"] not in names(web)
    assert "did not end within 600 s; it is deleted all the same" in "".join(web.told)
    assert web.key("health") == "ACTIVE"


def test_a_node_whose_end_fails_stays_and_serves_again_where_that_is_the_default(web):
    web.ask("web", "update", changes={
        "hooks": {"before_terminate": {**FINISH, "default": "abandon"}}})
    web.hooks["examples.finish"] = fail("shards are left")
    kept = victim(web)
    assert kept["node"] in names(web)
    assert kept["address"] in rotation(web)
    assert web.key("desired_nodes") == "1"
    assert "shards are left; it stays" in "".join(web.told)
    pass_time(web, 600)
    assert len(web.ran) == 1, "it is not chosen again"
    assert len(names(web)) == 2


def test_asg_hook_complete_ends_it(web):
    web.hooks["examples.finish"] = lambda given: NEVER
    gone = victim(web)
    answer = web.ask("web", "hook_complete", node=gone["node"])
    assert answer["accepted"], answer
    assert web.converge()["outcome"] == "converged"
    assert gone["node"] not in names(web)


def test_a_hook_without_action_waits_to_be_told(web):
    web.ask("web", "update", changes={"hooks": {"before_terminate": {"timeout": 3600}}})
    web.ask("web", "deflate", force=True)
    assert "waits for asg.hook_complete" in web.converge()["message"]
    run, = runs(web).values()
    assert web.ran == []
    assert web.ask("web", "hook_complete", node=run["name"])["accepted"]
    web.converge()
    assert run["name"] not in names(web)


def test_who_waits_to_be_told_can_be_told_at_once(web):
    web.ask("web", "update", changes={"hooks": {"before_terminate": {"timeout": 3600}}})
    web.ask("web", "deflate", force=True)
    advance = web.parts.sleep

    def sleep(seconds):
        for run in runs(web).values():
            web.ask("web", "hook_complete", node=run["name"])
        advance(seconds)

    web.parts = replace(web.parts, sleep=sleep)
    began = web.clock.now()
    web.converge()
    assert len(names(web)) == 1
    assert web.clock.now() - began < PATIENCE


def test_asg_hook_abandon_puts_the_node_back_until_it_is_removed_again(web):
    web.hooks["examples.finish"] = lambda given: NEVER
    node = servers(web)[0]["name"]
    assert web.ask("web", "delete_node", node=node)["accepted"]
    web.converge()
    assert web.ask("web", "hook_abandon", node=node)["accepted"]
    assert web.converge()["outcome"] == "converged"
    kept = next(server for server in servers(web) if server["name"] == node)
    assert private(kept) in rotation(web)
    assert not web.ask("web", "hook_abandon", node=node)["accepted"]
    assert web.key("evict") == "[]"
    pass_time(web, 900)
    assert node in names(web)
    web.hooks["examples.finish"] = lambda given: None
    again = web.ask("web", "delete_node", node=node)
    assert again["accepted"], again
    assert web.key("desired_nodes") == "1"
    web.converge()
    assert node not in names(web)
    assert len(names(web)) == 1
    assert len(web.ran) == 2


@pytest.mark.parametrize("state", ["ERROR", "SHUTOFF"])
def test_who_is_broken_has_nothing_to_finish(web, state):
    web.region.tamper.set_server_state(servers(web)[0]["id"], state)
    web.converge()
    assert web.ran == []
    assert len(names(web)) == 2


def test_nothing_to_complete_is_a_denial_with_the_reason(web):
    node = servers(web)[0]["name"]
    denied = web.ask("web", "hook_complete", node=node)
    assert not denied["accepted"]
    assert "no before_terminate hook waits" in denied["message"]


# Who goes.

@pytest.fixture
def three(world):
    world.create(min_nodes=1, max_nodes=4,
                 hooks={"select_victims": {"action": "examples.choose", "timeout": 300}})
    world.converge()
    world.ask("web", "exact", nodes=3)
    assert world.converge()["outcome"] == "converged"
    assert world.ran == []
    world.told.clear()
    return world


def test_who_goes_is_chosen_by_the_hook(three):
    youngest = servers(three)[-1]["name"]
    three.hooks["examples.choose"] = lambda given: {
        "result": {"names": [youngest, *(n for n in given["candidates"] if n != youngest)]}}
    before = [server["name"] for server in servers(three)]
    three.ask("web", "exact", nodes=2)
    assert three.converge()["outcome"] == "converged"
    assert names(three) == {*before} - {youngest}
    (run, given), = three.ran
    assert (run, given["asg"], given["count"]) == ("select_victims", "web", 1)
    assert sorted(given["candidates"]) == sorted(before)


@pytest.mark.parametrize(("answer", "why"), [
    ({"result": ["stranger"]}, "not among its candidates"),
    ({"result": []}, "has named 0 of 1 node"),
    ({"stdout": "{0} {0}"}, "has named a node twice"),
    (RuntimeError("no idea"), "failed: no idea"),
    (NEVER, "did not end within 300 s"),
])
def test_a_wrong_answer_falls_back_to_the_deletion_policy_and_is_told(three, answer, why):
    oldest = servers(three)[0]["name"]

    def choose(given):
        if isinstance(answer, Exception):
            raise answer
        text = answer.get("stdout") if answer is not NEVER else None
        return {"stdout": text.format(given["candidates"][1])} if text else answer

    three.hooks["examples.choose"] = choose
    three.ask("web", "exact", nodes=2)
    three.converge()
    pass_time(three, 420)
    assert oldest not in names(three)
    assert len(names(three)) == 2
    told, = [line for line in three.told if "select_victims" in line]
    assert why in told
    assert "the deletion policy chooses" in told
    assert "select_victims" in history(three)


# The end of the group.

def test_a_group_that_is_deleted_lets_its_nodes_finish(web):
    web.hooks["examples.finish"] = lambda given: NEVER
    there = names(web)
    web.ask("web", "delete")
    web.converge()
    assert names(web) == there
    assert {given["node"] for _, given in web.ran} == there
    first, second = sorted(there)
    assert not web.ask("web", "hook_abandon", node=first)["accepted"]
    assert web.ask("web", "hook_complete", node=first)["accepted"]
    web.converge()
    assert names(web) == {second}
    web.ask("web", "delete")
    assert web.converge()["outcome"] == "gone"
    assert names(web) == set()
    assert not [key for key in web.store.texts if key.startswith("asg.")]


def test_a_group_that_is_deleted_by_force_waits_for_nobody(web):
    web.hooks["examples.finish"] = lambda given: NEVER
    web.ask("web", "delete", force=True)
    assert web.converge()["outcome"] == "gone"
    assert web.ran == []


# Telling of it.

def test_each_node_is_told_of_once_when_it_is_ready_and_once_when_it_is_gone(world):
    world.create(min_nodes=1, max_nodes=3, hooks={
        "configure": PROFILE, "after_create": {"action": "examples.hello"},
        "after_terminate": {"action": "examples.goodbye"}})
    world.converge()
    first, = servers(world)
    world.ask("web", "add_node")
    world.converge()
    pass_time(world, 300)
    told = [(run.split(".")[0], given["node"], given["address"]) for run, given in world.ran]
    hello = [each for each in told if each[0] == "after_create"]
    assert sorted(each[1:] for each in hello) == sorted(
        (server["name"], private(server)) for server in servers(world))
    world.ask("web", "delete_node", node=first["name"])
    world.converge()
    pass_time(world, 300)
    goodbye = [(given["node"], given["address"]) for run, given in world.ran
               if run.startswith("after_terminate")]
    assert goodbye == [(first["name"], private(first))]
    assert runs(world) == {}


def test_a_notification_that_fails_holds_nothing_up(world):
    world.hooks["examples.hello"] = fail("registry is down")
    world.create(min_nodes=1, hooks={"after_create": {"action": "examples.hello"}})
    assert world.converge()["outcome"] == "converged"
    assert rotation(world) == {private(server) for server in servers(world)}
    assert "after_create hook of" in "".join(world.told)
    assert world.key("health") == "ACTIVE"


def test_a_group_that_is_deleted_tells_of_its_nodes(world):
    world.create(min_nodes=2, hooks={"after_terminate": {"action": "examples.goodbye"}})
    world.converge()
    there = names(world)
    world.ask("web", "delete")
    assert world.converge()["outcome"] == "gone"
    assert {given["node"] for _, given in world.ran} == there


def test_a_hook_that_is_set_later_is_for_new_nodes(world):
    world.create(min_nodes=1, max_nodes=2)
    world.converge()
    world.ask("web", "update", changes={"hooks": {"after_create": {"action": "examples.hello"}}})
    world.converge()
    assert world.ran == []
    world.ask("web", "add_node")
    world.converge()
    assert [given["node"] for _, given in world.ran] == [servers(world)[-1]["name"]]
