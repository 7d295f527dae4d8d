from __future__ import annotations

import threading
from typing import Any

import pytest
import requests

from simcloud import Call, ManualClock, Region, Settings, SystemClock, serve

from .client import KEY, Client, node, record


def test_every_call_is_logged_without_secrets(client: Client, region: Region) -> None:
    client.server("web-1")
    client.http.post(client.front.slack_url + "chat.postMessage",
                     data={"token": "xoxb-simcloud", "channel": "#ops", "text": "hello"})
    login, create, post = region.calls.all()
    assert login.body["auth"]["RAX-KSKEY:apiKeyCredentials"]["apiKey"] == "***"
    assert (create.method, create.path, create.status) == (
        "POST", "/servers/v2/123456/servers", 202)
    assert create.body["server"]["name"] == "web-1"
    assert post.body == {"token": "***", "channel": "#ops", "text": "hello"}
    assert region.calls.count("POST", "/servers$") == 1


def test_a_secret_sent_as_curl_does_is_not_logged_either(client: Client, region: Region) -> None:
    text = '{"auth": {"RAX-KSKEY:apiKeyCredentials": {"username": "demo", "apiKey": "sesame"}}}'
    client.http.post(client.front.auth_url + "tokens", data=text,
                     headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert "sesame" not in str(region.calls.all())


def test_observers_see_every_call_with_its_effect(client: Client, region: Region) -> None:
    seen: list[tuple[str, int]] = []

    def observe(region: Region, call: Call) -> None:
        seen.append((call.method, len(region.servers.all())))

    def complain(region: Region, call: Call) -> None:
        raise AssertionError("too many servers")

    region.observers += [observe, complain]
    assert client.create_server().status_code == 202
    client.get("servers", "/servers/detail")
    assert seen == [("POST", 1), ("GET", 1)]
    assert [str(error) for error in region.observer_errors] == ["too many servers"] * 2


def test_tampering_changes_what_it_says_and_is_no_call(
    client: Client, region: Region, clock: ManualClock
) -> None:
    lb_id = client.load_balancer([node(1)], algorithm="WEIGHTED_ROUND_ROBIN")
    client.create_domains("example.com", recordsList={"records": [record()]})
    client.call("POST", "servers", "/os-keypairs",
                json={"keypair": {"name": "asg", "public_key": KEY}})
    clock.advance(1)
    calls = region.calls.count()
    tamper = region.tamper
    tamper.add_server("foreign", metadata={"owner": "somebody"})
    tamper.add_server("gone")
    tamper.delete_server("gone")
    tamper.set_server_state("foreign", "SHUTOFF")
    added = tamper.add_node(lb_id, "10.0.0.2", 80)
    tamper.change_node(lb_id, added["id"], condition="DISABLED", weight=9)
    tamper.remove_node(lb_id, region.snapshot()["load_balancers"][0]["nodes"][0]["id"])
    tamper.change_record("example.com", "web-1.example.com", data="10.9.9.9")
    tamper.set_load_balancer_status(lb_id, "ERROR")
    state = region.snapshot()
    assert [(each["name"], each["status"]) for each in state["servers"]] == [("foreign", "SHUTOFF")]
    balancer = state["load_balancers"][0]
    assert balancer["status"] == "ERROR"
    assert [(n["condition"], n["weight"]) for n in balancer["nodes"]] == [("DISABLED", 9)]
    assert [r["data"] for r in state["records"] if r["type"] == "A"] == ["10.9.9.9"]
    tamper.delete_record("example.com", "web-1.example.com")
    tamper.delete_zone("example.com")
    tamper.delete_load_balancer(lb_id)
    tamper.delete_keypair("asg")
    state = region.snapshot()
    assert (state["load_balancers"], state["zones"], state["keypairs"]) == ([], [], [])
    assert region.calls.count() == calls


@pytest.mark.parametrize(
    ("verb", "arguments", "error"),
    [("delete_server", ["nobody"], LookupError), ("remove_node", [1, 2], LookupError),
     ("delete_zone", ["example.com"], LookupError)],
)
def test_tampering_with_what_is_not_there_is_an_error(
    region: Region, verb: str, arguments: list[Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        getattr(region.tamper, verb)(*arguments)


def test_a_server_state_that_does_not_exist_is_an_error(region: Region) -> None:
    region.tamper.add_server("web-1")
    with pytest.raises(ValueError, match="ASLEEP"):
        region.tamper.set_server_state("web-1", "ASLEEP")


@pytest.mark.parametrize("wrong", [{"nothing": 1}, {"seed": "x"}, {"listen": 1}])
def test_a_wrong_setting_changes_none(wrong: dict[str, Any]) -> None:
    settings = Settings()
    with pytest.raises(ValueError, match=r"nothing|seed|listen"):
        settings.change({"build_seconds": 99, **wrong})
    assert settings == Settings()


def test_rate_limits_wait_for_the_regions_clock(
    client: Client, region: Region, clock: ManualClock
) -> None:
    region.settings.rate_limits = True
    path = "/domains/1"
    codes = [client.call("DELETE", "dns", path).status_code for _ in range(11)]
    assert codes == [404] * 10 + [413]
    refused = client.call("DELETE", "dns", path)
    assert (refused.headers["Retry-After"], refused.json()["retryAfter"]) == ("60", "60")
    region.settings.retry_after_as_date = True
    dated = client.call("DELETE", "dns", path)
    assert dated.headers["Retry-After"] == "Tue, 14 Nov 2023 22:14:20 GMT"
    clock.advance(60)
    assert client.call("DELETE", "dns", path).status_code == 404


def test_the_same_seed_makes_the_same_region() -> None:
    def ids() -> list[str]:
        region = Region(ManualClock(), Settings(listen=False, seed=5))
        return [region.tamper.add_server("a")["id"] for _ in range(3)]

    assert ids() == ids()


def test_addresses_are_given_out_again_when_asked_for() -> None:
    def second_address(reuse: bool) -> str:
        region = Region(ManualClock(), Settings(listen=False, reuse_addresses=reuse))
        region.tamper.add_server("a")
        region.tamper.delete_server("a")
        return str(region.tamper.add_server("b")["addresses"]["private"][0]["addr"])

    assert (second_address(False), second_address(True)) == ("127.1.0.2", "127.1.0.1")


def test_another_region_can_be_put_behind_the_same_port(client: Client, region: Region) -> None:
    client.server()
    client.front.region = Region(ManualClock(), Settings(listen=False))
    client.log_in()
    assert client.get("servers", "/servers/detail")["servers"] == []


def test_closing_leaves_no_thread_and_no_port_behind() -> None:
    before = threading.active_count()
    region = Region(SystemClock(), Settings(listen=True))
    with serve(region) as server:
        region.tamper.add_server("a")
        url = server.url
        assert requests.get(url + "/control", timeout=5).status_code == 200
    assert threading.active_count() == before
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=5)


def test_a_clock_never_goes_back() -> None:
    with pytest.raises(ValueError, match="backwards"):
        ManualClock().advance(-1)
    with pytest.raises(ValueError, match="above 0"):
        SystemClock(0)


def test_a_fast_clock_runs_fast() -> None:
    clock = SystemClock(speed=1_000_000)
    first = clock.now()
    assert clock.now() - first > 0.1
