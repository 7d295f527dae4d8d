from __future__ import annotations

from typing import Any

import pytest

from simcloud import ManualClock, Region

from .client import Client, node


@pytest.fixture
def lb(client: Client, clock: ManualClock) -> int:
    lb_id = client.load_balancer([node(1), node(2)])
    clock.advance(1)
    return lb_id


def shown(client: Client, lb_id: int) -> Any:
    return client.get("lbs", f"/loadbalancers/{lb_id}")["loadBalancer"]


def test_a_load_balancer_builds_and_shows_what_it_was_given(
    client: Client, clock: ManualClock
) -> None:
    lb_id = client.load_balancer(metadata=[{"key": "asg", "value": "web"}])
    assert (shown(client, lb_id)["status"], shown(client, lb_id)["nodes"]) == ("BUILD", [])
    clock.advance(1)
    built = shown(client, lb_id)
    assert (built["status"], built["virtualIps"][0]["type"]) == ("ACTIVE", "PUBLIC")
    assert [(pair["key"], pair["value"]) for pair in built["metadata"]] == [("asg", "web")]
    assert client.get("lbs", f"/loadbalancers/{lb_id}/metadata")["metadata"] == built["metadata"]
    listed = client.get("lbs", "/loadbalancers")["loadBalancers"]
    assert [(each["id"], "metadata" in each, each["nodeCount"]) for each in listed] == [
        (lb_id, False, 0)
    ]


def test_one_mutation_at_a_time(client: Client, clock: ManualClock, lb: int) -> None:
    added = client.add_nodes(lb, [node(3), node(4)])
    assert (added.status_code, len(added.json()["nodes"])) == (202, 2)
    busy = client.add_nodes(lb, [node(5)])
    assert busy.status_code == 422
    assert busy.json()["message"] == (
        f"Load Balancer '{lb}' has a status of 'PENDING_UPDATE' and is considered immutable."
    )
    assert client.call("DELETE", "lbs", f"/loadbalancers/{lb}").status_code == 422
    clock.advance(1)
    assert client.add_nodes(lb, [node(5)]).status_code == 202
    assert len(shown(client, lb)["nodes"]) == 5


def test_a_load_balancer_that_builds_is_immutable(client: Client) -> None:
    assert client.add_nodes(client.load_balancer(), [node()]).status_code == 422


def test_a_node_is_changed(client: Client, lb: int) -> None:
    path = f"/loadbalancers/{lb}/nodes/{shown(client, lb)['nodes'][0]['id']}"
    change = {"node": {"condition": "DRAINING", "weight": 5}}
    assert client.call("PUT", "lbs", path, json=change).status_code == 202
    changed = client.get("lbs", path)["node"]
    assert (changed["condition"], changed["weight"], changed["status"]) == (
        "DRAINING", 5, "ONLINE")


@pytest.mark.parametrize("change", [
    {"condition": "OFF"}, {"weight": 0}, {"weight": 101}, {"address": "10.0.0.9"}])
def test_a_wrong_change_of_a_node_is_a_400(client: Client, lb: int, change: Any) -> None:
    path = f"/loadbalancers/{lb}/nodes/{shown(client, lb)['nodes'][0]['id']}"
    response = client.call("PUT", "lbs", path, json={"node": change})
    assert response.status_code == 400
    assert response.json()["validationErrors"]["messages"]


def test_nodes_are_removed_all_or_none(client: Client, clock: ManualClock, lb: int) -> None:
    ids = [each["id"] for each in shown(client, lb)["nodes"]]
    path = f"/loadbalancers/{lb}/nodes"
    unknown = client.call("DELETE", "lbs", path, params={"id": [ids[0], 99]})
    assert unknown.status_code == 400
    assert unknown.json()["validationErrors"]["messages"] == [
        "Node ids 99 are not a part of your loadbalancer"
    ]
    assert len(shown(client, lb)["nodes"]) == 2
    assert client.call("DELETE", "lbs", path, params={"id": ids}).status_code == 202
    assert client.get("lbs", path)["nodes"] == []


def test_at_most_ten_nodes_are_removed_in_a_call(client: Client, lb: int) -> None:
    path = f"/loadbalancers/{lb}/nodes"
    response = client.call("DELETE", "lbs", path, params={"id": list(range(11))})
    assert response.status_code == 400


def test_a_single_node_is_removed(client: Client, lb: int) -> None:
    path = f"/loadbalancers/{lb}/nodes"
    assert client.call("DELETE", "lbs", f"{path}/99").status_code == 404
    first = shown(client, lb)["nodes"][0]["id"]
    assert client.call("DELETE", "lbs", f"{path}/{first}").status_code == 202
    assert len(shown(client, lb)["nodes"]) == 1


def test_the_three_413_differ_in_their_message(client: Client, region: Region, lb: int) -> None:
    duplicate = client.add_nodes(lb, [node(1)])
    many = client.add_nodes(lb, [node(n) for n in range(3, 27)])
    region.settings.change({"rate_limits": True})
    rates = [client.call("DELETE", "lbs", "/loadbalancers/1") for _ in range(6)]
    answers = [duplicate, many, rates[-1]]
    assert [each.status_code for each in answers] == [413, 413, 413]
    assert [each.json()["message"] for each in answers] == [
        "Duplicate nodes detected. One or more nodes already configured on load balancer.",
        "Nodes must not exceed 25 per load balancer.",
        "OverLimit Retry...",
    ]
    assert [each.headers.get("Retry-After") for each in answers] == [None, None, "1"]
    assert rates[-2].status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"port": 0}, {"protocol": "GOPHER"}, {"virtualIps": []},
     {"algorithm": "FASTEST"},
     {"nodes": [{"address": "web-1", "port": 80}]}, {"nodes": [node(weight=0)]}],
)
def test_a_wrong_load_balancer_is_a_400(client: Client, wrong: Any) -> None:
    assert client.create_load_balancer(**wrong).status_code == 400
    assert client.get("lbs", "/loadbalancers")["loadBalancers"] == []


def test_there_is_a_limit_of_load_balancers(client: Client, region: Region) -> None:
    region.settings.load_balancer_quota = 1
    client.load_balancer()
    assert client.create_load_balancer().status_code == 413


def test_a_deleted_one_is_pending_then_410_then_404(
    client: Client, clock: ManualClock, lb: int
) -> None:
    path = f"/loadbalancers/{lb}"
    assert client.call("DELETE", "lbs", path).status_code == 202
    assert shown(client, lb)["status"] == "PENDING_DELETE"
    clock.advance(1)
    assert client.call("GET", "lbs", path).status_code == 410
    assert client.add_nodes(lb, [node(9)]).status_code == 410
    assert client.get("lbs", "/loadbalancers")["loadBalancers"] == []
    clock.advance(60)
    assert client.call("GET", "lbs", path).status_code == 404


@pytest.mark.parametrize(("inclusive", "expected"), [(True, [1, 2]), (False, [2, 3])])
def test_the_marker_can_be_inclusive_or_not(
    client: Client, region: Region, inclusive: bool, expected: list[int]
) -> None:
    region.settings.lb_marker_inclusive = inclusive
    ids = [client.load_balancer() for _ in range(4)]
    page = client.get("lbs", "/loadbalancers", limit=2, marker=ids[1])["loadBalancers"]
    assert [each["id"] for each in page] == [ids[n] for n in expected]


def test_name_and_port_can_be_changed(client: Client, lb: int) -> None:
    change = {"loadBalancer": {"name": "shop", "port": 8081}}
    assert client.call("PUT", "lbs", f"/loadbalancers/{lb}", json=change).status_code == 202
    assert (shown(client, lb)["name"], shown(client, lb)["port"]) == ("shop", 8081)


def test_its_algorithm_is_random_unless_another_is_asked_for(
    client: Client, clock: ManualClock
) -> None:
    assert shown(client, client.load_balancer())["algorithm"] == "RANDOM"
    lb_id = client.load_balancer(algorithm="WEIGHTED_ROUND_ROBIN")
    assert shown(client, lb_id)["algorithm"] == "WEIGHTED_ROUND_ROBIN"


def test_its_algorithm_can_be_changed_to_one_that_there_is(client: Client, lb: int) -> None:
    path = f"/loadbalancers/{lb}"
    wrong = client.call("PUT", "lbs", path, json={"loadBalancer": {"algorithm": "FASTEST"}})
    assert wrong.status_code == 400
    assert wrong.json()["validationErrors"]["messages"] == [
        "Load balancer algorithm is invalid. Please specify a valid algorithm."]
    right = client.call("PUT", "lbs", path, json={"loadBalancer": {"algorithm": "ROUND_ROBIN"}})
    assert right.status_code == 202
    assert shown(client, lb)["algorithm"] == "ROUND_ROBIN"


@pytest.mark.parametrize(("algorithm", "shown_weights"), [
    ("WEIGHTED_ROUND_ROBIN", [5]), ("WEIGHTED_LEAST_CONNECTIONS", [5]),
    ("RANDOM", [None]), ("ROUND_ROBIN", [None]), ("LEAST_CONNECTIONS", [None])])
def test_weights_are_kept_but_listed_only_where_they_count(
    client: Client, clock: ManualClock, algorithm: str, shown_weights: list[int | None]
) -> None:
    lb_id = client.load_balancer([node(1, weight=5)], algorithm=algorithm)
    clock.advance(1)
    path = f"/loadbalancers/{lb_id}"
    for nodes in (shown(client, lb_id)["nodes"], client.get("lbs", f"{path}/nodes")["nodes"]):
        assert [each.get("weight") for each in nodes] == shown_weights
    weighing = {"loadBalancer": {"algorithm": "WEIGHTED_ROUND_ROBIN"}}
    assert client.call("PUT", "lbs", path, json=weighing).status_code == 202
    assert [each["weight"] for each in shown(client, lb_id)["nodes"]] == [5]


def test_stats_are_there(client: Client, lb: int) -> None:
    assert client.get("lbs", f"/loadbalancers/{lb}/stats")["currentConn"] == 0
