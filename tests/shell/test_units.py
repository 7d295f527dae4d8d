"""Several roles and several load balancers, against the simulated region."""
from __future__ import annotations

import json

import pytest

from autoscale.apply import apply

BALANCERS = {"main": {}, "tls": {"listen": 443, "protocol": "TCP", "port": 8443}}
WORKER = {"vm_size_id": "3", "load_balancers": []}


def given(world) -> str:
    """A load balancer that somebody else has made, with a node of theirs."""
    made = world.parts.cloud.load_balancers.create(
        "shared", port=80, protocol="HTTP", owner="somebody")
    world.clock.advance(60)
    world.region.tamper.add_node(made, "10.99.0.1", 80)
    return made


def joined(world, balancer_id: str) -> set[tuple[str, int]]:
    found = world.parts.cloud.load_balancers.get(balancer_id)
    return {(node.address, node.port) for node in found.nodes}


def servers(world, asg: str = "web"):
    return [server for server in world.parts.cloud.servers.list() if server.group == asg]


def test_nodes_join_own_and_given_load_balancers_and_leave_them_with_the_group(world):
    shared = given(world)
    world.create(min_nodes=2, load_balancers={
        **BALANCERS, "public": {"id": shared, "port": 9000, "weight": 3}})
    assert world.converge()["outcome"] == "converged"
    addresses = {server.private for server in servers(world)}
    own = {lb.name: lb for lb in world.region.load_balancers.all()}
    assert {"asg_web_lb", "asg_web_tls_lb"} <= set(own)
    assert joined(world, str(own["asg_web_lb"].id)) == {(a, 8080) for a in addresses}
    assert joined(world, str(own["asg_web_tls_lb"].id)) == {(a, 8443) for a in addresses}
    assert joined(world, shared) == {("10.99.0.1", 80), *((a, 9000) for a in addresses)}

    world.ask("web", "delete")
    assert world.converge()["outcome"] == "gone"
    assert [lb.name for lb in world.region.load_balancers.all() if lb.status != "DELETED"] == [
        "shared"]
    assert joined(world, shared) == {("10.99.0.1", 80)}


@pytest.mark.parametrize("left", [{"main": {}}, {"main": {}, "tls": {"id": "1001", "port": 9000}}])
@pytest.mark.parametrize("later", [5, 300])
def test_an_own_load_balancer_that_is_left_before_anybody_saw_it_goes_with_its_group(
    world, left, later
):
    given(world)
    world.create(min_nodes=1, load_balancers=BALANCERS)
    for batch in world.converge(dies_at=1)["batches"]:
        apply(world.parts, "web", batch)
    world.ask("web", "update", changes={"load_balancers": left})
    world.clock.advance(later)
    assert world.converge()["outcome"] == "converged"
    tls = next(lb for lb in world.region.load_balancers.all() if lb.name == "asg_web_tls_lb")
    assert json.loads(world.key("balancers")) == {"tls": str(tls.id)}
    assert not any("asg_web_tls_lb" in sentence for look in world.looks
                   for sentence in look["awaited"]), "it is no server that may still turn up"
    world.ask("web", "delete")
    assert world.converge()["outcome"] == "gone"
    assert [lb.name for lb in world.region.load_balancers.all() if lb.status != "DELETED"] == [
        "shared"]


def test_a_server_that_is_lost_leaves_no_node_where_its_group_is_no_more(world):
    shared = given(world)
    world.create(min_nodes=2, load_balancers={
        **BALANCERS, "public": {"id": shared, "port": 9000, "weight": 3}})
    world.converge()
    world.ask("web", "update", changes={"load_balancers": {"main": {}}})
    world.converge()
    own = {lb.name: str(lb.id) for lb in world.region.load_balancers.all()}
    lost, stays = servers(world)
    world.region.tamper.delete_server(lost.id)
    assert world.converge()["outcome"] == "converged"
    assert joined(world, own["asg_web_tls_lb"]) == {(stays.private, 8443)}
    assert joined(world, shared) == {("10.99.0.1", 80), (stays.private, 9000)}
    world.ask("web", "delete_node", node=stays.name, replace=True)
    assert world.converge()["outcome"] == "converged"
    assert joined(world, own["asg_web_tls_lb"]) == set()
    assert joined(world, shared) == {("10.99.0.1", 80)}


def test_a_unit_of_two_roles_grows_heals_and_shrinks_in_lockstep(world):
    world.create(min_nodes=1, max_nodes=3, roles={"web": {}, "worker": WORKER})
    assert world.converge()["outcome"] == "converged"
    world.ask("web", "add_node")
    assert world.converge()["message"] == "web: 2 of 2 units up"
    there = servers(world)
    assert sorted(server.metadata["asg_role"] for server in there) == ["web", "web", "worker",
                                                                       "worker"]
    lost = next(server for server in there if server.metadata["asg_role"] == "worker")
    world.region.tamper.delete_server(lost.id)
    assert world.converge()["message"] == "web: 2 of 2 units up"
    assert len({server.metadata["asg_unit"] for server in servers(world)}) == 2
    web = next(server for server in there if server.metadata["asg_unit"]
               == lost.metadata["asg_unit"] and server.metadata["asg_role"] == "web")
    world.ask("web", "delete_node", node=web.name)
    assert world.converge()["outcome"] == "converged"
    assert {server.metadata["asg_unit"] for server in servers(world)} == {
        server.metadata["asg_unit"] for server in there} - {lost.metadata["asg_unit"]}
    assert len(servers(world)) == 2


def test_only_servers_of_roles_that_join_are_in_the_load_balancer(world):
    world.create(min_nodes=1, roles={"web": {}, "worker": WORKER})
    world.converge()
    balancer, = world.region.load_balancers.all()
    web, = [s for s in servers(world) if s.metadata["asg_role"] == "web"]
    assert joined(world, str(balancer.id)) == {(web.private, 8080)}


def test_each_role_has_its_size(world):
    world.create(min_nodes=1, roles={"web": {}, "worker": {"vm_size_id": "3"}})
    world.converge()
    sizes = {server.name.split("-")[0]: server.flavor for server in world.region.servers.all()}
    assert sizes == {"web": "2", "worker": "3"}
