"""A group's life over real HTTP: made, grown, healed, shrunk, deleted."""
from __future__ import annotations

import pytest

KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 ops@example.com"


def servers(world):
    return world.region.snapshot()["servers"]


def nodes(world):
    (balancer,) = world.region.snapshot()["load_balancers"]
    return {node["address"] for node in balancer["nodes"]}


def records(world):
    return {record["name"]: record["data"] for record in world.region.snapshot()["records"]
            if record["type"] == "A"}


def private(server):
    return server["addresses"]["private"][0]["addr"]


@pytest.fixture
def web(world):
    """A converged group of three."""
    world.store.set("ssh_pub_key", KEY)
    world.create()
    assert world.converge()["outcome"] == "converged"
    world.region.calls.clear()
    world.looks.clear()
    world.told.clear()
    return world


def test_creation_makes_everything_that_belongs_to_the_group(web):
    region = web.region.snapshot()
    hosts = {server["name"]: server for server in region["servers"]}
    assert len(hosts) == 3
    assert {server["metadata"]["asg"] for server in hosts.values()} == {"web"}
    assert nodes(web) == {private(server) for server in hosts.values()}
    (balancer,) = region["load_balancers"]
    assert balancer["name"] == "asg_web_lb"
    addresses = {f"{name}.web.example.com": server["accessIPv4"]
                 for name, server in hosts.items()}
    virtual_ip = balancer["virtualIps"][0]["address"]
    assert records(web) == {**addresses, "lb.web.example.com": virtual_ip}
    (pair,) = region["keypairs"]
    assert {server["key_name"] for server in hosts.values()} == {pair["name"]}
    assert web.key("status") == "idle"
    assert web.key("total_nodes") == "3"
    assert web.key("loadbalancer_id") == str(balancer["id"])


def test_without_a_public_key_servers_are_made_without_key_pair(world):
    world.create()
    world.converge()
    assert {server["key_name"] for server in servers(world)} == {None}


def test_a_converged_group_is_left_alone(web):
    answer = web.converge()
    assert answer["outcome"] == "converged"
    assert [call.method for call in web.region.calls.all() if call.method != "GET"] == []
    assert web.told == []


def test_expansion_by_20_makes_20_creates_and_one_change_of_balancer_and_zone(web):
    web.ask("web", "update", changes={"max_nodes": 25, "expand_by": 20})
    web.ask("web", "expand")
    web.converge()
    assert len(nodes(web)) == 23
    assert web.region.calls.count(method="POST", path="/servers$") == 20
    assert web.region.calls.count(method="POST", path="/nodes$") == 1
    assert web.region.calls.count(method="POST", path="/records$") == 1
    assert [answer["next"] for answer in web.looks] == ["apply", "apply", "done"]


def test_nodes_whose_builds_differ_join_together(web):
    web.region.settings.build_jitter = 15
    web.ask("web", "update", changes={"expand_by": 10})
    web.ask("web", "expand")
    web.converge()
    assert len(nodes(web)) == 13
    assert web.region.calls.count(method="POST", path="/nodes$") <= 2
    assert web.region.calls.count(method="POST", path="/records$") <= 2


def test_deflation_takes_the_oldest_out_of_the_balancer_before_it_deletes_them(web):
    oldest = sorted(servers(web), key=lambda s: (s["created"], s["name"]))[:1]
    web.ask("web", "add_node")
    web.converge()
    web.ask("web", "deflate")
    web.converge()
    assert len(servers(web)) == 3
    assert oldest[0]["id"] not in {server["id"] for server in servers(web)}
    assert nodes(web) == {private(server) for server in servers(web)}
    assert len(records(web)) == 4
    calls = [call.path.rsplit("/", 2) for call in web.region.calls.all()
             if call.method == "DELETE" and "/dns/" not in call.path]
    assert [path[-1] if path[-1] == "nodes" else path[-2] for path in calls] == [
        "nodes", "servers"]


def test_a_server_deleted_behind_its_back_comes_back_and_leaves_no_trace(web):
    lost = servers(web)[0]
    web.region.tamper.delete_server(lost["id"])
    web.converge()
    assert len(servers(web)) == 3
    assert nodes(web) == {private(server) for server in servers(web)}
    assert f"{lost['name']}.web.example.com" not in records(web)
    assert len(records(web)) == 4


@pytest.mark.parametrize("state", ["ERROR", "SHUTOFF"])
def test_a_broken_server_is_replaced(web, state):
    broken = servers(web)[0]
    web.region.tamper.set_server_state(broken["id"], state)
    web.converge()
    assert broken["id"] not in {server["id"] for server in servers(web)}
    assert {server["status"] for server in servers(web)} == {"ACTIVE"}
    assert nodes(web) == {private(server) for server in servers(web)}


def test_expand_then_loss_counts_from_what_is_desired(web):
    """Otter: a group of 5 that loses one and gets +5 makes six."""
    web.ask("web", "update", changes={"expand_by": 2})
    web.ask("web", "expand")
    web.converge()
    web.region.tamper.delete_server(servers(web)[0]["id"])
    web.region.calls.clear()
    web.ask("web", "expand", force=True)
    web.converge()
    assert web.region.calls.count(method="POST", path="/servers$") == 3
    assert len(servers(web)) == 7


def test_an_evicted_node_goes_and_one_less_is_desired(web):
    web.ask("web", "add_node")
    web.converge()
    victim = servers(web)[-1]
    answer = web.ask("web", "delete_node", node=victim["name"])
    assert answer["accepted"]
    web.converge()
    assert victim["id"] not in {server["id"] for server in servers(web)}
    assert web.key("desired_nodes") == "3"


def test_names_of_evicted_nodes_are_not_kept_for_ever(web):
    for _ in range(2):
        victim = servers(web)[0]["name"]
        web.ask("web", "delete_node", node=victim, replace=True)
        web.converge()
    assert web.key("evict") == f'["{victim}"]'


def test_a_replaced_node_goes_once_its_replacement_is_up(web):
    victim = servers(web)[0]
    fewest = []
    web.region.observers.append(lambda region, call: fewest.append(sum(
        server["status"] == "ACTIVE" for server in region.snapshot()["servers"])))
    web.ask("web", "delete_node", node=victim["name"], replace=True)
    web.converge()
    assert victim["id"] not in {server["id"] for server in servers(web)}
    assert len(servers(web)) == 3
    assert min(fewest) == 3


def test_max_nodes_holds_at_every_moment_even_when_all_are_replaced(web):
    web.ask("web", "update", changes={"max_nodes": 3})
    most = []
    web.region.observers.append(
        lambda region, call: most.append(len(region.snapshot()["servers"])))
    for server in servers(web):
        web.region.tamper.set_server_state(server["id"], "ERROR")
    web.converge()
    assert max(most) == 3
    assert {server["status"] for server in servers(web)} == {"ACTIVE"}


def test_deleting_leaves_nothing_in_the_cloud_and_no_key(web):
    web.ask("web", "delete")
    assert web.converge()["outcome"] == "gone"
    region = web.region.snapshot()
    assert [region[kind] for kind in ("servers", "load_balancers", "zones", "keypairs")] == [[]] * 4
    assert list(web.store.texts) == ["ssh_pub_key"]
    assert web.ask("web", "delete")["accepted"], "deleting again is no error"


def test_deleting_goes_through_what_is_gone_already(web):
    web.region.tamper.delete_load_balancer(int(web.key("loadbalancer_id")))
    web.region.tamper.delete_server(servers(web)[0]["id"])
    web.set("max_nodes", "lots")
    web.ask("web", "delete")
    assert web.converge()["outcome"] == "gone"
    assert list(web.store.texts) == ["ssh_pub_key"]


def test_deleting_a_group_leaves_the_others_and_what_is_foreign(web):
    web.create("db")
    web.converge("db")
    web.region.tamper.add_server("somebody-else")
    before = {server["id"] for server in servers(web) if server["metadata"].get("asg") != "web"}
    web.ask("web", "delete")
    web.converge()
    assert {server["id"] for server in servers(web)} == before
    assert web.converge("db")["outcome"] == "converged"


def test_a_paused_group_is_left_alone_until_it_is_resumed(web):
    web.ask("web", "pause")
    web.region.tamper.delete_server(servers(web)[0]["id"])
    assert web.converge()["outcome"] == "paused"
    assert len(servers(web)) == 2
    web.ask("web", "resume")
    web.converge()
    assert len(servers(web)) == 3


@pytest.fixture
def moved(web):
    """The group after a person has given it another load balancer, and one node more."""
    first = web.key("loadbalancer_id")
    other = web.parts.cloud.load_balancers.create(
        "shared", port=80, protocol="HTTP", owner="somebody")
    web.clock.advance(5)
    web.set("loadbalancer_id", other)
    web.ask("web", "add_node")
    assert web.converge()["outcome"] == "converged"
    return web, first, other


def members_of(world, balancer):
    found = {str(each["id"]): each for each in world.region.snapshot()["load_balancers"]}
    return {node["address"] for node in found[balancer]["nodes"]}


def test_a_new_load_balancer_is_for_new_servers_only(moved):
    world, first, other = moved
    new = max(servers(world), key=lambda server: server["created"])
    assert members_of(world, other) == {private(new)}
    assert members_of(world, first) == {
        private(server) for server in servers(world) if server["id"] != new["id"]}


def test_a_server_that_leaves_is_taken_out_of_its_former_load_balancer(moved):
    world, first, other = moved
    world.ask("web", "deflate", force=True)
    assert world.converge()["outcome"] == "converged"
    assert members_of(world, first) | members_of(world, other) == {
        private(server) for server in servers(world)}
    assert len(members_of(world, other)) == 1


def test_a_former_load_balancer_that_is_gone_gives_its_servers_to_the_new_one(moved):
    world, first, other = moved
    world.region.tamper.delete_load_balancer(int(first))
    assert world.converge()["outcome"] == "converged"
    assert members_of(world, other) == {private(server) for server in servers(world)}


def test_deleting_the_group_clears_both_and_keeps_what_is_somebody_elses(moved):
    world, first, other = moved
    world.ask("web", "delete")
    assert world.converge()["outcome"] == "gone"
    assert members_of(world, other) == set()
    assert [str(each["id"]) for each in world.region.snapshot()["load_balancers"]] == [other]


def test_a_launch_configuration_is_for_new_servers_only(web):
    before = {server["id"] for server in servers(web)}
    web.ask("web", "update", changes={"vm_size_id": "3"})
    web.ask("web", "add_node")
    web.converge()
    flavors = {server["id"]: server["flavor"]["id"] for server in servers(web)}
    assert {flavors[server] for server in before} == {"2"}
    assert [flavors[server] for server in flavors if server not in before] == ["3"]


def test_another_public_key_is_another_key_pair_and_the_old_one_goes(web):
    web.store.set("ssh_pub_key", KEY.replace("ops", "new"))
    web.ask("web", "add_node")
    web.converge()
    (pair,) = web.region.snapshot()["keypairs"]
    assert sum(server["key_name"] == pair["name"] for server in servers(web)) == 1
