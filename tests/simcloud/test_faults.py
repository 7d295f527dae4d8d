from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from simcloud import Fault, ManualClock, Region

from .client import IMAGE, Client, eventually, node


def names(region: Region) -> list[str]:
    return [server["name"] for server in region.snapshot()["servers"]]


def test_a_failure_before_the_effect_has_none(client: Client, region: Region) -> None:
    region.faults.add(Fault(method="POST", path="/servers$", status=503, retry_after=7))
    response = client.create_server()
    assert (response.status_code, response.headers["Retry-After"]) == (503, "7")
    assert names(region) == []
    assert client.create_server().status_code == 202


def test_a_failure_after_the_effect_has_it(client: Client, region: Region) -> None:
    region.faults.add(Fault(method="POST", path="/servers$", status=504, after_effect=True))
    assert client.create_server().status_code == 504
    assert names(region) == ["web-1"]


@pytest.mark.parametrize(("after_effect", "left"), [(False, []), (True, ["web-1"])])
def test_a_connection_is_dropped_before_or_after_the_effect(
    client: Client, region: Region, after_effect: bool, left: list[str]
) -> None:
    region.faults.add(Fault("drop", path="/servers$", after_effect=after_effect))
    with pytest.raises(requests.ConnectionError):
        client.create_server()
    assert names(region) == left
    assert region.calls.all()[-1].status is None


@pytest.mark.parametrize(("after_effect", "left"), [(False, []), (True, ["web-1"])])
def test_a_delay_hangs_before_or_after_the_effect_and_holds_up_nobody_else(
    client: Client, region: Region, after_effect: bool, left: list[str]
) -> None:
    region.faults.add(Fault("delay", path="/servers$", seconds=60, after_effect=after_effect))
    with pytest.raises(requests.Timeout):
        client.call("POST", "servers", "/servers", timeout=0.2, json={"server": {
            "name": "web-1", "imageRef": IMAGE, "flavorRef": "2"}})
    assert eventually(lambda: names(region) == left)
    assert client.get("servers", "/servers/detail")["servers"] is not None


def test_a_hanging_call_does_not_keep_the_region_from_closing(
    client: Client, region: Region
) -> None:
    region.faults.add(Fault("delay", seconds=60))
    with pytest.raises(requests.Timeout):
        client.call("GET", "dns", "/domains", timeout=0.1)
    started = time.monotonic()
    client.front.close()
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("service", "path", "status"),
    [("servers", "/servers/detail", 413), ("lbs", "/loadbalancers", 413),
     ("dns", "/domains", 413), ("slack/api", "/auth.test", 429),
     ("newrelic/v2", "/applications.json", 429)],
)
def test_rate_limits_speak_the_services_language(
    client: Client, region: Region, service: str, path: str, status: int
) -> None:
    region.faults.add(Fault("rate_limit", retry_after=3))
    response = client.call("GET", service, path)
    assert (response.status_code, response.headers["Retry-After"]) == (status, "3")


def test_a_body_of_ones_own(client: Client, region: Region) -> None:
    region.faults.add(Fault(status=502, body="<html>Bad Gateway</html>"))
    region.faults.add(Fault(status=200, body={"servers": []}))
    response = client.call("GET", "servers", "/servers/detail")
    assert (response.status_code, response.text) == (502, "<html>Bad Gateway</html>")
    assert client.get("servers", "/servers/detail") == {"servers": []}


def test_count_and_skip_choose_the_calls(client: Client, region: Region) -> None:
    fault = Fault(path="/domains", skip=1, count=2)
    region.faults.add(fault)
    codes = [client.call("GET", "dns", "/domains").status_code for _ in range(5)]
    assert codes == [200, 500, 500, 200, 200]
    assert fault.hits == 2


def test_the_same_seed_hits_the_same_calls() -> None:
    def hits(seed: int) -> list[bool]:
        fault = Fault(probability=0.5, count=None, seed=seed)
        return [fault.strikes("GET", "/x") for _ in range(50)]

    assert hits(1) == hits(1) != hits(2)
    assert 10 < sum(hits(1)) < 40


def test_a_path_matches_the_query_too(client: Client, region: Region) -> None:
    region.settings.page_size = 1
    client.server("a")
    client.server("b")
    region.faults.add(Fault(path="marker=", status=503))
    first = client.get("servers", "/servers/detail")
    assert client.http.get(first["servers_links"][0]["href"]).status_code == 503


def test_a_listing_can_end_with_no_sign_of_it(client: Client, region: Region) -> None:
    for name in ("a", "b", "c"):
        client.server(name)
    region.faults.add(Fault("truncate", path="/servers/detail", keep=2))
    listing = client.get("servers", "/servers/detail")
    assert [len(listing["servers"]), "servers_links" in listing] == [2, False]
    assert len(client.get("servers", "/servers/detail")["servers"]) == 3


@pytest.mark.parametrize(("kind", "expected"), [("build_error", "ERROR"), ("build_stuck", "BUILD")])
def test_the_next_builds_fail_or_stick(
    client: Client, region: Region, clock: ManualClock, kind: str, expected: str
) -> None:
    region.faults.add(Fault(kind, count=2))
    for name in ("a", "b", "c"):
        client.server(name)
    clock.advance(100)
    states = [server["status"] for server in region.snapshot()["servers"]]
    assert states == [expected, expected, "ACTIVE"]


def test_a_quota_can_be_feigned(client: Client, region: Region) -> None:
    region.faults.add(Fault("quota", count=2))
    assert client.create_server().status_code == 403
    assert client.create_load_balancer().status_code == 413
    assert client.create_server().status_code == 202


@pytest.mark.parametrize(("seconds", "later"), [(30, "ACTIVE"), (0, "PENDING_UPDATE")])
def test_a_load_balancer_sticks(
    client: Client, region: Region, clock: ManualClock, seconds: float, later: str
) -> None:
    lb_id = client.load_balancer()
    clock.advance(1)
    region.faults.add(Fault("update_stuck", path="/nodes", seconds=seconds))
    client.add_nodes(lb_id, [node()])
    path = f"/loadbalancers/{lb_id}"
    states = []
    for wait in (29, 1):
        clock.advance(wait)
        states.append(client.get("lbs", path)["loadBalancer"]["status"])
    assert states == ["PENDING_UPDATE", later]
    region.tamper.set_load_balancer_status(lb_id, "ACTIVE")
    assert client.add_nodes(lb_id, [node(2)]).status_code == 202


@pytest.mark.parametrize(("after_effect", "zones"), [(False, 0), (True, 1)])
def test_a_dns_job_ends_in_error_with_or_without_effect(
    client: Client, region: Region, clock: ManualClock, after_effect: bool, zones: int
) -> None:
    region.faults.add(Fault("job_error", after_effect=after_effect, message="No luck"))
    response = client.create_domains("example.com")
    clock.advance(1)
    job = client.job(response)
    assert (job["status"], job["error"]["message"]) == ("ERROR", "No luck")
    assert len(region.snapshot()["zones"]) == zones


def test_the_log_says_which_fault_hit_and_whether_there_was_an_effect(
    client: Client, region: Region
) -> None:
    region.calls.clear()
    region.faults.add(Fault(status=500))
    region.faults.add(Fault(kind="build_error"))
    client.create_server()
    client.create_server()
    client.create_server()
    assert [(call.status, call.fault, call.effect) for call in region.calls.all()] == [
        (500, "fail f1", False), (202, "build_error f2", True), (202, None, True)
    ]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [({"kind": "flood"}, "there is no fault 'flood'"), ({"path": "("}, "no regular expression"),
     ({"probability": 2}, "between 0 and 1")],
)
def test_a_wrong_fault_is_refused_when_it_is_made(wrong: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Fault(**wrong)
