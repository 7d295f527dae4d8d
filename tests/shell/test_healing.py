"""Self-healing: what has drifted is found, from one listing, and mended; what needs a person is
said once, tried ever more rarely, and is well again by itself."""
from __future__ import annotations

import pytest

from autoscale.heal import survey
from autoscale.seams import CloudError
from simcloud import Fault


@pytest.fixture
def web(world):
    world.create(min_nodes=2, max_nodes=5)
    world.converge()
    world.clock.advance(300)
    survey(world.parts)
    world.region.calls.clear()
    world.told.clear()
    return world


def drifted(world):
    return {found["asg"]: found["reason"] for found in survey(world.parts)["groups"]}


def servers(world):
    return world.region.snapshot()["servers"]


def balancer(world):
    return int(world.key("loadbalancer_id"))


def test_a_pass_over_groups_that_are_well_costs_one_listing(web):
    assert drifted(web) == {}
    calls = [(call.method, call.path.rsplit("/", 2)[-2:]) for call in web.region.calls.all()]
    assert calls == [("GET", ["servers", "detail"]), ("GET", ["123456", "os-keypairs"])]


@pytest.mark.parametrize("harm", ["ERROR", "SHUTOFF", "gone"])
def test_a_harmed_server_is_found_within_a_pass(web, harm):
    victim = servers(web)[0]["id"]
    if harm == "gone":
        web.region.tamper.delete_server(victim)
    else:
        web.region.tamper.set_server_state(victim, harm)
    assert list(drifted(web)) == ["web"]
    web.converge()
    web.clock.advance(60)
    assert drifted(web) == {}


def test_a_pass_says_how_many_groups_are_to_be_healed(web):
    assert survey(web.parts)["message"] == "to be healed: 0 of 1 group"
    web.region.tamper.delete_server(servers(web)[0]["id"])
    assert survey(web.parts)["message"] == "to be healed: 1 of 1 group"


def harm_node(world):
    node = world.region.snapshot()["load_balancers"][0]["nodes"][0]["id"]
    world.region.tamper.remove_node(balancer(world), node)


def harm_condition(world):
    node = world.region.snapshot()["load_balancers"][0]["nodes"][0]["id"]
    world.region.tamper.change_node(balancer(world), node, condition="DISABLED", weight=7)


def harm_record(world):
    zone = world.region.snapshot()["zones"][0]["id"]
    record = next(record["id"] for record in world.region.snapshot()["records"]
                  if record["name"].startswith("lb."))
    world.region.tamper.delete_record(zone, record)


def conditions(region):
    return sorted((node["address"], node["condition"], node["weight"])
                  for node in region["load_balancers"][0]["nodes"])


@pytest.mark.parametrize("harm", [harm_node, harm_condition, harm_record])
def test_a_harmed_load_balancer_or_zone_is_found_within_five_minutes(web, harm):
    before = web.region.snapshot()
    harm(web)
    found = []
    for _ in range(5):
        found += drifted(web)
        web.clock.advance(60)
    assert "web" in found
    web.converge()
    after = web.region.snapshot()
    assert conditions(after) == conditions(before)
    assert ({(record["name"], record["data"]) for record in after["records"]}
            == {(record["name"], record["data"]) for record in before["records"]})


def test_a_convergence_that_died_is_taken_up(web):
    web.ask("web", "expand")
    web.clock.advance(130)
    assert list(drifted(web)) == ["web"]
    web.converge()
    assert len(servers(web)) == 5


def test_a_convergence_under_way_is_not_doubled(web):
    web.ask("web", "expand")
    web.set("looked_at", str(int(web.clock.now()) - 20))
    assert drifted(web) == {}


def test_a_paused_group_is_left_alone(web):
    web.ask("web", "pause")
    web.region.tamper.delete_server(servers(web)[0]["id"])
    assert drifted(web) == {}


def test_a_group_that_can_not_be_read_is_named_and_the_others_are_healed(web):
    web.create("db", min_nodes=1)
    web.converge("db")
    web.set("max_nodes", "lots", asg="db")
    web.region.tamper.delete_server(servers(web)[0]["id"])
    found = survey(web.parts)
    assert [group["asg"] for group in found["groups"]] == ["web"]
    assert "asg.db.max_nodes" in found["unreadable"][0]


def test_without_a_listing_nothing_has_drifted(web):
    web.region.faults.add(Fault(path="/servers/detail", status=503, count=None))
    with pytest.raises(CloudError):
        survey(web.parts)


def test_a_zone_that_could_not_be_seen_is_looked_at_in_the_next_pass(web):
    web.clock.advance(300)
    web.region.faults.add(Fault(path="/domains", status=503, count=None))
    assert drifted(web) == {}
    web.region.faults.clear()
    harm_record(web)
    web.clock.advance(60)
    assert list(drifted(web)) == ["web"]


def test_what_needs_a_person_is_told_once_and_status_says_so(web):
    web.region.settings.server_quota = 2
    web.ask("web", "expand")
    assert web.converge()["outcome"] == "failed"
    assert web.converge()["outcome"] == "failed"
    assert web.key("health") == "ERROR"
    assert "quota" in web.key("errors").lower()
    assert sum("needs attention" in line for line in web.told) == 1
    assert len(servers(web)) == 2, "servers stay"


def test_it_is_tried_again_ever_more_rarely_and_is_well_again_by_itself(web):
    web.region.settings.server_quota = 2
    web.ask("web", "expand")
    web.converge()
    started, tries = web.clock.now(), []
    for _ in range(4 * 60):
        if drifted(web):
            tries.append(web.clock.now() - started)
            web.converge()
        web.clock.advance(60)
    pauses = [later - earlier for earlier, later in zip(tries, tries[1:])]
    assert tries[0] <= 300
    assert max(pauses) <= 1800 + 120
    assert pauses[-1] > 4 * pauses[0]
    web.region.settings.server_quota = 10
    web.clock.advance(1800)
    assert list(drifted(web)) == ["web"]
    web.converge()
    assert web.key("health") == "ACTIVE"
    assert web.key("errors") == "[]"
    assert any("well again" in line for line in web.told)


@pytest.mark.parametrize("harm", ["delete_server", "set_server_state"])
def test_a_server_is_replaced_within_a_pass_although_something_else_waits_for_a_person(web, harm):
    """Trying ever more rarely is for what was tried, not for what has happened since."""
    web.region.tamper.delete_zone(int(web.key("dns_zone_id")))
    for _ in range(40):
        web.clock.advance(300)
        if drifted(web):
            web.converge()
    assert web.key("health") == "ERROR"
    web.clock.advance(60)
    assert drifted(web) == {}
    getattr(web.region.tamper, harm)(servers(web)[0]["id"], *["ERROR"] * (harm[0] == "s"))
    web.clock.advance(60)
    assert list(drifted(web)) == ["web"]
    web.converge()
    assert [server["status"] for server in servers(web)] == ["ACTIVE", "ACTIVE"]
    web.clock.advance(60)
    assert drifted(web) == {}, "and what waits for a person is not tried more often for it"


def test_a_lost_load_balancer_is_an_error_and_no_silent_new_one(web):
    web.region.tamper.delete_load_balancer(balancer(web))
    answer = web.converge()
    assert answer["outcome"] == "failed"
    assert "does not exist any more" in answer["errors"][0]
    assert len(servers(web)) == 2
    assert web.region.snapshot()["load_balancers"] == []
    del web.store.texts["asg.web.loadbalancer_id"]
    web.clock.advance(120)
    assert web.converge()["outcome"] == "converged"
    assert len(web.region.snapshot()["load_balancers"][0]["nodes"]) == 2
