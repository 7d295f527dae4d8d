"""Rolling updates over real HTTP: batch by batch, paused, cancelled, stopped, taken up again."""
from __future__ import annotations

import json

import pytest

from autoscale import views
from autoscale.heal import survey
from simcloud.servers.offers import IMAGES
from tests.support.loopback import only_linux

OTHER_IMAGE = IMAGES[1].id


def servers(world):
    return [server for server in world.region.snapshot()["servers"]
            if server["OS-EXT-STS:task_state"] != "deleting"]


def images(world):
    return [server["image"]["id"] for server in servers(world)]


def progress(world):
    return json.loads(world.key("rolling_progress"))


def in_service(region):
    """How many nodes of servers that are up the load balancer sends requests to."""
    state = region.snapshot()
    up = {server["addresses"]["private"][0]["addr"] for server in state["servers"]
          if server["status"] == "ACTIVE"}
    (balancer,) = state["load_balancers"]
    return sum(node["address"] in up and node["condition"] == "ENABLED"
               for node in balancer["nodes"])


@pytest.fixture
def web(world):
    """A group of six, converged, whose image was changed since."""
    world.create(min_nodes=6, max_nodes=8)
    world.converge()
    world.ask("web", "update", changes={"vm_image_id": OTHER_IMAGE})
    world.told.clear()
    world.fewest, world.most = [], []
    world.region.observers.append(lambda region, call: (
        world.fewest.append(in_service(region)),
        world.most.append(len(region.snapshot()["servers"]))))
    return world


def roll(world, **policy):
    return world.ask("web", "rolling_update", definition=policy)


def test_six_nodes_with_batch_2_and_minimum_4_stay_six(web):
    answer = roll(web, min_instances_in_service=4, max_batch_size=2)
    assert answer["accepted"]
    assert answer["message"] == (
        "web: rolling update of 6 nodes, 2 at a time, at least 4 in service")
    assert web.converge()["outcome"] == "converged"
    assert images(web) == [OTHER_IMAGE] * 6
    assert min(web.fewest) == 4
    assert progress(web)["batches"] == 3


def test_six_nodes_with_batch_2_and_minimum_6_grow_to_eight(web):
    roll(web, min_instances_in_service=6, max_batch_size=2)
    assert web.converge()["outcome"] == "converged"
    assert images(web) == [OTHER_IMAGE] * 6
    assert min(web.fewest) == 6
    assert max(web.most) == 8


def test_the_chat_hears_of_each_batch_and_of_the_end(web):
    roll(web, max_batch_size=3)
    web.converge()
    assert [line for line in web.told if "rolling update" in line] == [
        "ASG[web] rolling update of 6 nodes, 3 at a time, at least 3 in service",
        "ASG[web] rolling update: 3 of 6 renewed",
        "ASG[web] rolling update: done, all nodes have the current launch configuration"]
    assert "rolling update: 3 of 6 renewed" in web.key("events_converging")


def drifted(world):
    return {found["asg"]: found["reason"] for found in survey(world.parts)["groups"]}


def test_nothing_outdated_is_nothing_to_renew(world):
    world.create(min_nodes=2)
    world.converge()
    answer = roll(world)
    assert not answer["accepted"]
    assert "all nodes have the current launch configuration" in answer["message"]


def test_a_pause_ends_the_convergence_and_self_healing_goes_on_after_it(web):
    roll(web, max_batch_size=4, pause_time="PT5M")
    assert web.converge()["outcome"] == "resting"
    assert sorted(images(web)).count(OTHER_IMAGE) == 4
    assert web.key("status") == "idle"
    ended = progress(web)["ended"]
    tasks = len(web.looks)
    while web.clock.now() < ended + 300:
        assert drifted(web) == {}, "not a task a minute while it pauses"
        assert web.converge()["outcome"] == "resting"
        web.clock.advance(60)
    assert len(web.looks) == tasks + 5, "a convergence in the pause ends at once"
    assert drifted(web) == {"web": "rolling update: 4 of 6 renewed, the next batch waits until "
                                   "all new nodes serve"}
    assert web.converge()["outcome"] == "converged"
    assert images(web) == [OTHER_IMAGE] * 6


def test_a_short_pause_is_waited_for(web):
    roll(web, max_batch_size=3, pause_time=20)
    assert web.converge()["outcome"] == "converged"
    assert images(web) == [OTHER_IMAGE] * 6


def test_one_that_is_cancelled_renews_nothing_more_and_can_be_taken_up_again(web):
    roll(web, max_batch_size=2, pause_time=300)
    web.converge()
    assert web.ask("web", "rolling_update_cancel")["accepted"]
    web.clock.advance(600)
    assert web.converge()["outcome"] == "converged"
    assert sorted(images(web)).count(OTHER_IMAGE) == 2
    assert progress(web)["state"] == "cancelled"
    assert roll(web, max_batch_size=2)["message"] == (
        "web: rolling update of 4 nodes, 2 at a time, at least 4 in service")
    web.converge()
    assert images(web) == [OTHER_IMAGE] * 6


def break_new_ones(world):
    """The other image does not start: its servers end in ERROR."""
    def act(region, call):
        for server in region.snapshot()["servers"]:
            if server["image"]["id"] == OTHER_IMAGE and server["status"] == "ACTIVE":
                region.tamper.set_server_state(server["id"], "ERROR")
    world.region.observers.append(act)


def test_a_bad_image_stops_it_and_the_old_nodes_go_on_serving(web):
    break_new_ones(web)
    roll(web, min_instances_in_service=5, max_failures=3)
    answer = web.converge()
    assert progress(web)["state"] == "stopped"
    assert answer["outcome"] == "failed"
    assert "was stopped" in " ".join(answer["errors"])
    assert len(set(images(web))) == 1
    assert len(images(web)) == min(web.fewest) == 5
    assert any("needs attention: the rolling update was stopped after 0 of 6: 3 new servers failed"
               in line for line in web.told)
    assert "was stopped" in web.key("errors")
    status_text = views.status(web.parts, "web")
    assert status_text["rolling_update"]["state"] == "stopped"
    assert "3 new servers failed" in status_text["text"]


@pytest.fixture
def ailing(world):
    """As web, with a health check that no application passes that starts from now on."""
    world.create(min_nodes=6, max_nodes=8, health_check={
        "type": "http", "path": "/ready", "timeout": 1, "grace_period": 30})
    assert world.converge()["outcome"] == "converged"
    world.ask("web", "update", changes={"vm_image_id": OTHER_IMAGE})
    world.told.clear()
    world.region.settings.app_start_seconds = 10**6
    world.fewest = []
    world.region.observers.append(lambda region, call: world.fewest.append(in_service(region)))
    world.region.calls.clear()
    return world


def healed(world, passes):
    for _ in range(passes):
        if drifted(world):
            world.converge()
        world.clock.advance(60)


@only_linux
@pytest.mark.parametrize("settings", [{"listen": True}])
@pytest.mark.parametrize(("minimum", "failures", "state"), [
    (6, 1, "stopped"), (5, 2, "stopped"), (6, 3, "stopped"), (0, 3, "stopped"),
    (6, 20, "running"), (5, 20, "running")])
def test_new_nodes_that_never_pass_their_check_stop_it_or_are_kept_whichever_comes_first(
        ailing, minimum, failures, state):
    roll(ailing, min_instances_in_service=minimum, max_failures=failures)
    assert ailing.converge()["outcome"] == "failed"
    assert progress(ailing)["state"] == state
    assert len(progress(ailing)["failed"]) == min(failures, 3)
    assert ailing.region.calls.count("POST", "/servers$") == min(failures, 3)
    healed(ailing, 120)
    assert ailing.region.calls.count("POST", "/servers$") <= 3, "and then it rests"
    assert ailing.key("health") == "ERROR"
    assert min(ailing.fewest) >= (minimum or 5)
    assert images(ailing).count(OTHER_IMAGE) <= 1


@only_linux
@pytest.mark.parametrize("settings", [{"listen": True}])
@pytest.mark.parametrize("failures", [3, 20])
def test_an_update_goes_on_when_the_new_application_passes_its_check(ailing, failures):
    roll(ailing, min_instances_in_service=6, max_failures=failures)
    ailing.converge()
    ailing.region.settings.app_start_seconds = 0
    for server in servers(ailing):
        ailing.region.tamper.set_application(server["id"], up=True)
    healed(ailing, 3)
    if failures == 3:
        assert progress(ailing)["state"] == "stopped", "that waits for a person"
        roll(ailing, min_instances_in_service=6)
        ailing.converge()
    assert progress(ailing)["state"] == "done"
    assert images(ailing) == [OTHER_IMAGE] * 6
    assert min(ailing.fewest) == 6
    assert ailing.key("health") == "ACTIVE"


def test_after_a_stop_what_fails_is_tried_ever_more_rarely(web):
    break_new_ones(web)
    roll(web, max_failures=2)
    web.converge()
    web.region.calls.clear()
    for _ in range(60):
        if drifted(web):
            web.converge()
        web.clock.advance(60)
    assert 2 <= web.region.calls.count(method="POST", path="/servers$") <= 12
    web.region.observers.pop()
    web.clock.advance(1800)
    drifted(web)
    web.converge()
    assert len(images(web)) == 6, "what is missing is made once it can be"
    assert sorted(images(web)).count(OTHER_IMAGE) == 1


def test_mending_the_image_and_asking_again_brings_it_to_its_end(web):
    break_new_ones(web)
    roll(web, min_instances_in_service=5)
    web.converge()
    web.region.observers.pop()
    assert roll(web, min_instances_in_service=5)["accepted"]
    assert web.converge()["outcome"] == "converged"
    assert images(web) == [OTHER_IMAGE] * 6
    assert web.key("errors") == "[]"


@pytest.mark.parametrize("look", range(1, 10))
def test_one_that_dies_anywhere_is_taken_up_by_self_healing(web, look):
    roll(web, min_instances_in_service=4, max_batch_size=2)
    web.converge(dies_at=look)
    web.clock.advance(130)
    assert list(drifted(web)) == ["web"]
    assert web.converge()["outcome"] == "converged"
    assert images(web) == [OTHER_IMAGE] * 6
    assert min(web.fewest) >= 4


def test_an_alert_in_the_middle_expands_at_once_and_all_are_renewed(web):
    web.ask("web", "update", changes={"max_nodes": 12, "expand_by": 4})
    roll(web, min_instances_in_service=6, max_batch_size=2)
    web.converge(dies_at=3)
    assert web.ask("web", "alert")["accepted"]
    assert web.converge()["outcome"] == "converged"
    assert images(web) == [OTHER_IMAGE] * 10
    assert min(web.fewest) >= 6
    assert max(web.most) <= 12


def test_a_node_that_breaks_meanwhile_is_replaced_and_counts_as_renewed(web):
    roll(web, min_instances_in_service=4, max_batch_size=2)
    web.converge(dies_at=2)
    old = [server for server in servers(web) if server["image"]["id"] != OTHER_IMAGE]
    web.region.tamper.set_server_state(old[-1]["id"], "ERROR")
    assert web.converge()["outcome"] == "converged"
    assert images(web) == [OTHER_IMAGE] * 6
    assert progress(web)["failed"] == []


def test_a_protected_node_is_left_as_it_is(web):
    kept = servers(web)[0]
    assert web.ask("web", "protect", node=kept["name"])["accepted"]
    assert "web: rolling update of 5 nodes" in roll(web, max_batch_size=5)["message"]
    assert web.converge()["outcome"] == "converged"
    assert sorted(images(web)).count(OTHER_IMAGE) == 5
    assert kept["id"] in {server["id"] for server in servers(web)}
    assert any(f"configuration but {kept['name']}" in line for line in web.told)


def test_with_an_update_policy_another_image_starts_it(world):
    world.create(min_nodes=3, update_policy={"max_batch_size": 3})
    world.converge()
    answer = world.ask("web", "update", changes={"vm_image_id": OTHER_IMAGE})
    assert "a rolling update follows, 3 at a time" in answer["message"]
    assert world.converge()["outcome"] == "converged"
    assert images(world) == [OTHER_IMAGE] * 3


def test_a_group_of_roles_is_renewed_by_whole_units(world):
    world.create(min_nodes=3, max_nodes=4, roles={"web": {}, "worker": {"load_balancers": []}})
    world.converge()
    world.ask("web", "update", changes={
        "roles": {"web": {}, "worker": {"vm_image_id": OTHER_IMAGE, "load_balancers": []}}})
    before = {server["name"] for server in servers(world)}
    assert "rolling update of 3 units" in roll(world, min_instances_in_service=2)["message"]
    assert world.converge()["outcome"] == "converged"
    assert sorted(images(world)).count(OTHER_IMAGE) == 3
    assert len(servers(world)) == 6
    assert before.isdisjoint(server["name"] for server in servers(world)), "the whole unit"


def test_all_at_once_is_what_was_asked_for_and_no_mistake(web):
    """The safety limit is for plans that nobody has asked for."""
    roll(web, max_batch_size=6)
    assert web.converge()["outcome"] == "converged"
    assert images(web) == [OTHER_IMAGE] * 6
