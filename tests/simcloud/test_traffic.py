from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Iterator

import pytest
import requests

from simcloud import ManualClock, Region, Settings, SystemClock, serve
from simcloud.traffic.block import Unavailable
from tests.support.loopback import only_linux

from .client import IMAGE, eventually, fetch, private

pytestmark = only_linux


@pytest.fixture
def region() -> Iterator[Region]:
    region = Region(ManualClock(), Settings(app_port=8080))
    yield region
    region.close()


def load_balancer(
    region: Region, *names: str, protocol: str = "HTTP", **more: Any
) -> tuple[int, str]:
    """A load balancer in front of these servers, and where it listens."""
    with region.lock:
        made = region.load_balancers.create({
            "name": "web", "port": 80, "protocol": protocol, "virtualIps": [{"type": "PUBLIC"}],
            **more,
            "nodes": [{"address": private(region, name), "port": 8080} for name in names]})
        assert isinstance(region.clock, ManualClock)
        region.clock.advance(1)
        region.age()
    return made.id, str(region.traffic.listens_on(made))


def test_a_server_answers_on_both_its_addresses_while_it_runs(region: Region) -> None:
    server = region.tamper.add_server("web-1")
    for network in ("public", "private"):
        assert fetch(server["addresses"][network][0]["addr"] + ":8080") == "web-1"
    for state in ("SHUTOFF", "ACTIVE", "ERROR"):
        region.tamper.set_server_state("web-1", state)
        place = private(region, "web-1") + ":8080"
        if state == "ACTIVE":
            assert fetch(place) == "web-1"
        else:
            with pytest.raises(requests.ConnectionError):
                fetch(place)


def test_a_deleted_server_stops_at_once(region: Region) -> None:
    region.tamper.add_server("web-1")
    place = private(region, "web-1") + ":8080"
    region.servers.delete(region.servers.find("web-1"))
    with pytest.raises(requests.ConnectionError):
        fetch(place)


def test_an_application_can_stop_while_its_server_stays_active(region: Region) -> None:
    region.tamper.add_server("web-1")
    place = private(region, "web-1") + ":8080"
    region.tamper.set_application("web-1", up=False)
    assert region.servers.find("web-1").status == "ACTIVE"
    for state in ("REBOOT", "ACTIVE"):
        region.tamper.set_server_state("web-1", state)
        with pytest.raises(requests.ConnectionError):
            fetch(place)
    region.tamper.set_application("web-1", up=True)
    assert fetch(place) == "web-1"


def test_an_application_can_start_later_than_its_server(region: Region) -> None:
    region.settings.app_start_seconds = 30
    region.tamper.add_server("web-1")
    place = private(region, "web-1") + ":8080"
    with pytest.raises(requests.ConnectionError):
        fetch(place)
    assert isinstance(region.clock, ManualClock)
    region.clock.advance(30)
    region.age()
    assert fetch(place) == "web-1"


def test_an_application_starts_anew_with_its_server(region: Region) -> None:
    """The start-up that a reboot has interrupted does not count."""
    region.settings.app_start_seconds = 30
    region.tamper.add_server("web-1")
    assert isinstance(region.clock, ManualClock)
    region.clock.advance(20)
    for state in ("SHUTOFF", "ACTIVE"):
        region.tamper.set_server_state("web-1", state)
    region.clock.advance(20)
    region.age()
    assert not region.servers.find("web-1").serving
    region.clock.advance(10)
    region.age()
    assert region.servers.find("web-1").serving


def test_a_load_balancer_takes_its_enabled_nodes_in_turn(region: Region) -> None:
    for name in ("a", "b", "c"):
        region.tamper.add_server(name)
    lb_id, place = load_balancer(region, "a", "b", "c")
    assert sorted(fetch(place) for _ in range(6)) == ["a", "a", "b", "b", "c", "c"]
    nodes = region.snapshot()["load_balancers"][0]["nodes"]
    region.tamper.change_node(lb_id, nodes[0]["id"], condition="DISABLED")
    region.tamper.change_node(lb_id, nodes[1]["id"], condition="DRAINING")
    assert {fetch(place) for _ in range(4)} == {"c"}
    assert sum(region.snapshot()["requests"].values()) == 10


def condition(region: Region, lb_id: int, name: str, condition: str) -> None:
    """Give the node of this server a condition."""
    balancer = region.load_balancers.get(lb_id)
    node = next(node for node in balancer.nodes.values() if node.address == private(region, name))
    region.tamper.change_node(lb_id, node.id, condition=condition)


def counted(region: Region) -> dict[str, Any]:
    found: dict[str, Any] = region.snapshot()["load_balancers"][0]["traffic"]
    return found


def under_way(region: Region) -> int:
    """Requests that some application has not answered yet."""
    return sum(each.under_way for each in region.traffic._applications.values())


def test_draining_keeps_tcp_connections_and_disabling_cuts_them(region: Region) -> None:
    region.tamper.add_server("a")
    lb_id, place = load_balancer(region, "a", protocol="TCP")
    with requests.Session() as session:
        session.trust_env = False
        assert session.get(f"http://{place}/", timeout=5).status_code == 200
        condition(region, lb_id, "a", "DRAINING")
        assert session.get(f"http://{place}/", timeout=5).text == "a\n"
        condition(region, lb_id, "a", "DISABLED")
        balancer = region.load_balancers.get(lb_id)
        assert eventually(lambda: region.traffic.stats(balancer)["currentConn"] == 0)
        with pytest.raises(requests.ConnectionError):
            session.get(f"http://{place}/", timeout=5)
    assert counted(region)["failures"] == {"no_node": 1}


def test_http_is_balanced_by_request_whatever_connections_clients_keep(region: Region) -> None:
    for name in ("a", "b"):
        region.tamper.add_server(name)
    lb_id, place = load_balancer(region, "a", "b")
    with requests.Session() as session:
        session.trust_env = False
        assert {session.get(f"http://{place}/", timeout=5).text for _ in range(2)} == {
            "a\n", "b\n"}
        condition(region, lb_id, "a", "DRAINING")
        assert {session.get(f"http://{place}/", timeout=5).text for _ in range(3)} == {"b\n"}
        condition(region, lb_id, "b", "DISABLED")
        assert session.get(f"http://{place}/", timeout=5).status_code == 503
    assert counted(region) == {
        "connections": 1, "requests": 6, "answers": {"200": 5}, "failures": {"no_node": 1},
        "failed_at": {}, "forwards_to": []}


@pytest.mark.parametrize(("becomes", "status"), [("DRAINING", 200), ("DISABLED", 502)])
def test_what_is_under_way_ends_on_a_draining_node_and_breaks_off_on_a_disabled_one(
    region: Region, becomes: str, status: int
) -> None:
    region.tamper.add_server("a")
    lb_id, place = load_balancer(region, "a")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(requests.get, f"http://{place}/?latency=0.3", timeout=5)
        assert eventually(lambda: under_way(region) == 1)
        condition(region, lb_id, "a", becomes)
        assert asked.result().status_code == status
    cut = {"cut": 1} if becomes == "DISABLED" else {}
    assert counted(region)["failures"] == cut
    assert sum(counted(region)["failed_at"].values()) == sum(cut.values())


def test_a_node_that_does_not_answer_costs_its_requests_and_is_counted(region: Region) -> None:
    region.tamper.add_server("a")
    lb_id, place = load_balancer(region, "a")
    gone = private(region, "a")
    region.tamper.delete_server("a")
    assert fetch(place) == "Service Unavailable"
    assert counted(region)["failures"] == {"refused": 1}
    assert counted(region)["failed_at"] == {f"{gone}:8080": 1}
    assert region.traffic.stats(region.load_balancers.get(lb_id))["connectFailure"] == 1


def test_an_answer_that_takes_longer_than_the_load_balancer_waits_is_not_waited_for(
    region: Region,
) -> None:
    region.tamper.add_server("a")
    _, place = load_balancer(region, "a", timeout=0.05)
    answer = requests.get(f"http://{place}/?latency=60", timeout=5)
    assert answer.status_code == 504
    assert counted(region)["failures"] == {"slow": 1}


def test_bodies_and_heads_go_through_a_load_balancer(region: Region) -> None:
    region.tamper.add_server("a")
    _, place = load_balancer(region, "a")
    with requests.Session() as session:
        session.trust_env = False
        assert session.post(f"http://{place}/", data=b"x" * 100_000, timeout=5).text == "a\n"
        assert session.head(f"http://{place}/", timeout=5).text == ""
        assert session.get(f"http://{place}/", timeout=5).text == "a\n"
        chunked = session.post(f"http://{place}/", data=iter([b"x"]), timeout=5)
    assert chunked.status_code == 411


def test_a_refusal_of_an_overloaded_application_is_its_answer_and_no_failure_of_the_load_balancer(
    region: Region,
) -> None:
    region.settings.change({"app_capacity": 1})
    region.tamper.add_server("a")
    _, place = load_balancer(region, "a")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(requests.get, f"http://{place}/?latency=0.3", timeout=5)
        assert eventually(lambda: under_way(region) == 1)
        refused = requests.get(f"http://{place}/", timeout=5)
        assert (refused.status_code, "X-Server-Id" in refused.headers) == (503, True)
        assert asked.result().status_code == 200
    assert counted(region)["answers"] == {"200": 1, "503": 1}
    assert counted(region)["failures"] == {}


def test_an_application_asked_for_more_than_it_can_says_so(region: Region) -> None:
    region.settings.change({"app_capacity": 1, "app_latency_seconds": 60})
    server = region.tamper.add_server("a")
    with socket.create_connection((private(region, "a"), 8080), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert eventually(lambda: region.traffic.requests() == {server["id"]: 1})
        assert fetch(private(region, "a") + ":8080") == "a is overloaded"


def test_requests_with_a_body_and_several_at_once_are_all_answered(region: Region) -> None:
    region.tamper.add_server("a")
    with socket.create_connection((private(region, "a"), 8080), timeout=5) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody"
                           b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        with connection.makefile("rb") as answers:
            assert answers.read().count(b"200 OK") == 2


@pytest.mark.parametrize("protocol", ["HTTP", "TCP"])
def test_a_connection_that_its_client_wants_closed_is_told_to_be(
    region: Region, protocol: str
) -> None:
    """Otherwise clients would send their next request into it."""
    region.tamper.add_server("a")
    _, place = load_balancer(region, "a", protocol=protocol)
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(f"http://{place}/", headers={"Connection": "close"}, timeout=5)
        assert answer.headers["Connection"] == "close"
        assert "Connection" not in session.get(f"http://{place}/", timeout=5).headers


def test_no_more_sockets_are_taken_than_leave_room_for_the_rest(
    region: Region, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("simcloud.traffic.listening.most_sockets", lambda: 4)
    for n in range(4):
        region.tamper.add_server(f"web-{n}")
    assert fetch(private(region, "web-1") + ":8080") == "web-1"
    with pytest.raises(requests.ConnectionError):
        fetch(private(region, "web-2") + ":8080")
    assert len(caplog.records) == 1
    assert "ulimit -n" in caplog.text


def test_without_loopback_addresses_there_is_one_warning_and_no_traffic(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse() -> Any:
        raise Unavailable("no 127.64.0.1 in this test")

    monkeypatch.setattr("simcloud.traffic.claim", refuse)
    regions = [Region(ManualClock(), Settings()) for _ in range(2)]
    regions[0].tamper.add_server("a")
    assert [record.message for record in caplog.records] == [
        "servers and load balancers exist only in the API: no 127.64.0.1 in this test"
    ]


def test_regions_side_by_side_do_not_collide(region: Region) -> None:
    other = Region(ManualClock(), Settings(app_port=8080))
    try:
        assert other.traffic.block != region.traffic.block
        for each, name in ((region, "here"), (other, "there")):
            each.tamper.add_server(name)
        assert fetch(private(region, "here") + ":8080") == "here"
        assert fetch(private(other, "there") + ":8080") == "there"
    finally:
        other.close()


def test_with_a_running_clock_servers_come_up_with_nobody_asking() -> None:
    region = Region(SystemClock(speed=10), Settings(build_seconds=2))
    with serve(region):
        with region.lock:
            region.servers.create({"name": "web-1", "flavorRef": "2", "imageRef": IMAGE})
        assert eventually(lambda: region.servers.find("web-1").serving)
        assert fetch(private(region, "web-1") + ":8080") == "web-1"
