from __future__ import annotations

import base64
from typing import Any

import pytest

from simcloud import ManualClock, Region

from .client import IMAGE, KEY, Client


def status(client: Client, server_id: str) -> Any:
    return client.get("servers", f"/servers/{server_id}")["server"]["status"]


def test_a_server_builds_then_is_active_with_addresses(client: Client, clock: ManualClock) -> None:
    response = client.create_server(metadata={"asg": "web"})
    assert response.status_code == 202
    assert set(response.json()["server"]) >= {"id", "adminPass", "links"}
    server_id = response.json()["server"]["id"]
    clock.advance(4.9)
    building = client.get("servers", f"/servers/{server_id}")["server"]
    assert (building["status"], building["addresses"]) == ("BUILD", {})
    clock.advance(0.1)
    built = client.get("servers", f"/servers/{server_id}")["server"]
    assert built["status"] == "ACTIVE"
    assert (built["created"], built["updated"]) == (
        "2023-11-14T22:13:20Z", "2023-11-14T22:13:25Z")
    assert built["accessIPv4"] == built["addresses"]["public"][0]["addr"]
    assert built["addresses"]["private"][0]["version"] == 4
    assert (built["metadata"], built["image"]["id"]) == ({"asg": "web"}, IMAGE)


def test_the_time_of_a_late_look_is_not_the_time_of_the_build(
    client: Client, clock: ManualClock
) -> None:
    server_id = client.server()
    clock.advance(1000)
    shown = client.get("servers", f"/servers/{server_id}")["server"]
    assert shown["updated"] == "2023-11-14T22:13:25Z"


def test_deletion_takes_its_time_and_can_be_repeated(client: Client, clock: ManualClock) -> None:
    server_id = client.server()
    clock.advance(5)
    for _ in range(2):
        assert client.call("DELETE", "servers", f"/servers/{server_id}").status_code == 204
    shown = client.get("servers", f"/servers/{server_id}")["server"]
    assert (shown["status"], shown["OS-EXT-STS:task_state"]) == ("ACTIVE", "deleting")
    clock.advance(2)
    assert client.call("GET", "servers", f"/servers/{server_id}").status_code == 404
    assert client.call("DELETE", "servers", f"/servers/{server_id}").status_code == 404


def test_a_server_deleted_while_it_builds_never_becomes_active(
    client: Client, clock: ManualClock
) -> None:
    server_id = client.server()
    clock.advance(4)
    client.call("DELETE", "servers", f"/servers/{server_id}")
    clock.advance(1)
    assert status(client, server_id) == "BUILD"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"imageRef": "nowhere"}, "Can not find requested image"),
        ({"flavorRef": "99"}, "Invalid flavorRef provided."),
        ({"key_name": "nobody"}, "Invalid key_name provided."),
        ({"user_data": "#!/bin/sh"}, "Userdata content cannot be decoded"),
        ({"name": ""}, "Server name is an empty string"),
        ({"metadata": {"a": "x" * 256}}, "Metadata property is greater than 255 characters"),
        ({"metadata": {"a": 1}}, "Metadata property value for key a is not a string"),
    ],
)
def test_what_can_not_be_built_is_a_400(client: Client, wrong: Any, message: str) -> None:
    response = client.create_server(**wrong)
    assert response.status_code == 400
    assert response.json() == {"badRequest": {"code": 400, "message": message}}


@pytest.mark.parametrize("code", [403, 413])
def test_over_the_quota_is_refused(client: Client, region: Region, code: int) -> None:
    region.settings.change({"server_quota": 1, "over_quota_status": code})
    client.server()
    response = client.create_server("web-2")
    assert response.status_code == code
    assert "Quota exceeded for instances" in response.text
    assert client.get("servers", "/limits")["limits"]["absolute"]["totalInstancesUsed"] == 1


def test_too_many_metadata_and_files_are_refused(client: Client) -> None:
    assert client.create_server(metadata={str(n): "" for n in range(41)}).status_code == 403
    big = {"path": "/x", "contents": base64.b64encode(b"x" * 1001).decode()}
    assert client.create_server(personality=[big]).status_code == 403


def test_user_data_reaches_the_server(client: Client, region: Region) -> None:
    encoded = base64.b64encode(b"#!/bin/sh").decode()
    server_id = client.server(user_data=encoded, config_drive=True)
    assert region.servers.get(server_id).user_data == encoded


def test_pages_follow_each_other_newest_first(client: Client, region: Region) -> None:
    region.settings.page_size = 2
    for n in range(4):
        client.server(f"web-{n}")
    names, url = [], client.urls["servers"] + "/servers/detail"
    while url:
        page = client.http.get(url).json()
        names.append([server["name"] for server in page["servers"]])
        url = page.get("servers_links", [{"href": ""}])[0]["href"]
    assert names == [["web-3", "web-2"], ["web-1", "web-0"], []]


def test_limit_and_marker_choose_a_page(client: Client) -> None:
    ids = [client.server(f"web-{n}") for n in range(3)]
    page = client.get("servers", "/servers/detail", limit=1, marker=ids[2])
    assert [server["id"] for server in page["servers"]] == [ids[1]]
    bad = client.call("GET", "servers", "/servers/detail", params={"marker": "gone"})
    assert (bad.status_code, bad.json()["badRequest"]["message"]) == (
        400, "marker [gone] not found")


def test_a_filter_by_metadata_is_ignored(client: Client) -> None:
    client.server(metadata={"asg": "web"})
    listing = client.get("servers", "/servers/detail", metadata='{"asg": "other"}')
    assert len(listing["servers"]) == 1


def test_a_new_server_is_missing_from_listings_for_a_while(
    client: Client, region: Region, clock: ManualClock
) -> None:
    region.settings.list_lag_seconds = 10
    server_id = client.server()
    clock.advance(9)
    assert client.get("servers", "/servers/detail")["servers"] == []
    assert status(client, server_id) == "ACTIVE"
    clock.advance(1)
    assert len(client.get("servers", "/servers/detail")["servers"]) == 1


def test_metadata_is_added_to_replaced_and_removed(client: Client) -> None:
    path = f"/servers/{client.server(metadata={'a': '1'})}/metadata"

    def change(method: str, where: str, **body: Any) -> Any:
        return client.call(method, "servers", path + where, json=body)

    assert change("POST", "", metadata={"b": "2"}).json() == {"metadata": {"a": "1", "b": "2"}}
    assert change("PUT", "/a", meta={"a": "3"}).json() == {"meta": {"a": "3"}}
    assert change("PUT", "/a", meta={"b": "3"}).status_code == 400
    assert client.call("DELETE", "servers", path + "/b").status_code == 204
    assert client.call("DELETE", "servers", path + "/b").status_code == 404
    assert client.get("servers", path) == {"metadata": {"a": "3"}}
    assert change("PUT", "", metadata={"c": "4"}).json() == {"metadata": {"c": "4"}}


def test_a_server_can_ask_for_the_private_network_only(client: Client, clock: ManualClock) -> None:
    networks = [{"uuid": "11111111-1111-1111-1111-111111111111"}]
    server_id = client.server(networks=networks)
    clock.advance(5)
    assert set(client.get("servers", f"/servers/{server_id}")["server"]["addresses"]) == {"private"}


def test_flavors_and_images_are_offered(client: Client) -> None:
    flavors = client.get("servers", "/flavors/detail")["flavors"]
    images = client.get("servers", "/images/detail")["images"]
    assert {"2", "performance1-1"} <= {flavor["id"] for flavor in flavors}
    assert client.get("servers", f"/images/{images[0]['id']}")["image"] == images[0]
    assert client.call("GET", "servers", "/flavors/99").status_code == 404


def test_key_pairs_come_and_go(client: Client) -> None:
    def add(**keypair: str) -> Any:
        return client.call("POST", "servers", "/os-keypairs", json={"keypair": keypair})

    assert add(name="asg-web", public_key=KEY).status_code == 200
    assert add(name="asg-web", public_key=KEY).status_code == 409
    assert add(name="other", public_key="no key").status_code == 400
    assert add(name="a/b", public_key=KEY).status_code == 400
    listed = client.get("servers", "/os-keypairs")["keypairs"]
    assert [each["keypair"]["name"] for each in listed] == ["asg-web"]
    assert client.get("servers", "/os-keypairs/asg-web")["keypair"]["public_key"] == KEY
    client.server(key_name="asg-web")
    assert client.call("DELETE", "servers", "/os-keypairs/asg-web").status_code == 202
    assert client.call("DELETE", "servers", "/os-keypairs/asg-web").status_code == 404


def test_a_path_that_nobody_serves_is_a_404_in_the_services_words(client: Client) -> None:
    response = client.call("GET", "servers", "/nowhere")
    assert (response.status_code, list(response.json())) == (404, ["itemNotFound"])
    assert client.call("PATCH", "servers", "/limits").status_code == 405
    assert client.call("POST", "servers", "/servers", data="no json").status_code == 400
