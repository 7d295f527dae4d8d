"""The API as those meet it who don't use the client: webhooks, chat bots, sensors, curl."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import requests

from standalone.app import App
from standalone.timers import Timers
from tests.standalone.api.client import API_KEY, Http

HOOK = "/v1/webhooks/chatty/hook"


def newest(app: App) -> dict[str, Any]:
    app.wait_idle()
    return app.executions.list(1)[0][0]


def count(app: App) -> int:
    return app.executions.list(1)[1]


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({}, "", 401),
        ({"St2-Api-Key": "wrong"}, "", 401),
        ({"X-Auth-Token": API_KEY}, "", 401),
        ({"Authorization": f"Bearer {API_KEY}"}, "", 401),
        ({"St2-Api-Key": API_KEY}, "", 200),
        ({}, f"?st2-api-key={API_KEY}", 200),
    ],
)
def test_every_request_needs_the_key(
    app: App, headers: dict[str, str], query: str, status: int
) -> None:
    answer = requests.get(f"{app.api.url}/v1/packs{query}", headers=headers, timeout=10)
    assert answer.status_code == status
    if status == 401:
        assert answer.json()["faultstring"].startswith("Unauthorized - ")


def test_a_token_stands_for_its_user_until_it_is_revoked(app: App) -> None:
    token, url = app.tokens.issue("ann"), f"{app.api.url}/v1/keys"
    headers = {"X-Auth-Token": token}
    requests.put(
        f"{url}/k", json={"value": "v", "scope": "user"}, headers=headers, timeout=10
    ).raise_for_status()
    (key,) = requests.get(f"{url}?scope=user&x-auth-token={token}", timeout=10).json()
    assert key["user"] == "ann"
    app.tokens.revoke(token)
    assert requests.get(url, headers=headers, timeout=10).status_code == 401


@pytest.mark.parametrize("prefix", ["", "/api"])
def test_a_webhook_reaches_its_rule(app: App, http: Http, prefix: str) -> None:
    body = {"kind": "person", "name": "Eve", "times": 3}
    answer = http("POST", prefix + HOOK, json=body, headers={"X-Note": "a", "Cookie": "b=c"})
    assert (answer.status_code, answer.json()) == (202, body)
    execution = newest(app)
    assert execution["parameters"]["name"] == "Eve"
    assert execution["parameters"]["times"] == 3
    headers = execution["parameters"]["settings"]
    assert headers["x-note"] == "a"
    assert not {"st2-api-key", "x-auth-token", "cookie"} & set(headers)
    assert execution["context"]["rule"]["name"] == "on_hook"
    assert execution["context"]["trigger_instance"]["id"]


def test_what_a_webhook_brings_in_is_not_rendered_as_a_template(app: App, http: Http) -> None:
    http("POST", HOOK, json={"kind": "person", "name": "{{ st2kv.system.x }}"})
    assert newest(app)["result"]["result"]["text"] == "Hello, {{ st2kv.system.x }}!"


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_forms_values_are_lists_and_the_backstop_takes_them(
    app: App, http: Http, kind: str
) -> None:
    http("POST", HOOK, data="name=Flo&kind=person", headers={"Content-Type": kind})
    execution = newest(app)
    assert execution["parameters"]["name"] == "backstop Flo"
    assert execution["context"]["rule"]["name"] == "on_form"


@pytest.mark.parametrize(
    ("path", "body", "kind", "status"),
    [
        ("/v1/webhooks/nobody", "{}", "application/json", 404),
        (HOOK, "{", "application/json", 400),
        (HOOK, "3", "application/json", 400),
        (HOOK, "", "application/json", 400),
        (HOOK, "{}", "text/plain", 400),
        (HOOK, "<a/>", "application/xml", 400),
    ],
)
def test_a_bad_post_to_a_webhook_is_refused(
    app: App, http: Http, path: str, body: str, kind: str, status: int
) -> None:
    before = count(app)
    answer = http("POST", path, data=body, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert answer.json()["faultstring"]
    assert count(app) == before


def test_a_rule_whose_action_is_refused_leaves_an_enforcement_that_says_why(
    app: App, http: Http
) -> None:
    before = count(app)
    assert http("POST", HOOK, json={"kind": "person"}).status_code == 202
    assert count(app) == before
    (enforced,) = http("GET", "/v1/ruleenforcements?limit=1").json()
    assert enforced["status"] == "failed"
    assert 'Failed to render parameter "name"' in enforced["failure_reason"]


def test_a_sensors_payload_is_checked_and_a_bad_one_dropped(app: App, http: Http) -> None:
    app.rules.enable(app.rules.get("chatty.on_mood"), True)
    good = http(
        "POST", "/v1/internal/dispatch", json={"trigger": "chatty.mood", "payload": {"who": "Gus"}}
    )
    assert (good.status_code, bool(good.json()["id"])) == (202, True)
    assert newest(app)["parameters"]["name"] == "Gus"
    before = count(app)
    for payload in ({}, {"who": 1}, {"who": "Gus", "why": "because"}):
        bad = {"trigger": "chatty.mood", "payload": payload}
        assert http("POST", "/v1/internal/dispatch", json=bad).json() == {"id": None}
    unknown = {"trigger": "chatty.none", "payload": {}}
    assert http("POST", "/v1/internal/dispatch", json=unknown).json() == {"id": None}
    assert count(app) == before
    app.rules.enable(app.rules.get("chatty.on_mood"), False)
    http("POST", "/v1/webhooks/st2", json={"trigger": "chatty.mood", "payload": {"who": "Gus"}})
    assert count(app) == before


def test_keys_come_in_pages_with_headers_that_count_them(http: Http) -> None:
    for number in range(102):
        http("PUT", f"/v1/keys/page.{number:03}", json={"value": str(number)})
    page = http("GET", "/v1/keys?prefix=page.")
    assert (len(page.json()), page.headers["X-Total-Count"]) == (100, "102")
    assert page.headers["X-Limit"] == "100"
    rest = http("GET", "/v1/keys?prefix=page.&offset=100&limit=5").json()
    assert [key["name"] for key in rest] == ["page.100", "page.101"]
    assert len(http("GET", "/v1/keys?prefix=page.&limit=-1").json()) == 102
    assert http("GET", "/v1/keys?limit=0").status_code == 400


def test_a_key_with_a_slash_can_not_be_reached(http: Http) -> None:
    assert http("PUT", "/v1/keys/a/b", json={"value": "1"}).status_code == 404
    assert http("PUT", "/v1/keys/a", json={"value": {"b": 1}}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/inquiries"),
        ("POST", "/v1/rules"),
        ("DELETE", "/v1/actions/chatty.greet"),
        ("POST", "/v1/packs/install"),
        ("GET", "/v1/stream"),
        ("GET", "/v1/actions?colour=red"),
        ("POST", "/auth/v1/tokens"),
        ("GET", "/v1/nothing/at/all"),
    ],
)
def test_what_is_not_offered_says_so(http: Http, method: str, path: str) -> None:
    answer = http(method, path, json={} if method == "POST" else None)
    assert answer.status_code == 501
    assert answer.json()["faultstring"].endswith(".")


def test_a_rule_is_what_its_file_says(http: Http) -> None:
    rule = http("GET", "/v1/rules/chatty.on_mood").json()
    changed = {**rule, "criteria": {"trigger.who": {"type": "eq", "pattern": "me"}}}
    assert http("PUT", f"/v1/rules/{rule['id']}", json=changed).status_code == 501
    assert http("PUT", f"/v1/rules/{rule['id']}", json=rule).json() == rule


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"action": "chatty.none"}, "cannot be found"),
        ({"action": "chatty.greet"}, "'name' is a required property"),
        ({"action": "chatty.greet", "parameters": {"name": "a", "mood": "bad"}}, "is not one of"),
        ({"action": "chatty.greet", "parameters": {"name": "a", "planet": "X"}}, "immutable"),
        ({"parameters": {}}, "'action' is a required property"),
    ],
)
def test_a_bad_execution_is_refused_and_not_stored(
    app: App, http: Http, body: dict[str, Any], message: str
) -> None:
    before = count(app)
    answer = http("POST", "/v1/executions", json=body)
    assert answer.status_code == 400
    assert message in answer.json()["faultstring"]
    assert count(app) == before


def test_only_the_attributes_asked_for_are_answered(app: App, http: Http) -> None:
    id_ = app.executions.wait(app.executions.request("chatty.greet", {"name": "Ida"})["id"])["id"]
    asked = http("GET", f"/v1/executions/{id_}?include_attributes=action.ref,status").json()
    assert asked == {"id": id_, "action": {"ref": "chatty.greet"}, "status": "succeeded"}
    assert "result" not in http("GET", f"/v1/executions/{id_}?exclude_attributes=result").json()
    assert http("GET", f"/v1/executions/{id_}/output").text == "greeting Ida\n"


def test_hubot_sends_name_format_and_command(app: App, http: Http) -> None:
    asked = {
        "name": "greet",
        "format": "chat wave at {{ name }} {{ times=2 }}",
        "command": "chat wave at Joe tags=a,b",
        "user": "ann",
        "source_channel": "#ops",
        "notification_route": "hubot",
    }
    answer = http("POST", "/v1/aliasexecution", json=asked)
    assert answer.status_code == 201
    assert answer.json()["message"] == "on it: Joe"
    assert answer.json()["actionalias"]["ack"]["append_url"] is False
    execution = newest(app)
    assert execution["parameters"] == {"name": "Joe", "times": 2, "tags": ["a", "b"]}
    context = execution["context"]
    assert (context["api_user"], context["source_channel"]) == ("ann", "#ops")
    assert context["action_alias_ref"]["name"] == "greet"
    assert execution["notify"]["on-complete"]["routes"] == ["hubot"]


def test_errbot_sends_the_command_alone(app: App, http: Http) -> None:
    http("PUT", "/v1/keys/martian", json={"value": "Ack"})
    asked = {"command": "chat mars name=Kit", "user": "ann", "source_channel": "#ops"}
    answer = http("POST", "/v1/aliasexecution/match_and_execute", json=asked)
    assert answer.status_code == 201
    (result,) = answer.json()["results"]
    assert result["actionalias"]["name"] == "greet_mars"
    execution = newest(app)
    assert execution["result"]["result"]["text"] == "Ack from #ops, Kit!"
    assert app.aliases.answer(execution) is None


def test_what_was_typed_in_chat_is_not_rendered_as_a_template(app: App, http: Http) -> None:
    command = 'chat greet name="{{ st2kv.system.x }}"'
    asked = {"command": command, "user": "ann", "source_channel": "#ops"}
    http("POST", "/v1/aliasexecution/match_and_execute", json=asked)
    assert newest(app)["result"]["result"]["text"] == "Hello, {{ st2kv.system.x }}!"


@pytest.mark.parametrize(
    ("path", "body", "status", "message"),
    [
        ("/v1/actionalias/match", {"command": "chat"}, 400, "matched no patterns"),
        ("/v1/aliasexecution", {"name": "none", "command": "x"}, 404, "Unable to identify"),
        ("/v1/aliasexecution", {"command": "chat greet"}, 400, '"name" is required'),
        (
            "/v1/aliasexecution",
            {"name": "greet", "format": "chat hi", "command": "chat hi"},
            400,
            "is not available on the alias",
        ),
        (
            "/v1/aliasexecution/match_and_execute",
            {"command": "chat greet name=a colour=red"},
            400,
            "'colour' was unexpected",
        ),
        (
            "/v1/aliasexecution/match_and_execute",
            {"command": "chat greet name=a times=two"},
            400,
            "invalid literal for int",
        ),
        (
            "/v1/aliasexecution/match_and_execute",
            {"command": "chat mars name=a greeting=b"},
            400,
            "Immutable arguments cannot be overriden: greeting",
        ),
    ],
)
def test_a_bad_chat_command_is_refused(
    http: Http, path: str, body: dict[str, Any], status: int, message: str
) -> None:
    answer = http("POST", path, json=body)
    assert answer.status_code == status
    assert message in answer.json()["faultstring"]


def test_help_lists_every_way_to_say_it(http: Http) -> None:
    given = http("GET", "/v1/actionalias/help").json()
    assert given["available"] == 3
    assert [one["display"] for one in given["helpstrings"]] == [
        "chat greet name=<name>",
        "chat wave at {{ name }} {{ times=2 }}",
        "chat mars",
    ]
    assert http("GET", "/v1/actionalias/help?filter=MARS").json()["available"] == 1


def test_a_timer_reaches_its_rule_once_for_its_interval(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2024, 5, 6, 12, tzinfo=timezone.utc)
    clock = [noon]
    monkeypatch.setattr(app.triggers, "clock", lambda: clock[0])
    timers, before = Timers(app), count(app)
    for seconds in (59, 60, 61):
        clock[0] = noon + timedelta(seconds=seconds)
        timers.tick()
    assert count(app) == before + 1
    assert newest(app)["parameters"]["name"] == "time at 2024-05-06 12:01:00+00:00"


def test_an_action_is_found_by_its_id_and_no_two_share_one(app: App) -> None:
    headers = {"St2-Api-Key": API_KEY}
    actions = requests.get(f"{app.api.url}/v1/actions", headers=headers, timeout=5).json()
    assert len({action["id"] for action in actions}) == len(actions) > 1
    for action in actions:
        found = requests.get(f"{app.api.url}/v1/actions/{action['id']}", headers=headers, timeout=5)
        assert found.json()["ref"] == action["ref"]
