from __future__ import annotations

from typing import Any

import pytest
import requests

from simcloud import Region, RegionServer

from .client import Client


@pytest.fixture
def control(server: RegionServer) -> Any:
    def call(method: str, path: str = "", **kwargs: Any) -> requests.Response:
        return requests.request(method, server.control_url + path, timeout=5, **kwargs)

    return call


def test_help_lists_every_route(control: Any) -> None:
    text = control("GET").text
    for word in ("/state", "/calls", "/faults", "/settings", "/tamper/", "/clock/advance",
                 "/slack/messages", "/newrelic/health", "/tokens/revoke", "stick_load_balancer",
                 "job_error"):
        assert word in text


def test_calls_are_filtered_counted_and_forgotten(control: Any, client: Client) -> None:
    client.server()
    found = control("GET", "/calls", params={"method": "POST", "path": "/servers$"}).json()
    assert (found["count"], found["calls"][0]["status"]) == (1, 202)
    control("DELETE", "/calls")
    assert control("GET", "/calls").json()["count"] == 0


def test_faults_are_added_shown_and_removed(control: Any, client: Client) -> None:
    added = control("POST", "/faults", json={"path": "/domains", "count": None, "status": 503})
    assert added.status_code == 201
    assert client.call("GET", "dns", "/domains").status_code == 503
    fault, = control("GET", "/faults").json()["faults"]
    assert (fault["id"], fault["hits"]) == (added.json()["id"], 1)
    assert control("DELETE", f"/faults/{fault['id']}").status_code == 200
    assert client.call("GET", "dns", "/domains").status_code == 200
    assert control("DELETE", "/faults").status_code == 200


def test_tampering_over_http(control: Any, region: Region) -> None:
    made = control("POST", "/tamper/add_server", json={"name": "a", "metadata": {"asg": "web"}})
    assert made.json()["result"]["metadata"] == {"asg": "web"}
    assert control("POST", "/tamper/delete_server", json={"id_or_name": "a"}).status_code == 200
    assert control("GET", "/state").json()["servers"] == []
    made = control("POST", "/tamper/add_load_balancer", json={"name": "shared", "port": 443,
                                                              "protocol": "TCP"})
    there, = control("GET", "/state").json()["load_balancers"]
    assert (there["id"], there["status"]) == (made.json()["result"]["id"], "ACTIVE")


def test_settings_are_shown_and_changed(control: Any, region: Region) -> None:
    assert control("PUT", "/settings", json={"server_quota": 5}).json()["server_quota"] == 5
    assert region.settings.server_quota == 5


def test_the_clock_advances(control: Any, client: Client, region: Region) -> None:
    client.server()
    control("POST", "/clock/advance", json={"seconds": 5})
    assert region.snapshot()["servers"][0]["status"] == "ACTIVE"


@pytest.mark.parametrize(
    ("method", "path", "body", "words"),
    [
        ("POST", "/faults", {"colour": 1}, "a fault has no colour"),
        ("POST", "/faults", {"kind": "x"}, "there is no fault 'x'"),
        ("POST", "/tamper/explode", {}, "there is no verb 'explode'"),
        ("POST", "/tamper/delete_server", {"id_or_name": "x"}, "there is no server 'x'"),
        ("POST", "/tamper/delete_server", {}, "missing 1 required positional argument"),
        ("PUT", "/settings", {"x": 1}, "there is no setting 'x'"),
        ("POST", "/clock/advance", {"seconds": -1}, "time does not run backwards"),
        ("POST", "/newrelic/health", {"name": "x", "health": "blue"}, "there is no health 'blue'"),
        ("DELETE", "/faults/f9", None, "there is no fault f9"),
    ],
)
def test_a_mistake_is_a_400_with_a_sentence(
    control: Any, method: str, path: str, body: Any, words: str
) -> None:
    response = control(method, path, json=body)
    assert response.status_code == 400
    assert words in response.json()["error"]


def test_control_calls_are_neither_logged_nor_hit_by_faults(control: Any, region: Region) -> None:
    control("POST", "/faults", json={"count": None})
    assert control("GET", "/state").status_code == 200
    assert region.calls.count() == 0
