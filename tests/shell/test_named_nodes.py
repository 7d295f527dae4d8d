"""Protecting, adopting and releasing nodes over HTTP, with deaths half way and lost answers."""
from __future__ import annotations

from functools import partial

import pytest

from autoscale.apply import apply
from autoscale.converge import cycle
from autoscale.core.requests import BadRequest
from autoscale.views import dry_run, history, status
from simcloud import Fault

METADATA = r"/servers/[^/]+/metadata"


@pytest.fixture
def web(world):
    """A converged group of two, and a server of nobody's that is running."""
    world.create(min_nodes=1, max_nodes=4, deflate_by=1, expand_by=1)
    world.converge()
    world.ask("web", "add_node")
    world.converge()
    stranger(world)
    world.region.calls.clear()
    return world


def stranger(world, name="shop-1", **metadata):
    return world.region.tamper.add_server(name, metadata=metadata)["id"]


def servers(world):
    return {server["name"]: server for server in world.region.snapshot()["servers"]}


def ours(world, asg="web"):
    return {name: server for name, server in servers(world).items()
            if server["metadata"].get("asg") == asg}


def private(server):
    return server["addresses"]["private"][0]["addr"]


def serving(world):
    (balancer,) = world.region.snapshot()["load_balancers"]
    return {node["address"] for node in balancer["nodes"]}


def hosts(world):
    return {record["name"].partition(".")[0] for record in world.region.snapshot()["records"]
            if record["type"] == "A"} - {"lb"}


def whole(world):
    """Every node of the group serves and has its record, and nobody else."""
    there = ours(world)
    assert serving(world) == {private(server) for server in there.values()}
    assert hosts(world) == set(there)
    return sorted(there)


def oldest(world):
    return min(ours(world).values(), key=lambda s: (s["created"], s["name"]))["name"]


# Protecting.

def test_a_protected_node_outlives_a_deflation(web):
    node = oldest(web)
    web.ask("web", "protect", node=node)
    web.ask("web", "deflate")
    web.converge()
    assert list(ours(web)) == [node]


def test_more_nodes_than_desired_are_told_of_and_are_no_error(web):
    for node in ours(web):
        web.ask("web", "protect", node=node)
    web.ask("web", "deflate")
    answer = web.converge()
    assert (answer["outcome"], web.key("health"), len(ours(web))) == ("converged", "ACTIVE", 2)
    said = "1 node more than desired is kept"
    assert said in answer["message"]
    assert said in dry_run(web.parts, "web")["text"]
    assert said in status(web.parts, "web")["text"]
    web.ask("web", "unprotect", node=oldest(web))
    web.converge()
    assert len(ours(web)) == 1


def test_a_protected_node_is_deleted_only_after_it_is_protected_no_more(web):
    node = oldest(web)
    web.ask("web", "protect", node=node)
    denied = web.ask("web", "delete_node", node=node)
    assert not denied["accepted"]
    assert "asg.unprotect it first" in denied["message"]
    web.ask("web", "unprotect", node=node)
    assert web.ask("web", "delete_node", node=node)["accepted"]


def test_a_protected_node_that_breaks_is_replaced_and_its_name_forgotten(web):
    node = oldest(web)
    web.ask("web", "protect", node=node)
    web.region.tamper.set_server_state(ours(web)[node]["id"], "ERROR")
    web.converge()
    assert node not in ours(web)
    assert len(whole(web)) == 2
    other = oldest(web)
    web.ask("web", "protect", node=other)
    assert web.key("protected") == f'["{other}"]'


def test_a_node_that_is_protected_after_it_was_chosen_is_not_deleted(web):
    web.ask("web", "deflate")
    chosen = oldest(web)
    batches = until(web, "DeleteServer")
    web.ask("web", "protect", node=chosen)
    (answer,) = [apply(web.parts, "web", batch) for batch in batches
                 if batch["do"] == "DeleteServer"]
    assert answer["done"] == []
    web.converge()
    assert whole(web) == [chosen]


def until(world, do):
    """Work until this kind of step is planned, and answer the batches without applying them."""
    for _ in range(20):
        batches = cycle(world.parts, "web")["batches"]
        if do in {batch["do"] for batch in batches}:
            return batches
        for batch in batches:
            apply(world.parts, "web", batch)
        world.clock.advance(5)
    raise AssertionError(f"{do} is never planned")


def test_what_a_stale_list_leaves_out_stays_protected(web):
    node = oldest(web)
    web.ask("web", "protect", node=node)
    web.region.faults.add(Fault("truncate", path="/servers/detail", keep=0))
    other = next(name for name in ours(web) if name != node)
    web.ask("web", "protect", node=other)
    assert web.key("protected") == f'["{node}", "{other}"]'


# Adopting.

@pytest.mark.parametrize("by", ["name", "id"])
def test_an_adopted_server_becomes_a_node_beside_the_others(web, by):
    before = set(ours(web))
    answer = web.ask("web", "adopt", node=servers(web)["shop-1"][by])
    assert answer["accepted"]
    assert "3 nodes are desired then" in answer["message"]
    assert web.converge()["outcome"] == "converged"
    assert whole(web) == sorted({*before, "shop-1"})
    assert web.region.calls.count(method="POST", path="/servers$") == 0
    assert web.key("desired_nodes") == "3"
    (node,) = [node for node in status(web.parts, "web")["nodes"] if node["name"] == "shop-1"]
    assert (node["adopted"], node["launch_configuration"]) == (True, "earlier")
    told = history(web.store, "web", 20)["text"]
    assert "adopt: adopting server shop-1" in told
    assert "AdoptServer shop-1: its adoption was asked for" in told


def test_an_adopted_server_gets_no_profile_for_it_has_one(world):
    world.create(min_nodes=1, max_nodes=4, hooks={"configure": {"action": "examples.profile"}})
    world.converge()
    stranger(world)
    world.ask("web", "adopt", node="shop-1")
    world.looks.clear()
    world.converge()
    assert [hook for answer in world.looks for hook in answer["hooks"]] == []
    assert "shop-1" in whole(world)


def refused(world, *words, **given):
    before = dict(world.store.texts)
    with pytest.raises(BadRequest) as refusal:
        world.ask("web", **given)
    assert all(word in str(refusal.value) for word in words), refusal.value
    assert world.store.texts == before


def test_a_server_that_nobody_knows_or_several_are_called_by_is_refused(web):
    twin = stranger(web)
    refused(web, "no server 'nobody'", request="adopt", node="nobody")
    refused(web, "2 servers are called 'shop-1'", twin, request="adopt", node="shop-1")
    assert web.ask("web", "adopt", node=twin)["accepted"]


def test_a_server_that_another_group_is_adopting_is_refused(web):
    web.create("db", min_nodes=0)
    web.ask("db", "adopt", node="shop-1")
    refused(web, "is being adopted by group db", request="adopt", node="shop-1")
    web.ask("db", "release", node="shop-1", replace=True)
    assert web.ask("web", "adopt", node="shop-1")["accepted"]


@pytest.mark.parametrize(("metadata", "because"), [
    ({"asg": "db"}, "belongs to group db"), ({}, "max_nodes is 4")])
def test_what_can_not_be_adopted_is_denied_and_left_alone(web, metadata, because):
    for _ in range(2):
        web.ask("web", "add_node")
    web.converge()
    stranger(web, "shop-2", **metadata)
    before, keys = servers(web)["shop-2"], dict(web.store.texts)
    answer = web.ask("web", "adopt", node="shop-2")
    assert not answer["accepted"]
    assert because in answer["message"]
    web.converge()
    assert servers(web)["shop-2"] == before
    assert web.store.texts["asg.web.desired_nodes"] == keys["asg.web.desired_nodes"]
    assert "asg.web.adopting" not in web.store.texts


class Death(BaseException):
    """The process that decides is killed."""


def dies_at(world, field):
    """The next decision dies before it writes this field."""
    write = world.store.set

    def dies(name, text):
        if name.endswith(f".{field}"):
            world.store.set = write
            raise Death
        write(name, text)

    world.store.set = dies


def test_a_decision_to_adopt_that_dies_costs_nobody_a_place_and_is_finished_by_the_next(web):
    before = set(ours(web))
    dies_at(web, "desired_nodes")
    with pytest.raises(Death):
        web.ask("web", "adopt", node="shop-1")
    assert web.converge()["outcome"] == "converged"
    assert set(ours(web)) == before, "it has no place yet"
    assert "shop-1 is not adopted" in dry_run(web.parts, "web")["text"]
    assert "is being adopted already" in web.ask("web", "adopt", node="shop-1")["message"]
    web.converge()
    assert whole(web) == sorted({*before, "shop-1"})
    assert web.key("desired_nodes") == "3"


def test_a_decision_to_adopt_that_dies_in_the_end_makes_no_second_place(web):
    web.ask("web", "adopt", node="shop-1")
    web.set("adopting", web.key("adopting").replace('"desired": 0', '"desired": 3'))
    web.ask("web", "protect", node=oldest(web))
    assert web.key("desired_nodes") == "3"
    web.converge()
    assert len(whole(web)) == 3


@pytest.mark.parametrize("fault", [
    {"status": 504, "after_effect": True}, {"status": 503}, {"status": 409}])
def test_a_mark_whose_writing_fails_or_answers_nothing_is_written_once(web, fault):
    web.ask("web", "adopt", node="shop-1")
    struck = Fault(method="POST", path=f"{METADATA}$", **fault)
    web.region.faults.add(struck)
    assert web.converge()["outcome"] == "converged"
    assert struck.hits == 1
    assert len(whole(web)) == 3
    assert web.region.calls.count(method="POST", path="/servers$") == 0


def test_the_place_of_a_server_that_goes_before_it_is_adopted_is_filled(web):
    web.ask("web", "adopt", node="shop-1")
    web.region.tamper.delete_server(servers(web)["shop-1"]["id"])
    web.converge()
    assert len(whole(web)) == 3
    web.ask("web", "protect", node=oldest(web))
    assert web.key("adopting") == "{}"


def test_a_server_that_somebody_else_took_meanwhile_is_left_to_them(web):
    web.ask("web", "adopt", node="shop-1")
    batches = until(web, "AdoptServer")
    web.region.tamper.set_server_metadata("shop-1", {"asg": "db"})
    (answer,) = [apply(web.parts, "web", batch) for batch in batches
                 if batch["do"] == "AdoptServer"]
    assert "belongs to group db now" in answer["failed"][0]["message"]
    web.converge()
    assert servers(web)["shop-1"]["metadata"] == {"asg": "db"}
    assert len(whole(web)) == 3


def test_an_adoption_is_not_begun_once_the_group_is_to_be_deleted(web):
    web.ask("web", "adopt", node="shop-1")
    batches = until(web, "AdoptServer")
    web.ask("web", "delete")
    assert [apply(web.parts, "web", batch)["done"] for batch in batches
            if batch["do"] == "AdoptServer"] == [[]]
    assert web.converge()["outcome"] == "gone"
    assert {name: server["metadata"] for name, server in servers(web).items()} == {"shop-1": {}}


def test_an_adoption_can_be_taken_back_and_the_server_stays_as_it_was(web):
    before = servers(web)["shop-1"]
    web.ask("web", "adopt", node="shop-1")
    web.ask("web", "release", node="shop-1")
    web.converge()
    assert servers(web)["shop-1"] == before
    assert len(whole(web)) == 2


def test_a_listing_that_does_not_show_the_new_mark_makes_no_second_server(web):
    web.ask("web", "adopt", node="shop-1")
    for batch in until(web, "AdoptServer"):
        apply(web.parts, "web", batch)
    web.region.faults.add(Fault("truncate", path="/servers/detail", keep=0, count=None))
    web.converge()
    assert len(whole(web)) == 3
    assert len(servers(web)) == 3


# Releasing.

def test_a_released_node_is_an_ordinary_server_and_nothing_points_to_it(web):
    node = oldest(web)
    answer = web.ask("web", "release", node=node)
    assert f"releasing node {node}, 1 node is desired then" in answer["message"]
    assert web.converge()["outcome"] == "converged"
    there = servers(web)[node]
    assert (there["status"], there["metadata"]) == ("ACTIVE", {})
    assert len(whole(web)) == 1
    assert web.region.calls.count(method="DELETE", path="/servers/[^/]+$") == 0
    assert [call.status for call in web.region.calls.all() if call.status >= 400] == []
    assert f"ReleaseServer {node}" in history(web.store, "web", 20)["text"]


def test_a_released_node_goes_out_of_rotation_before_its_marks_do(web):
    web.region.calls.clear()
    web.ask("web", "release", node=oldest(web))
    web.converge()
    done = [call.path for call in web.region.calls.all() if call.method == "DELETE"]
    marks = [number for number, path in enumerate(done) if "/metadata/" in path]
    assert marks == list(range(len(done) - len(marks), len(done))), done
    assert done[-1].endswith("/metadata/asg")
    assert len(done) - len(marks) >= 2


def test_with_replacement_another_one_takes_its_place_first(web):
    node = oldest(web)
    web.ask("web", "release", node=node, replace=True)
    web.converge()
    assert len(whole(web)) == 2
    assert servers(web)[node]["metadata"] == {}


def test_the_last_nodes_are_not_released_without_replacement(web):
    web.ask("web", "release", node=oldest(web))
    web.converge()
    denied = web.ask("web", "release", node=oldest(web))
    assert not denied["accepted"]
    assert "min_nodes is 1; replace=true" in denied["message"]


@pytest.mark.parametrize("fault", [
    {"status": 504, "after_effect": True}, {"status": 503}, {"status": 409}])
@pytest.mark.parametrize("at", ["asg_launch", "asg_load_balancer", "asg"])
def test_a_release_that_breaks_off_half_way_is_carried_on(web, fault, at):
    node = next(name for name, server in ours(web).items() if at in server["metadata"])
    web.ask("web", "release", node=node)
    struck = Fault(method="DELETE", path=f"{METADATA}/{at}$", **fault)
    web.region.faults.add(struck)
    assert web.converge()["outcome"] == "converged"
    assert struck.hits == 1
    assert (servers(web)[node]["status"], servers(web)[node]["metadata"]) == ("ACTIVE", {})
    assert len(whole(web)) == 1


def test_a_group_that_is_deleted_meanwhile_releases_it_instead(web):
    node = oldest(web)
    web.ask("web", "release", node=node)
    web.ask("web", "delete")
    assert web.converge()["outcome"] == "gone"
    left = servers(web)
    assert set(left) == {node, "shop-1"}
    assert (left[node]["status"], left[node]["metadata"]) == ("ACTIVE", {})
    assert web.store.texts == {}


def test_a_released_node_can_be_adopted_again_and_stays_then(web):
    node = oldest(web)
    web.ask("web", "release", node=node)
    web.converge()
    assert web.ask("web", "adopt", node=node)["accepted"]
    web.converge()
    assert node in whole(web)
    web.ask("web", "release", node=node)
    web.converge()
    assert node not in whole(web)
    assert servers(web)[node]["metadata"] == {}
    for _ in range(2):
        web.clock.advance(300)
        web.converge()
    assert servers(web)[node]["metadata"] == {}, "it is not adopted once more"


def test_a_node_that_is_being_deleted_is_not_released(web):
    node = oldest(web)
    web.ask("web", "delete_node", node=node)
    denied = web.ask("web", "release", node=node)
    assert not denied["accepted"]
    assert "to be deleted" in denied["message"]


@pytest.mark.parametrize("request_", ["protect", "release", "delete_node", "unprotect"])
def test_only_nodes_of_the_group_can_be_named(web, request_):
    refuse = partial(refused, web, "'shop-1' is not a node of web")
    refuse(request=request_, node="shop-1")


def test_a_paused_group_protects_but_neither_adopts_nor_releases(web):
    web.ask("web", "pause")
    node = oldest(web)
    assert web.ask("web", "protect", node=node)["accepted"]
    for request_, named in (("adopt", "shop-1"), ("release", node)):
        assert "it is paused" in web.ask("web", request_, node=named)["message"]


