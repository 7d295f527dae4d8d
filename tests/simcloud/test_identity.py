from __future__ import annotations

from simcloud import ManualClock, Region, RegionServer

from .client import Client


def test_wrong_credentials_get_a_401(client: Client) -> None:
    assert client.authenticate("wrong").status_code == 401


def test_a_token_expires(client: Client, region: Region, clock: ManualClock) -> None:
    clock.advance(region.settings.token_seconds)
    assert client.call("GET", "servers", "/servers/detail").status_code == 401
    client.log_in()
    assert client.call("GET", "servers", "/servers/detail").status_code == 200


def test_tokens_can_be_revoked(client: Client, server: RegionServer) -> None:
    assert client.http.post(server.control_url + "/tokens/revoke").json() == {"revoked": 1}
    assert client.call("GET", "dns", "/domains").status_code == 401


def test_only_the_entry_with_the_right_name_and_region_serves(client: Client) -> None:
    catalog = client.authenticate().json()["access"]["serviceCatalog"]
    endpoints = [(entry["name"], entry["type"], endpoint) for entry in catalog
                 for endpoint in entry["endpoints"]]
    path = {"compute": "/servers", "rax:load-balancer": "/loadbalancers", "rax:dns": "/domains"}
    serving = [
        (name, endpoint.get("region"))
        for name, kind, endpoint in endpoints
        if client.http.get(endpoint["publicURL"] + path[kind]).status_code == 200
    ]
    assert serving == [
        ("cloudServersOpenStack", "DFW"), ("cloudLoadBalancers", "DFW"), ("cloudDNS", None)
    ]
    assert len(endpoints) == 10


def test_another_tenants_path_is_refused(client: Client) -> None:
    client.urls["servers"] = client.urls["servers"].replace("123456", "654321")
    assert client.call("GET", "servers", "/servers/detail").status_code == 401


def test_dates_are_the_regions(client: Client, clock: ManualClock) -> None:
    response = client.call("GET", "servers", "/servers/detail")
    assert response.headers["Date"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert client.authenticate().json()["access"]["token"]["expires"] == "2023-11-15T22:13:20.000Z"
