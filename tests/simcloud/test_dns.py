from __future__ import annotations

from typing import Any

import pytest

from simcloud import ManualClock, Region

from .client import Client, record


@pytest.fixture
def zone(client: Client, clock: ManualClock) -> int:
    response = client.create_domains("example.com", comment="asg web")
    clock.advance(1)
    return int(client.job(response)["response"]["domains"][0]["id"])


def records(client: Client, zone: int, **params: Any) -> Any:
    return client.get("dns", f"/domains/{zone}/records", **{"type": "A", **params})["records"]


def add(client: Client, zone: int, *wanted: Any) -> Any:
    return client.call("POST", "dns", f"/domains/{zone}/records", json={"records": wanted})


def test_a_change_takes_effect_when_its_job_completes(client: Client, clock: ManualClock) -> None:
    response = client.create_domains("example.com")
    assert set(response.json()) >= {"jobId", "callbackUrl", "status"}
    assert client.job(response)["status"] == "RUNNING"
    assert client.get("dns", "/domains")["domains"] == []
    clock.advance(1)
    job = client.job(response)
    assert (job["status"], job["response"]["domains"][0]["name"]) == ("COMPLETED", "example.com")
    assert client.get("dns", "/domains")["totalEntries"] == 1


def test_details_are_told_on_request_only(client: Client, zone: int) -> None:
    job_url = add(client, zone, record()).json()["callbackUrl"]
    assert set(client.http.get(job_url).json()) == {"jobId", "callbackUrl", "status"}


def test_a_name_in_use_is_an_error_in_a_200(
    client: Client, clock: ManualClock, zone: int
) -> None:
    response = client.create_domains("other.com", "example.com")
    clock.advance(1)
    job = client.job(response)
    assert (job["status"], job["error"]["code"]) == ("ERROR", 409)
    assert client.get("dns", "/domains")["totalEntries"] == 1


def test_records_are_added_changed_and_deleted_in_batches(
    client: Client, clock: ManualClock, zone: int
) -> None:
    done = add(client, zone, record("web-1"), record("web-2", "10.0.0.2"))
    clock.advance(1)
    assert len(client.job(done)["response"]["records"]) == 2
    first, second = records(client, zone)
    path = f"/domains/{zone}/records"
    change = {"records": [{"id": first["id"], "data": "10.0.0.9"}]}
    client.call("PUT", "dns", path, json=change)
    clock.advance(1)
    assert records(client, zone, name="web-1.example.com")[0]["data"] == "10.0.0.9"
    client.call("DELETE", "dns", path, params={"id": [first["id"], second["id"]]})
    clock.advance(1)
    assert records(client, zone) == []


def test_a_zone_comes_with_its_name_servers_records(client: Client, zone: int) -> None:
    assert [each["type"] for each in records(client, zone, type=None)] == ["NS", "NS"]
    assert client.get("dns", f"/domains/{zone}")["recordsList"]["totalEntries"] == 2


def test_an_unknown_record_spoils_the_whole_deletion(
    client: Client, clock: ManualClock, zone: int
) -> None:
    add(client, zone, record())
    clock.advance(1)
    path = f"/domains/{zone}/records"
    ids = [records(client, zone)[0]["id"], "A-1"]
    response = client.call("DELETE", "dns", path, params={"id": ids})
    clock.advance(1)
    assert client.job(response)["error"]["code"] == 404
    assert len(records(client, zone)) == 1


@pytest.mark.parametrize(
    "wrong",
    [{"ttl": 299}, {"type": "Z"}, {"data": "nowhere"}, {"name": "web.example.org"}],
)
def test_a_wrong_record_is_a_400(client: Client, zone: int, wrong: Any) -> None:
    response = add(client, zone, {**record(), **wrong})
    assert response.status_code == 400
    assert response.json()["validationErrors"]["messages"]


def test_the_same_record_twice_is_an_error_of_the_job(
    client: Client, clock: ManualClock, zone: int
) -> None:
    response = add(client, zone, record(), record())
    clock.advance(1)
    assert client.job(response)["error"]["code"] == 409
    assert records(client, zone) == []


def test_limits_of_calls_and_zones(
    client: Client, region: Region, clock: ManualClock, zone: int
) -> None:
    many = [record(f"web-{n}") for n in range(101)]
    assert add(client, zone, *many).status_code == 413
    region.settings.records_per_domain = 10
    response = add(client, zone, *many[:20])
    clock.advance(1)
    assert client.job(response)["error"]["code"] == 413


def test_pages_of_records_have_links(client: Client, clock: ManualClock, zone: int) -> None:
    for start in (0, 100):
        add(client, zone, *(record(f"web-{start + n}") for n in range(75)))
        clock.advance(1)
    page = client.get("dns", f"/domains/{zone}/records", type="A")
    assert (len(page["records"]), page["totalEntries"]) == (100, 150)
    last = client.http.get(page["links"][0]["href"]).json()
    assert len(last["records"]) == 50
    assert {each["rel"] for each in last["links"]} == {"previous"}


def test_the_name_filter_finds_subdomains_too(
    client: Client, clock: ManualClock, zone: int
) -> None:
    client.create_domains("a.example.com", "notexample.com")
    clock.advance(1)
    found = client.get("dns", "/domains", name="example.com")["domains"]
    assert [each["name"] for each in found] == ["a.example.com", "example.com"]


@pytest.mark.parametrize(
    ("query", "left"), [("?deleteSubdomains=true", []), ("", ["a.example.com"])]
)
def test_a_zone_goes_with_its_subdomains_if_asked(
    client: Client, clock: ManualClock, zone: int, query: str, left: list[str]
) -> None:
    client.create_domains("a.example.com")
    clock.advance(1)
    client.call("DELETE", "dns", f"/domains/{zone}{query}")
    clock.advance(1)
    assert [each["name"] for each in client.get("dns", "/domains")["domains"]] == left
    assert client.call("GET", "dns", f"/domains/{zone}").status_code == 404


def test_jobs_are_forgotten_after_a_day(client: Client, clock: ManualClock) -> None:
    url = client.create_domains("example.com").json()["callbackUrl"]
    clock.advance(86_402)
    client.log_in()
    assert client.http.get(url).status_code == 404
