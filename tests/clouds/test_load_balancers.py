"""Load balancers, where clouds differ from the documentation or change under our hands."""
from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest

from autoscale.core.observation import Node
from autoscale.seams import Busy, Conflict, Gone, QuotaReached, Refused, Uncertain

from .scripted import Call, Reply, Scripted

LIST, ONE = "GET /loadbalancers", "GET /loadbalancers/7"
ADD, REMOVE = "POST /loadbalancers/7/nodes", "DELETE /loadbalancers/7/nodes"
DUPLICATE = "Duplicate nodes detected. One or more nodes already configured on load balancer."
IMMUTABLE = "Load Balancer '7' has a status of 'PENDING_UPDATE' and is considered immutable."


def balancer(status: str = "ACTIVE", nodes: int | None = 0, **changed: Any) -> Reply:
    item: dict[str, Any] = {
        "id": 7,
        "name": "web",
        "status": status,
        "virtualIps": [
            {"address": "2001::1", "type": "PUBLIC"},
            {"address": "10.1.1.1", "type": "SERVICENET"},
            {"address": "162.1.1.1", "type": "PUBLIC"},
        ],
        "metadata": [{"id": 1, "key": "asg", "value": "web"}],
    }
    if nodes is not None:
        item["nodes"] = [
            {"id": n, "address": f"10.0.0.{n}", "port": 80, "condition": "ENABLED"}
            for n in range(nodes)
        ]
    item.update(changed)
    return Reply({"loadBalancer": {k: v for k, v in item.items() if v is not ...}})


def fault(message: str, status: int) -> Reply:
    return Reply({"message": message, "code": status}, status)


def nodes(count: int) -> list[Node]:
    return [Node(address=f"10.0.0.{n}", port=80) for n in range(count)]


class TestLook:
    def test_one_is_read_whole(self, cloud: Scripted) -> None:
        cloud.on(ONE, balancer(nodes=1))
        seen = cloud.connect().load_balancers.get("7")
        assert seen is not None
        assert (seen.id, seen.name, seen.owner, seen.address) == ("7", "web", "web", "162.1.1.1")
        assert seen.nodes == (Node("10.0.0.0", 80, "0", "ENABLED", "PRIMARY", 1),)

    def test_nodes_and_metadata_that_are_left_out_are_asked_for(self, cloud: Scripted) -> None:
        cloud.on(ONE, balancer(nodes=None, metadata=...))
        cloud.on(f"{ONE}/metadata", Reply({"metadata": [{"key": "asg", "value": "db"}]}))
        seen = cloud.connect().load_balancers.get("7")
        assert seen is not None
        assert (seen.owner, seen.nodes) == ("db", ())

    @pytest.mark.parametrize(("algorithm", "weighs"), [
        ("WEIGHTED_ROUND_ROBIN", True), ("WEIGHTED_LEAST_CONNECTIONS", True),
        ("RANDOM", False), ("ROUND_ROBIN", False), ("LEAST_CONNECTIONS", False)])
    def test_weights_count_with_the_weighted_algorithms(
        self, cloud: Scripted, algorithm: str, weighs: bool
    ) -> None:
        cloud.on(ONE, balancer(algorithm=algorithm))
        seen = cloud.connect().load_balancers.get("7")
        assert seen is not None
        assert seen.weighs is weighs

    @pytest.mark.parametrize("status", ["DELETED", "PENDING_DELETE", "PENDING-DELETE"])
    def test_a_deleted_one_is_none(self, cloud: Scripted, status: str) -> None:
        cloud.on(ONE, balancer(status=status))
        assert cloud.connect().load_balancers.get("7") is None

    @pytest.mark.parametrize("status", [404, 410])
    def test_an_unknown_one_is_none(self, cloud: Scripted, status: int) -> None:
        cloud.on(ONE, Reply("", status))
        assert cloud.connect().load_balancers.get("7") is None

    @pytest.mark.parametrize("inclusive", [True, False])
    def test_all_pages_are_searched_whatever_the_marker_means(
        self, cloud: Scripted, inclusive: bool
    ) -> None:
        every = [{"id": n, "name": "web" if n == 207 else f"web{n}"} for n in range(1, 211)]
        every[6]["name"], every[6]["id"] = "other", 70_000

        def page(call: Call) -> Reply:
            query = {key: values[0] for key, values in parse_qs(call.query).items()}
            ids = [str(item["id"]) for item in every]
            start = ids.index(query["marker"]) + (not inclusive) if "marker" in query else 0
            return Reply({"loadBalancers": every[start : start + int(query["limit"])]})

        cloud.on(LIST, page)
        cloud.on("GET /loadbalancers/207", balancer(id=207))
        found = cloud.connect().load_balancers.find("web")
        assert [seen.id for seen in found] == ["207"]
        assert cloud.count(LIST) == 3

    def test_a_service_that_does_not_page_is_understood(self, cloud: Scripted) -> None:
        cloud.on(LIST, Reply({"loadBalancers": [{"id": n, "name": "x"} for n in range(150)]}))
        assert cloud.connect().load_balancers.find("web") == ()


class TestCreate:
    def test_it_is_marked_public_and_empty_and_goes_by_weights(self, cloud: Scripted) -> None:
        cloud.on("POST /loadbalancers", Reply({"loadBalancer": {"id": 7}}, 202))
        made = cloud.connect().load_balancers.create("web", port=80, protocol="HTTP", owner="web")
        assert made == "7"
        assert cloud.asked("POST /loadbalancers")[0].body == {
            "loadBalancer": {
                "name": "web",
                "port": 80,
                "protocol": "HTTP",
                "algorithm": "WEIGHTED_ROUND_ROBIN",
                "virtualIps": [{"type": "PUBLIC"}],
                "nodes": [],
                "metadata": [{"key": "asg", "value": "web"}],
            }
        }

    def test_a_name_that_is_too_long_is_refused_before_it_is_sent(self, cloud: Scripted) -> None:
        with pytest.raises(Refused, match="longer than 128"):
            cloud.connect().load_balancers.create("x" * 129, port=80, protocol="HTTP", owner="w")
        assert cloud.calls == []


class TestMeanings:
    @pytest.mark.parametrize(
        ("reply", "kind"),
        [
            (fault("Nodes must not exceed 25 per load balancer.", 413), QuotaReached),
            (fault("OverLimit Retry...", 413), Busy),
            (fault("Rate limit has been exceeded", 413), Busy),
            (fault("Load balancer limit has been reached", 413), QuotaReached),
            (fault("Record limit of 500 per domain reached.", 413), QuotaReached),
            (fault(IMMUTABLE, 422), Busy),
            (fault(IMMUTABLE.replace("PENDING_UPDATE", "PENDING_DELETE"), 422), Gone),
            (fault(IMMUTABLE.replace("PENDING_UPDATE", "ERROR"), 422), Refused),
            (fault("The load balancer is deleted and considered immutable.", 422), Gone),
            (fault("The load balancer is deleted and considered immutable.", 410), Gone),
            (fault("Load balancer not found", 404), Gone),
            (Reply("<html>gateway</html>", 504), Uncertain),
        ],
    )
    def test_each_answer_has_its_type(self, cloud: Scripted, reply: Reply, kind: type) -> None:
        cloud.on(ADD, reply)
        cloud.on(ONE, balancer(nodes=0))
        with pytest.raises(kind, match="add 1 node to load balancer 7") as raised:
            cloud.connect().load_balancers.add_nodes("7", nodes(1))
        assert type(raised.value) is kind
        assert sum(cloud.slept) <= 20

    def test_a_busy_one_is_waited_for(self, cloud: Scripted) -> None:
        cloud.on(ADD, fault(IMMUTABLE, 422), fault(IMMUTABLE, 422), Reply({}, 202))
        cloud.connect().load_balancers.add_nodes("7", nodes(1))
        assert cloud.slept == [1, 2]


class TestAdd:
    def test_25_go_into_a_call_and_it_waits_between_calls(self, cloud: Scripted) -> None:
        cloud.on(ADD, Reply({}, 202))
        cloud.on(ONE, balancer("PENDING_UPDATE"), balancer("PENDING_UPDATE"), balancer())
        cloud.connect().load_balancers.add_nodes("7", nodes(26))
        assert [len(call.body["nodes"]) for call in cloud.asked(ADD)] == [25, 1]
        assert cloud.slept == [1, 1.5]

    def test_an_error_after_the_first_call_is_not_certain(self, cloud: Scripted) -> None:
        cloud.on(ADD, Reply({}, 202), fault("Nodes must not exceed 25 per load balancer.", 413))
        cloud.on(ONE, balancer())
        with pytest.raises(QuotaReached) as raised:
            cloud.connect().load_balancers.add_nodes("7", nodes(26))
        assert not raised.value.certain

    def test_one_that_stays_busy_is_busy_within_a_minute(self, cloud: Scripted) -> None:
        cloud.on(ADD, Reply({}, 202))
        cloud.on(ONE, balancer("PENDING_UPDATE"))
        with pytest.raises(Busy, match="does not become ACTIVE"):
            cloud.connect().load_balancers.add_nodes("7", nodes(26))
        assert 50 <= sum(cloud.slept) <= 60

    @pytest.mark.parametrize(("now", "kind"), [("ERROR", Refused), ("DELETED", Gone)])
    def test_one_that_breaks_or_goes_between_calls_is_said_so(
        self, cloud: Scripted, now: str, kind: type[Exception]
    ) -> None:
        cloud.on(ADD, Reply({}, 202))
        cloud.on(ONE, balancer(now))
        with pytest.raises(kind, match="load balancer 7"):
            cloud.connect().load_balancers.add_nodes("7", nodes(26))

    def test_nodes_that_change_all_the_time_are_busy(self, cloud: Scripted) -> None:
        cloud.on(REMOVE, fault("not a part", 400))
        cloud.on(ONE, balancer(nodes=3), balancer(nodes=2), balancer(nodes=1))
        with pytest.raises(Busy, match="change all the time"):
            cloud.connect().load_balancers.remove_nodes("7", ["0", "1", "2", "3"])

    @pytest.mark.parametrize("status", [413, 422, 400])
    def test_only_the_missing_ones_are_added_after_a_duplicate(
        self, cloud: Scripted, status: int
    ) -> None:
        cloud.on(ADD, fault(DUPLICATE, status), Reply({}, 202))
        cloud.on(ONE, balancer(nodes=2))
        cloud.connect().load_balancers.add_nodes("7", nodes(3))
        again = cloud.asked(ADD)[1].body["nodes"]
        assert [node["address"] for node in again] == ["10.0.0.2"]

    def test_all_there_already_is_success(self, cloud: Scripted) -> None:
        cloud.on(ADD, fault(DUPLICATE, 413))
        cloud.on(ONE, balancer(nodes=3))
        cloud.connect().load_balancers.add_nodes("7", nodes(3))
        assert cloud.count(ADD) == 1

    def test_a_duplicate_that_nobody_sees_is_a_conflict(self, cloud: Scripted) -> None:
        cloud.on(ADD, fault(DUPLICATE, 413))
        cloud.on(ONE, balancer(nodes=0))
        with pytest.raises(Conflict, match="Duplicate nodes"):
            cloud.connect().load_balancers.add_nodes("7", nodes(1))

    def test_the_same_node_twice_is_sent_once(self, cloud: Scripted) -> None:
        cloud.on(ADD, Reply({}, 202))
        cloud.connect().load_balancers.add_nodes("7", nodes(1) * 2)
        assert len(cloud.asked(ADD)[0].body["nodes"]) == 1


class TestRemove:
    def test_10_go_into_a_call(self, cloud: Scripted) -> None:
        cloud.on(REMOVE, Reply("", 202))
        cloud.on(ONE, balancer())
        cloud.connect().load_balancers.remove_nodes("7", [str(n) for n in range(12)])
        assert [len(parse_qs(call.query)["id"]) for call in cloud.asked(REMOVE)] == [10, 2]

    def test_those_that_are_gone_are_dropped_and_the_rest_removed(self, cloud: Scripted) -> None:
        gone = {"validationErrors": {"messages": ["Node ids 8 are not a part of it"]}}
        cloud.on(REMOVE, Reply(gone, 400), Reply("", 202))
        cloud.on(ONE, balancer(nodes=2))
        cloud.connect().load_balancers.remove_nodes("7", ["1", "8"])
        assert [call.query for call in cloud.asked(REMOVE)] == ["id=1&id=8", "id=1"]

    def test_all_gone_is_success(self, cloud: Scripted) -> None:
        cloud.on(REMOVE, fault("Node not found", 404))
        cloud.on(ONE, balancer(nodes=0))
        cloud.connect().load_balancers.remove_nodes("7", ["1"])

    def test_nodes_of_a_deleted_one_are_gone(self, cloud: Scripted) -> None:
        cloud.connect().load_balancers.remove_nodes("7", ["1"])

    def test_another_refusal_is_raised(self, cloud: Scripted) -> None:
        cloud.on(REMOVE, fault("You may not", 400))
        cloud.on(ONE, balancer(nodes=2))
        with pytest.raises(Refused, match="remove 1 node from load balancer 7.*You may not"):
            cloud.connect().load_balancers.remove_nodes("7", ["1"])


class TestChange:
    def test_condition_type_and_weight_are_set(self, cloud: Scripted) -> None:
        cloud.on("PUT /loadbalancers/7/nodes/3", Reply("", 202))
        node = Node("10.0.0.3", 80, "3", "DRAINING", "PRIMARY", 5)
        cloud.connect().load_balancers.change_node("7", node)
        sent = cloud.asked("PUT /loadbalancers/7/nodes/3")[0].body
        assert sent == {"node": {"condition": "DRAINING", "type": "PRIMARY", "weight": 5}}

    def test_a_node_that_is_gone_raises_gone(self, cloud: Scripted) -> None:
        with pytest.raises(Gone, match="10.0.0.3:80"):
            cloud.connect().load_balancers.change_node("7", Node("10.0.0.3", 80, "3"))

    @pytest.mark.parametrize("reply", [Reply("", 202), Reply("", 404), Reply("", 410)])
    def test_deleting_is_idempotent(self, cloud: Scripted, reply: Reply) -> None:
        cloud.on("DELETE /loadbalancers/7", reply)
        cloud.connect().load_balancers.delete("7")
