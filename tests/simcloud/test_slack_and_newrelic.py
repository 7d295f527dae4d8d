from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
import requests

from simcloud import Region, RegionServer


def post(server: RegionServer, token: str = "xoxb-simcloud", **message: Any) -> Any:
    headers = {"Authorization": f"Bearer {token}"}
    url = server.slack_url + "chat.postMessage"
    return requests.post(url, json=message, headers=headers, timeout=5).json()


def applications(server: RegionServer, key: str = "demo-newrelic-key", **params: Any) -> Any:
    url = server.newrelic_url + "applications.json"
    return requests.get(url, params=params, headers={"X-Api-Key": key}, timeout=5)


def test_messages_are_kept(server: RegionServer, region: Region) -> None:
    answer = post(server, channel="#ops", text="web: 2 to 4")
    assert answer["ok"]
    assert region.slack.messages == [
        {"channel": "#ops", "text": "web: 2 to 4", "ts": answer["ts"]}
    ]


def test_slacks_own_client_can_post(server: RegionServer, region: Region) -> None:
    slack_sdk = pytest.importorskip("slack_sdk")
    client = slack_sdk.WebClient(token="xoxb-simcloud", base_url=server.slack_url)
    assert client.chat_postMessage(channel="#ops", text="a < b & c")["ok"]
    assert region.slack.messages[0]["text"] == "a < b & c"


@pytest.mark.parametrize(
    ("message", "error"),
    [({"token": "wrong", "channel": "#ops", "text": "x"}, "invalid_auth"),
     ({"text": "x"}, "channel_not_found"), ({"channel": "#ops"}, "no_text")],
)
def test_slack_refuses_in_a_200(server: RegionServer, message: Any, error: str) -> None:
    assert post(server, **message) == {"ok": False, "error": error}


def test_slack_can_be_told_to_refuse(server: RegionServer, region: Region) -> None:
    region.slack.refuse_with = "channel_not_found"
    assert post(server, channel="#ops", text="x")["error"] == "channel_not_found"
    assert region.slack.messages == []


def test_applications_are_found_by_a_part_of_their_name(
    server: RegionServer, region: Region
) -> None:
    region.newrelic.set_health("My shop", "green", throughput=250, apdex=0.8)
    region.newrelic.set_health("My shop & more", "red")
    region.newrelic.set_health("Other", "green")
    found = applications(server, **{"filter[name]": "My shop"}).json()["applications"]
    assert [(each["name"], each["health_status"]) for each in found] == [
        ("My shop", "green"), ("My shop & more", "red")
    ]
    summary = found[0]["application_summary"]
    assert (summary["throughput"], summary["apdex_score"]) == (250, 0.8)


def test_applications_come_in_pages(server: RegionServer, region: Region) -> None:
    region.settings.newrelic_page_size = 2
    for n in range(3):
        region.newrelic.set_health(f"shop {n}", "green")
    first = applications(server)
    assert len(first.json()["applications"]) == 2
    url = first.links["next"]["url"]
    second = requests.get(url, headers={"X-Api-Key": "demo-newrelic-key"}, timeout=5)
    assert [each["name"] for each in second.json()["applications"]] == ["shop 2"]
    assert "next" not in second.links


def test_a_wrong_key_is_a_401(server: RegionServer) -> None:
    assert applications(server, key="wrong").status_code == 401


def test_new_relics_python_client_reads_health_and_metrics(
    server: RegionServer, region: Region
) -> None:
    library = pytest.importorskip("newrelic_api.applications")
    made = region.newrelic.set_health("My shop", "orange", apdex=0.6)
    client = library.Applications(api_key="demo-newrelic-key")
    client.URL = server.newrelic_url
    found = client.list(filter_name="My shop")["applications"][0]
    assert (found["id"], found["health_status"]) == (made["id"], "orange")
    assert client.show(found["id"])["application"]["name"] == "My shop"
    data = client.metric_data(found["id"], names=["Apdex"], values=["score"])["metric_data"]
    assert data["metrics"][0]["timeslices"][0]["values"]["score"] == 0.6


def metrics(server: RegionServer, id: int, **params: Any) -> Any:
    url = f"{server.newrelic_url}applications/{id}/metrics/data.json"
    return requests.get(url, params=params, headers={"X-Api-Key": "demo-newrelic-key"}, timeout=5)


def test_what_was_measured_is_told_as_it_was_at_that_time(
    server: RegionServer, region: Region
) -> None:
    made = region.newrelic.set_health("My shop", "green")
    now = region.now()
    region.newrelic.measure("My shop", now - 600, cpu=90, response_time=None)
    region.newrelic.measure("My shop", now - 60, cpu=20)
    times = {"from": "2000-01-01T00:00:00Z", "names[]": ["CPU/User Time", "HttpDispatcher"]}

    def at(ago: float) -> Any:
        until = f"{datetime.fromtimestamp(now - ago, timezone.utc):%Y-%m-%dT%H:%M:%S+00:00}"
        return metrics(server, made["id"], to=until, **times).json()["metric_data"]

    assert [at(ago)["metrics"][0]["timeslices"][0]["values"] for ago in (0, 120)] == [
        {"percent": 20}, {"percent": 90}]
    assert at(0)["metrics_not_found"] == ["HttpDispatcher"]


@pytest.mark.parametrize("times", [{"from": "yesterday"}, {"from": "2030-01-01T00:00:00Z",
                                                           "to": "2029-01-01T00:00:00Z"}])
def test_times_that_make_no_sense_are_a_400(
    server: RegionServer, region: Region, times: Any
) -> None:
    made = region.newrelic.set_health("My shop", "green")
    assert metrics(server, made["id"], **{"names[]": "Apdex"}, **times).status_code == 400


def test_only_what_there_is_can_be_measured(region: Region) -> None:
    with pytest.raises(ValueError, match="nothing measures mood"):
        region.newrelic.measure("My shop", 0, mood=1)
