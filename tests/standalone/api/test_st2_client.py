"""Every command that the real `st2` client offers people here, run as they run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from standalone.app import App
from tests.standalone.api.client import Client


def test_actions_and_their_help(st2: Client) -> None:
    listed, got, none, help_ = st2.together(
        "action list -p chatty -j",
        "action get chatty.greet -j",
        "action get chatty.none",
        "run chatty.greet -h",
    )
    assert [one["ref"] for one in listed.json] == [
        "chatty.greet",
        "chatty.greet_all",
        "chatty.nap",
    ]
    assert got.json["runner_type"] == "python-script"
    assert "is not found" in none.text
    assert "Required Parameters:\n    name" in help_.text
    assert "timeout" in help_.text


def test_run_waits_and_ends_as_the_action_does(st2: Client) -> None:
    ran, failed, refused, none = st2.together(
        "run chatty.greet name=Ann times=3 loud=true tags=a,b -j",
        "run chatty.greet name=nobody -j",
        "run chatty.greet times=1",
        "run chatty.none",
    )
    assert (ran.code, ran.json["status"]) == (0, "succeeded")
    assert ran.json["result"]["result"]["text"] == "Hello, Ann!"
    assert ran.json["result"]["result"]["given"]["tags"] == ["a", "b"]
    assert (failed.code, failed.json["status"]) == (1, "failed")
    assert refused.code == 1
    assert "'name' is a required property" in refused.text
    assert 'reference "chatty.none" doesn\'t exist' in none.text


def test_a_workflow_prints_its_children(st2: Client, app: App) -> None:
    ran = st2("run", "chatty.greet_all", "names=Ann,Bob", "-j")
    assert ran.json["result"]["output"]["texts"] == ["Hello, Ann!", "Hello, Bob!"]
    table = st2("execution", "get", ran.json["id"])
    assert table.text.count("chatty.greet ") == 2
    assert "greet" in table.text


def test_an_execution_is_started_followed_and_canceled(st2: Client, app: App) -> None:
    started = st2("run", "chatty.nap", "seconds=50", "-a")
    assert "st2 execution get" in started.text
    id_ = started.text.split("st2 execution get ")[1].split()[0]
    tail = st2.start("execution", "tail", id_)
    assert tail.stdout is not None
    for line in tail.stdout:
        if "still awake" in line:
            break
    assert f"execution with id {id_} canceled." in st2("execution", "cancel", id_).text
    assert f"Execution {id_} has completed (status=cancel" in tail.communicate(timeout=30)[0]
    app.executions.wait(id_)
    assert st2("execution", "get", id_, "-j").json["status"].startswith("canceled")


def test_executions_are_listed_shown_and_run_again(st2: Client, app: App) -> None:
    made = app.executions.request("chatty.greet", {"name": "Cleo"})
    id_ = app.executions.wait(made["id"])["id"]
    listed = st2("execution", "list", "-n", "1", "--action", "chatty.greet", "-j").json
    assert [one["id"] for one in listed] == [id_]
    shown, tail, cancel, pause, none = st2.together(
        "execution get last -j",
        f"execution tail {id_}",
        f"execution cancel {id_}",
        f"execution pause {id_}",
        f"execution get {'0' * 24}",
    )
    assert (shown.json["id"], shown.json["result"]["result"]["text"]) == (id_, "Hello, Cleo!")
    assert "greeting Cleo" in tail.text
    assert "cannot be canceled. State = succeeded" in cancel.text
    assert "Pausing and resuming an execution is not" in pause.text
    assert none.code != 0
    again = st2("execution", "re-run", id_, "times=4", "-j").json
    assert again["parameters"] == {**made["parameters"], "times": 4}
    assert again["result"]["result"]["given"]["times"] == 4


def test_keys_are_set_read_and_deleted(st2: Client) -> None:
    assert st2("key", "set", "t.a", "1", "-j").json["value"] == "1"
    assert st2("key", "get", "t.a", "-j").json["scope"] == "st2kv.system"
    assert st2("key", "set", "t.b", "2", "--ttl", "60", "-j").json["expire_timestamp"]
    listed = st2("key", "list", "--prefix", "t.", "-j").json
    assert sorted(one["name"] for one in listed) == ["t.a", "t.b"]
    assert "successfully deleted" in st2("key", "delete", "t.a").text
    assert st2("key", "get", "t.a").code != 0
    st2("key", "set", "t.c", "3")
    assert "Deleted 2 keys" in st2("key", "delete_by_prefix", "-p", "t.").text


def test_keys_of_a_user_are_not_the_systems(st2: Client) -> None:
    st2("key", "set", "mine", "yes", "-s", "user")
    assert st2("key", "get", "mine", "-s", "user", "-j").json["scope"] == "st2kv.user"
    assert st2("key", "get", "mine").code != 0
    listed = st2("key", "list", "-s", "user", "-j").json
    assert [(one["name"], one["user"]) for one in listed] == [("mine", "stanley")]
    assert "mine" in st2("key", "list", "--prefix", "min").text
    st2("key", "delete", "mine", "-s", "user")
    assert "mine" not in st2("key", "list", "--prefix", "min").text


def test_secrets_are_encrypted_and_can_be_shown(st2: Client) -> None:
    encrypted = st2("key", "set", "s", "hush", "--encrypt", "-j").json["value"]
    assert "hush" not in st2("key", "get", "s").text
    assert "hush" not in st2("key", "list").text
    assert st2("key", "get", "s", "-d", "-j").json["value"] == "hush"
    st2("key", "set", "s2", encrypted, "--encrypted")
    assert st2("key", "get", "s2", "-d", "-j").json["value"] == "hush"
    assert "Failed to verify the integrity" in st2("key", "set", "s3", "x", "--encrypted").text


def test_keys_are_loaded_from_a_file(st2: Client, tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_text(
        json.dumps([{"name": "l.a", "value": "1"}, {"name": "l.b", "value": {"x": [True]}}])
    )
    assert "not a string" in st2("key", "load", str(file)).text
    assert st2("key", "load", "-c", str(file)).code == 0
    assert json.loads(st2("key", "get", "l.b", "-j").json["value"]) == {"x": [True]}


def test_rules_are_listed_shown_and_turned_on_and_off(st2: Client) -> None:
    listed = {one["ref"]: one["enabled"] for one in st2("rule", "list", "-j").json}
    assert listed == {
        "chatty.each_minute": True,
        "chatty.on_form": True,
        "chatty.on_hook": True,
        "chatty.on_mood": False,
    }
    assert st2("rule", "enable", "chatty.on_mood", "-j").json["enabled"] is True
    assert st2("rule", "get", "chatty.on_mood", "-j").json["enabled"] is True
    assert st2("rule", "disable", "chatty.on_mood", "-j").json["enabled"] is False
    found = st2("rule", "list", "--action", "chatty.greet", "--disabled", "-j").json
    assert [one["ref"] for one in found] == ["chatty.on_mood"]


def test_triggers_webhooks_and_sensors_are_listed(st2: Client) -> None:
    types, mood, hooks, sensors, sensor = st2.together(
        "trigger list -j",
        "trigger get chatty.mood -j",
        "webhook list -j",
        "sensor list -j",
        "sensor get chatty.MoodSensor -j",
    )
    known = {one["ref"] for one in types.json}
    assert {"core.st2.webhook", "core.st2.IntervalTimer", "chatty.mood"} <= known
    assert mood.json["pack"] == "chatty"
    assert [one["url"] for one in hooks.json] == ["chatty/hook"]
    assert sensors.json[0]["ref"] == "chatty.MoodSensor"
    assert sensor.json["enabled"] is False


def test_packs_are_listed_and_shown(st2: Client) -> None:
    listed, got, refused = st2.together("pack list -j", "pack get chatty -j", "pack install chatty")
    assert {one["ref"] for one in listed.json} == {"core", "chatty"}
    assert got.json["version"] == "1.0.0"
    assert "is not offered here" in refused.text


def test_chat_commands_are_listed_matched_and_executed(st2: Client, app: App) -> None:
    listed, got, match, none, done = st2.together(
        "action-alias list -p chatty -j",
        "action-alias get chatty.greet -j",
        "action-alias match 'chat greet name=Al' -j",
        "action-alias match 'chat nothing'",
        "action-alias execute 'chat greet name=Al times=2' -u ann",
    )
    assert [one["ref"] for one in listed.json] == ["chatty.greet", "chatty.greet_mars"]
    assert got.json["action_ref"] == "chatty.greet"
    assert match.json[0]["name"] == "greet"
    assert "matched no patterns" in none.text
    assert "Matching Action-alias: 'chatty.greet'" in done.text
    execution = app.executions.wait(done.text.split()[-1])
    assert app.aliases.answer(execution) == "ann:\nHello, Al!"


def test_trigger_instances_and_enforcements_are_listed(st2: Client, app: App) -> None:
    app.triggers.dispatch(
        "core.st2.webhook", {"body": {"kind": "person", "name": "Di"}}, {"url": "chatty/hook"}
    )
    app.wait_idle()
    instance = st2("trigger-instance", "list", "-n", "1", "-j").json[0]
    assert instance["status"] == "processed"
    enforced = st2("rule-enforcement", "list", "-n", "1", "-j").json[0]
    assert enforced["rule"]["ref"] == "chatty.on_hook"
    assert enforced["trigger_instance_id"] == instance["id"]


@pytest.mark.parametrize("name", ["trigger_name", "trigger"])
def test_an_action_lets_a_trigger_loose_with_its_own_token(app: App, name: str) -> None:
    given = {name: "chatty.mood", "payload": {"who": "Al"}, "trace_tag": "once"}
    ended = app.executions.wait(app.executions.request("core.inject_trigger", given)["id"])
    assert ended["status"] == "succeeded", ended["result"]
    newest = app.triggers.instances.newest()[0]
    assert (newest["trigger"], newest["payload"]) == ("chatty.mood", {"who": "Al"})


def test_a_wrong_key_is_told(st2: Client) -> None:
    assert "401 Client Error" in st2("action", "list", ST2_API_KEY="wrong").text
